import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** Checks the layers of some files by the rules of this project. */
function check(files: Readonly<Record<string, string>>): { status: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'layers-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'tsconfig.build.json'), '{ "compilerOptions": { "module": "nodenext" } }');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return cruise(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function cruise(cwd: string): { status: number | null; output: string } {
  const args = [CRUISER, 'lib', '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'err'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

describe('the layers of lib/', () => {
  it('hold', () => {
    expect(cruise(ROOT)).toEqual({ status: 0, output: expect.stringContaining('no dependency violations') });
  });

  it.each([
    ['core/ that imports Nest', { 'lib/core/a.ts': "import '@nestjs/common';" }, 'core-is-pure'],
    [
      'core/ that reads files',
      { 'lib/core/a.ts': "import { readFileSync } from 'node:fs'; readFileSync('x');" },
      'core-is-pure',
    ],
    [
      'a layer that imports one above it, for a type alone',
      {
        'lib/issuer/a.ts': "import type { B } from '../passport/b';\nexport type A = B;",
        'lib/passport/b.ts': 'export type B = 1;',
      },
      'layers/issuer',
    ],
    [
      'a layer that imports a tool',
      { 'lib/decision/a.ts': "export * from '../doctor/b';", 'lib/doctor/b.ts': 'export const b = 1;' },
      'layers/decision',
    ],
    [
      'a tool that imports another',
      { 'lib/openapi/a.ts': "export * from '../testing/b';", 'lib/testing/b.ts': 'export const b = 1;' },
      'tools/openapi',
    ],
    [
      'a cycle of types',
      {
        'lib/core/a.ts': "import type { B } from './b';\nexport interface A { b: B }",
        'lib/core/b.ts': "import type { A } from './a';\nexport interface B { a: A }",
      },
      'no-cycle',
    ],
    [
      'a folder that is no layer',
      { 'lib/helpers/a.ts': "export * from '../core/b';", 'lib/core/b.ts': 'export const b = 1;' },
      'known-folders',
    ],
  ])('refuse %s', (_what, files, rule) => {
    const { status, output } = check(files);

    expect(output).toContain(`error ${rule}`);
    expect(status).toBeGreaterThan(0);
  });
});
