/**
 * Writes transcripts of the command line into pages of the documentation, between two comments: real calls of the built
 * command, against an issuer of tests, with ports, times and key ids made the same each time.
 *
 * `--check` writes nothing and fails if a page is stale. To add a page, add a file like `transcripts/explain.mjs` to PAGES.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explainPage, FIXED_IDS } from './transcripts/explain.mjs';

/**
 * @typedef {object} Call What a case prepares for its call.
 * @property {object | string} config The options, or the text of an ES module that exports them.
 * @property {readonly string[]} [args] Arguments behind `--config`, as they are shown.
 * @property {string} [input] Standard input.
 * @property {() => Promise<void>} [end] Stops what the case started.
 *
 * @typedef {object} Case One transcript.
 * @property {string} title
 * @property {string} [text] What stands between title and transcript.
 * @property {(output: string) => string} [abridge] What is shown of the output. Default: all of it.
 * @property {() => Promise<Call>} setup
 *
 * @typedef {object} Page
 * @property {string} file Where the transcripts are written, below the root.
 * @property {string} command
 * @property {() => Promise<void>} [start]
 * @property {() => Promise<void>} [stop]
 * @property {readonly { title: string, cases: readonly Case[] }[]} sections
 */

/** @type {readonly Page[]} */
const PAGES = [explainPage];

const root = fileURLToPath(new URL('..', import.meta.url));

/** When every transcript was written, as far as its readers can tell. */
const THEN = Date.parse('2027-01-31T08:00:00Z');

/** What changes from call to call, made the same. */
function normalize(output, startedAt) {
  const keyIds = new Map();
  const shift = THEN - startedAt;
  return output
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'https://sso.example')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
      if (FIXED_IDS.has(id)) {
        return id;
      }
      keyIds.set(id, keyIds.get(id) ?? `key-${keyIds.size + 1}`);
      return keyIds.get(id);
    })
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (date) => {
      const time = Date.parse(date);
      const isNear = Math.abs(time - startedAt) < 30 * 86_400_000;
      const moved = isNear ? Math.round((time + shift) / 60_000) * 60_000 : time;
      return new Date(moved).toISOString().replace('.000Z', 'Z');
    })
    .replaceAll(/\b\d{1,2} s ago/g, '1 s ago');
}

async function call(command, { config, args = [], input = '' }) {
  const directory = await mkdtemp(join(tmpdir(), 'transcript-'));
  const file = typeof config === 'string' ? 'auth.mjs' : 'auth.json';
  await writeFile(join(directory, file), typeof config === 'string' ? config : JSON.stringify(config));
  const all = [command, '--config', file, ...args];
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...all], { cwd: directory });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  child.stdin.end(input);
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  await rm(directory, { recursive: true });
  return { output, shown: `$ npx nestjs-oidc-multi-auth ${all.join(' ')}` };
}

async function transcribe(command, { title, text, abridge = (output) => output, setup }) {
  const startedAt = Date.now();
  const prepared = await setup();
  const { output, shown } = await call(command, prepared);
  await prepared.end?.();
  const transcript = abridge(normalize(output, startedAt)).trimEnd();
  return [`#### ${title}`, ...(text === undefined ? [] : [text]), `\`\`\`text\n${shown}\n${transcript}\n\`\`\``].join(
    '\n\n',
  );
}

/** Does things for each item, a few at a time, and keeps their order. */
async function mapInParallel(items, run) {
  const results = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) {
      results[index] = await run(item);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

async function write({ file, command, start, stop, sections }) {
  await start?.();
  const cases = sections.flatMap((section) => section.cases);
  const transcripts = await mapInParallel(cases, (one) => transcribe(command, one));
  await stop?.();
  const written = sections.map(({ title, cases: own }) =>
    [`### ${title}`, ...own.map((one) => transcripts[cases.indexOf(one)])].join('\n\n'),
  );
  const path = join(root, file);
  const page = await readFile(path, 'utf8');
  const renewed = page.replace(
    /(<!-- transcripts -->\n)[\s\S]*(<!-- \/transcripts -->)/,
    (_match, begin, end) => `${begin}\n${written.join('\n\n')}\n\n${end}`,
  );
  if (renewed === page) {
    return true;
  }
  if (process.argv.includes('--check')) {
    const [old, now] = [page, renewed].map((text) => text.split('\n'));
    const at = now.findIndex((line, index) => line !== old[index]);
    console.error(
      `${file} is stale from line ${at + 1} on; npm run docs:transcripts writes it anew\n- ${old[at]}\n+ ${now[at]}`,
    );
    return false;
  }
  await writeFile(path, renewed);
  return true;
}

for (const page of PAGES) {
  if (!(await write(page))) {
    process.exitCode = 1;
  }
}
