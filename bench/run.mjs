/**
 * What a guard costs: this library beside others. Prints tables in Markdown, with a line for each goal, met or missed.
 *
 *   npm run bench               all of it, about 20 minutes on an idle machine
 *   npm run bench -- --quick    less of everything: that it runs, not how fast anything is
 *   npm run bench -- --write    writes the tables to docs/performance.md and the README too
 *
 * Exits 0 unless the benchmark itself is broken: how long anything takes is told, not judged.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..');
const page = join(root, 'docs/performance.md');
const readme = join(root, 'README.md');
const isQuick = process.argv.includes('--quick');
const say = (what) => process.stderr.write(`${what}\n`);
// Standard output is for the tables.
const npm = (folder, ...args) =>
  execFileSync('npm', [...args, '--silent'], { cwd: folder, stdio: ['ignore', 2, 'inherit'] });

const EFFORT = isQuick
  ? {
      name: 'a quick run, which says nothing of time',
      tokens: { first: 50, many: 200, rounds: 3, milliseconds: 2 },
      applications: { express: { rounds: 1, milliseconds: 150 }, fastify: { rounds: 1, milliseconds: 150 } },
      scale: { issuers: 200, rounds: 1 },
      threads: { rates: [200], rounds: 1, milliseconds: 200 },
      profile: { milliseconds: 300 },
      memory: 5_000,
      possession: { rounds: 3, proofs: 50, entries: 5_000 },
    }
  : {
      name: 'medians of interleaved rounds, in brackets the middle half of them',
      tokens: { first: 300, many: 10_000, rounds: 25, milliseconds: 80 },
      // So long that several collections of all garbage are in each turn, of which Express makes more.
      applications: { express: { rounds: 9, milliseconds: 1_500 }, fastify: { rounds: 15, milliseconds: 400 } },
      scale: { issuers: 10_000, rounds: 5 },
      threads: { rates: [1_000, 5_000, 20_000, 35_000, 50_000], rounds: 5, milliseconds: 1_500 },
      profile: { milliseconds: 4_000 },
      memory: 1_000_000,
      possession: { rounds: 25, proofs: 1_000, entries: 1_000_000 },
    };

/** What it takes to set up so many clients, the median of fresh processes, and how often key sets are fetched. */
async function measureScale(world, clients, issuers, { rounds }) {
  const found = [];
  world.fetches.keys = 0;
  for (let round = 0; round < rounds; round += 1) {
    const env = { ...process.env, BENCH_SCALE: JSON.stringify({ clients, issuers, origin: world.origin }) };
    const child = fork(join(here, 'scale.mjs'), { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`scale.mjs ended with ${code}`)));
    failed.catch(() => undefined);
    found.push((await Promise.race([once(child, 'message'), failed]))[0]);
  }
  const [milliseconds, bytes] = ['milliseconds', 'bytes'].map((name) => median(found.map((one) => one[name])));
  return { clients, issuers, milliseconds, bytes, fetches: world.fetches.keys / rounds };
}

if (!existsSync(join(here, 'node_modules'))) {
  npm(here, 'ci');
}
npm(root, 'run', 'build');

// What they import is there only now.
const { World, ALGORITHMS } = await import('./world.mjs');
const { measureAccepted, measureRefused } = await import('./token-costs.mjs');
const { measureApplications, SUBJECTS } = await import('./application-costs.mjs');
const { median } = await import('./measure.mjs');
const { measurePossession } = await import('./possession-costs.mjs');
const { measureThreads } = await import('./threads.mjs');
const { profile } = await import('./profile.mjs');
const { render, renderQuoted } = await import('./table.mjs');
const { areApart } = await import('./application.mjs');

const world = await World.start();
const results = { effort: EFFORT.name, areApart, many: EFFORT.tokens.many, accepted: {}, applications: {} };
for (const algorithm of Object.keys(ALGORITHMS)) {
  say(`tokens of ${algorithm}`);
  results.accepted[algorithm] = await measureAccepted(world, algorithm, {
    ...EFFORT.tokens,
    many: algorithm === 'RS256' ? EFFORT.tokens.many : 0,
  });
}
say('refusals');
results.refused = await measureRefused(world, EFFORT.tokens);
for (const adapter of ['express', 'fastify']) {
  say(`applications on ${adapter}`);
  const subjects = isQuick && adapter === 'fastify' ? SUBJECTS.slice(0, 6) : SUBJECTS;
  results.applications[adapter] = await measureApplications(world, adapter, subjects, EFFORT.applications[adapter]);
}
say('proofs of possession');
results.possession = await measurePossession(EFFORT.possession);
say('thousands of clients');
results.scale = {
  thousand: await measureScale(world, 1_000, 1, EFFORT.scale),
  tenThousand: await measureScale(world, 10_000, 1, EFFORT.scale),
  issuers: await measureScale(world, EFFORT.scale.issuers, EFFORT.scale.issuers, EFFORT.scale),
};
say('other threads');
results.threads = await measureThreads(world, EFFORT.threads);
say('profiles');
results.profiles = {
  'Tokens seen before, on Express': await profile(world, 'this library', EFFORT.profile),
  'Every token at first sight, on Express': await profile(world, 'this library, first sight', EFFORT.profile),
};
say('memory');
results.memory = JSON.parse(
  execFileSync(process.execPath, [join(root, 'test/hardening/memory.mjs'), String(EFFORT.memory), 'good'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
);
world.stop();

/** Writes between the marks of a page. */
function writeInto(file, text) {
  const [start, end] = ['<!-- measured -->', '<!-- /measured -->'];
  const before = readFileSync(file, 'utf8');
  if (!before.includes(start) || !before.includes(end)) {
    throw new Error(`${file} has no ${start} ... ${end} to write between`);
  }
  writeFileSync(
    file,
    `${before.slice(0, before.indexOf(start))}${start}\n\n${text}\n\n${before.slice(before.indexOf(end))}`,
  );
  execFileSync('npx', ['prettier', '--write', file], { cwd: root, stdio: 'ignore' });
}

const text = render(results);
const quoted = renderQuoted(results);
console.log(`${quoted}\n\n${text}`);
if (process.argv.includes('--write')) {
  writeInto(page, text);
  writeInto(readme, quoted);
}
process.exit(0);
