import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const CODE = /`([^`\n]+)`/g;
const codesOf = (text: string): string[] => [...text.matchAll(CODE)].map(([, code = '']) => code);

describe('the pages for contributors', () => {
  const contributing = textOf('CONTRIBUTING.md');
  const architecture = textOf('docs/architecture.md');

  it('name files and folders that exist', () => {
    const named = [
      ...codesOf(contributing).filter((code) => /^(?:lib|test|docs|scripts)\/[\w./-]+$/.test(code)),
      ...codesOf(architecture)
        .filter((code) => /^[\w./-]+\/[\w.-]+\.ts$/.test(code))
        .map((file) => `lib/${file}`.replace('lib/lib/', 'lib/')),
      ...[...contributing.matchAll(/npx jest ([\w ./-]+)/g)].flatMap(([, paths = '']) =>
        paths.split(' ').filter((path) => path.startsWith('test/')),
      ),
    ];
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('name scripts of the package and steps of CI that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json'));
    const run = [...`${contributing}${architecture}`.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(run.filter((name) => !(name in scripts))).toEqual([]);
    const steps = /^STEPS=\(\n([\s\S]*?)^\)$/m.exec(textOf('.ci/run'))?.[1] ?? '';
    const called = [...contributing.matchAll(/bash \.ci\/run ([a-z -]*[a-z])(?: *#|`|$)/gm)].flatMap(([, names = '']) =>
      names.split(' ').filter((name) => !name.startsWith('--')),
    );
    expect(called).not.toEqual([]);
    expect(called.filter((name) => !steps.includes(`'${name} `))).toEqual([]);
  });

  it('show each layer of lib/, from the top down', () => {
    const { forbidden } = require(join(ROOT, '.dependency-cruiser.cjs'));
    const layers = (forbidden as readonly { name: string }[])
      .map(({ name }) => /^layers\/(.+)$/.exec(name)?.[1])
      .filter((name) => name !== undefined);
    const picture = /```text\n([\s\S]*?)```/.exec(architecture)?.[1]?.split('\n') ?? [];
    const rows = layers.map((layer) => picture.findIndex((row) => row.split(/ {2,}/).includes(layer)));
    expect(rows).not.toContain(-1);
    expect(rows).toEqual(rows.toSorted((one, other) => other - one));
  });
});
