import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** The tables of a page, each the cells of its rows, without emphasis. */
function tablesOf(file: string): string[][][] {
  const page = readFileSync(join(ROOT, file), 'utf8');
  return (page.match(/(?:^\|.*\n)+/gm) ?? []).map((table) =>
    table
      .trim()
      .split('\n')
      .map((row) =>
        row
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      )
      .filter(([, second = '']) => !/^-{3,}$/.test(second)),
  );
}

const [quoted = []] = tablesOf('README.md').filter(([head = []]) => head.includes('Fastify'));
const measured = tablesOf('docs/performance.md');
const [goals = [], tokens = [], , express = [], fastify = []] = measured;
const median = (cell: string | undefined) => cell?.split(' ')[0];

/** What the rows of the README are called where they come from, by itself and in an application. */
const ROWS: Readonly<Record<string, readonly [string | undefined, string, string]>> = {
  '**this library**, a token seen before': ['this library, 64 tokens seen before', 'this library', '1'],
  '**this library**, a token at first sight': ['this library', 'this library, first sight', '1'],
  '`AuthGuard` with passport-jwt and jwks-rsa': ['passport-jwt + jwks-rsa', 'AuthGuard', '1'],
  '`AuthGuard` with 100 strategies': [undefined, 'AuthGuard', '100'],
  'nest-keycloak-connect': [undefined, 'nest-keycloak-connect', '1'],
  'express-oauth2-jwt-bearer': ['express-oauth2-jwt-bearer', 'express-oauth2-jwt-bearer', '1'],
  jose: ['jose', 'jose', '1'],
  'aws-jwt-verify': ['aws-jwt-verify', 'aws-jwt-verify', '1'],
  'fast-jwt, with its cache': ['fast-jwt, its cache', 'fast-jwt, its cache', '1'],
};

it('the README quotes the numbers of the last run, and no others', () => {
  const cellsOf = ([token, guard, clients]: readonly [string | undefined, string, string]) => {
    const inApplication = (table: string[][]) =>
      median(table.find(([name, count]) => name === guard && count === clients)?.[2]) ?? '-';
    return [
      median(tokens.find(([name]) => name === token)?.[1]) ?? '-',
      inApplication(express),
      inApplication(fastify),
    ];
  };
  expect(quoted.slice(1)).toEqual(Object.entries(ROWS).map(([name, row]) => [name, ...cellsOf(row)]));
});

it('says of every goal whether it was met, and why not', () => {
  expect(goals.length).toBeGreaterThan(25);
  for (const [goal, , , verdict] of goals.slice(1)) {
    expect([goal, verdict]).toEqual([goal, expect.stringMatching(/^(?:met|missed: .+)$/)]);
  }
});
