import { TestIssuer, TestProofKey } from 'nestjs-oidc-multi-auth/testing';
import type { AsymmetricAlgorithm } from '../../lib';
import { resolveConfiguration } from '../../lib/configuration/resolve-configuration';
import { OidcConfigurationError } from '../../lib/configuration/configuration-error';
import type { TestApp } from '../support/test-app';
import { ORIGIN, refusal, send, startApi } from './support';

/**
 * The resource server's part of the negative tests for DPoP in the OpenID conformance suite for the FAPI 2.0 Security Profile,
 * by what their descriptions say, and the rules of its section 5.3.4.
 */
describe("strictness: { profile: 'fapi2' }", () => {
  let issuer: TestIssuer;
  let key: TestProofKey;
  let api: TestApp;
  const url = `${ORIGIN}/mines`;
  const now = () => Math.floor(Date.now() / 1000);

  beforeAll(async () => {
    [issuer, key] = await Promise.all([TestIssuer.start({ algorithm: 'PS256' }), TestProofKey.create()]);
    api = await startApi(issuer, {
      clients: [
        { name: 'fapi', audience: 'fapi', issuer: issuer.issuer, strictness: { profile: 'fapi2' } },
        { name: 'trial', audience: 'trial', issuer: issuer.issuer, strictness: { profile: 'fapi2', mode: 'report' } },
      ],
      tokenSources: { cookie: 'token', query: true },
    });
    // Its key is published before the API asks for the key set.
    await Promise.all((['RS256', 'ES256', 'EdDSA', 'ES384'] as const).map((algorithm) => tokenBy(algorithm)));
  });
  afterAll(async () => {
    await api.close();
    await issuer.stop();
  });

  const tokenBy = (algorithm: AsymmetricAlgorithm, claims: object = {}) =>
    issuer.sign(
      {
        iss: issuer.issuer,
        aud: 'fapi',
        sub: 'somebody',
        iat: now(),
        exp: now() + 300,
        cnf: key.confirmation,
        ...claims,
      },
      { algorithm },
    );
  const ask = (token: string, proof: Record<string, unknown> = {}) =>
    api.get('/mines', key.headersFor(token, { url, claims: proof }));

  it.each(['PS256', 'ES256', 'EdDSA'] as const)('FAPI-05 accepts tokens that are signed with %s', async (algorithm) => {
    expect(await ask(await tokenBy(algorithm))).toMatchObject({ status: 200 });
  });

  it.each(['RS256', 'ES384'] as const)('FAPI-05 refuses tokens that are signed with %s', async (algorithm) => {
    expect(await ask(await tokenBy(algorithm))).toEqual(refusal('algorithm_not_allowed'));
  });

  it('FAPI-05 refuses proofs that are signed with RS256', async () => {
    const other = await TestProofKey.create('RS256');
    const token = await tokenBy('PS256', { cnf: other.confirmation });
    expect(await api.get('/mines', other.headersFor(token, { url }))).toEqual(refusal('invalid_dpop_proof'));
  });

  it('FAPI-04 refuses a plain bearer token', async () => {
    const token = await tokenBy('PS256', { cnf: undefined });
    expect(await api.get('/mines', token)).toEqual(refusal('unbound_token'));
  });

  it('FAPI-01 refuses a token in the query or a cookie', async () => {
    const token = await tokenBy('PS256');
    const dpop = key.proofFor(token, { url });
    expect(await api.get(`/mines?access_token=${token}`, { dpop })).toEqual(refusal('proof_required'));
    expect(await api.get('/mines', { cookie: `token=${token}`, dpop })).toEqual(refusal('proof_required'));
  });

  it.each([9, 0, -30])('FAPI-06 accepts a token with iat and nbf %i s ahead', async (ahead) => {
    const token = await tokenBy('PS256', { iat: now() + ahead, nbf: now() + ahead });
    expect(await ask(token)).toMatchObject({ status: 200 });
  });

  it.each(['iat', 'nbf'])('FAPI-06 refuses a token with %s 61 s ahead', async (claim) => {
    expect(await ask(await tokenBy('PS256', { [claim]: now() + 61 }))).toEqual(refusal('token_not_active'));
  });

  it('FAPI-02 refuses an expired token, and one with another signature', async () => {
    expect(await ask(await tokenBy('PS256', { exp: now() - 11 }))).toEqual(refusal('token_expired'));
    const token = await tokenBy('PS256');
    const broken = token.slice(0, -4) + (token.endsWith('AAAA') ? 'BBBB' : 'AAAA');
    expect([401]).toContain((await ask(broken)).status);
  });

  it('FAPI-03 refuses a token that may not, with 403', async () => {
    const token = await tokenBy('PS256');
    expect(await api.get('/admin', key.headersFor(token, { url: `${ORIGIN}/admin` }))).toEqual(
      refusal('missing_a_valid_role'),
    );
  });

  it('reports a plain token where the profile only reports', async () => {
    const token = await tokenBy('RS256', { aud: 'trial', cnf: undefined });
    expect(await api.get('/mines', token)).toMatchObject({ status: 200 });
  });

  describe('the negative tests for DPoP', () => {
    it.each([
      ['another ath', { ath: 'x' }],
      ['no ath', { ath: undefined }],
      ['no jti', { jti: undefined }],
      ['another htm', { htm: 'PUT' }],
      ['another htu', { htu: `${ORIGIN}/other` }],
      ['an htu that is no URL', { htu: 'mines' }],
      ['an old iat', { iat: 1_600_000_000 }],
      ['an iat that is far ahead', { iat: 4_000_000_000 }],
      ['an exp that is over', { exp: 1_600_000_000 }],
      ['an nbf that is far ahead', { nbf: 4_000_000_000 }],
    ])('refuse a proof with %s', async (_what, claims) => {
      expect(await ask(await tokenBy('PS256'), claims)).toEqual(refusal('invalid_dpop_proof'));
    });

    it.each([
      ['scheme and host of htu in other case', { htu: 'HtTpS://aPi.ExAmPlE/mines' }],
      ['iat 10 seconds ago', { iat: Math.floor(Date.now() / 1000) - 10 }],
      ['nbf and exp around now', { nbf: 1_600_000_000, exp: 4_000_000_000 }],
    ])('accept a proof with %s', async (_what, claims) => {
      expect(await ask(await tokenBy('PS256'), claims)).toMatchObject({ status: 200 });
    });

    it.each(['DPoP', 'dpop', 'DPOP', 'dPoP'])('accept the scheme in any case: %s', async (scheme) => {
      const token = await tokenBy('PS256');
      const dpop = key.proofFor(token, { url });
      expect(await api.get('/mines', { authorization: `${scheme} ${token}`, dpop })).toMatchObject({ status: 200 });
    });

    it('refuse several DPoP headers', async () => {
      const token = await tokenBy('PS256');
      const dpop = key.proofFor(token, { url });
      const lines = [
        ['Authorization', `DPoP ${token}`],
        ['DPoP', dpop],
        ['DPoP', dpop],
      ] as const;
      expect([400, 401]).toContain((await send(`${api.url}/mines`, 'GET', lines)).status);
    });
  });
});

describe('options that cannot hold', () => {
  const client = { name: 'a', audience: 'a', issuer: 'https://sso.example' };
  const possession = { origins: ['https://api.example'] };
  const faultsOf = (options: object): string[] => {
    try {
      resolveConfiguration({ clients: [client], ...options });
      return [];
    } catch (error) {
      return error instanceof OidcConfigurationError
        ? error.faults.map(({ field, problem }) => `${field} ${problem}`)
        : [String(error)];
    }
  };
  const secret = 's'.repeat(32);
  const header = { header: 'client-cert', format: 'rfc9440', proxies: ['10.0.0.0/8'] };

  it.each<[string, object, string | undefined]>([
    ['origins alone', { proofOfPossession: possession }, undefined],
    ['an origin with a path', { proofOfPossession: { origins: ['https://api.example/v1'] } }, undefined],
    ['an origin of localhost', { proofOfPossession: { origins: ['http://localhost:3000'] } }, undefined],
    [
      'none, with metadata',
      { proofOfPossession: {}, resourceMetadata: { resource: 'https://api.example' } },
      undefined,
    ],
    ['none', { proofOfPossession: {} }, 'proofOfPossession has no origins'],
    ['an empty list', { proofOfPossession: { origins: [] } }, 'proofOfPossession origins is not'],
    ['http', { proofOfPossession: { origins: ['http://api.example'] } }, 'proofOfPossession origins'],
    ['a query', { proofOfPossession: { origins: ['https://api.example?x'] } }, 'proofOfPossession origins'],
    ['no URL', { proofOfPossession: { origins: ['api.example'] } }, 'proofOfPossession origins'],
    ['an age', { proofOfPossession: { ...possession, maxProofAge: 5 } }, 'proofOfPossession maxProofAge'],
    ['HS256', { proofOfPossession: { ...possession, algorithms: ['HS256'] } }, 'proofOfPossession algorithms "HS256"'],
    ['none', { proofOfPossession: { ...possession, algorithms: ['none'] } }, 'proofOfPossession algorithms "none"'],
    ['a store', { proofOfPossession: { ...possession, replayStore: {} } }, 'proofOfPossession replayStore'],
    ['a nonce', { proofOfPossession: { ...possession, nonce: { secrets: [secret] } } }, undefined],
    [
      'a short secret',
      { proofOfPossession: { ...possession, nonce: { secrets: ['s'] } } },
      'proofOfPossession nonce secrets',
    ],
    ['no secrets', { proofOfPossession: { ...possession, nonce: {} } }, 'proofOfPossession nonce secrets is missing'],
    ['a header', { proofOfPossession: { ...possession, clientCertificate: header } }, undefined],
    [
      'a header from anywhere',
      { proofOfPossession: { ...possession, clientCertificate: { ...header, proxies: undefined } } },
      'proofOfPossession clientCertificate proxies is missing',
    ],
    [
      'a network that is none',
      { proofOfPossession: { ...possession, clientCertificate: { ...header, proxies: ['10.0.0.0/33'] } } },
      'proofOfPossession clientCertificate proxies "10.0.0.0/33"',
    ],
    [
      'a constraint that nothing checks',
      { defaults: { requireSenderConstraint: true } },
      'requireSenderConstraint asks',
    ],
    ['fapi2 that nothing checks', { defaults: { strictness: { profile: 'fapi2' } } }, 'strictness profile fapi2'],
    [
      'fapi2 with RS256',
      { proofOfPossession: possession, defaults: { strictness: { profile: 'fapi2' }, algorithms: ['RS256'] } },
      'algorithms does not fit profile fapi2',
    ],
    [
      'fapi2 with a tolerance of 5 s',
      { proofOfPossession: possession, defaults: { strictness: { profile: 'fapi2' }, clockTolerance: 5 } },
      'clockTolerance is not from 10 to 60',
    ],
    ['a misspelled option', { proofOfPossession: { ...possession, origin: 'x' } }, 'proofOfPossession origin is none'],
  ])('%s: are a fault at start or not', (_what, options, fault) => {
    const faults = faultsOf(options);
    expect(faults.map((each) => each.slice(0, fault?.length))).toEqual(fault === undefined ? [] : [fault]);
    expect(faults.join()).not.toContain(secret);
  });
});
