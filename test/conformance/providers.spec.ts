import { OidcAuthService, OidcMultiAuthModule, type OidcClientOptions } from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer, get as getOverTls } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Issuer } from '../../lib/issuer/issuer';
import { refreshDelay } from '../../lib/issuer/refresh-policy';
import { configurationOf } from '../support/clients';
import { ManualClock } from '../support/clock';
import { selfSigned } from '../support/self-signed';
import { MemoryLogger, startApp } from '../support/test-app';

// Many requests, or processes of their own: slow where the machine is busy.
jest.setTimeout(60_000);

/** What to undo after a test, the last first. */
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) {
    await step();
  }
});

async function provider(): Promise<TestIssuer> {
  const issuer = await TestIssuer.start();
  undo.push(() => issuer.stop());
  return issuer;
}

async function authOf(
  clients: OidcClientOptions[],
  options: { fetchTimeout?: number } = {},
  logger = new MemoryLogger(),
): Promise<OidcAuthService> {
  const app = await startApp({ imports: [OidcMultiAuthModule.forRoot({ clients, ...options })], logger });
  undo.push(() => app.close());
  return app.app.get(OidcAuthService);
}

/** An issuer by itself, whose clock is the test's. */
function issuerOf(
  test: TestIssuer,
  clock: ManualClock,
  policy: { freshFor?: number; fetchTimeout?: number } = {},
): Issuer {
  const [configuration] = configurationOf([{ name: 'a', audience: 'a', issuer: test.issuer }]).issuers;
  if (configuration === undefined) {
    throw new Error('no issuer');
  }
  const logger = new MemoryLogger();
  const issuer = new Issuer(
    configuration,
    { freshFor: 600, maxStale: 3600, fetchTimeout: 0.2, ...policy },
    clock,
    logger,
  );
  undo.push(() => issuer.close());
  return issuer;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  undo.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const keyIdOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

describe('two issuers whose keys have one id', () => {
  it('LIB-07 R8725-10 verify each its own tokens and never those of the other', async () => {
    const issuers = await Promise.all([provider(), provider()]);
    for (const issuer of issuers) {
      const keys = issuer.jwks.keys.map((jwk) => ({ ...jwk, kid: 'the-same' }));
      Object.defineProperty(issuer, 'jwks', { value: { keys } });
    }
    const clients = issuers.map((issuer, index) => ({ name: `c${index}`, audience: 'api', issuer: issuer.issuer }));
    const auth = await authOf(clients);
    for (const signer of issuers) {
      for (const [index, { issuer: iss }] of issuers.entries()) {
        const claims = { iss, aud: 'api', sub: 's', exp: Math.floor(Date.now() / 1000) + 60 };
        const decision = await auth.decide(await signer.sign(claims, { header: { kid: 'the-same' } }));
        expect(decision).toMatchObject(
          signer.issuer === iss
            ? { accepted: true, principal: { client: `c${index}` } }
            : { accepted: false, code: 'invalid_signature', client: `c${index}` },
        );
      }
    }
  });
});

describe('an issuer that never answers', () => {
  it('LIB-19 keeps nobody else waiting: the other has answered while its own requests still wait', async () => {
    const [hanging, other] = await Promise.all([provider(), provider()]);
    await hanging.fail('hang');
    const clients = [
      { name: 'hanging', audience: 'a', issuer: hanging.issuer },
      { name: 'other', audience: 'a', issuer: other.issuer },
    ];
    const auth = await authOf(clients, { fetchTimeout: 60 });
    const [slow, good] = [await hanging.tokenFor('a'), await other.tokenFor('a')];
    let settled = 0;
    const waiting = Array.from({ length: 100 }, async () => {
      const decision = await auth.decide(slow);
      settled += 1;
      return decision;
    });
    for (let index = 0; index < 100; index += 1) {
      expect(await auth.decide(good)).toMatchObject({ accepted: true });
    }
    await other.rotateKeys();
    expect(await auth.decide(await other.tokenFor('a'))).toMatchObject({ accepted: true });
    expect(settled).toBe(0);
    await hanging.stop();
    for (const decision of await Promise.all(waiting)) {
      expect(decision).toMatchObject({ code: 'keys_unavailable', client: 'hanging' });
    }
  });
});

describe('LIB-14 ATK-4 ten thousand unknown keys', () => {
  it.each([undefined, 'error', 'hang', 'garbage'] as const)(
    'cause no more fetches than the budget has, whatever the provider does: %s',
    async (outage) => {
      const test = await provider();
      const clock = new ManualClock();
      const issuer = issuerOf(test, clock, { fetchTimeout: outage === 'hang' ? 1 : 10 });
      await test.fail(outage);
      const flood = async (name: string): Promise<void> => {
        // Some at once, and some one after the other.
        await Promise.all(
          Array.from({ length: 5000 }, async (_, index) =>
            issuer.findKeys({ keyId: `${name}-${index}`, algorithm: 'RS256' }),
          ),
        );
        for (let index = 0; index < 5000; index += 1) {
          await issuer.findKeys({ keyId: `${name}-later-${index}`, algorithm: 'RS256' });
        }
      };
      const fetches = (): number => Math.max(test.requests.discovery, test.requests.jwks);
      await flood('first');
      expect(fetches()).toBe(3);
      clock.advance(35);
      await flood('second');
      expect(fetches()).toBe(3 + 3);
    },
    30_000,
  );
});

describe('LIB-30 a refresh', () => {
  it('does not keep a good token waiting, not even one that never ends', async () => {
    const test = await provider();
    const issuer = issuerOf(test, new ManualClock(), { freshFor: 0.1, fetchTimeout: 60 });
    await issuer.warmUp();
    const keyId = keyIdOf(await test.tokenFor('a'));
    await test.fail('hang');
    for (let waited = 0; test.requests.jwks < 2 && waited < 3000; waited += 20) {
      await delay(20);
    }
    expect(test.requests.jwks).toBe(2);
    // Under way, and the answer is no promise.
    expect(issuer.findKeys({ keyId: keyId, algorithm: 'RS256' })).toMatchObject({ kind: 'keys' });
  });

  it('comes at another moment in each instance', () => {
    const delays = Array.from({ length: 1000 }, () => refreshDelay(600));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(600);
    expect(Math.max(...delays)).toBeLessThanOrEqual(660);
    // In each tenth of the spread are about a hundred of them.
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const within = delays.filter((seconds) => Math.floor((seconds - 600) / 6) === tenth);
      expect(within.length).toBeGreaterThan(40);
    }
  });
});

describe('LIB-28 a document as deep as its size allows', () => {
  it.each([
    ['arrays', `{"keys":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['objects', `{"keys":[${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}]}`],
  ])('of %s harms nobody: it is an outage, and over when it is', async (_name, deep) => {
    const test = await provider();
    let body = deep;
    const port = await listen(
      createServer((_request, response) => response.setHeader('content-type', 'application/json').end(body)),
    );
    const auth = await authOf([
      { name: 'a', audience: 'a', issuer: test.issuer, jwksUri: `http://127.0.0.1:${port}/keys` },
    ]);
    const token = await test.tokenFor('a');
    expect(await auth.decide(token)).toMatchObject({ code: 'keys_unavailable' });
    body = JSON.stringify(test.jwks);
    expect(await auth.decide(token)).toMatchObject({ accepted: true });
  });
});

describe('R8414-03 R6750-15 a provider whose certificate nobody vouches for', () => {
  /** A provider over TLS, and which of its documents were asked for. */
  async function overTls() {
    const test = await provider();
    const certificate = selfSigned();
    const asked: string[] = [];
    const server = createTlsServer(certificate, ({ url = '' }, response) => {
      asked.push(url);
      const keys = url.endsWith('/keys');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(keys ? test.jwks : { issuer, jwks_uri: `${issuer}/keys` }));
    });
    const port = await listen(server);
    undo.push(() => server.closeAllConnections());
    const issuer = `https://127.0.0.1:${port}/realm`;
    return { test, certificate, asked, issuer, url: `${issuer}/.well-known/openid-configuration` };
  }

  it.each(['discovery', 'key set'])('is told nothing and believed nothing: %s', async (what) => {
    const { test, asked, issuer } = await overTls();
    const logger = new MemoryLogger();
    const jwksUri = what === 'discovery' ? {} : { jwksUri: `${issuer}/keys` };
    const auth = await authOf([{ name: 'a', audience: 'a', issuer, ...jwksUri }], {}, logger);
    const token = await test.tokenFor('a', { claims: { iss: issuer } });
    expect(await auth.decide(token)).toMatchObject({ code: 'keys_unavailable' });
    expect(asked).toEqual([]);
    expect(logger.warnings).toEqual([expect.stringContaining('failed: DEPTH_ZERO_SELF_SIGNED_CERT')]);
  });

  it('is one to who trusts it: there is nothing else wrong with it', async () => {
    const { certificate, asked, url } = await overTls();
    const status = await new Promise((resolve, reject) => {
      getOverTls(url, { ca: certificate.cert }, (response) => resolve(response.resume().statusCode)).on(
        'error',
        reject,
      );
    });
    expect([status, asked.length]).toEqual([200, 1]);
  });

  it('is believed by a process that is told to, by NODE_EXTRA_CA_CERTS', async () => {
    const { certificate, asked, url } = await overTls();
    const built = join(__dirname, '../../dist/issuer/fetch-json.js');
    if (!existsSync(built)) {
      throw new Error('the library is not built: run "npm run build" first, or "npm test", which does');
    }
    const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
    undo.push(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    const script = `
      const { fetchJson } = require(${JSON.stringify(built)});
      const bounds = { deadline: { milliseconds: 5000, signal: AbortSignal.timeout(5000) }, allowInsecureHttp: false,
        signal: new AbortController().signal };
      fetchJson(${JSON.stringify(url)}, bounds).then(({ document }) => console.log(JSON.stringify(document)));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
    });
    expect(JSON.parse(stdout)).toHaveProperty('jwks_uri');
    expect(asked).toHaveLength(1);
  });
});
