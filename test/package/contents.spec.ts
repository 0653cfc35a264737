import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

const ROOT = join(__dirname, '../..');

/** What `npm pack` would put into the tarball. */
interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[];
  readonly bundled: readonly string[];
}

/** Every file below a folder, with slashes, from there. */
const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(ROOT, folder).length + 1))
    .map((path) => path.split(sep).join('/'));

describe('the tarball', () => {
  let packed: Packed;
  let paths: string[];
  beforeAll(() => {
    if (!existsSync(join(ROOT, 'dist/index.js'))) {
      throw new Error('the library is not built: run "npm run build" first, or "npm test", which does');
    }
    const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--silent'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const [tarball]: Packed[] = JSON.parse(output);
    if (tarball === undefined) {
      throw new Error('npm packed nothing');
    }
    packed = tarball;
    paths = packed.files.map(({ path }) => path).sort();
  }, 60_000);

  it('holds each module of lib/ with its declarations, the data, the documents, and nothing else', () => {
    const data = filesBelow('lib').filter((path) => path.endsWith('.json'));
    const modules = filesBelow('lib')
      .filter((path) => !data.includes(path))
      .map((path) => `dist/${path.replace(/\.ts$/, '')}`);
    expect(paths).toEqual(
      [
        ...modules.flatMap((module) => [`${module}.js`, `${module}.d.ts`]),
        ...data.map((path) => `dist/${path}`),
        // The reference repeats the declarations of dist/, and the architecture is for people who change the library.
        ...filesBelow('docs')
          .filter((page) => !page.startsWith('reference/') && page !== 'architecture.md')
          .map((page) => `docs/${page}`),
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'SECURITY.md',
        'package.json',
      ].sort(),
    );
    expect(packed.bundled).toEqual([]);
  });

  it('holds no documents but pages', () => {
    expect(filesBelow('docs').filter((page) => !/^(?:reference\/)?(?:[a-z-]+|README)\.md$/.test(page))).toEqual([]);
  });

  it('is small', () => {
    expect(packed.unpackedSize).toBeLessThan(2_500_000);
    expect(packed.size).toBeLessThan(650_000);
    // The JSON schema of the options grows with the options. A module of this size has more than one reason to change.
    const largest = packed.files.filter(
      ({ path, size }) => /^dist\/.*\.ts$|^dist\/.*\.js$/.test(path) && size > 30_000,
    );
    expect(largest).toEqual([]);
  });

  it('holds what its package.json points at, and a command that can be run', () => {
    const { main, types, bin, exports, schematics } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const targets = Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target as Record<string, string>),
    );
    for (const target of [main, types, schematics, ...Object.values(bin), ...targets] as string[]) {
      expect(paths).toContain(target.replace(/^\.\//, ''));
    }
    for (const command of Object.values(bin) as string[]) {
      expect(readFileSync(join(ROOT, command), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
  });

  it('holds no key, no path of the machine that built it, and no map to sources that are not there', () => {
    for (const path of paths) {
      const text = readFileSync(join(ROOT, path), 'utf8');
      expect([path, text]).not.toEqual([
        path,
        expect.stringMatching(/-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[\w+/]{16}/),
      ]);
      expect([path, text.includes(ROOT)]).toEqual([path, false]);
      expect([path, text.includes('sourceMappingURL')]).toEqual([path, false]);
    }
  });

  it('runs nothing when it is installed', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(Object.keys(scripts)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(pre|post)?install$|^prepare$/)]),
    );
  });
});
