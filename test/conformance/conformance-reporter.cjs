const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { differingIds, pageOf, problemsOf } = require('./conformance-page.cjs');

/**
 * Holds docs/conformance.md against a run of all tests, or with UPDATE_DOCS=1 writes it. A run of some tests proves
 * nothing of the page, and nothing happens then.
 */
module.exports = class ConformanceReporter {
  #root;
  #hasNamePattern;
  #sources;
  #page;
  /** @type {string[]} */
  #complaints = [];

  constructor(globalConfig, options = {}) {
    this.#root = globalConfig.rootDir;
    this.#hasNamePattern = (globalConfig.testNamePattern ?? '') !== '';
    this.#page = options.page ?? path.join(this.#root, 'docs/conformance.md');
    this.#sources = JSON.parse(readFileSync(options.requirements ?? path.join(__dirname, 'requirements.json'), 'utf8'));
  }

  onRunComplete(_contexts, results) {
    if (!this.#isWhole(results)) {
      return;
    }
    const tests = results.testResults.flatMap(({ testFilePath, testResults }) =>
      testResults.map(({ ancestorTitles, title, status, location }) => ({
        file: path.relative(this.#root, testFilePath).split(path.sep).join('/'),
        titles: [...ancestorTitles, title],
        place: location ? `${location.line}:${location.column}` : undefined,
        status,
      })),
    );
    const page = pageOf(this.#sources, tests);
    this.#complaints = problemsOf(this.#sources, tests);
    if (process.env.UPDATE_DOCS === '1') {
      writeFileSync(this.#page, page);
    } else {
      this.#compare(page);
    }
    if (this.#complaints.length > 0) {
      console.error(
        ['', 'The conformance page does not hold:', ...this.#complaints.map((complaint) => `  - ${complaint}`)].join(
          '\n',
        ),
      );
    }
  }

  /** Jest fails a run of which a reporter returns an error. */
  getLastError() {
    return this.#complaints.length > 0 ? new Error('the conformance page does not hold') : undefined;
  }

  /** Whether every test there is has been run: no filter by name, and a result of each file. */
  #isWhole({ testResults, wasInterrupted, numRuntimeErrorTestSuites }) {
    if (this.#hasNamePattern || wasInterrupted || numRuntimeErrorTestSuites > 0) {
      return false;
    }
    const run = new Set(testResults.map(({ testFilePath }) => testFilePath));
    const folder = path.join(this.#root, 'test');
    return readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith('.spec.ts'))
      .every((name) => run.has(path.join(folder, name)));
  }

  #compare(page) {
    const written = existsSync(this.#page) ? readFileSync(this.#page, 'utf8') : '';
    if (written === page) {
      return;
    }
    const ids = differingIds(written, page);
    const what = ids.length === 0 ? 'its text' : `${ids.slice(0, 10).join(', ')}${ids.length > 10 ? ', ...' : ''}`;
    this.#complaints.push(
      `${path.relative(this.#root, this.#page)} is stale (${what}): write it by npm run docs:conformance, and look at what changed`,
    );
  }
};
