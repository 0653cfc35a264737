import Redis from 'ioredis';
import { redisStore, type RedisClient } from 'nestjs-oidc-multi-auth/redis';
import { replayStoreTests, TestIssuer, TestProofKey } from 'nestjs-oidc-multi-auth/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'redis';
import { ORIGIN, refusal, startApi } from '../possession/support';
import type { TestApp } from '../support/test-app';
import { freePort } from '../transports/free-port';
import { startBroker, type Broker } from './broker';

/** Redis that keeps what it has over a restart, as docs/proof-of-possession.md asks for. */
function startRedis(port: number, folder: string): Promise<Broker> {
  const address = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  return startBroker(
    'redis-server',
    [...address, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
    port,
  );
}

interface Connected {
  readonly client: RedisClient;
  close(): Promise<void>;
}

const CLIENTS: readonly [string, (port: number) => Promise<Connected>][] = [
  [
    'ioredis',
    async (port) => {
      const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, lazyConnect: true });
      client.on('error', () => undefined);
      await client.connect();
      return { client, close: async () => client.disconnect() };
    },
  ],
  [
    'redis',
    async (port) => {
      const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: () => 50 } });
      client.on('error', () => undefined);
      await client.connect();
      return { client, close: async () => client.destroy() };
    },
  ],
];

describe.each(CLIENTS)('used proofs in Redis, by %s', (_name, connect) => {
  let port: number;
  let folder: string;
  let broker: Broker;
  let issuer: TestIssuer;
  let key: TestProofKey;
  let token: string;
  let connections: readonly Connected[];
  let replicas: readonly TestApp[];

  beforeAll(async () => {
    port = await freePort();
    folder = mkdtempSync(join(tmpdir(), 'redis-'));
    broker = await startRedis(port, folder);
    [issuer, key] = await Promise.all([TestIssuer.start(), TestProofKey.create()]);
    token = await issuer.tokenFor('web', { claims: { cnf: key.confirmation } });
    connections = await Promise.all([connect(port), connect(port)]);
    replicas = await Promise.all(
      connections.map(({ client }) =>
        startApi(issuer, { proofOfPossession: { origins: [ORIGIN], replayStore: redisStore({ client }) } }),
      ),
    );
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await Promise.all(connections.map((connection) => connection.close()));
    await issuer.stop();
    await broker.stop();
    rmSync(folder, { recursive: true });
  });

  const headers = () => key.headersFor(token, { url: `${ORIGIN}/mines` });
  const ask = (replica: number, with_ = headers()) => replicas[replica]?.get('/mines', with_);

  const storeOf = (replica: number) => {
    const { client } = connections[replica] ?? {};
    return redisStore({ client: client as RedisClient, prefix: 'suite:' });
  };
  it.each(replayStoreTests(() => [storeOf(0), storeOf(1)]))('R9449-24 $name', async (rule) => rule.run());

  it('R9449-24 two replicas accept a proof in one of 1,000 concurrent attempts', async () => {
    const once = headers();
    const statuses: (number | undefined)[] = [];
    await Promise.all(
      Array.from({ length: 50 }, async (_, worker) => {
        for (let attempt = 0; attempt < 20; attempt += 1) {
          const answer = await ask((worker + attempt) % 2, once);
          statuses.push(answer?.status);
        }
      }),
    );
    expect(statuses).toHaveLength(1000);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(999);
  }, 30_000);

  it('R9449-24 Redis stopped in traffic: 503, nothing is accepted twice, and recovery without a restart', async () => {
    const accepted: ReturnType<typeof headers>[] = [];
    const statuses: (number | undefined)[] = [];
    const over = new AbortController();
    const traffic = Promise.all(
      [0, 1].map(async (replica) => {
        while (!over.signal.aborted) {
          const fresh = headers();
          const answer = await ask(replica, fresh);
          statuses.push(answer?.status);
          if (answer?.status === 200) {
            accepted.push(fresh);
          } else {
            expect(answer).toEqual(refusal('state_unavailable'));
            expect(answer?.headers.get('retry-after')).toBe('5');
            expect(answer?.headers.get('www-authenticate')).toBeNull();
          }
          await wait(2);
        }
      }),
    );
    await wait(300);
    await broker.stop();
    // A command that was on its way waits for its time limit.
    await wait(1500);
    const before = statuses.length;
    // Without Redis nothing is accepted, neither new nor used.
    for (const used of accepted.slice(-5)) {
      expect(await ask(0, used)).toEqual(refusal('state_unavailable'));
    }
    expect(statuses.slice(before - 10)).not.toContain(200);
    broker = await startRedis(port, folder);
    const until = Date.now() + 10_000;
    while ((await ask(1))?.status !== 200 || (await ask(0))?.status !== 200) {
      expect(Date.now()).toBeLessThan(until);
      await wait(50);
    }
    over.abort();
    await traffic;
    for (const [index, used] of accepted.slice(-50).entries()) {
      expect(await ask(index % 2, used)).toEqual(refusal('invalid_dpop_proof'));
    }
    expect(statuses).toContain(200);
    expect(statuses).toContain(503);
  }, 30_000);

  it('gives up on a command that Redis does not answer in time', async () => {
    const [connection] = connections;
    const store = redisStore({ client: slow(connection?.client), commandTimeout: 0.05 });
    await expect(store.remember('key', 60)).rejects.toThrow('within 0.05 s');
  });
});

function slow(client: RedisClient | undefined): RedisClient {
  const answer: () => Promise<unknown> = async () => {
    await wait(200);
    return 'OK';
  };
  return client !== undefined && 'call' in client
    ? { status: 'ready', call: answer }
    : { isReady: true, sendCommand: answer };
}

it.each([
  [{ client: {} }, 'client'],
  [{ client: undefined }, 'client'],
  [{ client: { call: (): unknown => undefined }, prefix: 7 }, 'prefix'],
  [{ client: { call: (): unknown => undefined }, commandTimeout: 0 }, 'commandTimeout'],
])('refuses options that are not what they must be: %j', (options, name) => {
  expect(() => redisStore(options as never)).toThrow(name);
});
