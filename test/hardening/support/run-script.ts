import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Runs a script of this folder by itself, and reads the last line it writes as JSON. */
export async function runScript(name: string, ...args: readonly string[]): Promise<unknown> {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [join(__dirname, '..', name), ...args], {
    cwd: join(__dirname, '../../..'),
    env,
    maxBuffer: 10_000_000,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
