import { generateKeyPair, generateProof, calculateThumbprint } from 'dpop';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { parseProof, thumbprintOf, type Proof } from '../../lib/core/proof/proof';
import { findProofFault, findProofFaults, type ProofContext } from '../../lib/core/proof/proof-checks';
import type { TestApp } from '../support/test-app';
import { ORIGIN, refusal, startApi } from './support';

const parse = (text: string): Proof => {
  const proof = parseProof(text, () => undefined);
  if (proof === undefined) {
    throw new Error('the proof is malformed');
  }
  return proof;
};

describe("RFC 9449's own examples", () => {
  const HEADER =
    'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo' +
    'RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19';
  /** Section 4.2: a proof for a token request, without ath. */
  const TOKEN_REQUEST =
    `${HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2Vu` +
    'IiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg';
  /** Section 7.1: a proof for a request to a protected resource. */
  const RESOURCE_REQUEST =
    `${HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90` +
    'ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.' +
    '2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA';
  /** Section 6.1. */
  const THUMBPRINT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';

  const context: ProofContext = {
    algorithms: new Set(['ES256']),
    maxProofAge: 60,
    method: 'GET',
    targets: ['https://resource.example.org/protectedresource'],
    token: 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU',
    thumbprint: THUMBPRINT,
    now: 1_562_262_618,
  };

  it('R9449-13 R9449-14 the request to a protected resource is accepted', () => {
    expect(parse(RESOURCE_REQUEST).header.thumbprint).toBe(THUMBPRINT);
    expect(findProofFault(parse(RESOURCE_REQUEST), context)).toBeUndefined();
  });

  it('R9449-03 the token request has no ath, and is for another request', () => {
    const faults = findProofFaults(parse(TOKEN_REQUEST), context).map(({ claim }) => claim);
    expect(faults).toEqual(['htm', 'htu', 'ath']);
  });

  it('R9449-12 they are too old for now', () => {
    const faults = findProofFaults(parse(RESOURCE_REQUEST), { ...context, now: Date.now() / 1000 });
    expect(faults.map(({ claim }) => claim)).toEqual(['iat']);
  });

  it('RFC 7638 section 3.1: the thumbprint of an RSA key', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst' +
      'n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajr' +
      'n1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    expect(thumbprintOf({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' })).toBe(
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    );
  });
});

describe('proofs that the package dpop makes', () => {
  let issuer: TestIssuer;
  let api: TestApp;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
    api = await startApi(issuer);
  });
  afterAll(async () => {
    await api.close();
    await issuer.stop();
  });

  it.each(['ES256', 'RS256', 'PS256', 'Ed25519'] as const)('R9449-16 are accepted: %s', async (algorithm) => {
    const keys = await generateKeyPair(algorithm);
    const jkt = await calculateThumbprint(keys.publicKey);
    const token = await issuer.tokenFor('web', { claims: { cnf: { jkt } } });
    const headers = async (method: string) => ({
      authorization: `DPoP ${token}`,
      dpop: await generateProof(keys, `${ORIGIN}/mines`, method, undefined, token),
    });
    expect(await api.get('/mines', await headers('GET'))).toMatchObject({ status: 200 });
    expect(await api.get('/mines', await headers('POST'))).toEqual(refusal('invalid_dpop_proof'));
    const posted = await fetch(`${api.url}/mines`, { method: 'POST', headers: await headers('POST') });
    expect(posted.status).toBe(201);
  });
});
