const { mkdtempSync, readFileSync, rmSync, existsSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

/** Ends a run with plain lines, for whoever reads the output by machine. */
module.exports = class SummaryReporter {
  constructor() {
    // Where test files leave what they count; workers inherit the environment.
    this.folder = mkdtempSync(path.join(tmpdir(), 'sinks-'));
    process.env.SINKS_FILE = path.join(this.folder, 'counts.jsonl');
  }

  onRunComplete(_contexts, { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites }) {
    if (existsSync(process.env.SINKS_FILE)) {
      const counts = readFileSync(process.env.SINKS_FILE, 'utf8').trim().split('\n').map(JSON.parse);
      const sum = (name) => counts.reduce((total, count) => total + count[name], 0);
      console.log(
        `\n${sum('characters')} characters of answers, headers, log lines, events and errors were searched for parts of ` +
          `${sum('tokens')} tokens in ${counts.length} test files`,
      );
    }
    rmSync(this.folder, { recursive: true, force: true });
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    console.log(
      `\n${numPassedTests} passed, ${failed} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`,
    );
  }
};
