/** What a guard costs a whole application: processor time of the server for each request, throughput, and p99. */
import { Application, besideApplications } from './application.mjs';
import { summary } from './measure.mjs';
import { audienceOf } from './world.mjs';

/** What an application needs to know of the issuer. */
export const describeWorld = (world, clients) => ({
  issuer: world.issuer(),
  jwksUri: `${world.issuer()}/protocol/openid-connect/certs`,
  jwks: world.jwks,
  pem: world.publicKey('RS256').export({ type: 'spki', format: 'pem' }),
  clients,
});

const OURS = 'this library';

/** What refuses nobody. */
const OPEN = new Set(['no guard', 'no guard, 20 MB held', 'a guard that does nothing', 'found again, nothing checked']);

/** What runs: [guard, clients, adapters]. The first is what all others are compared with. */
export const SUBJECTS = [
  ['no guard', 1],
  ['a guard that does nothing', 1],
  ['found again, nothing checked', 1],
  ['no guard, 20 MB held', 1],
  ['verification only', 1],
  [OURS, 1],
  [OURS, 100],
  [OURS, 10_000],
  [`${OURS}, first sight`, 1],
  [`${OURS}, opaque tokens`, 1],
  ['AuthGuard', 1],
  ['AuthGuard', 100],
  ['express-oauth2-jwt-bearer', 1, 'express'],
  ['jose', 1],
  ['aws-jwt-verify', 1],
  ['fast-jwt', 1],
  ['fast-jwt, its cache', 1],
  ['nest-keycloak-connect', 1],
];

/** What requests carry, and how they must be answered. The client is the one in the middle. */
const scenariosOf = (world, clients, count, areOpaque) => {
  const middle = { aud: audienceOf(Math.floor(clients / 2)) };
  if (areOpaque) {
    return {
      valid: { tokens: Array.from({ length: count }, () => world.opaque(middle)), status: 200 },
      invalid: { tokens: Array.from({ length: 20 }, (_, index) => `made_up_${index}`), status: 401 },
      missing: { tokens: [undefined], status: 401 },
    };
  }
  return {
    valid: { tokens: Array.from({ length: count }, () => world.token('RS256', middle)), status: 200 },
    invalid: { tokens: Array.from({ length: 20 }, () => world.forged('RS256', middle)), status: 401 },
    missing: { tokens: [undefined], status: 401 },
  };
};

/**
 * @param adapter `express` or `fastify`.
 * @returns by scenario, rows of `{ guard, clients, cpu, throughput, p99, ratio }`; the ratio is of processor time.
 */
export const measureApplications = (world, adapter, subjects, effort) =>
  besideApplications(() => measureAll(world, adapter, subjects, effort));

async function measureAll(world, adapter, subjects, { rounds, milliseconds }) {
  const running = [];
  try {
    for (const [guard, clients, only] of subjects) {
      if (only === undefined || only === adapter) {
        const application = await Application.start({ adapter, guard, world: describeWorld(world, clients) });
        // So many at first sight that none is still remembered; otherwise few.
        const count = guard.endsWith('first sight') ? 200 : 64;
        const scenarios = scenariosOf(world, clients, count, guard.endsWith('opaque tokens'));
        running.push({ guard, clients, application, scenarios });
      }
    }
    for (const { application, scenarios } of running) {
      await application.load(scenarios.valid.tokens, { milliseconds: 3 * milliseconds });
    }
    return {
      valid: await compareScenario(running, 'valid', rounds, milliseconds),
      invalid: await compareScenario(running, 'invalid', Math.ceil(rounds / 4), milliseconds),
      missing: await compareScenario(running, 'missing', Math.ceil(rounds / 4), milliseconds),
    };
  } finally {
    running.forEach(({ application }) => application.stop());
  }
}

async function compareScenario(running, name, rounds, milliseconds) {
  const results = running.map(({ guard, clients }) => ({
    guard,
    clients,
    cpu: [],
    throughput: [],
    p99: [],
    ratio: [],
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { guard, application, scenarios }] of running.entries()) {
      const { tokens, status } = scenarios[name];
      // Whoever has waited for the others gives memory back, and takes it again first.
      await application.load(tokens, { milliseconds: Math.min(200, milliseconds) });
      const { cpu, throughput, p99, statuses } = await application.load(tokens, { milliseconds });
      const isOpen = OPEN.has(guard);
      const wanted = isOpen ? 200 : status;
      // Whoever accepts what is forged has not been set up well.
      if (statuses.size !== 1 || !statuses.has(wanted)) {
        throw new Error(`${guard}, ${name} token: answered ${[...statuses].join(', ')} instead of ${wanted}`);
      }
      const result = results[index];
      result.cpu.push(cpu);
      result.throughput.push(throughput);
      result.p99.push(p99);
      result.ratio.push(cpu / results[0].cpu[round]);
    }
  }
  return results.map(({ guard, clients, cpu, throughput, p99, ratio }) => ({
    guard,
    clients,
    cpu: summary(cpu),
    throughput: summary(throughput),
    p99: summary(p99),
    ratio: summary(ratio),
    rounds: cpu,
  }));
}
