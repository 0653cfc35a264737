import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const PAGE = join(ROOT, 'docs/transports.md');
const BETWEEN = /(?<=<!-- decisions -->\n)[\s\S]*(?=<!-- \/decisions -->)/;

/** The text of every test of a transport. */
const sources = ['transports', 'brokers']
  .flatMap((folder) => readdirSync(join(ROOT, 'test', folder)).map((file) => join(ROOT, 'test', folder, file)))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(file, 'utf8'));

/** The names of the ways that are tested, as tests call them. */
const WAYS = [
  'HTTP on Express',
  'HTTP on Fastify',
  'GraphQL, Apollo on Express',
  'GraphQL, Apollo on Fastify',
  'GraphQL, Mercurius',
  'WebSockets, ws, each message',
  'WebSockets, socket.io, each message',
  'TCP, in the payload',
  'TCP, in the metadata of Nest 12',
  'Redis',
  'NATS',
  'gRPC',
];

describe('the table of decisions in docs/transports.md', () => {
  const contract = readFileSync(join(ROOT, 'test/transports/contract.ts'), 'utf8');
  const features = [...contract.matchAll(/^ +it\('([^']+)'/gm)].map(([, name = '']) => name);

  it('has a row for each way that is tested, and no other', () => {
    for (const way of WAYS) {
      const [start = way] = way.split(/, each message$/);
      expect(sources.some((text) => text.includes(`'${start}'`))).toBe(true);
    }
    const called = sources.map((text) => text.match(/^ *describeWay\(\{/gm)?.length ?? 0).filter((count) => count > 0);
    // http, graphql, websockets, tcp, grpc, brokers
    expect(called).toHaveLength(6);
  });

  it('has a column for each test of the contract', () => {
    expect(features).toHaveLength(13);
    const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
    const table = [
      row(['', ...features]),
      row(['---', ...features.map(() => '---')]),
      ...WAYS.map((way) =>
        row([way, ...features.map((name) => (way === 'gRPC' && name === 'two tokens' ? 'cannot be sent' : 'yes'))]),
      ),
      '',
    ].join('\n');
    const page = readFileSync(PAGE, 'utf8');
    if (process.env['UPDATE_DOCS'] === '1') {
      writeFileSync(
        PAGE,
        page.replace(BETWEEN, () => table),
      );
    }
    const cells = (text: string) =>
      text
        .replaceAll(/ *\| */g, '|')
        .replaceAll(/-+/g, '-')
        .trim();
    expect(cells(BETWEEN.exec(readFileSync(PAGE, 'utf8'))?.[0] ?? '')).toBe(cells(table));
  });
});
