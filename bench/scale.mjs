/** What thousands of clients and issuers take: to start, in memory, and of the network. A process of its own. */
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SILENT } from './verifiers.mjs';
import { audienceOf, World } from './world.mjs';

const { OidcRuntime } = createRequire(import.meta.url)('../dist/nest/oidc-runtime.js');
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const heap = () => {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

const clientsOf = (count, issuerOf) =>
  Array.from({ length: count }, (_, index) => ({
    name: `client-${index}`,
    audience: audienceOf(index),
    issuer: issuerOf(index),
    preset: 'gold-sso',
  }));

const create = (clients) => new OidcRuntime({ clients }, SILENT);

/** Milliseconds of processor time that it takes to set up so many clients, the least of some. */
function timeToStart(clients, rounds) {
  const times = Array.from({ length: rounds }, () => {
    const began = process.cpuUsage();
    create(clients);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** Bytes of heap for each client, strategy and options apart. */
function heapPerClient(clients) {
  const before = heap();
  const runtime = create(clients);
  const bytes = heap() - before;
  return { runtime, bytes: bytes / clients.length };
}

async function fetchesOf(clients, world) {
  const before = { ...world.fetches };
  const runtime = create(clients);
  await runtime.issuers.warmUp();
  runtime.issuers.close();
  return { keys: world.fetches.keys - before.keys, discovery: world.fetches.discovery - before.discovery };
}

export async function measureScale({ issuers, rounds }) {
  const world = await World.start();
  const one = () => world.issuer();
  const each = (index) => world.issuer(index);
  const [small, large] = [1_000, 10_000].map((count) => clientsOf(count, one));
  const many = clientsOf(issuers, each);
  // Compiled.
  timeToStart(large, 2);
  const result = {
    issuers,
    thousand: timeToStart(small, 3 * rounds),
    tenThousand: timeToStart(large, rounds),
    manyIssuers: timeToStart(many, rounds),
    bytesPerClient: heapPerClient(large).bytes,
    bytesPerClientAndIssuer: heapPerClient(many).bytes,
    fetches: { one: await fetchesOf(large, world), many: await fetchesOf(many, world) },
  };
  world.stop();
  return result;
}

process.send(await measureScale(JSON.parse(process.env.BENCH_SCALE)));
process.disconnect();
