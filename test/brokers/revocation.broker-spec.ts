import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { revocationStoreCases, TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { redisStore } from 'nestjs-oidc-multi-auth/redis';
import { freePort } from '../transports/free-port';
import { startBroker, type Broker } from './broker';

/** How long Redis is gone, in milliseconds. */
const OUTAGE = Number(process.env['OIDC_TEST_OUTAGE'] ?? 30_000);

class Replica {
  #last = 0;
  readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();

  private constructor(private readonly child: ChildProcess) {
    child.on('message', ({ id, answer, error }: { id: number; answer: never; error?: string }) => {
      const { resolve, reject } = this.#waiting.get(id) ?? {};
      this.#waiting.delete(id);
      if (error === undefined) {
        resolve?.(answer);
      } else {
        reject?.(new Error(error));
      }
    });
  }

  static async start(settings: object): Promise<Replica> {
    const replica = new Replica(
      fork(join(__dirname, 'revocation-replica.cjs'), {
        env: { ...process.env, REPLICA: JSON.stringify(settings) },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    await new Promise<void>((resolve, reject) => replica.#waiting.set(0, { resolve: () => resolve(), reject }));
    return replica;
  }

  ask<Answer>(command: string, rest: object = {}): Promise<Answer> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.child.send({ id, command, ...rest });
    });
  }
}

let [issuer, port, folder]: [TestIssuer | undefined, number, string] = [undefined, 0, ''];
let broker: Broker | undefined;
const replicas: Replica[] = [];

const startRedis = async (): Promise<void> => {
  const kept = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  broker = await startBroker('redis-server', ['--port', String(port), '--bind', '127.0.0.1', ...kept], port);
};
const startReplica = async (rest: object = {}): Promise<Replica> => {
  const replica = await Replica.start({ issuer: issuer?.issuer, jwks: issuer?.jwks, port, ...rest });
  replicas.push(replica);
  return replica;
};
const tokenOf = (jti: string) => issuer?.tokenFor('api', { expiresIn: 3600, claims: { jti } }) ?? Promise.resolve('');
const streamOf = async () => {
  const client = new Redis({ port, host: '127.0.0.1' });
  try {
    return (await client.xrange('{test:revocations}', '-', '+')).map(
      ([, fields]) => JSON.parse(String(fields[3])) as { value: string },
    );
  } finally {
    client.disconnect();
  }
};

beforeAll(async () => {
  issuer = await TestIssuer.start();
  port = await freePort();
  folder = mkdtempSync(join(tmpdir(), 'oidc-revocation-'));
  await startRedis();
});
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.ask('stop').catch(() => undefined)));
  const client = new Redis({ port, host: '127.0.0.1' });
  await client.flushall();
  client.disconnect();
});
afterAll(async () => {
  await broker?.stop();
  await issuer?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the revocation store in Redis', () => {
  for (const { name, run } of revocationStoreCases(async () => {
    const client = new Redis({ port, host: '127.0.0.1' });
    await new Promise((resolve) => client.once('ready', resolve));
    await client.flushall();
    return { store: redisStore({ client, prefix: 'cases:' }), close: () => client.disconnect() };
  })) {
    it(name, run, 20_000);
  }
});

it('BCL-12 revoked on one of three replicas, a token is refused on all: p99 below 100 ms', async () => {
  const [one, two, three] = [await startReplica(), await startReplica(), await startReplica()];
  const delays: number[] = [];
  for (let index = 0; index < 200; index += 1) {
    const token = await tokenOf(`t${index}`);
    expect(await Promise.all([two, three].map((replica) => replica.ask('decide', { token })))).toEqual([
      'accepted',
      'accepted',
    ]);
    const refusals = [two, three].map((replica) => replica.ask<number>('untilRefused', { token }));
    const at = await one.ask<number>('revoke', { jtis: [`t${index}`] });
    delays.push(...(await Promise.all(refusals)).map((refusedAt) => refusedAt - at));
  }
  delays.sort((a, b) => a - b);
  const p99 = delays[Math.floor(delays.length * 0.99)] ?? Infinity;
  process.stdout.write(`p50 ${delays[Math.floor(delays.length / 2)]} ms, p99 ${p99} ms, slowest ${delays.at(-1)} ms\n`);
  expect(p99).toBeLessThan(100);
}, 60_000);

it(
  'loses nothing and repeats nothing while Redis is gone, and a replica that starts late knows all',
  async () => {
    const three = [
      await startReplica(),
      await startReplica({ whenUnavailable: 'refuse', maxLag: 2 }),
      await startReplica({ whenUnavailable: 'accept', maxLag: 2 }),
    ];
    const revoked: string[] = [];
    const pending: Promise<unknown>[] = [];
    let next = 0;
    const revoke = (): void => {
      for (const replica of three) {
        const jti = `j${(next += 1)}`;
        revoked.push(jti);
        pending.push(replica.ask('revoke', { jtis: [jti] }));
      }
    };
    revoke();
    await Promise.all(pending.splice(0));
    const good = await tokenOf('good');
    const goneAt = Date.now();
    const stopped = broker?.stop();
    while (Date.now() - goneAt < OUTAGE) {
      revoke();
      await wait(100);
    }
    await stopped;
    // What was revoked here is refused here at once. For other tokens, it depends.
    expect(await three[0]?.ask('decide', { token: await tokenOf(`j${next - 2}`) })).toBe('token_revoked');
    expect(await three[1]?.ask('decide', { token: good })).toBe('state_unavailable');
    expect(await three[2]?.ask('decide', { token: good })).toBe('accepted');
    expect(await three[0]?.ask('status')).toMatchObject({ store: 'down', unavailableSince: expect.any(String) });
    await startRedis();
    await Promise.all(pending);
    await wait(1500);
    const stored = (await streamOf()).map(({ value }) => value);
    expect(stored.length).toBe(revoked.length);
    expect([...stored].sort()).toEqual([...revoked].sort());
    const late = await startReplica();
    for (const replica of [...three, late]) {
      expect(await replica.ask('status')).toMatchObject({ entries: revoked.length, pending: 0, store: 'up' });
      for (const jti of [revoked[0], revoked[Math.floor(revoked.length / 2)], revoked.at(-1)]) {
        expect(await replica.ask('decide', { token: await tokenOf(String(jti)) })).toBe('token_revoked');
      }
      expect(await replica.ask('decide', { token: good })).toBe('accepted');
    }
  },
  OUTAGE + 60_000,
);

it('starts without Redis: accepts or refuses as configured, and reads the log once it is there', async () => {
  await (await startReplica()).ask('revoke', { jtis: ['before'] });
  await broker?.stop();
  const settings = { maxLag: 1 };
  const [accepting, refusing] = [
    await startReplica(settings),
    await startReplica({ ...settings, whenUnavailable: 'refuse' }),
  ];
  const token = await tokenOf('before');
  expect(await accepting.ask('decide', { token })).toBe('accepted');
  expect(await refusing.ask('decide', { token })).toBe('state_unavailable');
  await startRedis();
  for (const replica of [accepting, refusing]) {
    await replica.ask('untilRefused', { token });
  }
}, 60_000);
