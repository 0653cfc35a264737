import { OidcMultiAuthModule, type OidcClientOptions } from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { ADAPTERS, startApp, type TestApp } from '../support/test-app';
import { MinesController } from './mines-app';

let issuer: TestIssuer;
const started: TestApp[] = [];
beforeEach(async () => {
  issuer = await TestIssuer.start();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((app) => app.close()));
  await issuer.stop();
});

async function start(adapter?: (typeof ADAPTERS)[number]): Promise<TestApp> {
  const client = { name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer };
  const app = await startApp({
    adapter,
    imports: [OidcMultiAuthModule.forRoot({ clients: [client], globalGuards: true })],
    controllers: [MinesController],
  });
  started.push(app);
  return app;
}

const keyIds = (): unknown[] => issuer.jwks.keys.map((key) => ('kid' in key ? key.kid : undefined));

describe('the clock of an issuer', () => {
  const timesIn = (token: string) => {
    const { iat, exp, nbf } = decodeJwt(token);
    const now = Math.floor(Date.now() / 1000);
    return [iat, exp, nbf].map((time) => (time === undefined ? undefined : Math.round((time - now) / 10) * 10 + 0));
  };
  const dateOf = async () => {
    const { headers } = await fetch(issuer.jwksUri);
    // Not -0, which Jest tells from 0.
    return Math.round((Date.parse(headers.get('date') ?? '') - Date.now()) / 10_000) * 10 + 0;
  };

  it('is right unless told otherwise', async () => {
    expect(timesIn(await issuer.tokenFor('bcmi'))).toEqual([0, 300, undefined]);
    expect([issuer.clockSkew, await dateOf()]).toEqual([0, 0]);
  });

  it.each([3600, -3600])('is shifted from its start: %s s', async (clockSkew) => {
    await issuer.stop();
    issuer = await TestIssuer.start({ clockSkew });
    expect(timesIn(await issuer.tokenFor('bcmi', { expiresIn: 60 }))).toEqual([clockSkew, clockSkew + 60, undefined]);
    expect([issuer.clockSkew, await dateOf()]).toEqual([clockSkew, clockSkew]);
  });

  it('is shifted when it is told to, for every time a token has', async () => {
    issuer.clockSkew = 600;
    const client = { name: 'bcmi', audience: 'bcmi', requiredClaims: ['nbf'] };
    expect(timesIn(await issuer.tokenFor(client))).toEqual([600, 900, 600]);
    expect(await dateOf()).toBe(600);
    issuer.clockSkew = 0;
    expect(timesIn(await issuer.tokenFor(client))).toEqual([0, 300, 0]);
    expect(await dateOf()).toBe(0);
  });

  it('is in its answers of every kind', async () => {
    issuer.clockSkew = -7200;
    await issuer.fail('error');
    expect(await dateOf()).toBe(-7200);
    await issuer.fail('slow', { delay: 10 });
    expect(await dateOf()).toBe(-7200);
  });

  it('leaves claims as they are given', async () => {
    issuer.clockSkew = 600;
    const token = await issuer.tokenFor('bcmi', { claims: { iat: 1, nbf: 2 } });
    expect(decodeJwt(token)).toMatchObject({ iat: 1, nbf: 2 });
  });

  it.each(ADAPTERS)('makes an application on %s refuse what is beyond its tolerance', async (adapter) => {
    const app = await start(adapter);
    const answers: unknown[] = [];
    for (const clockSkew of [0, 20, 60, -60, -310, -340]) {
      issuer.clockSkew = clockSkew;
      const { status, body } = await app.get('/me', await issuer.tokenFor('bcmi'));
      answers.push(body.code ?? status);
    }
    expect(answers).toEqual([200, 200, 'token_not_active', 200, 200, 'token_expired']);
  });
});

describe('keys', () => {
  it('are rotated: the new one signs, the old one stays published', async () => {
    const [old] = keyIds();
    await issuer.rotateKeys();
    const { kid } = decodeProtectedHeader(await issuer.tokenFor('bcmi'));
    expect(kid).not.toBe(old);
    expect(keyIds()).toEqual([old, kid]);
  });

  it.each(ADAPTERS)('that are removed no longer count for an application on %s', async (adapter) => {
    const old = await issuer.tokenFor('bcmi');
    await issuer.rotateKeys();
    const before = await start(adapter);
    expect((await before.get('/me', old)).status).toBe(200);
    issuer.removeOldKeys();
    const after = await start(adapter);
    expect((await after.get('/me', old)).body.code).toBe('unknown_key');
    expect((await after.get('/me', await issuer.tokenFor('bcmi'))).status).toBe(200);
  });

  it('that sign now all stay when old ones are removed', async () => {
    await issuer.sign({}, { algorithm: 'ES256' });
    await issuer.rotateKeys();
    await issuer.rotateKeys();
    expect(keyIds()).toHaveLength(6);
    issuer.removeOldKeys();
    const signing = [await issuer.sign({}), await issuer.sign({}, { algorithm: 'ES256' })];
    expect(keyIds()).toEqual(signing.map((token) => decodeProtectedHeader(token).kid));
    issuer.removeOldKeys();
    expect(keyIds()).toHaveLength(2);
  });

  it('are removed in the moment of a rotation, too', async () => {
    await issuer.rotateKeys({ removeOld: true });
    expect(keyIds()).toEqual([decodeProtectedHeader(await issuer.tokenFor('bcmi')).kid]);
  });

  it('are made once for an algorithm, however many ask at a time', async () => {
    const tokens = await Promise.all([1, 2, 3].map(() => issuer.sign({}, { algorithm: 'ES384' })));
    expect(new Set(tokens.map((token) => decodeProtectedHeader(token).kid)).size).toBe(1);
    expect(keyIds()).toHaveLength(2);
  });
});

describe('clients by name', () => {
  const clients: OidcClientOptions[] = [
    { name: 'web', audience: 'core-web', preset: 'gold-sso' },
    { name: 'batch', audience: 'core-batch', algorithms: ['ES256'], roles: 'groups' },
  ];

  it('get tokens in the form of each', async () => {
    await issuer.stop();
    issuer = await TestIssuer.start({ clients });
    const options = { roles: ['a'], scopes: ['s'], claims: { sub: 'me' }, expiresIn: -5 };
    const [web, batch] = [await issuer.tokenForClient('web', options), await issuer.tokenForClient('batch', options)];
    expect(decodeJwt(web)).toMatchObject({ aud: 'core-web', client_roles: ['a'], scope: 's', sub: 'me' });
    expect(decodeJwt(batch)).toMatchObject({ aud: 'core-batch', groups: ['a'], scope: 's', sub: 'me' });
    const { exp = 0, iat = 0 } = decodeJwt(web);
    expect(exp - iat).toBe(-5);
    expect([web, batch].map((token) => decodeProtectedHeader(token).alg)).toEqual(['RS256', 'ES256']);
  });

  it('have their keys published before anybody asks', async () => {
    await issuer.stop();
    issuer = await TestIssuer.start({ clients });
    expect(issuer.jwks.keys).toMatchObject([{ alg: 'RS256' }, { alg: 'ES256' }]);
  });

  it('are named where one is not known', async () => {
    await expect(issuer.tokenForClient('web')).rejects.toThrow(
      new TypeError(
        'this issuer knows no client "web"; it knows none. ' +
          'Give clients to TestIssuer.start(), or compile a module with withTestIssuer() first',
      ),
    );
    await issuer.stop();
    issuer = await TestIssuer.start({ clients });
    await expect(issuer.tokenForClient('wbe')).rejects.toThrow('knows no client "wbe"; it knows "web", "batch". Give');
  });
});

describe('a test issuer that stands by itself', () => {
  it('listens on the port that it is told', async () => {
    const first = await TestIssuer.start();
    const port = Number(new URL(first.issuer).port);
    await first.stop();
    const again = await TestIssuer.start({ port });
    expect(again.issuer).toBe(first.issuer);
    expect((await fetch(again.discoveryUrl)).status).toBe(200);
    await again.stop();
  });

  it('knows what its clients inherit', async () => {
    const clients = [{ name: 'web', audience: 'core-web' }];
    const informed = await TestIssuer.start({ clients, defaults: { preset: 'keycloak' } });
    const [, claims = ''] = (await informed.tokenForClient('web', { roles: ['viewer'] })).split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      realm_access: { roles: ['viewer'] },
    });
    await informed.stop();
    const bare = await TestIssuer.start({ clients });
    await expect(bare.tokenForClient('web', { roles: ['viewer'] })).rejects.toThrow('give the issuer those, too');
    await bare.stop();
  });
});
