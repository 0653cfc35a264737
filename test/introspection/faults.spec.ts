import { Controller, Get } from '@nestjs/common';
import { OidcMultiAuthModule, type OidcClientIntrospection, type OidcClientOptions } from 'nestjs-oidc-multi-auth';
import { TestIssuer, type TestIntrospectionFault } from 'nestjs-oidc-multi-auth/testing';
import { generateKeyPairSync } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { useApps } from '../support/life-cycle';
import type { TestApp } from '../support/test-app';

const startApp = useApps();
const issuers: TestIssuer[] = [];
afterEach(() => Promise.all(issuers.splice(0).map((issuer) => issuer.stop())));

@Controller('mines')
class MinesController {
  @Get() mines() {
    return 'mines';
  }
}

const CREDENTIALS = { clientId: 'the api', clientSecret: 's:e/c+r' };

/** An issuer, and an application that asks it about opaque tokens. */
async function start(
  introspection: Partial<OidcClientIntrospection> = {},
  { known = {}, more = {} }: { known?: Partial<OidcClientIntrospection>; more?: Partial<OidcClientOptions> } = {},
): Promise<{ issuer: TestIssuer; app: TestApp }> {
  const client = { name: 'b', audience: 'api', introspection: { ...CREDENTIALS, ...introspection }, ...more };
  const clients = [{ ...client, introspection: { ...client.introspection, ...known } }];
  const issuer = await TestIssuer.start({ clients });
  issuers.push(issuer);
  const app = await startApp({
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [{ ...client, issuer: issuer.issuer }],
        globalGuards: true,
        fetchTimeout: 0.5,
      }),
    ],
    controllers: [MinesController],
  });
  return { issuer, app };
}

const FAULTS: Readonly<Record<TestIntrospectionFault, string>> = {
  hang: '503 introspection_unavailable',
  error: '503 introspection_unavailable',
  unauthorized: '503 introspection_unavailable',
  html: '503 introspection_unavailable',
  redirect: '503 introspection_unavailable',
  large: '503 introspection_unavailable',
  array: '503 introspection_unavailable',
  twice: '503 introspection_unavailable',
  'active-string': '401 token_inactive',
  'active-number': '401 token_inactive',
  'active-missing': '401 token_inactive',
  'other-audience': '401 unknown_audience',
  'no-audience': '401 unknown_audience',
  'other-issuer': '401 unknown_issuer',
  expired: '401 token_expired',
  'not-yet': '401 token_not_active',
  'expiry-string': '401 invalid_claims',
};

it.each(Object.entries(FAULTS) as [TestIntrospectionFault, string][])(
  'R7662-03 R7662-04 R7662-09 an endpoint with the fault %s gives %s, until it ends',
  async (fault, expected) => {
    const { issuer, app } = await start({ cacheFor: 0, negativeCacheFor: 0 });
    const token = await issuer.tokenForClient('b', { format: 'opaque' });
    expect((await app.get('/mines', token)).status).toBe(200);
    issuer.introspection.fail(fault);
    const { status, body, headers } = await app.get('/mines', token);
    expect(`${status} ${body.code}`).toBe(expected);
    expect(headers.get('retry-after') !== null).toBe(status === 503);
    issuer.introspection.fail(undefined);
    expect((await app.get('/mines', token)).status).toBe(200);
  },
);

it.each(['down', 'error', 'garbage'] as const)('R7662-09 an issuer that is %s gives 503', async (outage) => {
  const { issuer, app } = await start();
  const token = await issuer.tokenForClient('b', { format: 'opaque' });
  await issuer.fail(outage);
  expect((await app.get('/mines', token)).body.code).toBe('introspection_unavailable');
});

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OTHER = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const METHODS: readonly [string, Partial<OidcClientIntrospection>, Partial<OidcClientIntrospection>][] = [
  ['client_secret_basic', {}, { clientSecret: 'another' }],
  ['client_secret_post', { method: 'client_secret_post' }, { clientSecret: 'another' }],
  [
    'private_key_jwt',
    {
      clientSecret: undefined,
      privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      algorithm: 'ES256',
    },
    { privateKey: OTHER.export({ format: 'pem', type: 'pkcs8' }).toString() },
  ],
];

it.each(METHODS)('R7662-02 %s is accepted with the right credentials, and 503 with others', async (_, right, known) => {
  const good = await start(right);
  const token = await good.issuer.tokenForClient('b', { format: 'opaque' });
  expect((await good.app.get('/mines', token)).status).toBe(200);
  expect(good.issuer.introspection.requests).toEqual([{ token, clientId: 'the api' }]);
  const bad = await start(right, { known });
  const other = await bad.issuer.tokenForClient('b', { format: 'opaque' });
  expect((await bad.app.get('/mines', other)).body.code).toBe('introspection_unavailable');
  expect(bad.issuer.introspection.requests).toEqual([{ token: other, clientId: undefined }]);
  const { app, issuer } = await start(right, { known: { clientId: 'unknown' } });
  expect((await app.get('/mines', await issuer.tokenForClient('b', { format: 'opaque' }))).status).toBe(503);
});

it('R7662-06 a token revoked at the provider is refused after at most cacheFor', async () => {
  const { issuer, app } = await start({ cacheFor: 0.5 });
  const token = await issuer.tokenForClient('b', { format: 'opaque' });
  expect((await app.get('/mines', token)).status).toBe(200);
  issuer.revoke(token);
  const revokedAt = performance.now();
  let answer = await app.get('/mines', token);
  while (answer.status === 200 && performance.now() - revokedAt < 5000) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer = await app.get('/mines', token);
  }
  expect(answer.body.code).toBe('token_inactive');
  // The answer was in hand before the token was revoked. The rest is for a slow machine.
  expect(performance.now() - revokedAt).toBeLessThan(500 + 500);
});

it('a revoked JWT is refused where JWTs are asked about', async () => {
  const { issuer, app } = await start({ jwts: true, cacheFor: 0 });
  const token = await issuer.tokenForClient('b');
  expect((await app.get('/mines', token)).status).toBe(200);
  issuer.revoke(token);
  expect((await app.get('/mines', token)).body.code).toBe('token_inactive');
});

it('R9701-01 signed answers of the test issuer are accepted, and jose finds them right', async () => {
  const { issuer, app } = await start({ signedResponses: true });
  const token = await issuer.tokenForClient('b', { format: 'opaque' });
  expect((await app.get('/mines', token)).status).toBe(200);
  const response = await fetch(issuer.introspection.endpoint, {
    method: 'POST',
    body: new URLSearchParams({ token, client_id: 'the api', client_secret: 'wrong' }),
  });
  expect(response.status).toBe(401);
  const credentials = Buffer.from('the+api:s%3Ae%2Fc%2Br').toString('base64');
  const signed = await fetch(issuer.introspection.endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, accept: 'application/token-introspection+jwt' },
    body: new URLSearchParams({ token }),
  });
  const { payload } = await jwtVerify(await signed.text(), createRemoteJWKSet(new URL(issuer.jwksUri)), {
    issuer: issuer.issuer,
    audience: 'the api',
    typ: 'token-introspection+jwt',
  });
  expect(payload['token_introspection']).toMatchObject({ active: true, aud: 'api' });
});
