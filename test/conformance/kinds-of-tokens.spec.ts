import { Controller, Get } from '@nestjs/common';
import { OidcAuthService, OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { createCipheriv, createPublicKey, constants, publicEncrypt, randomBytes } from 'node:crypto';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { type TestApp } from '../support/test-app';

const startApp = useApps();

// Many requests, or processes of their own: slow where the machine is busy.
jest.setTimeout(60_000);

@Controller()
class MeController {
  @Get('me')
  me() {
    return 'me';
  }
}

const issuer = useTestIssuer();
let app: TestApp;
beforeAll(async () => {
  app = await startApp({
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [{ name: 'a', audience: 'a', issuer: issuer.issuer }],
        globalGuards: true,
      }),
    ],
    controllers: [MeController],
  });
});

const base64url = (text: string): string => Buffer.from(text).toString('base64url');
const claims = () => ({ iss: issuer.issuer, aud: 'a', sub: 's', exp: Math.floor(Date.now() / 1000) + 300 });
const answer = async (token: string) => {
  const { status, body, headers } = await app.get('/me', token);
  return [status, body.code, headers.get('www-authenticate')];
};
const refusedAs = (code: string) => [401, code, expect.stringContaining('error="invalid_token"')];

describe('R8725-15 R9068-11 a token that is good but for its kind', () => {
  const LOGOUT = { 'http://schemas.openid.net/event/backchannel-logout': {} };

  it.each<[string, object, object]>([
    ['an ID token', {}, { nonce: 'n', at_hash: 'x' }],
    ['an ID token of a code flow', {}, { nonce: 'n', c_hash: 'x' }],
    ['an ID token of Keycloak', {}, { typ: 'ID', azp: 'a' }],
    ['a refresh token of Keycloak', {}, { typ: 'Refresh' }],
    ['an offline token of Keycloak', {}, { typ: 'Offline' }],
    ['a logout token', { typ: 'logout+jwt' }, { events: LOGOUT, jti: 'j' }],
    ['BCL-13 a logout token without type', { typ: undefined }, { events: LOGOUT, jti: 'j' }],
    ['a logout token of Keycloak', {}, { typ: 'Logout', events: LOGOUT }],
    ['a security event token', { typ: 'secevent+jwt' }, { events: { 'https://schemas.openid.net/secevent/x': {} } }],
    ['a proof of DPoP', { typ: 'dpop+jwt', jwk: { kty: 'EC' } }, { htm: 'GET', htu: 'https://a.example', jti: 'j' }],
    [
      'R9701-02 an answer of introspection',
      { typ: 'token-introspection+jwt' },
      { token_introspection: { active: true } },
    ],
    ['an authorization request', { typ: 'oauth-authz-req+jwt' }, { response_type: 'code' }],
    ['a client assertion', { typ: 'client-authentication+jwt' }, { jti: 'j' }],
  ])('%s is refused', async (_kind, header, more) => {
    const token = await issuer.sign({ ...claims(), ...more }, { header: { ...header } });
    expect(await answer(token)).toEqual(refusedAs('wrong_token_type'));
  });

  it('and one of the right kind is accepted', async () => {
    for (const typ of [undefined, 'JWT', 'at+jwt']) {
      expect((await app.get('/me', await issuer.sign(claims(), { header: { typ } }))).status).toBe(200);
    }
  });
});

describe('R9449-19 R8705-03 R8705-08 a token that is bound to its sender', () => {
  it.each([{ jkt: 'x' }, { 'x5t#S256': 'x' }, { 'x5t#S256': 'x', jkt: 'x' }, { kid: 'x' }, { foo: 1 }, {}])(
    'is refused as a bearer token: %j',
    async (cnf) => {
      expect(await answer(await issuer.sign({ ...claims(), cnf }))).toEqual(refusedAs('invalid_claims'));
    },
  );
});

describe('R7515-03 R8725-08 R9068-09 an encrypted token', () => {
  /** A real one (RFC 7516 section 5.1): RSA-OAEP with AES-256-GCM, for the key that the issuer publishes. */
  function encrypted(plaintext: string, header: object): string {
    const [jwk] = issuer.jwks.keys;
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    const [secret, iv] = [randomBytes(32), randomBytes(12)];
    const protectedHeader = base64url(JSON.stringify({ alg: 'RSA-OAEP', enc: 'A256GCM', ...header }));
    const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(protectedHeader));
    const parts = [
      publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING }, secret),
      iv,
      Buffer.concat([cipher.update(plaintext), cipher.final()]),
    ];
    return [protectedHeader, ...[...parts, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.');
  }

  it('is malformed here, also around a token that is good', async () => {
    const good = await issuer.sign(claims());
    expect(await answer(encrypted(good, { cty: 'JWT' }))).toEqual(refusedAs('malformed_token'));
    expect(await answer(encrypted(JSON.stringify(claims()), { typ: 'at+jwt' }))).toEqual(refusedAs('malformed_token'));
  });

  it('costs nothing, whatever its header asks for', async () => {
    const began = performance.now();
    for (const header of [
      { alg: 'PBES2-HS256+A128KW', p2c: 2_147_483_647, p2s: 'AAAA' },
      { zip: 'DEF' },
      { alg: 'dir' },
    ]) {
      expect(await answer(encrypted('x'.repeat(4000), header))).toEqual(refusedAs('malformed_token'));
      // As three parts, too, where only the algorithm tells.
      const three = `${base64url(JSON.stringify({ enc: 'A256GCM', ...header }))}.${base64url('{}')}.AAAA`;
      expect((await answer(three))[0]).toBe(401);
    }
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('R7515-09 a header that nothing protects', () => {
  it('cannot be: JSON serialization is no token, with crit in it or without', async () => {
    const [header, payload, signature] = (await issuer.sign(claims())).split('.');
    const auth = app.app.get(OidcAuthService);
    for (const unprotected of [{ crit: ['exp'] }, { kid: 'x' }, {}]) {
      for (const serialized of [
        { payload, protected: header, header: unprotected, signature },
        { payload, signatures: [{ protected: header, header: unprotected, signature }] },
      ]) {
        const text = JSON.stringify(serialized);
        expect(await auth.decide(text)).toMatchObject({ code: 'malformed_token' });
        expect(await app.get('/me', text)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
        expect(await auth.decide(base64url(text))).toMatchObject({ code: 'malformed_token' });
      }
    }
  });
});
