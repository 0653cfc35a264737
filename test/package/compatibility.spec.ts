import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (path: string): string => readFileSync(join(__dirname, '../..', path), 'utf8');

/** The rows of one of the two tables that the matrix wrote, each by its columns. */
const rowsOf = (which: 0 | 1): Record<string, string>[] => {
  const [, tables = ''] = /<!-- matrix -->\n([\s\S]*)<!-- \/matrix -->/.exec(read('docs/compatibility.md')) ?? [];
  const cells = (tables.trim().split('\n\n')[which] ?? '').split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const [head = [], , ...body] = cells;
  return body.map((row) => Object.fromEntries(row.map((cell, index) => [head[index] ?? '', cell])));
};

const major = (version: string | undefined): number => Number(version?.split('.')[0]);

describe('docs/compatibility.md ("npm run test:matrix -- --write" writes its table)', () => {
  it('has every Nest that package.json lets in, on every Node.js that has long-term support', () => {
    const { peerDependencies, engines } = JSON.parse(read('package.json'));
    const nests = [...peerDependencies['@nestjs/core'].matchAll(/\^(\d+)/g)].map(([, nest]) => Number(nest));
    expect(engines.node).toBe('^20.19.0 || >=22.12.0');
    const pairs = nests.flatMap((nest) => [20, 22, 24].map((node) => [nest, node]));
    expect(rowsOf(0).map((row) => [major(row['Nest']), major(row['Node.js'])])).toEqual(pairs);
  });

  it('says of every way that it works', () => {
    for (const { Nest: nest, 'Node.js': node, ...cells } of rowsOf(0)) {
      expect(Object.keys(cells)).toEqual([
        'CommonJS, Express',
        'CommonJS, Fastify',
        'ES module, Express',
        'ES module, Fastify',
        'command line',
        '`nest new`, `nest add`',
      ]);
      expect([nest, node, new Set(Object.values(cells))]).toEqual([nest, node, new Set(['works'])]);
    }
  });

  it('says of every @nestjs/swagger that package.json lets in that it documents who may call what', () => {
    const { peerDependencies } = JSON.parse(read('package.json'));
    const swaggers = [...peerDependencies['@nestjs/swagger'].matchAll(/\^(\d+)/g)].map(([, swagger]) => swagger);
    const rows = rowsOf(1);
    expect(rows.map((row) => row['`@nestjs/swagger`'])).toEqual(swaggers);
    expect(new Set(rows.map((row) => row['document']))).toEqual(new Set(['works']));
  });
});
