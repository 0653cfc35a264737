import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { isSupported } from '../../../lib/core/key/fitting-algorithms';
import { importJwk } from '../../../lib/core/key/verification-key';
import { resolveConfiguration } from '../../../lib/configuration/resolve-configuration';
import { decideNow, outcomeOf, verifierOf } from '../../hardening/support/core';

const ISSUER = 'https://issuer.example';
const now = 1_800_000_000;

describe('KEY-2 the two names of EdDSA with Ed25519', () => {
  const NAMES = ['EdDSA', 'Ed25519'] as const;
  const combinations = NAMES.flatMap((inToken) =>
    [...NAMES, undefined].flatMap((inKey) => [...NAMES, undefined].map((listed) => ({ inToken, inKey, listed }))),
  );

  it.each(combinations)('$inToken in the token, $inKey in the key, $listed in the options', async (names) => {
    const { publicKey, privateKey } = await generateKeyPair(names.inToken, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', ...(names.inKey && { alg: names.inKey }) };
    const token = await new SignJWT({ iss: ISSUER, aud: 'api', exp: now + 300 })
      .setProtectedHeader({ alg: names.inToken, kid: 'k' })
      .sign(privateKey);
    const verifier = verifierOf([
      {
        name: 'api',
        audience: 'api',
        issuer: ISSUER,
        jwks: { keys: [jwk] },
        ...(names.listed && { algorithms: [names.listed] }),
      },
    ]);
    expect(outcomeOf(decideNow(verifier, token))).toBe('accepted');
  });

  it('are of no other key and no other algorithm', () => {
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const ed448 = generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' });
    expect(importJwk({ ...p256, alg: 'Ed25519' })).toBeUndefined();
    expect(importJwk({ ...ed448, alg: 'Ed448' })).toBeUndefined();
    expect(importJwk({ ...ed448, alg: 'EdDSA' })).toBeUndefined();
    expect(importJwk(ed448)).toBeUndefined();
  });

  it('are signed with by the test issuer, under the name that is asked for', async () => {
    const issuer = await TestIssuer.start({ algorithm: 'Ed25519' });
    try {
      const token = await issuer.tokenFor('api');
      const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { alg: string };
      expect(header.alg).toBe('Ed25519');
    } finally {
      await issuer.stop();
    }
  });
});

describe('KEY-6 ML-DSA', () => {
  const ALGORITHMS = ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const;
  const start = (algorithm: (typeof ALGORITHMS)[number]) => () =>
    resolveConfiguration({
      clients: [{ name: 'api', audience: 'api', issuer: ISSUER, algorithms: [algorithm] }],
    });

  it.each(ALGORITHMS)('%s is a clear fault at start where Node.js cannot verify it', (algorithm) => {
    if (isSupported(algorithm)) {
      expect(start(algorithm)).not.toThrow();
    } else {
      expect(start(algorithm)).toThrow(
        `client "api": algorithms: Node.js ${process.versions.node} cannot verify ${algorithm}; run a version that has it`,
      );
    }
  });

  it('is not among the default algorithms', () => {
    const { clients } = resolveConfiguration({ clients: [{ name: 'api', audience: 'api', issuer: ISSUER }] });
    expect([...(clients.client('api')?.algorithms ?? [])].filter((name) => name.startsWith('ML'))).toEqual([]);
  });
});
