import { spawnSync } from 'node:child_process';

/** A command that failed, with what it printed. */
export class CommandError extends Error {}

/**
 * Runs a command to its end and gives what it printed.
 *
 * @param {string} cwd
 * @param {readonly string[]} line the command and its arguments
 */
export function run(cwd, line, { env = {} } = {}) {
  console.log(`$ ${line.join(' ')}`);
  const [command, ...args] = line;
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) {
    throw new CommandError(`${line.join(' ')} failed: ${error?.message ?? `exit ${status}`}\n${stdout}${stderr}`);
  }
  return stdout;
}

/** Installs packages into a folder, quietly. */
export function install(cwd, ...packages) {
  return run(cwd, ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', ...packages]);
}
