/**
 * What the tests of a run prove of the requirements, as rows, as problems and as a page. Knows nothing of Jest or files.
 *
 * @typedef {{ id: string, level: string, section?: string, requirement: string, scope: 'in' | 'out', reason?: string,
 *   provedBy?: string[] }} Requirement
 * @typedef {{ source: string, requirements: Requirement[] }} Source
 * @typedef {{ file: string, titles: string[], place?: string, status: string }} Test `titles`: of each describe, then its
 *   own; `place`: where in the file it is written, which the cases of one `it.each` share.
 */

/** An id in the name of a test: a known prefix, then digits or a word. */
const ID =
  /\b(?:LIB|TBL|EXP|SRC|CFG|AUD|KEY|R\d{4}|MCP|ATK|ASVS|OWASP|FAPI|BCL|SSF|DYN)-(?:\d+(?:\.\d+)*|[A-Z]+)(?![\w-])/g;

/** How many tests a row names, and how long each title may be. */
const SHOWN_TESTS = 3;
const TITLE_LENGTH = 120;

/**
 * Which tests name which id. A test that has an id in a describe title counts for that describe, once.
 *
 * @param {Test[]} tests
 * @returns {Map<string, { file: string, key: string, title: string, status: string }[]>}
 */
function testsById(tests) {
  const found = new Map();
  for (const { file, titles, place, status } of tests) {
    for (const [index, named] of titles.entries()) {
      for (const id of new Set(named.match(ID))) {
        // As far as the id: what stands below it are its cases.
        const title = plain(titles.slice(0, index + 1).join(' '));
        const key = index === titles.length - 1 && place !== undefined ? `${file}:${place}` : `${file} ${plain(named)}`;
        found.set(id, [...(found.get(id) ?? []), { file, key, title, status }]);
      }
    }
  }
  return found;
}

/** A title without ids. */
function plain(title) {
  return title.replaceAll(ID, '').replaceAll(/\s+/g, ' ').trim();
}

/**
 * Each requirement with its result and what proves it.
 *
 * @param {Source[]} sources
 * @param {Test[]} tests
 */
function rowsOf(sources, tests) {
  const byId = testsById(tests);
  const requirements = sources.flatMap((source) => source.requirements);
  const direct = new Map(
    requirements.map((requirement) => [requirement.id, { requirement, tests: byId.get(requirement.id) ?? [] }]),
  );
  return requirements.map((requirement) => {
    const { id, scope, provedBy = [] } = requirement;
    const own = direct.get(id)?.tests ?? [];
    const others = provedBy.map((other) => direct.get(other));
    const missing = provedBy.filter((other, index) => !proves(others[index]));
    const notPassing = own.filter(({ status }) => status !== 'passed');
    const isProved = notPassing.length === 0 && missing.length === 0 && (own.length > 0 || provedBy.length > 0);
    const result = scope === 'out' ? 'out of scope' : isProved ? 'pass' : 'fail';
    return { requirement, tests: own, notPassing, missing, result };
  });
}

function proves(other) {
  return (
    other !== undefined &&
    other.requirement.scope === 'in' &&
    other.tests.length > 0 &&
    other.tests.every(({ status }) => status === 'passed')
  );
}

/**
 * What keeps a run from proving all that is in scope: ids that nothing proves, and ids that no requirement has.
 *
 * @param {Source[]} sources
 * @param {Test[]} tests
 * @returns {string[]}
 */
function problemsOf(sources, tests) {
  const known = new Set(sources.flatMap(({ requirements }) => requirements.map(({ id }) => id)));
  const unknown = [...testsById(tests)]
    .filter(([id]) => !known.has(id))
    .map(([id, [{ file, title }]]) => `${id}: no requirement has this id, but a test names it (${file}: ${title})`);
  const unproved = rowsOf(sources, tests)
    .filter(({ result }) => result === 'fail')
    .map(({ requirement: { id }, notPassing: [first], missing }) =>
      first !== undefined
        ? `${id}: a test that names it did not pass (${first.file}: ${first.title})`
        : missing.length > 0
          ? `${id}: ${missing.join(', ')} does not pass`
          : `${id}: is in scope and no test names it`,
    );
  return [...unknown, ...unproved];
}

/**
 * The page. The same tests give the same page, in whatever order they ran.
 *
 * @param {Source[]} sources
 * @param {Test[]} tests
 */
function pageOf(sources, tests) {
  const rows = rowsOf(sources, tests);
  const count = (wanted) => rows.filter(({ result }) => result === wanted).length;
  return [
    '# Conformance',
    '',
    'What is required of a resource server that accepts the tokens of many clients, and which tests prove it. The page is',
    'written by a run of all tests (`npm run docs:conformance`), and every full run (`npm test`) fails where it differs: where',
    'an id that is in scope has no passing test, a test names an id that is not here, or a row has changed. A test proves',
    'what its name says; the cases of one table of tests count as one.',
    '',
    'MUST, SHOULD and MAY are words of the source; with `D-` before them they are derived from it. What is out of scope for',
    'now says why, and is tested all the same where it is refused.',
    '',
    `${rows.length} requirements: ${count('pass')} pass, ${count('fail')} fail, ${count('out of scope')} are out of scope.`,
    '',
    '| ids | source |',
    '| --- | --- |',
    ...sources.map(({ source, requirements: [{ id }] }) => `| \`${id.split('-')[0]}\` | ${source} |`),
    '',
    '| id | requirement | tests | result |',
    '| --- | --- | --- | --- |',
    ...rows.map(lineOf),
    '',
  ].join('\n');
}

function lineOf({ requirement, tests, result }) {
  const { id, level, section, requirement: text, reason, provedBy = [] } = requirement;
  const where = section === undefined ? level : `${level}, ${section}`;
  const proof = [
    ...(reason === undefined ? [] : [reason]),
    ...(provedBy.length === 0 ? [] : [`see ${provedBy.join(', ')}`]),
    ...namesOf(tests),
  ];
  return `| ${id} | ${text} (${where}) | ${proof.join('; ') || 'none'} | ${result} |`;
}

/** The first few tests, each once, and how many more there are. */
function namesOf(tests) {
  const groups = new Map();
  for (const { file, key, title } of tests) {
    const group = groups.get(key) ?? { file, titles: new Set() };
    group.titles.add(title);
    groups.set(key, group);
  }
  const names = [
    ...new Set(
      [...groups.values()].map(
        ({ file, titles }) => `\`${file}\`: ${escape(shorten(inCommon([...titles].sort(byText))))}`,
      ),
    ),
  ].sort(byText);
  const more = names.length - SHOWN_TESTS;
  return more > 0 ? [...names.slice(0, SHOWN_TESTS), `and ${more} more`] : names;
}

/** What the titles of one table of tests have in common, with dots for what differs. */
function inCommon(titles) {
  const [first = [], ...others] = titles.map((title) => title.split(' '));
  if (others.length === 0) {
    return first.join(' ');
  }
  const sharedBy = (wordAt) => {
    let shared = 0;
    while (
      shared < first.length &&
      others.every((words) => shared < words.length && wordAt(words, shared) === wordAt(first, shared))
    ) {
      shared += 1;
    }
    return shared;
  };
  const start = sharedBy((words, index) => words[index]);
  const end = Math.min(
    sharedBy((words, index) => words.at(-1 - index)),
    first.length - start,
  );
  const words = [...first.slice(0, start), '...', ...(end > 0 ? first.slice(-end) : [])];
  return words.length > 1 ? words.join(' ') : `${first.join(' ')}, and others like it`;
}

function shorten(title) {
  return title.length > TITLE_LENGTH ? `${title.slice(0, TITLE_LENGTH).trimEnd()}...` : title;
}

/** Text in a cell of a table: on one line, and nothing in it is markup. */
function escape(text) {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '?')
    .replaceAll(/[\\`*|<>[\]]/g, '\\$&')
    .replaceAll('__', '\\_\\_');
}

/** Code unit by code unit: alike on every machine. */
function byText(one, other) {
  return one < other ? -1 : Number(one > other);
}

/** The ids of rows that differ between two pages. */
function differingIds(page, other) {
  const rowsIn = (text) =>
    new Map(text.split('\n').flatMap((line) => (/^\| [A-Z]+\d*-/.test(line) ? [[line.split(' ')[1], line]] : [])));
  const [one, two] = [rowsIn(page), rowsIn(other)];
  return [...new Set([...one.keys(), ...two.keys()])].filter((id) => one.get(id) !== two.get(id)).sort(byText);
}

module.exports = { differingIds, pageOf, problemsOf, rowsOf };
