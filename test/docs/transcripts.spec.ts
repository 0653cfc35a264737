import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

it('transcripts are what the commands print', async () => {
  if (!existsSync(join(ROOT, 'dist/cli/main.js'))) {
    throw new Error('the library is not built: run "npm run build" first, or "npm test", which does');
  }
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'scripts/write-transcripts.mjs'), '--check'], { env });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  expect({ code, output }).toEqual({ code: 0, output: '' });
}, 280_000);

it('every near miss is in the page about explain', () => {
  const types = readFileSync(join(ROOT, 'lib/explanation/explanation.ts'), 'utf8');
  const [, union = ''] = /export type ExplanationHintCode =([\s\S]*?);/.exec(types) ?? [];
  const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code ?? '');
  const page = readFileSync(join(ROOT, 'docs/explain.md'), 'utf8');
  expect(codes.length).toBeGreaterThan(40);
  expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
