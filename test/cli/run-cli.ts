import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const MAIN = join(__dirname, '../../dist/cli/main.js');

/** What a command wrote, and how it ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built command line as a user does.
 *
 * @param variables added to the environment.
 */
export async function runCli(
  args: readonly string[],
  input = '',
  variables: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  if (!existsSync(MAIN)) {
    throw new Error('the library is not built: run "npm run build" first, or "npm test", which does');
  }
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: join(__dirname, 'fixtures'),
    env: { ...env, ...variables },
  });
  const result = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (result.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (result.stderr += chunk.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, ...result };
}
