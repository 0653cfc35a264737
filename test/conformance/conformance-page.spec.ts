import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Requirement {
  readonly id: string;
  readonly level: string;
  readonly section?: string;
  readonly requirement: string;
  readonly scope: 'in' | 'out';
  readonly reason?: string;
  readonly provedBy?: readonly string[];
}
interface Source {
  readonly source: string;
  readonly requirements: readonly Requirement[];
}
interface TestOfPage {
  readonly file: string;
  readonly titles: readonly string[];
  readonly place?: string;
  readonly status: string;
}
interface Reporter {
  onRunComplete(contexts: unknown, results: unknown): void;
  getLastError(): Error | undefined;
}

const {
  pageOf,
  problemsOf,
}: Record<
  'pageOf' | 'problemsOf',
  (sources: readonly Source[], tests: readonly TestOfPage[]) => unknown
> = require('./conformance-page.cjs');
const ConformanceReporter: new (
  globalConfig: object,
  options?: object,
) => Reporter = require('./conformance-reporter.cjs');

const REQUIREMENTS: readonly Source[] = JSON.parse(readFileSync(join(__dirname, 'requirements.json'), 'utf8'));

describe('the requirements', () => {
  const all = REQUIREMENTS.flatMap(({ requirements }) => requirements);

  it('have each an id of its own, of the prefix of its source', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { source, requirements } of REQUIREMENTS) {
      expect([source, new Set(requirements.map(({ id }) => id.split('-')[0])).size]).toEqual([source, 1]);
    }
    expect(all.length).toBeGreaterThan(200);
  });

  it('say what they are, and why where they are out of scope', () => {
    for (const { id, level, requirement, scope, reason, ...rest } of all) {
      expect([id, level]).toEqual([id, expect.stringMatching(/^(D-)?(MUST|SHOULD|MAY)( NOT)?$/)]);
      expect([id, requirement]).toEqual([id, expect.stringMatching(/^.{3,220}$/)]);
      expect([id, requirement]).toEqual([id, expect.not.stringMatching(/[|\n]/)]);
      expect([id, scope, typeof reason]).toEqual([id, scope, scope === 'out' ? 'string' : 'undefined']);
      expect(['in', 'out']).toContain(scope);
      expect(Object.keys(rest).filter((key) => key !== 'section' && key !== 'provedBy')).toEqual([]);
    }
  });

  it('refer to others that are in scope and stand by themselves', () => {
    const byId = new Map(all.map((requirement) => [requirement.id, requirement]));
    for (const { id, provedBy = [] } of all) {
      for (const other of provedBy) {
        expect([id, other, byId.get(other)?.scope, byId.get(other)?.provedBy]).toEqual([id, other, 'in', undefined]);
      }
    }
  });
});

it('SECURITY.md refers to requirements that there are', () => {
  const text = readFileSync(join(__dirname, '../../SECURITY.md'), 'utf8');
  const known = REQUIREMENTS.flatMap(({ requirements }) => requirements.map(({ id }) => id));
  const named = text.match(/\b[A-Z]+\d*-\d+\b/g) ?? [];
  expect(named.filter((id) => !known.includes(id))).toEqual([]);
  expect(named.length).toBeGreaterThan(20);
});

const SOURCES: readonly Source[] = [
  {
    source: 'One',
    requirements: [
      { id: 'LIB-01', level: 'MUST', requirement: 'the first', scope: 'in' },
      { id: 'LIB-02', level: 'SHOULD', section: '2.1', requirement: 'the second', scope: 'in' },
      { id: 'LIB-03', level: 'MUST', requirement: 'the third', scope: 'out', reason: 'not built' },
    ],
  },
  {
    source: 'Two',
    requirements: [
      { id: 'ASVS-1.2.1–3', level: 'MUST', requirement: 'by others', scope: 'in', provedBy: ['LIB-01', 'LIB-02'] },
    ],
  },
];
const test = (file: string, titles: string[], status = 'passed', place?: string): TestOfPage => ({
  file,
  titles,
  status,
  ...(place === undefined ? {} : { place }),
});
const rowsOf = (tests: readonly TestOfPage[]): Record<string, string> =>
  Object.fromEntries(
    String(pageOf(SOURCES, tests))
      .split('\n')
      .filter((line) => /^\| (LIB|ASVS)-/.test(line))
      .map((line) => [line.split(' ')[1], line]),
  );

const BOTH = [test('a.spec.ts', ['LIB-01 does one thing']), test('b.spec.ts', ['outer', 'LIB-02 does another'])];

describe('a row', () => {
  it('passes by a test that names its id, in its own title or that of a describe', () => {
    const rows = rowsOf([test('a.spec.ts', ['LIB-01 LIB-02 what it does', 'in one case'])]);
    expect(rows['LIB-01']).toBe('| LIB-01 | the first (MUST) | `a.spec.ts`: what it does | pass |');
    expect(rows['LIB-02']).toBe('| LIB-02 | the second (SHOULD, 2.1) | `a.spec.ts`: what it does | pass |');
  });

  it('fails without a test, and where one of its tests did not pass', () => {
    expect(rowsOf([])['LIB-01']).toBe('| LIB-01 | the first (MUST) | none | fail |');
    for (const status of ['failed', 'pending', 'todo', 'skipped', 'disabled']) {
      const rows = rowsOf([...BOTH, test('c.spec.ts', ['LIB-01 too'], status)]);
      expect([rows['LIB-01'], rows['LIB-02']]).toEqual([
        expect.stringMatching(/ fail \|$/),
        expect.stringMatching(/ pass \|$/),
      ]);
    }
  });

  it('is out of scope with a reason, tested or not', () => {
    expect(rowsOf([])['LIB-03']).toBe('| LIB-03 | the third (MUST) | not built | out of scope |');
    expect(rowsOf([test('a.spec.ts', ['LIB-03 is refused'])])['LIB-03']).toBe(
      '| LIB-03 | the third (MUST) | not built; `a.spec.ts`: is refused | out of scope |',
    );
  });

  it('passes by others if these pass', () => {
    expect(rowsOf(BOTH)['ASVS-1.2.1–3']).toBe('| ASVS-1.2.1–3 | by others (MUST) | see LIB-01, LIB-02 | pass |');
    expect(rowsOf(BOTH.slice(1))['ASVS-1.2.1–3']).toMatch(/ fail \|$/);
  });

  it('takes an id for one only as a whole', () => {
    expect(rowsOf([test('a.spec.ts', ['LIB-010 and XLIB-01 and LIB-01x'])])['LIB-01']).toMatch(/ fail \|$/);
  });

  it('names the cases of one table once, by what they have in common, and no more than three tests', () => {
    const cases = ['a longer audience', 'a shorter audience', 'none'].map((name) =>
      test('a.spec.ts', [`LIB-01 does not know ${name}`], 'passed', '7:3'),
    );
    expect(rowsOf(cases)['LIB-01']).toContain('`a.spec.ts`: does not know ... |');
    const others = ['b', 'c', 'd', 'e'].map((file) => test(`${file}.spec.ts`, ['LIB-01 too'], 'passed', '1:1'));
    expect(rowsOf([...others, ...cases])['LIB-01']).toContain(
      '| `a.spec.ts`: does not know ...; `b.spec.ts`: too; `c.spec.ts`: too; and 2 more | pass |',
    );
  });

  it('holds a title that is markup, long or not printable, on one line', () => {
    const row = rowsOf([test('a.spec.ts', [`LIB-01 a | b \`c\` <d> *e* __proto__ \u0000 ${'x'.repeat(300)}`])])[
      'LIB-01'
    ];
    expect(row).toContain('a \\| b \\`c\\` \\<d\\> \\*e\\* \\_\\_proto\\_\\_ ? xxx');
    expect(row?.length).toBeLessThan(220);
  });
});

describe('the page', () => {
  it('is the same in whatever order tests ran', () => {
    const tests = [...BOTH, ...['1', '2', '3', '4'].map((name) => test(`${name}.spec.ts`, [`LIB-01 of ${name}`]))];
    expect(pageOf(SOURCES, tests.toReversed())).toBe(pageOf(SOURCES, tests));
  });

  it('counts', () => {
    expect(pageOf(SOURCES, BOTH)).toContain('4 requirements: 3 pass, 0 fail, 1 are out of scope.');
    expect(pageOf(SOURCES, [])).toContain('4 requirements: 0 pass, 3 fail, 1 are out of scope.');
  });
});

describe('problems', () => {
  it('are none where everything in scope is proved', () => {
    expect(problemsOf(SOURCES, BOTH)).toEqual([]);
  });

  it('are ids that no requirement has, that no test names, and whose tests do not pass', () => {
    expect(
      problemsOf(SOURCES, [test('a.spec.ts', ['LIB-99 R6750-1 is new']), test('b.spec.ts', ['LIB-02'], 'failed')]),
    ).toEqual([
      'LIB-99: no requirement has this id, but a test names it (a.spec.ts: is new)',
      'R6750-1: no requirement has this id, but a test names it (a.spec.ts: is new)',
      'LIB-01: is in scope and no test names it',
      'LIB-02: a test that names it did not pass (b.spec.ts: )',
      'ASVS-1.2.1–3: LIB-01, LIB-02 does not pass',
    ]);
  });
});

describe('the reporter', () => {
  let root: string;
  let page: string;
  const complaints: string[] = [];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'conformance-'));
    page = join(root, 'docs/conformance.md');
    mkdirSync(join(root, 'docs'));
    mkdirSync(join(root, 'test/deep'), { recursive: true });
    for (const name of ['a.spec.ts', 'deep/b.spec.ts', 'helper.ts']) {
      writeFileSync(join(root, 'test', name), '');
    }
    writeFileSync(join(root, 'requirements.json'), JSON.stringify(SOURCES));
    complaints.splice(0);
    jest.spyOn(console, 'error').mockImplementation((text: unknown) => void complaints.push(String(text)));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    delete process.env['UPDATE_DOCS'];
    rmSync(root, { recursive: true });
  });

  const resultOf = (file: string, title: string, status = 'passed') => ({
    testFilePath: join(root, 'test', file),
    testResults: [{ ancestorTitles: [], title, status, location: { line: 1, column: 1 } }],
  });
  const whole = () => [resultOf('a.spec.ts', 'LIB-01 one'), resultOf('deep/b.spec.ts', 'LIB-02 two')];
  const run = (testResults: object[], config: object = {}, more: object = {}): Error | undefined => {
    const options = { requirements: join(root, 'requirements.json') };
    const reporter = new ConformanceReporter({ rootDir: root, ...config }, options);
    reporter.onRunComplete(undefined, { testResults, numRuntimeErrorTestSuites: 0, wasInterrupted: false, ...more });
    return reporter.getLastError();
  };
  const update = (testResults: object[]): Error | undefined => {
    process.env['UPDATE_DOCS'] = '1';
    const error = run(testResults);
    delete process.env['UPDATE_DOCS'];
    return error;
  };

  it('writes the page with UPDATE_DOCS=1, and finds nothing wrong with it afterwards', () => {
    expect(update(whole())).toBeUndefined();
    expect(readFileSync(page, 'utf8')).toContain(
      '| LIB-02 | the second (SHOULD, 2.1) | `test/deep/b.spec.ts`: two | pass |',
    );
    expect(run(whole())).toBeUndefined();
    expect(run(whole().toReversed())).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  it('fails a run that differs from the page, and says in which rows', () => {
    expect(run(whole())).toBeInstanceOf(Error);
    expect(complaints.join()).toContain('docs/conformance.md is stale (ASVS-1.2.1–3, LIB-01, LIB-02, LIB-03)');
    update(whole());
    expect(run([resultOf('a.spec.ts', 'LIB-01 renamed'), ...whole().slice(1)])).toBeInstanceOf(Error);
    expect(complaints.at(-1)).toContain('is stale (LIB-01): write it by npm run docs:conformance');
    writeFileSync(page, readFileSync(page, 'utf8').replace('# Conformance', '# Compliance'));
    expect(run(whole())).toBeInstanceOf(Error);
    expect(complaints.at(-1)).toContain('is stale (its text)');
  });

  it('fails a run that does not prove what is in scope, also while it writes the page', () => {
    const failing = [resultOf('a.spec.ts', 'LIB-01 one', 'failed'), ...whole().slice(1)];
    expect(update(failing)).toBeInstanceOf(Error);
    expect(readFileSync(page, 'utf8')).toContain('| `test/a.spec.ts`: one | fail |');
    expect(run(failing)).toBeInstanceOf(Error);
    expect(complaints.at(-1)).toContain('LIB-01: a test that names it did not pass (test/a.spec.ts: one)');
    expect(complaints.at(-1)).not.toContain('stale');
  });

  it.each<[string, object, object, number]>([
    ['of some files', {}, {}, 1],
    ['of some names', { testNamePattern: 'LIB-01' }, {}, 2],
    ['that was interrupted', {}, { wasInterrupted: true }, 2],
    ['of which a file could not be run', {}, { numRuntimeErrorTestSuites: 1 }, 2],
  ])('says nothing of a run %s, and writes nothing', (_what, config, more, files) => {
    expect(run(whole().slice(0, files), config, more)).toBeUndefined();
    process.env['UPDATE_DOCS'] = '1';
    expect(run(whole().slice(0, files), config, more)).toBeUndefined();
    expect(() => readFileSync(page)).toThrow('ENOENT');
    expect(complaints).toEqual([]);
  });
});
