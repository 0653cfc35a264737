import { environmentWords } from '../../lib/core/environment';
import type { Explanation } from '../../lib/explanation/explanation';
import { findName } from '../../lib/explanation/find-name';
import { formatExplanation } from '../../lib/explanation/format-explanation';
import { nearestTo } from '../../lib/core/nearest';
import { dateOf, durationOf, listed, relativeTo, shown } from '../../lib/explanation/wording';

describe('a value of a token', () => {
  it.each([
    ['a', '"a"'],
    [undefined, 'absent'],
    [{ a: [1] }, '{"a":[1]}'],
    ['line\nbreak', String.raw`"line\nbreak"`],
    ['\u001b[31mred', String.raw`"\u001b[31mred"`],
    ['\u009b31mred', String.raw`"\u009b31mred"`],
    ['a\u202eb', String.raw`"a\u202eb"`],
  ])('%j is shown harmlessly, on one line', (value, expected) => {
    expect(shown(value)).toBe(expected);
  });

  it('is shown in part where it is long', () => {
    expect(shown('x'.repeat(5000))).toHaveLength(203);
  });

  it('is listed with others', () => {
    expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 1], 'and')]).toEqual([
      'none',
      '"a"',
      '"a" or "b"',
      '"a", "b" and 1',
    ]);
  });
});

describe('times', () => {
  it.each([
    [0, '0 s'],
    [119.9, '119 s'],
    [120, '2 min'],
    [7199, '119 min'],
    [7200, '2 h'],
    [172_800, '2 days'],
  ])('%d s are %s', (seconds, expected) => {
    expect(durationOf(seconds)).toBe(expected);
  });

  it('are dates, and compared with now', () => {
    expect(relativeTo(1_800_000_000, 1_800_000_300)).toBe('2027-01-15T08:05:00Z, in 5 min');
    expect(relativeTo(1_800_000_000, 1_799_999_970)).toBe('2027-01-15T07:59:30Z, 30 s ago');
    expect(dateOf(1e300)).toBe('1e+300');
  });
});

describe('names of one thing in two environments', () => {
  it.each([
    ['https://dev.sso.example/r', 'https://sso.example/r', true],
    ['https://dev.sso.example/r', 'https://test.sso.example/r', true],
    ['mds-web-dev', 'mds-web-prod', true],
    ['mds-web', 'mds-web-test', true],
    ['mds-web', 'mds-web', false],
    ['https://sso.example/r', 'https://sso.example/r/', false],
    ['mds-local', 'mds', false],
    ['mds-web', 'MDS-web', false],
    ['mds-web-dev', 'mds-api-dev', false],
    ['mds-device', 'mds-ice', false],
  ])('%s, %s: %s', (one, other, expected) => {
    const words = [environmentWords(one, other), environmentWords(other, one)];
    expect(words.map((found) => found !== undefined)).toEqual([expected, expected]);
  });
});

describe('the nearest name', () => {
  it('takes the fewest changes, case aside', () => {
    expect(nearestTo('GET /mine', ['PUT /mines', 'GET /mines', 'GET /'])).toBe('GET /mines');
    expect(nearestTo('get /', ['PUT /', 'GET /'])).toBe('GET /');
    expect(nearestTo('x', [])).toBeUndefined();
  });
});

describe('where a name stands in claims', () => {
  it.each([
    [{ a: { b: ['x'] }, c: ['x'] }, '"c"'],
    [{ a: { b: ['x'] } }, '"a.b"'],
    [{ a: { 'b.c': ['x'] } }, '[["a","b.c"]]'],
    [{ a: { x: {}, y: {} } }, '"a"'],
    [{ a: 'v, x' }, '"a"'],
    [{ a: 'xx', b: [['x']] }, undefined],
    [{ x: 1 }, undefined],
  ])('%j', (claims, expected) => {
    expect(findName(claims, 'x')).toBe(expected);
  });

  it('is looked for within bounds', () => {
    const deep = Array.from({ length: 5000 }).reduce<object>((inner) => ({ a: inner }), { a: ['x'] });
    expect(findName({ deep }, 'x')).toBeUndefined();
  });
});

describe('an explanation for people', () => {
  const explanation: Explanation = {
    accepted: false,
    code: 'missing_scope',
    status: 403,
    message: 'Not every scope that this resource requires is granted',
    client: 'web',
    route: 'GET /mines',
    steps: [
      { name: 'parse', outcome: 'passed', expected: 'a JWT', found: 'three parts' },
      { name: 'scopes', outcome: 'failed', expected: 'every scope of read', found: 'no scope', code: 'missing_scope' },
      { name: 'rules', outcome: 'not reached', expected: 'isOwn' },
    ],
    clients: [
      {
        name: 'web',
        isChosen: true,
        issuer: { expected: ['https://sso.example'], matches: true },
        audience: { claim: 'aud', expected: ['mds-web', 'mds'], matches: true },
        authorizedParty: { expected: ['spa'], matches: false },
      },
    ],
    hints: [{ code: 'scope_elsewhere', evidence: 'it is under scp', text: 'it is under scp: read it there' }],
  };

  it('is a list of steps, a table of clients and what to do', () => {
    expect(formatExplanation(explanation)).toBe(`✗ refused as a token of client "web" on GET /mines: 403 missing_scope
  Not every scope that this resource requires is granted

Steps
  ✓ parse  three parts
  ✗ scopes no scope
           expected: every scope of read
  · rules  not evaluated: isOwn

Clients
  client  issuer  audience  party  is for
  "web"   ✓       ✓         ✗      aud "mds-web" or "mds", of "spa" at https://sso.example

What to do
  scope_elsewhere: it is under scp: read it there
`);
  });

  it('of several hints says that they are possible causes', () => {
    const [hint] = explanation.hints;
    const several = formatExplanation({ ...explanation, hints: hint === undefined ? [] : [hint, hint] });
    expect(several).toContain('Possible causes\n  scope_elsewhere');
    expect(several).not.toContain('What to do');
  });

  it('is the same text, in colours', () => {
    const painted = formatExplanation(explanation, (emphasis, text) => `<${emphasis}>${text}</>`);
    expect(painted).toContain('<bad>✗</> scopes');
    expect(painted).toContain('<good>✓</> parse');
    expect(painted.replaceAll(/<[a-z]*>|<\/>/g, '')).toBe(formatExplanation(explanation));
  });
});
