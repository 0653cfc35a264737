import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import {
  OidcAuthService,
  OidcHealthIndicator,
  OidcMultiAuthModule,
  type OidcMultiAuthOptions,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { createPublicKey } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { useApps, useFreshTestIssuer } from '../support/life-cycle';
import { MemoryLogger } from '../support/test-app';

const startApp = useApps();

const issuer = useFreshTestIssuer();

async function start(options: OidcMultiAuthOptions, logger = new MemoryLogger()) {
  const app = await startApp({ imports: [OidcMultiAuthModule.forRoot(options)], logger });
  return { auth: app.app.get(OidcAuthService), health: app.app.get(OidcHealthIndicator) };
}

const client = () => ({ name: 'a', audience: 'a', issuer: issuer.issuer });

describe('another key under the same id', () => {
  it('is seen at once, and a token that nobody signed stays one', async () => {
    const { auth } = await start({ clients: [client()] });
    await auth.verify(await issuer.tokenFor('a'));
    await issuer.replaceKeys();
    expect(await auth.decide(await issuer.tokenFor('a'))).toMatchObject({ accepted: true });
    const forged = (await issuer.tokenFor('a')).replace(/\.[^.]*$/, `.${'A'.repeat(342)}`);
    expect(await auth.decide(forged)).toMatchObject({ code: 'invalid_signature' });
  });

  it('LIB-14 is looked for within the budget, whatever forgers send', async () => {
    const { auth } = await start({ clients: [client()] });
    await auth.verify(await issuer.tokenFor('a'));
    const forged = (await issuer.tokenFor('a')).replace(/\.[^.]*$/, `.${'A'.repeat(342)}`);
    for (let index = 0; index < 50; index += 1) {
      expect(await auth.decide(forged)).toMatchObject({ code: 'invalid_signature' });
    }
    expect(issuer.requests.jwks).toBe(2);
    // And one permit is left, for a rotation.
    await issuer.rotateKeys();
    expect(await auth.decide(await issuer.tokenFor('a'))).toMatchObject({ accepted: true });
  });
});

describe('several public keys in one PEM text', () => {
  it('are all taken', async () => {
    const pemOf = () => {
      const [jwk] = issuer.jwks.keys.slice(-1);
      return String(createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
    };
    const [first, old] = [pemOf(), await issuer.tokenFor('a')];
    await issuer.rotateKeys();
    const { auth } = await start({ clients: [{ ...client(), publicKey: first + pemOf() }] });
    expect(await auth.decide(old)).toMatchObject({ accepted: true });
    expect(await auth.decide(await issuer.tokenFor('a'))).toMatchObject({ accepted: true });
  });
});

describe('a public key given as PEM', () => {
  it('verifies tokens with any key id, without network', async () => {
    const [jwk] = issuer.jwks.keys;
    const publicKey = String(
      createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
    );
    const { auth } = await start({ clients: [{ ...client(), publicKey }] });
    expect(await auth.decide(await issuer.tokenFor('a'))).toMatchObject({ accepted: true });
    await issuer.rotateKeys();
    expect(await auth.decide(await issuer.tokenFor('a'))).toMatchObject({ code: 'invalid_signature' });
    expect(issuer.requests).toEqual({ discovery: 0, jwks: 0 });
  });
});

describe('health', () => {
  it('is up with keys, and says how old they are', async () => {
    const { auth, health } = await start({ clients: [client()] });
    await auth.verify(await issuer.tokenFor('a'));
    expect(health.isHealthy()).toEqual({
      oidc: {
        status: 'up',
        clients: {
          a: { status: 'up', need: 'required', issuer: issuer.issuer, keyAge: 0, nextRefresh: expect.any(Number) },
        },
      },
    });
  });

  it('is down without the keys of a required client, and asks nobody to know', async () => {
    await issuer.fail('error');
    const optional = { ...client(), name: 'b', audience: 'b', required: false };
    const { auth, health } = await start({ clients: [client(), optional] });
    await auth.decide(await issuer.tokenFor('a'));
    const requests = { ...issuer.requests };
    const { auth: result } = health.isHealthy('auth');
    expect(result?.status).toBe('down');
    expect(result?.clients).toMatchObject({
      a: { status: 'down', need: 'required', lastError: expect.stringContaining('answered 500') },
      b: { status: 'down', need: 'optional' },
    });
    expect(issuer.requests).toEqual(requests);
  });

  it('is up without the keys of an optional client', async () => {
    await issuer.fail('error');
    const { auth, health } = await start({ clients: [{ ...client(), required: false }] });
    await auth.decide(await issuer.tokenFor('a'));
    expect(health.isHealthy()).toMatchObject({ oidc: { status: 'up', clients: { a: { status: 'down' } } } });
  });

  it('is up with a shared secret or static keys, which are there', async () => {
    const secret = 'a shared secret of at least 32 octets';
    const { health } = await start({
      clients: [
        { name: 'hs', audience: 'hs', issuer: 'https://hs.example', secret },
        { ...client(), jwks: issuer.jwks },
      ],
    });
    expect(health.clients()).toEqual({
      hs: { status: 'up', need: 'required', issuer: 'https://hs.example' },
      a: { status: 'up', need: 'required', issuer: issuer.issuer },
    });
  });
});

describe('strictStart', () => {
  it('fails where the keys of a required client cannot be had, and leaves nothing behind', async () => {
    await issuer.fail('error');
    await expect(start({ clients: [client()], strictStart: true })).rejects.toThrow(
      /the keys of required clients cannot be had:\n {2}- client "a": .* answered 500/,
    );
    const { discovery } = issuer.requests;
    await delay(1500);
    expect(issuer.requests.discovery).toBe(discovery);
  });

  it('does not wait for the keys of optional clients', async () => {
    const hanging = await TestIssuer.start();
    await hanging.fail('hang');
    const began = performance.now();
    const optional = { name: 'b', audience: 'b', issuer: hanging.issuer, required: false };
    await start({ clients: [client(), optional], strictStart: true });
    expect(performance.now() - began).toBeLessThan(2500);
    await hanging.stop();
  });

  it('starts where they can, or where the client is optional or retired', async () => {
    await start({ clients: [client()], strictStart: true });
    expect(issuer.requests.jwks).toBe(1);
    await issuer.fail('error');
    await start({ clients: [{ ...client(), required: false }], strictStart: true });
    const deprecated = { since: '2020-01-01', sunset: '2021-01-01' };
    const { discovery } = issuer.requests;
    // Whose time is over needs no keys: nobody asks for them, and nobody misses them.
    const { health } = await start({ clients: [{ ...client(), deprecated }], strictStart: true });
    expect(issuer.requests.discovery).toBe(discovery);
    expect(health.clients()).toMatchObject({ a: { need: 'optional' } });
  });
});

describe('many', () => {
  it('10,000 clients of one issuer start with one fetch', async () => {
    const clients = Array.from({ length: 10_000 }, (_, index) => ({
      ...client(),
      name: `c${index}`,
      audience: `a${index}`,
    }));
    const { auth } = await start({ clients });
    expect(await auth.decide(await issuer.tokenFor('a9999'))).toMatchObject({
      accepted: true,
      principal: { client: 'c9999' },
    });
    expect(issuer.requests).toEqual({ discovery: 1, jwks: 1 });
  }, 30_000);

  it('1,000 issuers are warmed up a few at a time, and one that is asked for does not wait for them', async () => {
    let open = 0;
    let most = 0;
    const fetchBefore = globalThis.fetch;
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
      if (new Request(url).url.startsWith(issuer.issuer)) {
        return fetchBefore(url, init);
      }
      open += 1;
      most = Math.max(most, open);
      await delay(20);
      open -= 1;
      throw new Error('nobody there');
    });
    const clients = Array.from({ length: 1000 }, (_, index) => ({
      name: `c${index}`,
      audience: 'a',
      issuer: `https://127.0.0.1:1/${index}`,
    }));
    const { auth } = await start({ clients: [...clients, client()] });
    const began = performance.now();
    expect(await auth.decide(await issuer.tokenFor('a'))).toMatchObject({ accepted: true });
    expect(performance.now() - began).toBeLessThan(2000);
    await delay(200);
    expect(most).toBeLessThanOrEqual(8);
    expect(most).toBeGreaterThan(1);
    jest.restoreAllMocks();
  });
});

describe('with terminus', () => {
  @Controller('health')
  class HealthController {
    constructor(
      @Inject(HealthCheckService) private readonly health: HealthCheckService,
      @Inject(OidcHealthIndicator) private readonly oidc: OidcHealthIndicator,
    ) {}
    @Get()
    check() {
      return this.health.check([() => this.oidc.isHealthy('keys')]);
    }
  }

  it('answers 200 while all is well, and 503 without the keys of a required client', async () => {
    await issuer.fail('error');
    const app = await startApp({
      imports: [TerminusModule.forRoot({ logger: false }), OidcMultiAuthModule.forRoot({ clients: [client()] })],
      controllers: [HealthController],
    });
    const auth = app.app.get(OidcAuthService);
    await auth.decide(await issuer.tokenFor('a'));
    const down = await app.get('/health');
    expect([down.status, down.body.error.keys]).toEqual([503, expect.objectContaining({ status: 'down' })]);
    await issuer.fail(undefined);
    await auth.decide(await issuer.tokenFor('a'));
    const up = await app.get('/health');
    expect([up.status, up.body.info.keys.clients.a]).toEqual([
      200,
      expect.objectContaining({ status: 'up', need: 'required' }),
    ]);
  });
});
