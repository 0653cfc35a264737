import { TestIssuer, TestProofKey, type TestProofOptions } from 'nestjs-oidc-multi-auth/testing';
import { createHash } from 'node:crypto';
import type { RefusalCode } from '../../lib/core/refusal/refusal-code';
import { ADAPTERS, type TestApp } from '../support/test-app';
import { challenges, ORIGIN, refusal, send, startApi } from './support';

describe.each(ADAPTERS)('DPoP on %s', (adapter) => {
  let issuer: TestIssuer;
  let api: TestApp;
  let key: TestProofKey;
  let other: TestProofKey;
  let token: string;
  const url = `${ORIGIN}/mines`;

  beforeAll(async () => {
    [issuer, key, other] = await Promise.all([TestIssuer.start(), TestProofKey.create(), TestProofKey.create()]);
    api = await startApi(issuer, {}, adapter);
    token = await issuer.tokenFor('web', { claims: { cnf: key.confirmation } });
  });
  afterAll(async () => {
    await api.close();
    await issuer.stop();
  });

  const get = (options: Partial<TestProofOptions> = {}, of = key) =>
    api.get('/mines', of.headersFor(token, { url, ...options }));

  it('R9449-16 accepts a proof that passes every check, and again with another proof', async () => {
    expect(await get()).toMatchObject({ status: 200, body: { client: 'web' } });
    expect(await get()).toMatchObject({ status: 200, body: { client: 'web' } });
  });

  it.each(['dpop', 'DPOP', 'dPoP'])('accepts the scheme %s (FAPI 2.0: in any case)', async (scheme) => {
    const headers = { authorization: `${scheme} ${token}`, dpop: key.proofFor(token, { url }) };
    expect(await api.get('/mines', headers)).toMatchObject({ status: 200 });
  });

  it.each(['ES384', 'ES256', 'RS256', 'PS256', 'EdDSA'] as const)('R9449-05 judges proofs by %s', async (algorithm) => {
    const own = await TestProofKey.create(algorithm);
    const bound = await issuer.tokenFor('web', { claims: { cnf: own.confirmation } });
    const answer = await api.get('/mines', own.headersFor(bound, { url }));
    expect(answer).toEqual(
      algorithm === 'ES384' ? refusal('invalid_dpop_proof') : expect.objectContaining({ status: 200 }),
    );
  });

  const now = () => Math.floor(Date.now() / 1000);
  const without = (name: string): Partial<TestProofOptions> => ({ claims: { [name]: undefined } });

  /** Each check of section 4.3 fails alone. */
  const MATRIX: readonly [string, () => Partial<TestProofOptions>, RefusalCode?][] = [
    ['R9449-03 without jti', () => without('jti')],
    ['R9449-03 without htm', () => without('htm')],
    ['R9449-03 without htu', () => without('htu')],
    ['R9449-03 without iat', () => without('iat')],
    ['R9449-03 without ath', () => without('ath')],
    ['R9449-03 with a jti that is no string', () => ({ claims: { jti: 7 } })],
    ['R9449-24 with an empty jti', () => ({ claims: { jti: '' } })],
    ['R9449-24 with a jti of 257 characters', () => ({ claims: { jti: 'x'.repeat(257) } })],
    ['R9449-04 with typ JWT', () => ({ header: { typ: 'JWT' } })],
    ['R9449-04 without typ', () => ({ header: { typ: undefined } })],
    ['R9449-04 with typ DPOP+JWT', () => ({ header: { typ: 'DPOP+JWT' } })],
    ['R9449-05 with alg none', () => ({ header: { alg: 'none' } })],
    ['R9449-05 with alg HS256', () => ({ header: { alg: 'HS256' } })],
    ['R9449-05 with alg ES512', () => ({ header: { alg: 'ES512' } })],
    ['R9449-06 with the signature of another key', () => ({ header: { jwk: key.jwk } })],
    ['R9449-07 with a private key', () => ({ header: { jwk: { ...key.jwk, d: 'AAAA' } } })],
    ['R9449-07 with a shared key', () => ({ header: { jwk: { kty: 'oct', k: 'AAAA' } } })],
    ['R9449-07 without jwk', () => ({ header: { jwk: undefined } })],
    ['R9449-07 with a jwk that is no object', () => ({ header: { jwk: 'key' } })],
    ['R9449-08 for another method', () => ({ method: 'POST' })],
    ['R9449-08 for the method in lower case', () => ({ method: 'get' })],
    ['R9449-09 for another path', () => ({ url: `${ORIGIN}/mines/1` })],
    ['R9449-09 for another host', () => ({ url: 'https://other.example/mines' })],
    ['R9449-09 for http', () => ({ url: 'http://api.example/mines' })],
    ['R9449-09 for another port', () => ({ url: 'https://api.example:8443/mines' })],
    ['R9449-09 with user information', () => ({ url: 'https://me@api.example/mines' })],
    ['R9449-27 for the address of the server', () => ({ url: `${api.url}/mines` })],
    ['R9449-09 with a backslash', () => ({ claims: { htu: 'https://api.example\\mines' } })],
    ['R9449-09 with a tab', () => ({ claims: { htu: 'https://api.example/mi\tnes' } })],
    ['R9449-09 without a slash', () => ({ claims: { htu: 'https:/api.example/mines' } })],
    ['R9449-09 with white space', () => ({ claims: { htu: ' https://api.example/mines' } })],
    ['R9449-09 with a list', () => ({ claims: { htu: ['https://api.example/mines'] } })],
    ['R9449-12 issued 61 seconds ago', () => ({ claims: { iat: now() - 62 } })],
    ['R9449-12 issued 12 seconds ahead', () => ({ claims: { iat: now() + 12 } })],
    ['R9449-12 with an iat that is no number', () => ({ claims: { iat: String(now()) } })],
    ['not valid yet (nbf)', () => ({ claims: { nbf: now() + 12 } })],
    ['expired (exp)', () => ({ claims: { exp: now() - 11 } })],
    ['with an exp that is no number', () => ({ claims: { exp: 'later' } })],
    ['R9449-13 for another token', () => ({ claims: { ath: createHash('sha256').update('x').digest('base64url') } })],
    ['R9449-02 with a critical extension', () => ({ header: { crit: ['b64'] } })],
  ];

  it.each(MATRIX)('%s: the proof is refused', async (title, options, code = 'invalid_dpop_proof') => {
    const answer = await get(options(), title.includes('another key') ? other : key);
    expect(answer).toEqual(refusal(code));
    expect(answer.headers.get('www-authenticate')).toBe(challenges(code, 'DPoP'));
  });

  it('R9449-14 refuses a proof by another key', async () => {
    const answer = await get({}, other);
    expect(answer).toEqual(refusal('binding_mismatch'));
    expect(answer.headers.get('www-authenticate')).toBe(challenges('binding_mismatch', 'DPoP'));
  });

  it('R9449-17 R9449-18 refuses a token without a proof', async () => {
    const answer = await api.get('/mines', { authorization: `DPoP ${token}` });
    expect(answer).toEqual(refusal('proof_required'));
    expect(answer.headers.get('www-authenticate')).toBe(challenges('proof_required', 'DPoP'));
  });

  it('R9449-15 R9449-19 refuses a bound token under Bearer, with a proof and without', async () => {
    const proofs: Record<string, string>[] = [{}, { dpop: key.proofFor(token, { url }) }];
    for (const headers of proofs) {
      const answer = await api.get('/mines', { authorization: `Bearer ${token}`, ...headers });
      expect(answer).toEqual(refusal('proof_required'));
      expect(answer.headers.get('www-authenticate')).toBe(challenges('proof_required', 'Bearer'));
    }
  });

  it('R9449-21 refuses a token that is not bound under DPoP, before its proof is looked at', async () => {
    const plain = await issuer.tokenFor('web');
    const proofs: Record<string, string>[] = [{}, { dpop: key.proofFor(plain, { url }) }, { dpop: 'garbage' }];
    for (const headers of proofs) {
      const answer = await api.get('/mines', { ...headers, authorization: `DPoP ${plain}` });
      expect(answer).toEqual(refusal('unbound_token'));
      expect(answer.headers.get('www-authenticate')).toBe(challenges('unbound_token', 'DPoP'));
    }
  });

  it('accepts plain tokens under Bearer, and refuses those of a client that requires a constraint', async () => {
    expect(await api.get('/mines', await issuer.tokenFor('web'))).toMatchObject({ status: 200 });
    const answer = await api.get('/mines', await issuer.tokenFor('bound'));
    expect(answer).toEqual(refusal('unbound_token'));
    expect(answer.headers.get('www-authenticate')).toBe(challenges('unbound_token', 'Bearer'));
  });

  it('R9449-20 R9728-09 challenges with both schemes, and refuses two Authorization lines', async () => {
    const { status, headers } = await api.get('/mines');
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe(
      'Bearer realm="api", DPoP realm="api", algs="ES256 EdDSA Ed25519 PS256 RS256"',
    );
    const twice = await send(`${api.url}/mines`, 'GET', [
      ['Authorization', `Bearer ${token}`],
      ['Authorization', `DPoP ${token}`],
      ['DPoP', key.proofFor(token, { url })],
    ]);
    expect(twice).toEqual(refusal('invalid_request'));
  });

  it('R9449-01 refuses two DPoP lines, and two proofs in one', async () => {
    const proofs = [key.proofFor(token, { url }), key.proofFor(token, { url })];
    const lines = await send(`${api.url}/mines`, 'GET', [
      ['Authorization', `DPoP ${token}`],
      ...proofs.map((proof): [string, string] => ['DPoP', proof]),
    ]);
    expect(lines).toEqual(refusal('invalid_dpop_proof'));
    const joined = await api.get('/mines', { authorization: `DPoP ${token}`, dpop: proofs.join(', ') });
    expect(joined).toEqual(refusal('invalid_dpop_proof'));
  });

  it.each(['garbage', 'a.b', 'a.b.c', '..', 'x'.repeat(9000)])(
    'R9449-02 refuses what is no JWT: %.9s',
    async (proof) => {
      expect(await api.get('/mines', { authorization: `DPoP ${token}`, dpop: proof })).toEqual(
        refusal('invalid_dpop_proof'),
      );
    },
  );

  it('R9449-02 refuses a proof that says a name twice', async () => {
    const [header = '', claims = '', signature = ''] = key.proofFor(token, { url }).split('.');
    const text = Buffer.from(claims, 'base64url').toString().replace('{', '{"htm":"POST",');
    const proof = `${header}.${Buffer.from(text).toString('base64url')}.${signature}`;
    expect(await api.get('/mines', { authorization: `DPoP ${token}`, dpop: proof })).toEqual(
      refusal('invalid_dpop_proof'),
    );
  });

  it.each([
    'HTTPS://API.EXAMPLE/mines',
    'https://api.example:443/mines',
    'https://api.example:/mines',
    'https://api.example/%6d%69nes',
    'https://api.example/x/../mines',
    'https://api.example/./mines',
    'https://api.example/mines?x=1',
    'https://api.example/mines#part',
  ])('R9449-10 accepts the equivalent htu %s', async (htu) => {
    expect(await get({ claims: { htu } })).toMatchObject({ status: 200 });
  });

  it('R9449-09 ignores the query of the request', async () => {
    expect(await api.get('/mines?page=2', key.headersFor(token, { url }))).toMatchObject({ status: 200 });
  });

  it.each([-10, 10])('FAPI-06 accepts a proof whose iat is %i seconds off', async (skew) => {
    expect(await get({ claims: { iat: now() + skew } })).toMatchObject({ status: 200 });
  });

  it('accepts nbf and exp that fit', async () => {
    expect(await get({ claims: { nbf: now() - 5, exp: now() + 60 } })).toMatchObject({ status: 200 });
  });

  it('R9449-24 refuses a proof that was used, and a jti that its key used; not that of another key', async () => {
    const headers = key.headersFor(token, { url, claims: { jti: 'once' } });
    expect(await api.get('/mines', headers)).toMatchObject({ status: 200 });
    const answer = await api.get('/mines', headers);
    expect(answer).toEqual(refusal('invalid_dpop_proof'));
    expect(answer.headers.get('www-authenticate')).toBe(challenges('invalid_dpop_proof', 'DPoP'));
    expect(await get({ claims: { jti: 'once', iat: now() - 3 } })).toEqual(refusal('invalid_dpop_proof'));
    const bound = await issuer.tokenFor('web', { claims: { cnf: other.confirmation } });
    const theirs = other.headersFor(bound, { url, claims: { jti: 'once' } });
    expect(await api.get('/mines', theirs)).toMatchObject({ status: 200 });
  });

  it('R9449-24 does not use up a proof that fails a check', async () => {
    const headers = key.headersFor(token, { url });
    expect(await api.get('/mines/7', headers)).toEqual(refusal('invalid_dpop_proof'));
    expect(await api.get('/mines', headers)).toMatchObject({ status: 200 });
  });

  it('R9449-27 believes no Host and no X-Forwarded header', async () => {
    const lines = (proofUrl: string): [string, string][] => [
      ['Host', 'evil.example'],
      ['X-Forwarded-Host', 'evil.example'],
      ['X-Forwarded-Proto', 'https'],
      ['Authorization', `DPoP ${token}`],
      ['DPoP', key.proofFor(token, { url: proofUrl })],
    ];
    expect(await send(`${api.url}/mines`, 'GET', lines('https://evil.example/mines'))).toEqual(
      refusal('invalid_dpop_proof'),
    );
    expect(await send(`${api.url}/mines`, 'GET', lines(url))).toMatchObject({ status: 200 });
  });

  const CONFIRMATIONS: readonly [string, () => unknown, RefusalCode | undefined][] = [
    ['a member that is not known beside jkt', () => ({ jkt: key.thumbprint, 'kc-jkt-type': 'DPoP' }), undefined],
    ['no known method', () => ({ foo: 'bar' }), 'invalid_claims'],
    ['null', () => null, 'invalid_claims'],
    ['a list', () => [{ jkt: key.thumbprint }], 'invalid_claims'],
    ['a jkt that is no string', () => ({ jkt: 7 }), 'invalid_claims'],
    ['a jkt that is null', () => ({ jkt: null, 'x5t#S256': 'x' }), 'invalid_claims'],
    ['a certificate beside the key', () => ({ jkt: key.thumbprint, 'x5t#S256': 'x' }), 'proof_required'],
  ];
  it.each(CONFIRMATIONS)('R8705-08 judges a cnf with %s', async (_what, cnf, code) => {
    const bound = await issuer.tokenFor('web', { claims: { cnf: cnf() } });
    const answer = await api.get('/mines', key.headersFor(bound, { url }));
    expect(answer).toEqual(code === undefined ? expect.objectContaining({ status: 200 }) : refusal(code));
  });

  it("accepts Keycloak's body typ of DPoP once proven, and refuses it without a key", async () => {
    const claims = { typ: 'DPoP', cnf: { jkt: key.thumbprint, 'kc-jkt-type': 'DPoP' } };
    const bound = await issuer.tokenFor('web', { claims });
    expect(await api.get('/mines', key.headersFor(bound, { url }))).toMatchObject({ status: 200 });
    const loose = await issuer.tokenFor('web', { claims: { typ: 'DPoP' } });
    expect(await api.get('/mines', loose)).toEqual(refusal('invalid_claims'));
  });

  it('R9449-17 challenges with DPoP where a route refuses', async () => {
    const answer = await api.get('/admin', key.headersFor(token, { url: `${ORIGIN}/admin` }));
    expect(answer).toEqual(refusal('missing_a_valid_role'));
    expect(answer.headers.get('www-authenticate')).toBe(challenges('missing_a_valid_role', 'DPoP'));
  });
});
