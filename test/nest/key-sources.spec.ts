import { Controller, Get, UseGuards } from '@nestjs/common';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  CurrentUser,
  MultiJwtGuard,
  OidcMultiAuthModule,
  OidcPrincipal,
  type OidcClientOptions,
} from 'nestjs-oidc-multi-auth';
import { OidcRuntime } from '../../lib/nest/runtime/oidc-runtime';
import { createSigningKey, signJwt, type SigningKey } from '../../lib/testing/signing-key';
import { useApps } from '../support/life-cycle';
import { get, MemoryLogger, type TestApp } from '../support/test-app';

const startApp = useApps();

@UseGuards(MultiJwtGuard)
@Controller('me')
class MeController {
  @Get()
  me(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
}

/** A provider of one issuer, with documents and key sets of its own for each application: what it is asked is remembered. */
class Provider {
  readonly requests: IncomingMessage[] = [];
  readonly answers = new Map<string, (request: IncomingMessage) => { status?: number; body?: object }>();
  readonly #server: Server = createServer((request, response) => {
    this.requests.push(request);
    const { status = 200, body = {} } = this.answers.get(request.url ?? '')?.(request) ?? { status: 404 };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  asked(path: string): number {
    return this.requests.filter(({ url }) => url === path).length;
  }
}

let provider: Provider;
beforeEach(async () => {
  provider = new Provider();
  await provider.start();
});
afterEach(async () => {
  await provider.stop();
});

async function start(clients: readonly OidcClientOptions[], logger = new MemoryLogger()): Promise<TestApp> {
  const app = await startApp({
    imports: [OidcMultiAuthModule.forRoot({ clients })],
    controllers: [MeController],
    logger,
  });
  return app;
}

describe('KEY-1 two applications of one tenant of Entra ID, each with keys of its own', () => {
  const TENANT = '/0f5a8c4e-1111-4222-8333-123456789abc/v2.0';
  let keys: Record<'one' | 'two', SigningKey>;
  let clients: OidcClientOptions[];
  beforeEach(async () => {
    keys = { one: await createSigningKey('RS256', 'k1'), two: await createSigningKey('RS256', 'k2') };
    const issuer = `${provider.url}${TENANT}`;
    for (const app of ['one', 'two'] as const) {
      const document = `${TENANT}/.well-known/openid-configuration?appid=${app}`;
      provider.answers.set(document, () => ({ body: { issuer, jwks_uri: `${provider.url}/keys?appid=${app}` } }));
      provider.answers.set(`/keys?appid=${app}`, () => ({ body: { keys: [keys[app].jwk] } }));
    }
    clients = (['one', 'two'] as const).flatMap((app) =>
      ['a', 'b'].map((part) => ({
        name: `${app}-${part}`,
        audience: `api-${app}-${part}`,
        issuer,
        discoveryUrl: `${issuer}/.well-known/openid-configuration?appid=${app}`,
      })),
    );
  });

  const tokenOf = (client: string, signer: SigningKey): string =>
    signJwt(
      { alg: 'RS256', kid: signer.keyId },
      { iss: `${provider.url}${TENANT}`, aud: `api-${client}`, exp: Math.floor(Date.now() / 1000) + 300 },
      'RS256',
      signer.privateKey,
    );

  it('are accepted under their own keys alone, and each source is fetched once', async () => {
    const app = await start(clients);
    for (const client of ['one-a', 'one-b', 'two-a', 'two-b']) {
      const own = client.startsWith('one') ? 'one' : 'two';
      expect(await get(`${app.url}/me`, tokenOf(client, keys[own]))).toMatchObject({ status: 200, body: { client } });
    }
    expect(['one', 'two'].map((name) => provider.asked(`/keys?appid=${name}`))).toEqual([1, 1]);
    // Keys of the other application.
    expect(await get(`${app.url}/me`, tokenOf('one-a', keys.two))).toMatchObject({ body: { code: 'unknown_key' } });
    expect(await get(`${app.url}/me`, tokenOf('two-a', keys.one))).toMatchObject({ body: { code: 'unknown_key' } });
  });

  it('a key of the other application under the same id signs nothing for this one', async () => {
    keys.two = await createSigningKey('RS256', 'k1');
    const app = await start(clients);
    expect(await get(`${app.url}/me`, tokenOf('two-a', keys.two))).toMatchObject({ status: 200 });
    expect(await get(`${app.url}/me`, tokenOf('one-a', keys.two))).toMatchObject({
      body: { code: 'invalid_signature' },
    });
  });
});

describe('KEY-4 a key set that wants credentials', () => {
  let key: SigningKey;
  let wanted: string;
  beforeEach(async () => {
    key = await createSigningKey('ES256', 'k1');
    wanted = 'first';
    const guarded = (body: object) => (request: IncomingMessage) =>
      request.headers.authorization === `Bearer ${wanted}` ? { body } : { status: 401 };
    provider.answers.set(
      '/.well-known/openid-configuration',
      guarded({ issuer: provider.url, jwks_uri: `${provider.url}/keys` }),
    );
    provider.answers.set('/keys', (request) => guarded({ keys: [key.jwk] })(request));
  });

  const client = (fetchHeaders: OidcClientOptions['fetchHeaders']): OidcClientOptions => ({
    name: 'pod',
    audience: 'api',
    issuer: provider.url,
    ...(fetchHeaders !== undefined && { fetchHeaders }),
  });
  const token = (): string =>
    signJwt(
      { alg: 'ES256', kid: key.keyId },
      { iss: provider.url, aud: 'api', exp: Math.floor(Date.now() / 1000) + 300 },
      'ES256',
      key.privateKey,
    );

  it('gets the headers of its client, at each request anew', async () => {
    let current = 'first';
    const read = jest.fn(() => Promise.resolve({ authorization: `Bearer ${current}` }));
    const app = await start([client(read)]);
    expect(await get(`${app.url}/me`, token())).toMatchObject({ status: 200 });
    // The credential changes while the application runs, and so do the keys.
    [wanted, current] = ['second', 'second'];
    key = await createSigningKey('ES256', 'k2');
    provider.answers.set('/keys', (request) =>
      request.headers.authorization === 'Bearer second' ? { body: { keys: [key.jwk] } } : { status: 401 },
    );
    expect(await get(`${app.url}/me`, token())).toMatchObject({ status: 200 });
    expect(read.mock.calls.length).toBeGreaterThan(2);
  });

  it('of another client gets none of them', async () => {
    const other = await createSigningKey('ES256', 'k9');
    const second = new Provider();
    await second.start();
    second.answers.set('/keys', () => ({ body: { keys: [other.jwk] } }));
    const app = await start([
      client({ authorization: 'Bearer first' }),
      { name: 'b', audience: 'b', issuer: second.url, jwksUri: `${second.url}/keys` },
    ]);
    expect(await get(`${app.url}/me`, token())).toMatchObject({ status: 200 });
    await app.app.get(OidcRuntime).current.issuers.warmUp();
    expect(second.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    await second.stop();
  });

  it.each<[string, () => never]>([
    ['throws', () => fail(new Error('SECRET'))],
    ['gives what is no header', () => ({ authorization: 'SECRET\nx: y' }) as never],
    ['gives nothing', () => undefined as never],
    ['rejects', () => Promise.reject(new Error('SECRET')) as never],
  ])('is an outage, and nothing is logged of it, where the function %s', async (_what, fetchHeaders) => {
    const logger = new MemoryLogger();
    const app = await start([client(fetchHeaders)], logger);
    expect(await get(`${app.url}/me`, token())).toMatchObject({ status: 503, body: { code: 'keys_unavailable' } });
    const lines = JSON.stringify(logger);
    expect(lines).toContain('fetchHeaders failed');
    expect(lines).not.toContain('SECRET');
    expect(provider.requests).toEqual([]);
  });

  it('says that it wants credentials where it gets none, whatever answers at other URLs', async () => {
    const logger = new MemoryLogger();
    const app = await start([client(undefined)], logger);
    expect(await get(`${app.url}/me`, token())).toMatchObject({ status: 503 });
    expect(JSON.stringify(logger)).toContain('/.well-known/openid-configuration answered 401: it wants credentials');
  });
});

function fail(error: Error): never {
  throw error;
}
