import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Issuer, type KeyAnswer } from '../../lib/issuer/issuer';
import type { FetchPolicy } from '../../lib/issuer/key-refresh';
import { TestIssuer } from '../../lib/testing/test-issuer';
import { configurationOf } from '../support/clients';
import { ManualClock } from '../support/clock';
import { MemoryLogger } from '../support/test-app';

const POLICY: FetchPolicy = { freshFor: 600, maxStale: 3600, fetchTimeout: 0.3 };

/** The key id of a token. */
const keyIdOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

/** A server that answers each path with JSON, or with 404. */
async function serve(
  answer: (url: string) => { body: object; headers?: Record<string, string> } | undefined,
): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const found = answer(request.url ?? '');
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json', ...found?.headers });
    response.end(JSON.stringify(found?.body ?? {}));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('an issuer', () => {
  let provider: TestIssuer;
  let clock: ManualClock;
  let logger: MemoryLogger;
  let issuers: Issuer[];

  beforeEach(async () => {
    provider = await TestIssuer.start();
    clock = new ManualClock();
    logger = new MemoryLogger();
    issuers = [];
  });
  afterEach(async () => {
    issuers.forEach((issuer) => issuer.close());
    await provider.stop();
  });

  function start(client: object = {}, policy: Partial<FetchPolicy> = {}): Issuer {
    const [configuration] = configurationOf([{ name: 'a', audience: 'a', issuer: provider.issuer, ...client }]).issuers;
    if (configuration === undefined) {
      throw new Error('no issuer');
    }
    const issuer = new Issuer(configuration, { ...POLICY, ...policy }, clock, logger);
    issuers.push(issuer);
    return issuer;
  }

  const currentKeyId = async (): Promise<string> => keyIdOf(await provider.tokenFor('a'));
  const find = async (issuer: Issuer, keyId: string): Promise<KeyAnswer> =>
    issuer.findKeys({ keyId: keyId, algorithm: 'RS256' });
  const kindOf = async (issuer: Issuer, keyId: string): Promise<string> => (await find(issuer, keyId)).kind;

  it('LIB-17 ATK-4 answers concurrent cold requests by one discovery and one key set', async () => {
    const issuer = start();
    const keyId = await currentKeyId();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => kindOf(issuer, keyId)));
    expect(new Set(answers)).toEqual(new Set(['keys']));
    expect(provider.requests).toEqual({ discovery: 1, jwks: 1 });
  });

  it('answers at once, without a promise, where the key is known', async () => {
    const issuer = start();
    await issuer.warmUp();
    expect(issuer.findKeys({ keyId: await currentKeyId(), algorithm: 'RS256' })).toMatchObject({ kind: 'keys' });
  });

  it('R9068-10 sees a rotation in one fetch, and a second one right after it', async () => {
    const issuer = start();
    await issuer.warmUp();
    for (const fetches of [2, 3]) {
      await provider.rotateKeys();
      expect(await kindOf(issuer, await currentKeyId())).toBe('keys');
      expect(provider.requests.jwks).toBe(fetches);
    }
  });

  it('LIB-14 LIB-12 causes 3 fetches by a flood of unknown keys, which stay unknown while it may not ask', async () => {
    const issuer = start();
    await issuer.warmUp();
    const answers: string[] = [];
    for (let index = 0; index < 200; index += 1) {
      answers.push(await kindOf(issuer, `random-${index}`));
    }
    expect(new Set(answers)).toEqual(new Set(['unknown']));
    expect(provider.requests.jwks).toBe(3);
    clock.advance(60);
    for (let index = 0; index < 200; index += 1) {
      await find(issuer, `more-${index}`);
    }
    expect(provider.requests.jwks).toBe(6);
  });

  it('accepts a key published in a flood within 10 seconds and one fetch', async () => {
    const issuer = start();
    await issuer.warmUp();
    for (let index = 0; index < 10; index += 1) {
      await find(issuer, `random-${index}`);
    }
    await provider.rotateKeys();
    const keyId = await currentKeyId();
    expect(await kindOf(issuer, keyId)).toBe('unknown');
    clock.advance(10);
    expect(await kindOf(issuer, keyId)).toBe('keys');
  });

  it('asks once more where the answer it waited for was under way before the key was published', async () => {
    const issuer = start();
    await issuer.warmUp();
    const first = find(issuer, 'random');
    await provider.rotateKeys();
    const keyId = await currentKeyId();
    expect([(await first).kind, await kindOf(issuer, keyId)]).toEqual(['unknown', 'keys']);
  });

  it.each(['error', 'garbage', 'hang'] as const)(
    'LIB-12 says keys are unavailable, and for how long, when it never had any: %s',
    async (outage) => {
      await provider.fail(outage);
      const issuer = start();
      expect(await find(issuer, 'any')).toEqual({ kind: 'unavailable', retryAfter: expect.any(Number) });
      await find(issuer, 'any');
      await find(issuer, 'any');
      expect(issuer.findKeys({ keyId: 'any', algorithm: 'RS256' })).toEqual({ kind: 'unavailable', retryAfter: 10 });
      clock.advance(6.5);
      expect(issuer.findKeys({ keyId: 'any', algorithm: 'RS256' })).toEqual({ kind: 'unavailable', retryAfter: 4 });
    },
  );

  it('LIB-14 asks a failing provider no more often than a good one', async () => {
    await provider.fail('error');
    const issuer = start();
    for (let index = 0; index < 100; index += 1) {
      await find(issuer, `random-${index}`);
    }
    expect(provider.requests.discovery).toBe(3);
  });

  it.each(['error', 'garbage', 'hang'] as const)(
    'LIB-13 LIB-15 goes on with the last good keys in an outage until they are stale: %s',
    async (outage) => {
      const issuer = start();
      await issuer.warmUp();
      const keyId = await currentKeyId();
      await provider.fail(outage);
      expect(await kindOf(issuer, 'unknown')).toBe('unavailable');
      expect(issuer.findKeys({ keyId: keyId, algorithm: 'RS256' })).toMatchObject({ kind: 'keys' });
      clock.advance(3600);
      expect(issuer.findKeys({ keyId: keyId, algorithm: 'RS256' })).toMatchObject({ kind: 'keys' });
      clock.advance(1);
      expect(await kindOf(issuer, keyId)).toBe('unavailable');
      await provider.fail(undefined);
      clock.advance(10);
      expect(await kindOf(issuer, keyId)).toBe('keys');
    },
  );

  it('LIB-18 recovers by itself when a provider that was down at start comes up', async () => {
    await provider.fail('error');
    const issuer = start();
    await issuer.warmUp();
    await provider.fail(undefined);
    // No request asks: the back-off's timer does, after a second.
    const keyId = await currentKeyId();
    for (let waited = 0; provider.requests.jwks === 0 && waited < 3000; waited += 50) {
      await delay(50);
    }
    await delay(50);
    expect(issuer.findKeys({ keyId: keyId, algorithm: 'RS256' })).toMatchObject({ kind: 'keys' });
  });

  it('LIB-16 LIB-30 ATK-4 refreshes in the background when keys are no longer fresh, and a removed key is gone', async () => {
    const issuer = start({}, { freshFor: 0.2 });
    const keyId = await currentKeyId();
    const successor = await TestIssuer.start();
    await issuer.warmUp();
    // At once: a key takes long to make where the machine is busy, and the clock that permits fetches stands still.
    Object.defineProperty(provider, 'jwks', { value: successor.jwks });
    expect(issuer.findKeys({ keyId: keyId, algorithm: 'RS256' })).toMatchObject({ kind: 'keys' });
    // Nobody asks for what would cause a fetch: the timer does.
    for (
      let waited = 0;
      !(issuer.findKeys({ keyId: keyId, algorithm: 'RS256' }) instanceof Promise) && waited < 3000;
      waited += 50
    ) {
      await delay(50);
    }
    expect(provider.requests.jwks).toBeGreaterThan(1);
    expect(await kindOf(issuer, keyId)).toBe('unknown');
    await successor.stop();
  }, 20_000);

  it('is not refreshed when nobody used it, and its keys count as cold', async () => {
    const issuer = start({}, { freshFor: 0.1 });
    await issuer.warmUp();
    clock.advance(3601);
    await delay(250);
    expect(provider.requests.jwks).toBe(1);
    // Being unused is not being unwell.
    expect(issuer.health).toEqual({ isHealthy: true, keyCount: 0 });
    expect(await kindOf(issuer, await currentKeyId())).toBe('keys');
    expect(provider.requests.jwks).toBe(2);
  });

  it('LIB-15 ATK-4 keeps good keys when the set becomes empty or unusable', async () => {
    const issuer = start();
    await issuer.warmUp();
    const keyId = await currentKeyId();
    Object.defineProperty(provider, 'jwks', { value: { keys: [null, { kty: 'oct', k: 'AQAB' }] } });
    expect(await kindOf(issuer, 'other')).toBe('unavailable');
    expect(issuer.findKeys({ keyId: keyId, algorithm: 'RS256' })).toMatchObject({ kind: 'keys' });
    expect(logger.warnings).toEqual([expect.stringContaining('no key that may verify signatures')]);
  });

  it('LIB-28 takes no set of more than 100 keys', async () => {
    const issuer = start();
    await issuer.warmUp();
    const keyId = await currentKeyId();
    const [jwk] = provider.jwks.keys;
    const many = Array.from({ length: 101 }, (_, index) => ({ ...jwk, kid: `many-${index}` }));
    Object.defineProperty(provider, 'jwks', { value: { keys: many } });
    expect(await kindOf(issuer, 'many-1')).toBe('unavailable');
    expect(issuer.findKeys({ keyId: keyId, algorithm: 'RS256' })).toMatchObject({ kind: 'keys' });
    expect(logger.warnings).toEqual([expect.stringContaining('answered with 101 keys, more than 100')]);
  });

  it('warns once of an outage, whatever asks, and says when it is over', async () => {
    await provider.fail('error');
    const issuer = start();
    for (let index = 0; index < 5; index += 1) {
      await find(issuer, `random-${index}`);
    }
    expect(logger.lines).toEqual([
      expect.stringMatching(/^warn keys of issuer .* cannot be fetched: .* answered 500;/),
    ]);
    await provider.fail(undefined);
    clock.advance(10);
    await find(issuer, 'random');
    expect(logger.lines.at(-1)).toMatch(/^log keys of issuer .* loaded: 1$/);
  });

  it('R8414-01 ATK-4 uses no document that names another issuer', async () => {
    const issuer = start({ issuer: 'https://public.example/realm', discoveryUrl: provider.discoveryUrl });
    expect(await kindOf(issuer, await currentKeyId())).toBe('unavailable');
    expect(provider.requests).toEqual({ discovery: 1, jwks: 0 });
    expect(logger.warnings[0]).toContain(`says its issuer is "${provider.issuer}", not "https://public.example/realm"`);
  });

  it('takes a document that names itself otherwise where that was said', async () => {
    const issuer = start({
      issuer: 'https://public.example/realm',
      discoveryUrl: provider.discoveryUrl,
      discoveryIssuer: provider.issuer,
    });
    expect(await kindOf(issuer, await currentKeyId())).toBe('keys');
    expect(issuer.identifier).toBe('https://public.example/realm');
  });

  it('sees another key under the same id in one fetch', async () => {
    const issuer = start();
    await issuer.warmUp();
    const keyId = await currentKeyId();
    const known = await find(issuer, keyId);
    const tried = known.kind === 'keys' ? known.keys : [];
    const other = await TestIssuer.start();
    const [jwk] = other.jwks.keys;
    Object.defineProperty(provider, 'jwks', { value: { keys: [{ ...jwk, kid: keyId }] } });
    expect(await issuer.findReplacement({ keyId: keyId, algorithm: 'RS256' }, tried)).toHaveLength(1);
    expect(provider.requests.jwks).toBe(2);
    // The last permit is for unknown keys; later there is one again, and nothing new.
    expect(issuer.findReplacement({ keyId: keyId, algorithm: 'RS256' }, tried)).toBeUndefined();
    clock.advance(10);
    const found = await find(issuer, keyId);
    expect(
      await issuer.findReplacement({ keyId: keyId, algorithm: 'RS256' }, found.kind === 'keys' ? found.keys : []),
    ).toBeUndefined();
    expect(provider.requests.jwks).toBe(3);
    await other.stop();
  });

  it.each([
    ['max-age=120', 120],
    ['max-age=59', 600],
    ['max-age=3600', 600],
    ['no-cache', 600],
  ])('is refreshed as %s asks, between 1 and 10 minutes', async (cacheControl, seconds) => {
    const server = await serve((url) =>
      url === '/jwks' ? { body: provider.jwks, headers: { 'cache-control': cacheControl } } : undefined,
    );
    const issuer = start({ issuer: 'https://a.example', jwksUri: `${server.url}/jwks` });
    await issuer.warmUp();
    expect(issuer.health.nextRefresh).toBeGreaterThanOrEqual(seconds);
    expect(issuer.health.nextRefresh).toBeLessThanOrEqual(seconds * 1.1 + 1);
    server.close();
  });

  describe('R8414-02 looks for its document', () => {
    it.each([
      '/realms/a/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/realms/a',
      '/realms/a/.well-known/oauth-authorization-server',
    ])('at %s, where it is nowhere before', async (path) => {
      const asked: string[] = [];
      const server = await serve((url) => {
        asked.push(url);
        const issuer = `${server.url}/realms/a`;
        return url === path
          ? { body: { issuer, jwks_uri: `${server.url}/jwks` } }
          : url === '/jwks'
            ? { body: provider.jwks }
            : undefined;
      });
      const issuer = start({ issuer: `${server.url}/realms/a` });
      expect(await kindOf(issuer, await currentKeyId())).toBe('keys');
      expect(asked.at(-2)).toBe(path);
      server.close();
    });

    it('and nowhere else where one URL answers wrongly, or was given', async () => {
      const asked: string[] = [];
      const server = await serve((url) => {
        asked.push(url);
        return { body: { issuer: 'https://other.example', jwks_uri: `${server.url}/jwks` } };
      });
      await start({ issuer: server.url }).warmUp();
      await start({ issuer: server.url, discoveryUrl: `${server.url}/here` }).warmUp();
      expect(asked).toEqual(['/.well-known/openid-configuration', '/here']);
      server.close();
    });
  });

  it('asks for its key set at the origin it was told', async () => {
    const server = await serve((url) =>
      url === '/d'
        ? { body: { issuer: 'https://public.example', jwks_uri: 'https://public.example/certs?x=1' } }
        : url === '/certs?x=1'
          ? { body: provider.jwks }
          : undefined,
    );
    const issuer = start({
      issuer: 'https://public.example',
      discoveryUrl: `${server.url}/d`,
      jwksUriOrigin: server.url,
    });
    expect(await kindOf(issuer, await currentKeyId())).toBe('keys');
    server.close();
  });

  it('stays at that origin, whatever path the document names', async () => {
    const asked: string[] = [];
    const server = await serve((url) => {
      asked.push(url);
      return url === '/d'
        ? { body: { issuer: 'https://public.example', jwks_uri: 'https://public.example//127.0.0.2:9/certs' } }
        : undefined;
    });
    await start({
      issuer: 'https://public.example',
      discoveryUrl: `${server.url}/d`,
      jwksUriOrigin: server.url,
    }).warmUp();
    expect(asked).toEqual(['/d', '//127.0.0.2:9/certs']);
    server.close();
  });

  it('LIB-13 finds its key set where it was while the document cannot be had', async () => {
    let isThere = true;
    const server = await serve((url) =>
      url === '/certs'
        ? { body: provider.jwks }
        : isThere
          ? { body: { issuer: server.url, jwks_uri: `${server.url}/certs` } }
          : undefined,
    );
    const issuer = start({ issuer: server.url });
    await issuer.warmUp();
    isThere = false;
    clock.advance(601);
    await provider.rotateKeys();
    expect(await kindOf(issuer, await currentKeyId())).toBe('keys');
    server.close();
  });

  it('R8414-01 does not go on with a document that has become that of another issuer', async () => {
    let named = '';
    const server = await serve((url) =>
      url === '/certs' ? { body: provider.jwks } : { body: { issuer: named, jwks_uri: `${server.url}/certs` } },
    );
    named = server.url;
    const issuer = start({ issuer: server.url });
    await issuer.warmUp();
    named = 'https://other.example';
    clock.advance(601);
    await provider.rotateKeys();
    expect(await kindOf(issuer, await currentKeyId())).toBe('unavailable');
    server.close();
  });

  it('fetches through the dispatcher it was given', async () => {
    const dispatched: string[] = [];
    const dispatcher = {
      dispatch: (options: { origin: string; path: string }) => {
        dispatched.push(options.origin + options.path);
        throw new Error('no way through');
      },
    };
    const issuer = start({}, { dispatcher });
    await issuer.warmUp();
    expect(dispatched).toEqual([provider.discoveryUrl]);
    expect(logger.warnings).toEqual([expect.stringContaining('failed:')]);
  });

  it('says how it stands, without asking anybody', async () => {
    const issuer = start();
    expect(issuer.health).toEqual({ isHealthy: false, keyCount: 0 });
    await issuer.warmUp();
    clock.advance(60);
    expect(issuer.health).toMatchObject({ isHealthy: true, keyAge: 60, keyCount: 1 });
    await provider.fail('error');
    await find(issuer, 'other');
    const { requests } = provider;
    expect(issuer.health).toMatchObject({ isHealthy: true, lastError: expect.stringContaining('answered 500') });
    clock.advance(3600);
    expect(issuer.health).toMatchObject({ isHealthy: false });
    expect(provider.requests).toEqual(requests);
  });

  it('has static keys for good', async () => {
    const issuer = start({ jwks: provider.jwks });
    clock.advance(1_000_000);
    expect(issuer.findKeys({ keyId: await currentKeyId(), algorithm: 'RS256' })).toMatchObject({ kind: 'keys' });
    expect(issuer.health).toMatchObject({ isHealthy: true });
  });

  it('needs no discovery where it knows the URL of the key set, and no network where it has the keys', async () => {
    const keyId = await currentKeyId();
    expect(await kindOf(start({ jwksUri: provider.jwksUri }), keyId)).toBe('keys');
    const inline = start({ jwks: provider.jwks });
    expect(inline.findKeys({ keyId: keyId, algorithm: 'RS256' })).toMatchObject({ kind: 'keys' });
    expect(inline.findKeys({ keyId: 'other', algorithm: 'RS256' })).toEqual({ kind: 'unknown' });
    expect(provider.requests).toEqual({ discovery: 0, jwks: 1 });
  });

  describe('that is known by its discovery URL alone', () => {
    const discovered = () => start({ issuer: undefined, discoveryUrl: provider.discoveryUrl });

    it('is what the document says', async () => {
      const issuer = discovered();
      expect(issuer.identifier).toBeUndefined();
      expect(await issuer.awaitIdentifier()).toBeUndefined();
      expect(issuer.identifier).toBe(provider.issuer);
    });

    it('may be the form with a final slash', async () => {
      Object.defineProperty(provider, 'issuer', { value: `${provider.issuer}/` });
      const [configuration] = configurationOf([
        { name: 'a', audience: 'a', discoveryUrl: provider.issuer.slice(0, -1) + '/.well-known/openid-configuration' },
      ]).issuers;
      const issuer = new Issuer(configuration as never, POLICY, clock, logger);
      issuers.push(issuer);
      await issuer.awaitIdentifier();
      expect(issuer.identifier).toBe(provider.issuer);
    });

    it('is unavailable as long as the document is', async () => {
      await provider.fail('hang');
      const issuer = discovered();
      const started = performance.now();
      expect(await issuer.awaitIdentifier()).toMatchObject({ kind: 'unavailable' });
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(issuer.identifier).toBeUndefined();
    });
  });

  it('LIB-16 goes on trying after failures, also where requests used the permits up', async () => {
    const issuer = start({}, { freshFor: 0.05 });
    await issuer.warmUp();
    const keyId = await currentKeyId();
    await provider.fail('error');
    await find(issuer, 'unknown-1');
    await find(issuer, 'unknown-2');
    // No permit is left when the timer fires: it must be set again, for when there is one.
    await delay(300);
    await provider.fail(undefined);
    await provider.rotateKeys({ removeOld: true });
    clock.advance(3500);
    for (let waited = 0; (await kindOf(issuer, keyId)) === 'keys' && waited < 12_000; waited += 100) {
      await delay(100);
    }
    expect(await kindOf(issuer, keyId)).toBe('unknown');
  }, 20_000);

  it('LIB-28 ATK-4 takes one timeout for the document and the key set together', async () => {
    let slowUrl = '';
    const slow = createServer((_request, response) => {
      setTimeout(() => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ issuer: slowUrl, jwks_uri: `${slowUrl}/jwks`, keys: [] }));
      }, 200);
    });
    await new Promise<void>((resolve) => {
      slow.listen(0, '127.0.0.1', resolve);
    });
    slowUrl = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    const issuer = start({ issuer: slowUrl });
    await issuer.warmUp();
    expect(logger.warnings).toEqual([expect.stringContaining('/jwks did not answer within 300 ms')]);
    slow.closeAllConnections();
    slow.close();
  });

  it('ATK-7 is not harmed by a logger that fails', async () => {
    const [configuration] = configurationOf([{ name: 'a', audience: 'a', issuer: provider.issuer }]).issuers;
    const fail = (): never => {
      throw new Error('the log is full');
    };
    const issuer = new Issuer(configuration as never, POLICY, clock, { log: fail, warn: fail, error: fail });
    issuers.push(issuer);
    expect(await kindOf(issuer, await currentKeyId())).toBe('keys');
    await provider.fail('error');
    expect(await kindOf(issuer, 'other')).toBe('unavailable');
  });

  it('leaves no timer and no fetch when it is closed', async () => {
    const issuer = start({}, { freshFor: 0.05, fetchTimeout: 60 });
    await issuer.warmUp();
    await provider.fail('hang');
    const waiting = find(issuer, 'unknown');
    issuer.close();
    expect((await waiting).kind).toBe('unavailable');
    const { jwks } = provider.requests;
    await delay(200);
    expect(provider.requests.jwks).toBe(jwks);
    expect(await kindOf(issuer, 'unknown')).toBe('unavailable');
  });
});
