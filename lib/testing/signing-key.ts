import { constants, createHmac, createSecretKey, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { ALGORITHMS, type Algorithm, type AsymmetricAlgorithm } from '../core/key/algorithm';

const generate = promisify(generateKeyPair);

/** A key pair of a test issuer. */
export interface SigningKey {
  readonly algorithm: AsymmetricAlgorithm;
  readonly keyId: string;
  readonly privateKey: KeyObject;
  /** The public part as it is published. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** Makes a key pair for an algorithm. */
export async function createSigningKey(algorithm: AsymmetricAlgorithm, keyId: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generatePair(algorithm);
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: algorithm, use: 'sig' };
  return { algorithm, keyId, privateKey, jwk };
}

/** Whether an issuer signs with key pairs by this algorithm, and not with a secret. */
export function isAsymmetric(algorithm: Algorithm): algorithm is AsymmetricAlgorithm {
  return ALGORITHMS.get(algorithm)?.family !== 'HMAC';
}

function generatePair(algorithm: AsymmetricAlgorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  const definition = ALGORITHMS.get(algorithm);
  switch (definition?.family) {
    case 'ECDSA':
      return generate('ec', { namedCurve: definition.curve });
    case 'EdDSA':
      return generate('ed25519');
    case 'ML-DSA':
      // The types of Node.js 20 do not know these keys.
      return generate(definition.keyType as 'ed25519');
    default:
      return generate('rsa', { modulusLength: 2048 });
  }
}

/** Signs a header and claims as a JWT in compact serialization. */
export function signJwt(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  algorithm: Algorithm,
  key: KeyObject,
): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${signatureOf(Buffer.from(signed), algorithm, key).toString('base64url')}`;
}

/** Signs claims with a secret that a client shares with its issuer. */
export function signWithSecret(
  claims: Readonly<Record<string, unknown>>,
  algorithm: Algorithm,
  secret: string | Uint8Array,
): string {
  return signJwt({ alg: algorithm, typ: 'JWT' }, claims, algorithm, createSecretKey(Buffer.from(secret)));
}

function signatureOf(signed: Buffer, algorithm: Algorithm, key: KeyObject): Buffer {
  const definition = ALGORITHMS.get(algorithm);
  switch (definition?.family) {
    case 'RSASSA-PKCS1-v1_5':
      return sign(definition.hash, signed, key);
    case 'RSASSA-PSS':
      return sign(definition.hash, signed, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      });
    case 'ECDSA':
      return sign(definition.hash, signed, { key, dsaEncoding: 'ieee-p1363' });
    case 'EdDSA':
    case 'ML-DSA':
      return sign(null, signed, key);
    case 'HMAC':
      return createHmac(definition.hash, key).update(signed).digest();
    case undefined:
      throw new TypeError(`${algorithm} is not an algorithm`);
  }
}
