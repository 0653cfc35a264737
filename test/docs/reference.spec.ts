import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '../..');

/** Every page of a folder, by its name. */
const pagesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((page) => [page, readFileSync(join(folder, page), 'utf8')]),
  );

describe('the reference', () => {
  it('is what the comments of the code make it; "npm run docs:reference" writes it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'reference-'));
    try {
      const script = join(ROOT, 'scripts/write-reference.mjs');
      await promisify(execFile)(process.execPath, [script, folder], { cwd: ROOT, timeout: 120_000 });
      expect(pagesOf(join(ROOT, 'docs/reference'))).toEqual(pagesOf(folder));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 130_000);
});
