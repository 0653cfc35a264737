import { Controller, Get, UseGuards } from '@nestjs/common';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  CurrentUser,
  MultiJwtGuard,
  OidcMultiAuthModule,
  OidcPrincipal,
  type OidcClientIntrospection,
  type OidcClientOptions,
} from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import type { TestApp } from '../support/test-app';
import { Endpoint, json, type Answering } from './support';

const startApp = useApps();
const issuerOfJwts = useTestIssuer();
let endpoint: Endpoint;
beforeEach(async () => {
  endpoint = new Endpoint();
  await endpoint.start();
});
afterEach(() => endpoint.stop());

@UseGuards(MultiJwtGuard)
@Controller('me')
class MeController {
  @Get()
  me(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client, subject: user.subject, issuer: user.issuer, roles: user.roles, scopes: user.scopes };
  }
}

const ISSUER = 'https://opaque.example';

function opaqueClient(introspection: Partial<OidcClientIntrospection> = {}, more: Partial<OidcClientOptions> = {}) {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    name: 'b',
    audience: 'api-b',
    issuer: ISSUER,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    roles: 'roles',
    introspection: { clientId: 'the api', clientSecret: 's:e/c+r', endpoint: endpoint.url, ...introspection },
    ...more,
  };
}

function start(clients: readonly OidcClientOptions[], options: { fetchTimeout?: number } = {}): Promise<TestApp> {
  return startApp({
    imports: [OidcMultiAuthModule.forRoot({ clients, ...options })],
    controllers: [MeController],
  });
}

const soon = () => Math.floor(Date.now() / 1000) + 300;
const active = (members: object = {}): Answering => {
  return (response) =>
    json(response, { active: true, sub: 'u', aud: 'api-b', exp: soon(), roles: ['r'], scope: 'x y', ...members });
};

it('LIB-20 one route takes a JWT of one client and an opaque token of another', async () => {
  endpoint.answer = active();
  const a = { name: 'a', audience: 'api-a', issuer: issuerOfJwts.issuer };
  const app = await start([a, opaqueClient()]);
  expect((await app.get('/me', await issuerOfJwts.tokenFor('api-a'))).body.client).toBe('a');
  const { status, body } = await app.get('/me', 'ory_at_1234');
  expect(status).toBe(200);
  expect(body).toEqual({ client: 'b', subject: 'u', issuer: ISSUER, roles: ['r'], scopes: ['x', 'y'] });
  // The JWT was not sent anywhere.
  expect(endpoint.asked.map(({ form }) => form.get('token'))).toEqual(['ory_at_1234']);
});

it('R7662-01 R7662-02 R7662-08 asks by POST with a form, and authenticates', async () => {
  const app = await start([opaqueClient()]);
  expect((await app.get('/me', 'opaque')).body.code).toBe('token_inactive');
  const [{ method, url, authorization, form } = { form: new URLSearchParams() }] = endpoint.asked;
  expect({ method, url, form: Object.fromEntries(form) }).toEqual({
    method: 'POST',
    url: '/introspect',
    form: { token: 'opaque', token_type_hint: 'access_token' },
  });
  // RFC 6749 section 2.3.1: form-encoded before base64.
  expect(authorization).toBe(`Basic ${Buffer.from('the+api:s%3Ae%2Fc%2Br').toString('base64')}`);
});

it.each([
  ['client_secret_post', { clientSecret: 'secret' }, ['client_secret']],
  [
    'private_key_jwt',
    {
      privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
      algorithm: 'ES256',
    },
    ['client_assertion', 'client_assertion_type'],
  ],
  ['tls_client_auth', {}, []],
] as const)('R7662-02 authenticates by %s', async (method, secrets, fields) => {
  endpoint.answer = active();
  const app = await start([opaqueClient({ clientSecret: undefined, method, ...secrets })]);
  expect((await app.get('/me', 'opaque')).status).toBe(200);
  const [asked] = endpoint.asked;
  expect(asked?.authorization).toBeUndefined();
  expect([...(asked?.form.keys() ?? [])].sort()).toEqual([...fields, 'client_id', 'token', 'token_type_hint'].sort());
});

it.each([
  ['R7662-03 active is a string', { active: 'true' }, 'token_inactive'],
  ['R7662-03 active is a number', { active: 1 }, 'token_inactive'],
  ['R7662-03 active is missing', { active: undefined }, 'token_inactive'],
  ['R7662-04 another audience', { aud: 'other' }, 'unknown_audience'],
  ['R7662-04 no audience', { aud: undefined }, 'unknown_audience'],
  ['R7662-04 another issuer', { iss: 'https://other.example' }, 'unknown_issuer'],
  ['R7662-04 expired', { exp: 1 }, 'token_expired'],
  ['R7662-04 exp is a string', { exp: '9999999999' }, 'invalid_claims'],
  ['R7662-04 not valid yet', { nbf: 9_999_999_999 }, 'token_not_active'],
  ['a refresh token', { token_use: 'refresh_token' }, 'wrong_token_type'],
  ['a refresh token of Keycloak', { typ: 'Refresh' }, 'wrong_token_type'],
  ['a binding that is not checked', { cnf: { jkt: 'x' } }, 'invalid_claims'],
])('refuses an answer: %s', async (_, members, code) => {
  endpoint.answer = active(members);
  const app = await start([opaqueClient()]);
  const { status, body } = await app.get('/me', 'opaque');
  expect({ status, code: body.code }).toEqual({ status: 401, code });
});

it.each<[string, Answering]>([
  ['hangs', () => undefined],
  ['fails', (response) => json(response, {}, 500)],
  ['refuses the API', (response) => json(response, { error: 'invalid_client' }, 401)],
  ['answers with HTML', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')],
  ['answers with a redirect', (response) => response.writeHead(302, { location: endpoint.url }).end()],
  ['answers with 10 MB', (response) => json(response, { active: true, aud: 'api-b', x: 'x'.repeat(1e7) })],
  ['answers with an array', (response) => json(response, [{ active: true }])],
  [
    'answers twice',
    (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"active":false,"active":true,"aud":"api-b"}'),
  ],
])('R7662-09 answers 503 while the endpoint %s', async (_, answer) => {
  endpoint.answer = answer;
  const app = await start([opaqueClient()], { fetchTimeout: 0.5 });
  const { status, body, headers } = await app.get('/me', 'opaque');
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'introspection_unavailable' });
  expect(headers.get('retry-after')).toMatch(/^\d+$/);
  expect(headers.get('www-authenticate')).toBeNull();
  expect(endpoint.asked).toHaveLength(1);
});

it('R7662-06 remembers an answer for cacheFor, so that a revoked token is refused after it', async () => {
  endpoint.answer = active();
  const app = await start([opaqueClient({ cacheFor: 0.5 })]);
  expect((await app.get('/me', 'opaque')).status).toBe(200);
  endpoint.answer = (response) => json(response, { active: false });
  expect((await app.get('/me', 'opaque')).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect((await app.get('/me', 'opaque')).body.code).toBe('token_inactive');
  expect((await app.get('/me', 'opaque')).body.code).toBe('token_inactive');
  expect(endpoint.asked).toHaveLength(2);
});

it('R7662-05 remembers no answer beyond exp', async () => {
  const exp = Math.floor(Date.now() / 1000) + 1;
  endpoint.answer = active({ exp });
  const app = await start([opaqueClient({ cacheFor: 300 }, { clockTolerance: 30 })]);
  await app.get('/me', 'opaque');
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await app.get('/me', 'opaque');
  expect(endpoint.asked).toHaveLength(2);
});

it('asks once for requests with one token at a time', async () => {
  endpoint.answer = (response, asked) => setTimeout(() => active()(response, asked), 100);
  const app = await start([opaqueClient()]);
  const answers = await Promise.all(Array.from({ length: 200 }, () => app.get('/me', 'opaque')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(endpoint.asked).toHaveLength(1);
});

it('R7662-10 sends a token to one issuer only, by its prefix', async () => {
  const second = new Endpoint();
  await second.start();
  try {
    const other = opaqueClient(
      { endpoint: second.url, tokenPrefix: 'two_' },
      { name: 'c', issuer: 'https://two.example' },
    );
    const app = await start([opaqueClient(), other]);
    await app.get('/me', 'one');
    await app.get('/me', 'two_1');
    // A JWT that cannot be read is malformed, and nobody's.
    expect((await app.get('/me', 'eyJhbGciOiJub25lIn0.x')).body.code).toBe('malformed_token');
    expect(endpoint.asked.map(({ form }) => form.get('token'))).toEqual(['one']);
    expect(second.asked.map(({ form }) => form.get('token'))).toEqual(['two_1']);
  } finally {
    await second.stop();
  }
});

it('R7662-10 issuers whose opaque tokens cannot be told apart are a fault', () => {
  const clients = [opaqueClient(), opaqueClient({}, { name: 'c', issuer: 'https://two.example' })];
  expect(() => OidcMultiAuthModule.forRoot({ clients })).not.toThrow();
  return expect(start(clients)).rejects.toThrow(/opaque tokens cannot be told apart/);
});

it('an answer without aud is for the client of its party, where that is implied', async () => {
  endpoint.answer = active({ aud: undefined, client_id: 'spa' });
  const b = opaqueClient({ audience: 'implied' }, { authorizedParties: ['spa'] });
  const { publicKey } = b;
  const c = { name: 'c', audience: 'api-c', issuer: ISSUER, publicKey, authorizedParties: ['other'] };
  const app = await start([b, c]);
  expect((await app.get('/me', 'opaque')).body.client).toBe('b');
  endpoint.answer = active({ aud: undefined, client_id: 'nobody' });
  expect((await app.get('/me', 'opaque2')).body.code).toBe('ambiguous_client');
});

describe('with jwts', () => {
  const client = (): OidcClientOptions => ({
    name: 'a',
    audience: 'api-a',
    issuer: issuerOfJwts.issuer,
    roles: 'roles',
    introspection: { clientId: 'api', clientSecret: 's', endpoint: endpoint.url, jwts: true },
  });

  it('adds the claims of the answer to those of a JWT', async () => {
    endpoint.answer = (response) => json(response, { active: true, roles: ['added'] });
    const app = await start([client()]);
    const { status, body } = await app.get('/me', await issuerOfJwts.tokenFor('api-a'));
    expect({ status, roles: body.roles }).toEqual({ status: 200, roles: ['added'] });
  });

  it.each([
    ['not active', { active: false }, 'token_inactive'],
    ['another subject', { active: true, sub: 'other' }, 'invalid_claims'],
    ['another issuer', { active: true, iss: 'https://other.example' }, 'invalid_claims'],
    ['another audience', { active: true, aud: 'other' }, 'invalid_claims'],
  ])('refuses what the answer contradicts: %s', async (_, answer, code) => {
    endpoint.answer = (response) => json(response, answer);
    const app = await start([client()]);
    expect((await app.get('/me', await issuerOfJwts.tokenFor('api-a', { claims: { sub: 'u' } }))).body.code).toBe(code);
  });

  it('does not ask about a JWT that is not good', async () => {
    const app = await start([client()]);
    const token = await issuerOfJwts.tokenFor('api-a');
    expect((await app.get('/me', `${token.slice(0, -6)}AAAAAA`)).status).toBe(401);
    expect(endpoint.asked).toHaveLength(0);
  });
});

describe('signed answers', () => {
  const signed = async (changes: object = {}, header: object = {}) =>
    issuerOfJwts.sign(
      {
        iss: issuerOfJwts.issuer,
        aud: 'api',
        iat: Math.floor(Date.now() / 1000),
        token_introspection: { active: true, aud: 'api-a', exp: soon() },
        ...changes,
      },
      { header: { typ: 'token-introspection+jwt', ...header } },
    );
  const serve = (jwt: string) => {
    endpoint.answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/token-introspection+jwt' }).end(jwt);
  };
  const begin = () =>
    start([
      {
        name: 'a',
        audience: 'api-a',
        issuer: issuerOfJwts.issuer,
        introspection: { clientId: 'api', clientSecret: 's', endpoint: endpoint.url, signedResponses: true },
      },
    ]);

  it('R9701-01 are accepted', async () => {
    serve(await signed());
    const app = await begin();
    expect((await app.get('/me', 'opaque')).status).toBe(200);
  });

  it.each([
    ['iss', { iss: 'https://other.example' }, {}],
    ['aud', { aud: 'other' }, {}],
    ['iat', { iat: 1 }, {}],
    ['typ', {}, { typ: 'JWT' }],
    ['token_introspection', { token_introspection: undefined, active: true }, {}],
  ])('R9701-01 are refused with another %s', async (_, changes, header) => {
    serve(await signed(changes, header));
    const app = await begin();
    expect((await app.get('/me', 'opaque')).status).toBe(503);
  });

  it('R9701-01 are refused with another signature, and unsigned', async () => {
    const jwt = await signed();
    serve(`${jwt.slice(0, -8)}AAAAAAAA`);
    const app = await begin();
    expect((await app.get('/me', 'opaque')).status).toBe(503);
    endpoint.answer = active({ aud: 'api-a' });
    expect((await app.get('/me', 'opaque2')).status).toBe(503);
  });

  it('R9701-02 are no access tokens', async () => {
    const app = await begin();
    const jwt = await signed({ aud: ['api', 'api-a'], exp: soon(), sub: 'u' });
    expect((await app.get('/me', jwt)).body.code).toBe('wrong_token_type');
    expect(endpoint.asked).toHaveLength(0);
  });
});

it('a flood of made-up tokens makes a bounded number of requests, and starves no good caller', async () => {
  endpoint.answer = (response, asked) =>
    asked.form.get('token') === 'good' ? active()(response, asked) : json(response, { active: false });
  const app = await start([opaqueClient({ cacheFor: 0 })]);
  expect((await app.get('/me', 'good')).status).toBe(200);
  const codes = new Set<string>();
  const good: number[] = [];
  const startedAt = performance.now();
  for (let round = 0; round < 5; round += 1) {
    const flood = Promise.all(Array.from({ length: 200 }, () => app.get('/me', randomUUID())));
    good.push((await app.get('/me', 'good')).status);
    (await flood).forEach(({ body }) => codes.add(body.code));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  expect(good).toEqual(Array.from({ length: 5 }, () => 200));
  expect(codes).toEqual(new Set(['token_inactive', 'introspection_unavailable']));
  // 100 fruitless questions at once, 20 each second, those that were under way, and the good ones.
  expect(endpoint.asked.length).toBeLessThan(100 + 20 * seconds + 32 + 6);
});
