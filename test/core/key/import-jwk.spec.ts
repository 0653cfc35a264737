import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { importJwk } from '../../../lib/core/key/verification-key';

type Jwk = Record<string, unknown>;

/** By way of DER: a JWK straight after synchronous generation is not reliable everywhere. */
function publicJwk({ publicKey }: { publicKey: KeyObject }): Jwk {
  const key = publicKey.export({ format: 'der', type: 'spki' });
  return { ...createPublicKey({ key, format: 'der', type: 'spki' }).export({ format: 'jwk' }) };
}

const rsa = (modulusLength: number): Jwk => publicJwk(generateKeyPairSync('rsa', { modulusLength }));
const ec = (namedCurve: string): Jwk => publicJwk(generateKeyPairSync('ec', { namedCurve }));
const okp = (type: 'ed25519' | 'ed448'): Jwk =>
  publicJwk(type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448'));

const RSA = rsa(2048);
const P256 = ec('P-256');
const ED25519 = okp('ed25519');

const algorithms = (jwk: unknown): string[] | undefined => {
  const key = importJwk(jwk);
  return key && [...key.algorithms];
};

describe('judging a JWK', () => {
  it('R8725-02 R8725-06 ATK-5 lets a key without alg verify what its type fits, and nothing else', () => {
    expect(algorithms(RSA)).toEqual(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']);
    expect(algorithms(P256)).toEqual(['ES256']);
    expect(algorithms(ec('P-384'))).toEqual(['ES384']);
    expect(algorithms(ec('P-521'))).toEqual(['ES512']);
    expect(algorithms(ED25519)).toEqual(['EdDSA', 'Ed25519']);
  });

  it('R8725-02 lets a key with alg verify that algorithm alone', () => {
    expect(algorithms({ ...RSA, alg: 'PS384' })).toEqual(['PS384']);
  });

  it('accepts an RSA exponent of up to 64 bits', () => {
    for (const e of ['Aw', 'AQAB', '__________8']) {
      expect(algorithms({ ...RSA, e })).toHaveLength(6);
    }
  });

  it('keeps the key id', () => {
    expect(importJwk({ ...RSA, kid: 'k1' })?.keyId).toBe('k1');
    expect(importJwk(RSA)?.keyId).toBeUndefined();
  });

  it('accepts a key meant for signatures', () => {
    expect(importJwk({ ...RSA, use: 'sig', key_ops: ['verify'] })).toBeDefined();
    expect(importJwk({ ...RSA, x5c: ['anything'], x5t: 'anything', unknown: {} })).toBeDefined();
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a string', 'key'],
    ['an array', []],
    ['an empty object', {}],
    ['a key for encryption', { ...RSA, use: 'enc' }],
    ['a use that is no string', { ...RSA, use: ['sig'] }],
    ['a key for other operations', { ...RSA, key_ops: ['encrypt'] }],
    ['a key for no operation', { ...RSA, key_ops: [] }],
    ['operations that are no array', { ...RSA, key_ops: 'verify' }],
    ['an algorithm for encryption', { ...RSA, alg: 'RSA-OAEP' }],
    ['an algorithm of another type', { ...RSA, alg: 'ES256' }],
    ['an algorithm of another curve', { ...P256, alg: 'ES384' }],
    ['a symmetric algorithm', { ...RSA, alg: 'HS256' }],
    ['an algorithm that is no string', { ...RSA, alg: null }],
    ['a kid that is no string', { ...RSA, kid: 1 }],
    ['an unknown type', { ...RSA, kty: 'PQC' }],
    ['an inherited type', { ...RSA, kty: 'constructor' }],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' }],
    ['an RSA key without exponent', { kty: 'RSA', n: RSA['n'] }],
    ['an RSA key whose modulus is no string', { ...RSA, n: 1 }],
    ['R8725-04 an RSA key of 1024 bits', rsa(1024)],
    ['R8725-04 an RSA key of 2047 bits', rsa(2047)],
    ['ATK-5 an RSA key with exponent 1', { ...RSA, e: 'AQ' }],
    ['ATK-5 an RSA key with an even exponent', { ...RSA, e: 'Ag' }],
    ['ATK-5 an RSA key with exponent 0', { ...RSA, e: 'AA' }],
    ['ATK-5 LIB-19 an RSA key with an exponent of 65 bits, which takes long', { ...RSA, e: 'AQAAAAAAAAAB' }],
    ['ATK-5 LIB-19 an RSA key with an exponent as long as the key', { ...RSA, e: RSA['n'] }],
    ['R8725-06 a point that is not on the curve', { ...P256, x: P256['y'], y: P256['x'] }],
    ['R8725-06 a point of another curve', { ...P256, crv: 'P-384' }],
    ['a curve that no algorithm uses', ec('secp256k1')],
    ['an Ed448 key', okp('ed448')],
    ['an Ed25519 key that is too short', { ...ED25519, x: 'AAAA' }],
    ['a key published with its private part', { ...RSA, d: 'AQAB' }],
  ])('ATK-5 ignores %s', (_name, jwk) => {
    expect(importJwk(jwk)).toBeUndefined();
  });
});
