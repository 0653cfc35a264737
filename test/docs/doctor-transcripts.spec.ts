import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '../..');

it('docs/doctor.md shows what the command prints ("npm run docs:doctor" writes it)', async () => {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const script = join(ROOT, 'scripts/write-doctor-transcripts.mjs');
  // A page that is stale makes the script fail, and this with what it says.
  const { stderr } = await promisify(execFile)(process.execPath, [script, '--check'], { env });
  expect(stderr).toBe('');
}, 60_000);
