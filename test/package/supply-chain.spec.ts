import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Many requests, or processes of their own: slow where the machine is busy.
jest.setTimeout(60_000);

const ROOT = join(__dirname, '../..');
const SCRIPT = join(ROOT, 'scripts/write-supply-chain.mjs');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Licences that ask for no more than to be named. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];

interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly hasInstallScript: boolean;
  readonly integrity: string;
  readonly askedBy: Readonly<Record<string, string>>;
}

describe('what an application gets with this package', () => {
  const packages: readonly InstalledPackage[] = JSON.parse(
    execFileSync(process.execPath, [SCRIPT, '--json'], { encoding: 'utf8' }),
  );

  it('is under a licence that is allowed, each of it', () => {
    expect(packages.filter(({ license }) => !ALLOWED.includes(license))).toEqual([]);
    expect(packages.length).toBeGreaterThan(10);
  });

  it('is what package.json and the README say, and not much more', () => {
    const direct = packages.filter(({ askedBy }) => 'this package' in askedBy).map(({ name }) => name);
    expect(direct).toEqual(Object.keys(JSON.parse(read('package.json')).dependencies).sort());
    for (const name of direct) {
      expect(read('README.md')).toContain(`| \`${name}\``);
    }
    expect(packages.length).toBeLessThanOrEqual(40);
  });

  it('runs no script when it is installed, and is known by its hash', () => {
    expect(packages.filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
    expect(packages.filter(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity))).toEqual([]);
  });

  it('is found as npm finds it', () => {
    const tree = JSON.parse(
      execFileSync('npm', ['ls', '--omit=dev', '--omit=peer', '--all', '--json', '--package-lock-only'], {
        cwd: ROOT,
        encoding: 'utf8',
      }),
    );
    const listed = new Set<string>();
    interface Node {
      readonly version: string;
      readonly dependencies?: Readonly<Record<string, Node>>;
    }
    const walk = ({ dependencies = {} }: Node): void => {
      for (const [name, dependency] of Object.entries(dependencies)) {
        listed.add(`${name}@${dependency.version}`);
        walk(dependency);
      }
    };
    walk(tree);
    expect(packages.map(({ name, version }) => `${name}@${version}`).sort()).toEqual([...listed].sort());
  }, 60_000);
});

describe('docs/supply-chain.md', () => {
  const check = (...args: string[]) => spawnSync(process.execPath, [SCRIPT, '--check', ...args], { encoding: 'utf8' });

  it('says what is so ("npm run docs:supply-chain" writes it)', () => {
    expect(check()).toMatchObject({ status: 0, stderr: '' });
  });

  it('would be found stale', () => {
    const folder = mkdtempSync(join(tmpdir(), 'supply-chain-'));
    const page = join(folder, 'supply-chain.md');
    writeFileSync(page, read('docs/supply-chain.md').replace('| MIT ', '| GPL '));
    expect(check(page)).toMatchObject({ status: 1, stderr: expect.stringContaining('is stale') });
    rmSync(folder, { recursive: true });
  });
});

it('the lock file names no registry', () => {
  expect(read('package-lock.json')).not.toContain('"resolved"');
});
