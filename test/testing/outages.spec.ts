import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import type { TestIssuerOutage } from 'nestjs-oidc-multi-auth/testing';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { useFreshTestIssuer } from '../support/life-cycle';
import { ADAPTERS, startApp } from '../support/test-app';
import { MinesController } from './mines-app';

const issuer = useFreshTestIssuer();

/**
 * The status of a document and whether it is right, or the name of what there is instead.
 *
 * @param patience how long an answer is waited for, in milliseconds.
 */
async function ask(url = issuer.discoveryUrl, patience = 5000): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patience) });
    const text = await response.text();
    return `${response.status}${text.includes(issuer.issuer) || text.includes('"keys"') ? ' right' : ''}`;
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: { code: string } };
    return cause?.code ?? name;
  }
}
const NO_ANSWER = 'TimeoutError';
const REFUSED = 'ECONNREFUSED';
const slowly = { delay: 10_000 };

it('answers as long as it does not fail', async () => {
  expect([await ask(), await ask(issuer.jwksUri)]).toEqual(['200 right', '200 right']);
  expect(await ask(`${issuer.issuer}/other`)).toBe('404');
});

describe.each([
  ['down', REFUSED],
  ['hang', NO_ANSWER],
  ['error', '500'],
  ['garbage', '200'],
  ['slow', NO_ANSWER],
] as const)('%s', (outage, answer) => {
  const patience = answer === NO_ANSWER ? 150 : undefined;

  it('fails in this way, with both documents, until it is told to stop', async () => {
    await issuer.fail(outage, slowly);
    expect([await ask(issuer.discoveryUrl, patience), await ask(issuer.jwksUri, patience)]).toEqual([answer, answer]);
    await issuer.fail(undefined);
    expect(await ask()).toBe('200 right');
  });

  it('goes over into any other outage', async () => {
    for (const other of ['error', 'down', 'slow'] as const) {
      await issuer.fail(other);
      await issuer.fail(outage, slowly);
      expect(await ask(issuer.discoveryUrl, patience)).toBe(answer);
    }
  });

  it.each(ADAPTERS)(
    'means 503 for an application on %s that has no keys yet, and no longer than it lasts',
    async (adapter) => {
      await issuer.fail(outage, slowly);
      const client = { name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer };
      const app = await startApp({
        adapter,
        imports: [OidcMultiAuthModule.forRoot({ clients: [client], globalGuards: true, fetchTimeout: 0.3 })],
        controllers: [MinesController],
      });
      const token = await issuer.tokenFor('bcmi');
      const refused = await app.get('/me', token);
      expect([refused.status, refused.body.code]).toEqual([503, 'keys_unavailable']);
      await issuer.fail(undefined);
      expect((await app.get('/me', token)).status).toBe(200);
      await app.close();
    },
  );
});

it.each(['hang', 'error', 'garbage', 'slow'] as const)('need not be awaited to be: %s', async (outage) => {
  void issuer.fail(outage, slowly);
  expect(await ask(issuer.discoveryUrl, 150)).not.toBe('200 right');
  void issuer.fail(undefined);
  expect(await ask()).toBe('200 right');
});

describe('slow', () => {
  const timed = async (): Promise<number> => {
    const began = performance.now();
    const response = await fetch(issuer.discoveryUrl);
    expect(await response.json()).toMatchObject({ issuer: issuer.issuer });
    return performance.now() - began;
  };

  it('answers correctly, a second late', async () => {
    await issuer.fail('slow');
    expect(await timed()).toBeGreaterThan(990);
  });

  it('is as late as it is told to be', async () => {
    await issuer.fail('slow', { delay: 200 });
    expect(await timed()).toBeGreaterThan(190);
    expect(await timed()).toBeLessThan(950);
  });
});

describe('down', () => {
  it('ends requests that wait for an answer', async () => {
    await issuer.fail('hang');
    const waiting = fetch(issuer.discoveryUrl);
    const ended = expect(waiting).rejects.toThrow('fetch failed');
    while (issuer.requests.discovery === 0) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
    await issuer.fail('down');
    await ended;
  });

  it('lets nothing be asked', async () => {
    await issuer.fail('down');
    await ask();
    expect(issuer.requests).toEqual({ discovery: 0, jwks: 0 });
  });

  it('ends in what was asked for last, also when nobody waits in between', async () => {
    void issuer.fail('down');
    void issuer.fail(undefined);
    void issuer.fail('down');
    await issuer.fail(undefined);
    expect(await ask()).toBe('200 right');
    void issuer.fail(undefined);
    await issuer.fail('down');
    expect(await ask()).toBe(REFUSED);
  });

  it('ends on the same port, after one that borrowed it has left', async () => {
    await issuer.fail('down');
    const borrower = createServer().listen(Number(new URL(issuer.issuer).port), '127.0.0.1');
    await once(borrower, 'listening');
    const back = issuer.fail(undefined);
    setTimeout(() => borrower.close(), 100);
    await back;
    expect(await ask()).toBe('200 right');
  });

  it('says so if another process keeps the port, and ends when that is over', async () => {
    await issuer.fail('down');
    const holder = createServer().listen(Number(new URL(issuer.issuer).port), '127.0.0.1');
    await once(holder, 'listening');
    await expect(issuer.fail(undefined)).rejects.toThrow('EADDRINUSE');
    holder.close();
    await once(holder, 'close');
    await issuer.fail(undefined);
    expect(await ask()).toBe('200 right');
  });
});

describe('stop', () => {
  it.each([undefined, 'down', 'hang', 'slow'] satisfies (TestIssuerOutage | undefined)[])(
    'is for good, whatever the outage: %s',
    async (outage) => {
      await issuer.fail(outage);
      await issuer.stop();
      await issuer.stop();
      await issuer.fail(undefined);
      expect(await ask()).toBe(REFUSED);
    },
  );
});
