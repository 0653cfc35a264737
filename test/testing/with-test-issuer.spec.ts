import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  OidcAuthService,
  OidcConfigurationError,
  OidcMultiAuthModule,
  type OidcClientOptions,
  type OidcMultiAuthOptions,
} from 'nestjs-oidc-multi-auth';
import { withTestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { createPublicKey } from 'node:crypto';
import { useApps, useFreshTestIssuer } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger, type AdapterName, type TestApp } from '../support/test-app';
import { MinesController } from './mines-app';

const startApp = useApps();

const issuer = useFreshTestIssuer();
const other = useFreshTestIssuer();

const SSO = 'https://sso.example/auth/realms/standard';
const SECRET = 'a shared secret of at least 32 octets';

async function start(
  options: OidcMultiAuthOptions,
  at: Parameters<typeof withTestIssuer>[1] = issuer,
  adapter?: AdapterName,
): Promise<TestApp> {
  @Module({
    imports: [OidcMultiAuthModule.forRoot({ ...options, globalGuards: true })],
    controllers: [MinesController],
  })
  class AppModule {}
  const app = await startApp({ adapter, imports: [AppModule], override: (builder) => withTestIssuer(builder, at) });
  return app;
}

/** The code of the refusal, or the client of who is let in. */
async function answer(app: TestApp, token: string, path = '/me'): Promise<unknown> {
  const { status, body } = await app.get(path, token);
  return body.code ?? body.client ?? status;
}

describe.each(ADAPTERS)('an application on %s, turned to a test issuer', (adapter) => {
  const options: OidcMultiAuthOptions = {
    clients: [
      { name: 'web', audience: 'core-web' },
      { name: 'bcmi', audience: 'mds-bcmi-4587', validate: ({ sub }) => sub !== 'nobody' },
    ],
    defaults: { discoveryUrl: `${SSO}/.well-known/openid-configuration`, preset: 'gold-sso' },
    realm: 'mines',
  };

  it('takes tokens of this issuer, and none without or of another', async () => {
    const app = await start(options, issuer, adapter);
    expect(await answer(app, await issuer.tokenForClient('web'))).toBe('web');
    expect(await answer(app, await issuer.tokenForClient('bcmi'))).toBe('bcmi');
    expect(await answer(app, await other.tokenFor('core-web'))).toBe('unknown_issuer');
    expect(await answer(app, await issuer.tokenFor('core-web', { claims: { iss: SSO } }))).toBe('unknown_issuer');
    const refused = await app.get('/me');
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="mines"']);
  });

  it('is the same in everything else: audiences, roles, clients, rules', async () => {
    const app = await start(options, issuer, adapter);
    const admin = await issuer.tokenForClient('web', { roles: ['admin'] });
    expect((await app.get('/admin', admin)).status).toBe(200);
    expect(await answer(app, await issuer.tokenForClient('web'), '/admin')).toBe('missing_a_valid_role');
    expect(await answer(app, admin, '/bcmi')).toBe('client_not_allowed');
    expect(await answer(app, await issuer.tokenFor('core-web-evil'))).toBe('unknown_audience');
    const nobody = await issuer.tokenForClient('bcmi', { claims: { sub: 'nobody' } });
    expect(await answer(app, nobody)).toBe('invalid_claims');
    expect((await app.get('/public')).status).toBe(200);
  });

  it('asks it over HTTP, and so sees its rotations and outages', async () => {
    const app = await start({ ...options, fetchTimeout: 0.3 }, issuer, adapter);
    expect(await answer(app, await issuer.tokenForClient('web'))).toBe('web');
    await issuer.rotateKeys({ removeOld: true });
    expect(await answer(app, await issuer.tokenForClient('web'))).toBe('web');
    await issuer.rotateKeys();
    await issuer.fail('down');
    expect(await answer(app, await issuer.tokenForClient('web'))).toBe('keys_unavailable');
  });
});

describe('a client, wherever its tokens came from, gets them from the test issuer', () => {
  const pem = async (): Promise<string> => {
    const [jwk] = other.jwks.keys;
    return String(createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
  };
  const places: Readonly<Record<string, () => Partial<OidcClientOptions> | Promise<Partial<OidcClientOptions>>>> = {
    issuer: () => ({ issuer: SSO }),
    discoveryUrl: () => ({ discoveryUrl: `${SSO}/.well-known/openid-configuration` }),
    'a document under other names': () => ({
      issuer: SSO,
      discoveryUrl: 'http://keycloak.internal/realm/.well-known/openid-configuration',
      discoveryIssuer: 'http://keycloak.internal/realm',
      jwksUriOrigin: 'http://keycloak.internal',
      allowInsecureHttp: true,
    }),
    jwksUri: () => ({ issuer: SSO, jwksUri: `${SSO}/certs` }),
    jwks: () => ({ issuer: SSO, jwks: other.jwks }),
    publicKey: async () => ({ issuer: SSO, publicKey: await pem() }),
    'a name that is no URL': () => ({ issuer: 'partner', jwks: other.jwks }),
  };

  it.each(Object.keys(places))('%s', async (name) => {
    const place = (await places[name]?.()) ?? {};
    const app = await start({ clients: [{ name: 'a', audience: 'a', ...place }] });
    expect(await answer(app, await issuer.tokenForClient('a'))).toBe('a');
    expect(await answer(app, await other.tokenFor('a'))).toBe('unknown_issuer');
    expect(issuer.requests).toEqual({ discovery: 1, jwks: 1 });
    expect(other.requests).toEqual({ discovery: 0, jwks: 0 });
  });

  it.each(Object.keys(places))('%s, by what holds for every client', async (name) => {
    const place = (await places[name]?.()) ?? {};
    const app = await start({ clients: [{ name: 'a', audience: 'a' }], defaults: { ...place, roles: 'groups' } });
    const { body } = await app.get('/me', await issuer.tokenForClient('a', { roles: ['admin'] }));
    expect([body.client, body.roles]).toEqual(['a', ['admin']]);
  });

  it('is its audience too, where the client has it in iss', async () => {
    const workos = 'https://api.workos.com/user_management/client_1';
    const client = { name: 'a', audience: workos, issuer: workos, jwksUri: 'https://api.workos.com/sso/jwks/client_1' };
    const app = await start({ clients: [client], defaults: { preset: 'workos' } });
    const { body } = await app.get('/me', await issuer.tokenForClient('a', { roles: ['admin'] }));
    expect([body.client, body.issuer, body.roles]).toEqual(['a', issuer.issuer, ['admin']]);
  });

  it('and no longer through the proxy of the application', async () => {
    const dispatcher = {
      dispatch: () => {
        throw new Error('the proxy');
      },
    };
    const app = await start({ clients: [{ name: 'a', audience: 'a', issuer: SSO }], dispatcher });
    expect(await answer(app, await issuer.tokenForClient('a'))).toBe('a');
  });
});

describe('a client with a secret', () => {
  it('keeps it, and has another issuer', async () => {
    const client = { name: 'hs', audience: 'hs', issuer: SSO, secret: SECRET };
    const app = await start({ clients: [client] });
    expect(await answer(app, await issuer.tokenForClient('hs'))).toBe('hs');
    expect(await answer(app, await issuer.tokenFor({ ...client, secret: `other ${SECRET}` }))).toBe(
      'invalid_signature',
    );
    expect(await answer(app, await other.tokenFor(client))).toBe('unknown_issuer');
  });
});

describe('clients that accept other algorithms than that of the issuer', () => {
  it('find all keys at their first question', async () => {
    const algorithms = [
      'RS256',
      'RS384',
      'RS512',
      'PS256',
      'PS384',
      'PS512',
      'ES256',
      'ES384',
      'ES512',
      'EdDSA',
    ] as const;
    const app = await start({
      clients: algorithms.map((name) => ({ name, audience: name, issuer: SSO, algorithms: [name] })),
    });
    for (const name of algorithms) {
      expect(await answer(app, await issuer.tokenForClient(name))).toBe(name);
    }
    expect(issuer.requests).toEqual({ discovery: 1, jwks: 1 });
  });
});

describe('an application with several issuers', () => {
  const clients: OidcClientOptions[] = [
    { name: 'ours', audience: 'api', issuer: SSO, preset: 'gold-sso' },
    { name: 'partner', audience: 'api', discoveryUrl: 'https://partner.example/.well-known/openid-configuration' },
  ];

  it('has each in a test issuer of its own, which knows its clients and no others', async () => {
    const app = await start({ clients }, (client) => (client.issuer === SSO ? issuer : other));
    expect(await answer(app, await issuer.tokenForClient('ours'))).toBe('ours');
    expect(await answer(app, await other.tokenForClient('partner'))).toBe('partner');
    await expect(issuer.tokenForClient('partner')).rejects.toThrow('it knows "ours".');
  });

  it('is asked for the issuer of each client with what it inherits', async () => {
    const asked: unknown[] = [];
    const app = await start(
      { clients: clients.slice(0, 1).map(({ name, audience }) => ({ name, audience })), defaults: { issuer: SSO } },
      (client) => {
        asked.push([client.name, client.issuer]);
        return issuer;
      },
    );
    expect(asked).toEqual([['ours', SSO]]);
    expect(await answer(app, await issuer.tokenForClient('ours'))).toBe('ours');
  });

  it('is told so where its clients cannot be told apart at one', async () => {
    const failed = start({ clients });
    await expect(failed).rejects.toThrow(TypeError);
    await expect(failed).rejects.toThrow(/give it a function that returns a TestIssuer of its own for each issuer/);
  });

  it('may have one where they can', async () => {
    const app = await start({ clients: clients.map((client) => ({ ...client, audience: client.name })) });
    expect(await answer(app, await issuer.tokenForClient('partner'))).toBe('partner');
  });
});

describe('withTestIssuer', () => {
  it('returns the builder it was given', () => {
    const builder = Test.createTestingModule({});
    expect(withTestIssuer(builder, issuer)).toBe(builder);
  });

  it('takes options from forRootAsync', async () => {
    const auth = OidcMultiAuthModule.forRootAsync({
      useFactory: async () => ({ clients: [{ name: 'a', audience: 'a', issuer: SSO }] }),
    });
    const app = await startApp({ imports: [auth], override: (builder) => withTestIssuer(builder, issuer) });
    const decision = await app.app.get(OidcAuthService).decide(await issuer.tokenForClient('a'));
    expect(decision).toMatchObject({ accepted: true });
  });

  it('lets the faults of the application be told as they are', async () => {
    const imports = [OidcMultiAuthModule.forRoot({ clients: [{ name: '', audience: '', issuer: 'x' }] })];
    const messageOf = async (failing: Promise<unknown>): Promise<unknown> =>
      failing.then(
        () => 'no fault',
        (error: unknown) => (error instanceof OidcConfigurationError ? error.message : error),
      );
    const turned = startApp({ imports, override: (builder) => withTestIssuer(builder, issuer) });
    const message = await messageOf(turned);
    expect(message).toBe(await messageOf(startApp({ imports })));
    expect(message).toMatch(/3 faults in the configuration/);
  });

  it('lets a second configuration be the fault it is', async () => {
    const module = () => OidcMultiAuthModule.forRoot({ clients: [{ name: 'a', audience: 'a', issuer: SSO }] });
    await expect(
      startApp({
        imports: [module(), { ...module(), module: class Second {} }],
        override: (builder) => withTestIssuer(builder, issuer),
      }),
    ).rejects.toThrow('OidcMultiAuthModule is configured 2 times in one application');
  });

  it('works with strictStart, which waits for the keys of the test issuer', async () => {
    const options = { clients: [{ name: 'a', audience: 'a', issuer: SSO }], strictStart: true };
    await start(options);
    expect(issuer.requests.jwks).toBe(1);
    await other.fail('down');
    await expect(start(options, other)).rejects.toThrow('the keys of required clients cannot be had');
  });

  it('leaves the options as they are', async () => {
    const client = Object.freeze({ name: 'a', audience: 'a' });
    const options = Object.freeze({ clients: Object.freeze([client]), defaults: Object.freeze({ issuer: SSO }) });
    const app = await start(options);
    expect(await answer(app, await issuer.tokenForClient('a'))).toBe('a');
  });

  it('warns of an outage of the test issuer as of any', async () => {
    const logger = new MemoryLogger();
    await other.fail('error');
    const app = await startApp({
      imports: [OidcMultiAuthModule.forRoot({ clients: [{ name: 'a', audience: 'a', issuer: SSO }] })],
      override: (builder) => withTestIssuer(builder, other),
      logger,
    });
    await app.app.get(OidcAuthService).decide(await other.tokenForClient('a'));
    expect(logger.warnings).toEqual([expect.stringContaining(`keys of issuer ${other.issuer} cannot be fetched`)]);
  });
});
