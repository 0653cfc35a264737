import { OidcAuthService, OidcMultiAuthModule, type OidcClientOptions } from 'nestjs-oidc-multi-auth';
import { TestIssuer, type TestTokenOptions } from 'nestjs-oidc-multi-auth/testing';
import { randomBytes } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, type TestApp } from '../support/test-app';
import { MinesController } from './mines-app';

const startApp = useApps();

const SECRET = 'a shared secret of at least 64 octets, which HS512 is said to need';

/** Every way in which a client's options may shape its tokens. */
const RULES: Readonly<Record<string, Omit<OidcClientOptions, 'name' | 'audience'>>> = {
  'gold-sso': { preset: 'gold-sso' },
  keycloak: { preset: 'keycloak' },
  'the roles of its audience': { roles: 'resource_access.<audience>.roles' },
  'a dotted path': { roles: 'realm.access.roles' },
  'a path of segments': { roles: [['https://example.org/roles']] },
  'one of several paths': { roles: ['groups', 'roles'] },
  'scopes at a path': { roles: 'r', scopes: 'token.permissions' },
  'scopes in scp': { roles: 'r', scopes: ['scp', 'scope'] },
  'roles and scopes under one name': { roles: 'access.roles', scopes: 'access.scopes' },
  'a preset overridden': { preset: 'gold-sso', roles: 'own.roles' },
  'a secret': { secret: SECRET, roles: 'r' },
  'a secret of octets': { secret: randomBytes(64), algorithms: ['HS512', 'HS256'], roles: 'r' },
  'algorithms without that of the issuer': { algorithms: ['ES256', 'PS512'], roles: 'r' },
  'algorithms with that of the issuer': { algorithms: ['ES256', 'RS256'], roles: 'r' },
  'authorized parties': { authorizedParties: ['portal', 'batch'], roles: 'r' },
  'another claim for the audience': { audienceClaim: 'client_id', roles: 'r' },
  'another claim for the audience, and parties': { audienceClaim: 'client_id', authorizedParties: ['p'], roles: 'r' },
  'ID tokens, too': { acceptIdTokens: true, requiredClaims: ['at_hash'], roles: 'r' },
  'required claims': { requiredClaims: ['email', 'nbf', 'sub', 'idir_user_guid', 'client_id'], roles: 'r' },
  'a required claim that may hold roles': { roles: ['groups', 'roles'], requiredClaims: ['roles'] },
  'required claims that hold roles and scopes': { preset: 'keycloak', requiredClaims: ['realm_access', 'scope'] },
};

const clientsOf = (issuer: string): OidcClientOptions[] =>
  Object.entries(RULES).map(([name, rules], index) => ({
    name,
    audience: [`api-${index}`, `other-${index}`],
    issuer,
    ...rules,
  }));

describe.each(ADAPTERS)('tokenFor a client, on %s', (adapter) => {
  const issuer = useTestIssuer();
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients: clientsOf(issuer.issuer), globalGuards: true })],
      controllers: [MinesController],
    });
  });

  const tokenFor = (name: string, options?: TestTokenOptions): Promise<string> => {
    const [client] = clientsOf(issuer.issuer).filter((one) => one.name === name);
    return issuer.tokenFor(client ?? '', options);
  };

  it.each(Object.keys(RULES))('is accepted: %s', async (name) => {
    const token = await tokenFor(name, { roles: ['admin', 'a b'], scopes: ['read', 'write'] });
    const { status, body } = await app.get('/me', token);
    expect([status, body.client, body.roles, body.scopes]).toEqual([200, name, ['admin', 'a b'], ['read', 'write']]);
    const bare = await app.get('/me', await tokenFor(name));
    expect([bare.status, bare.body.client, bare.body.roles, bare.body.scopes]).toEqual([200, name, [], []]);
  });

  it('leaves out a required claim where it is told to', async () => {
    const given = await app.get('/me', await tokenFor('required claims', { claims: { email: 'a@b.example' } }));
    expect(given.body.claims.email).toBe('a@b.example');
    const without = await app.get('/me', await tokenFor('required claims', { claims: { email: undefined } }));
    expect(without.body.code).toBe('invalid_claims');
  });
});

describe('tokenFor', () => {
  const issuer = useTestIssuer();

  it.each([
    ['by a function', { roles: () => [] }],
    ['not at all', {}],
  ])('says so where it cannot know where roles go, which are read %s', async (_how, rules) => {
    const client = { name: 'a', audience: 'a', ...rules };
    await expect(issuer.tokenFor(client, { roles: ['admin'] })).rejects.toThrow(
      'nothing says at which claim path this client reads roles: give the token claims instead',
    );
    expect(await issuer.tokenFor(client, { claims: { groups: ['admin'] } })).toEqual(expect.any(String));
  });

  it('says so where scopes are read by a function', async () => {
    const client = { name: 'a', audience: 'a', scopes: () => [] };
    await expect(issuer.tokenFor(client, { scopes: ['read'] })).rejects.toThrow('this client reads scopes');
  });

  it('says so where there is no audience', async () => {
    await expect(issuer.tokenFor({ name: 'a', audience: [] })).rejects.toThrow('a token needs an audience');
  });
});

describe.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const)(
  'an issuer that signs by %s',
  (algorithm) => {
    it('has its tokens accepted, by every client and by one that accepts nothing else', async () => {
      const issuer = await TestIssuer.start({ algorithm });
      const any = { name: 'any', audience: 'any', issuer: issuer.issuer };
      const only = { name: 'only', audience: 'only', issuer: issuer.issuer, algorithms: [algorithm] };
      const app = await startApp({ imports: [OidcMultiAuthModule.forRoot({ clients: [any, only] })] });
      const auth = app.app.get(OidcAuthService);
      for (const client of [any, only]) {
        const token = await issuer.tokenFor(client);
        expect(decodeProtectedHeader(token).alg).toBe(algorithm);
        expect(await auth.decide(token)).toMatchObject({ accepted: true, principal: { client: client.name } });
      }
      await issuer.stop();
    });
  },
);

describe.each(['HS256', 'HS384', 'HS512'] as const)('a client with a secret for %s', (algorithm) => {
  it('has its tokens accepted', async () => {
    const issuer = await TestIssuer.start();
    const client = { name: 'hs', audience: 'hs', issuer: issuer.issuer, secret: SECRET, algorithms: [algorithm] };
    const app = await startApp({ imports: [OidcMultiAuthModule.forRoot({ clients: [client] })] });
    const token = await issuer.tokenFor(client);
    expect(decodeProtectedHeader(token)).toEqual({ alg: algorithm, typ: 'JWT' });
    expect(await app.app.get(OidcAuthService).decide(token)).toMatchObject({ accepted: true });
    expect(issuer.requests).toEqual({ discovery: 0, jwks: 0 });
    await issuer.stop();
  });
});
