import { ChaosProvider } from './provider.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { SUBJECTS } from './subjects.mjs';

const OURS = 'nestjs-oidc-multi-auth';
/** Longer than this is a network's doing, or a lock's: the event loop of a loaded machine needs some of it. */
const NO_NETWORK = 1000;

/** Whoever has no answer after so many milliseconds has none: some wait forever for a provider that drips. */
const PATIENCE = 8000;

/** A subject that is not waited for longer than that. */
function patient(subject) {
  return {
    close: () => subject.close(),
    verify(token) {
      let timer;
      const late = new Promise((resolve) => {
        timer = setTimeout(() => resolve({ ok: false, told: `no answer in ${PATIENCE / 1000} s` }), PATIENCE);
      });
      return Promise.race([subject.verify(token).finally(() => clearTimeout(timer)), late]);
    },
  };
}

/** One subject in one scenario, against providers of its own. */
async function runOne(name, scenario, certificate) {
  const providers = await Promise.all([ChaosProvider.start(certificate), ChaosProvider.start(certificate)]);
  const began = performance.now();
  const result = await scenario({ providers, create: async () => patient(await SUBJECTS[name](providers)) });
  const seconds = (performance.now() - began) / 1000;
  await result.subject.close();
  providers.forEach((provider) => provider.stop());
  const most = (count) => Math.max(...providers.map((provider) => provider[count]));
  return { ...result, fetches: most('fetches'), discoveries: most('discoveries'), seconds };
}

/** What this library promises and did not keep. */
function broken(scenario, result) {
  const faults = [];
  const { refused, fetches, discoveries, seconds, longest, told, note, acceptedAfter } = result;
  if (refused > 0) {
    faults.push(`${refused} good tokens refused`);
  }
  if (Math.max(fetches, discoveries) > 3 + Math.ceil(seconds / 10)) {
    faults.push(`${fetches} key sets and ${discoveries} documents fetched in ${seconds.toFixed(1)} s`);
  }
  if (longest > NO_NETWORK) {
    faults.push(`a known key waited ${Math.round(longest)} ms`);
  }
  if (acceptedAfter > 11 || note?.includes('never')) {
    faults.push(note);
  }
  if (note === 'removed key still accepted') {
    faults.push(note);
  }
  const isOutage = /^(?:outage|never up|down at boot|two issuers)/.test(scenario);
  if (isOutage && (told.length !== 1 || told[0] !== '503, Retry-After given')) {
    faults.push(`told ${told.join(', ')}`);
  }
  return faults;
}

export async function main(certificate) {
  const rows = [];
  const faults = [];
  process.on('unhandledRejection', (error) => {
    // In an application it would end the process. The others' are theirs.
    if (String(error?.stack).includes('/dist/')) {
      faults.push(`unhandled rejection: ${String(error)}`);
    }
  });
  for (const [scenario, run] of Object.entries(SCENARIOS)) {
    const results = await Promise.all(Object.keys(SUBJECTS).map((name) => runOne(name, run, certificate)));
    for (const [index, name] of Object.keys(SUBJECTS).entries()) {
      const result = results[index];
      if (name === OURS) {
        faults.push(...broken(scenario, result).map((fault) => `${scenario}: ${fault}`));
      }
      rows.push([
        index === 0 ? scenario : '',
        name,
        `${result.fetches} + ${result.discoveries}`,
        result.refused === undefined ? '-' : `${result.refused} of ${result.sent}`,
        result.longest === undefined ? '-' : `${Math.round(result.longest)} ms`,
        result.told.join('; ') || '-',
        result.note ?? '',
      ]);
    }
    printRows(rows.splice(0));
  }
  console.log(faults.length === 0 ? '\nEvery promise was kept.' : `\nBroken promises:\n${faults.join('\n')}`);
  process.exit(faults.length === 0 ? 0 : 1);
}

let isFirst = true;
function printRows(rows) {
  const head = [
    'scenario',
    'library',
    'fetches: key set + document',
    'good tokens refused',
    'longest wait, known key',
    'told without keys',
    'note',
  ];
  const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
  if (isFirst) {
    line(head);
    line(head.map(() => '---'));
    isFirst = false;
  }
  rows.forEach(line);
}
