import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { isJsonObject, own, type JsonObject } from '../token/json-object';
import { ALGORITHMS, type AlgorithmDefinition } from './algorithm';

/**
 * A key that may verify signatures, and with which algorithms it may.
 *
 * @internal
 */
export interface VerificationKey {
  readonly keyId: string | undefined;
  readonly algorithms: ReadonlySet<string>;
  readonly keyObject: KeyObject;
}

/** RFC 7518 section 3.3: a key of 2048 bits or larger. The upper bound is OpenSSL's own. */
const RSA_BITS = { minimum: 2048, maximum: 16384 };

/**
 * The longest exponent of an RSA key: OpenSSL's own bound, which it keeps for long keys only. With a longer one a single
 * verification takes milliseconds, and one issuer's keys would delay every other's tokens.
 */
const RSA_EXPONENT_BITS = 64n;

/**
 * Judges one member of a JWK set and imports it alone (RFC 7517 section 4).
 *
 * @returns undefined for whatever must not verify a token: not a key, of an unknown type or curve, not for signatures
 *   (`use`, `key_ops`), for an algorithm that its type does not fit, weak (RSA below 2048 bits or with an exponent that
 *   is 1, even or longer than 64 bits), malformed, or published together with its private part.
 */
export function importJwk(jwk: unknown): VerificationKey | undefined {
  if (!isJsonObject(jwk) || !isMeantForVerification(jwk)) {
    return undefined;
  }
  const keyId = own(jwk, 'kid');
  if (keyId !== undefined && typeof keyId !== 'string') {
    return undefined;
  }
  const keyObject = importPublicKey(jwk);
  if (keyObject === undefined) {
    return undefined;
  }
  const fitting = algorithmsOf(keyObject);
  const declared = own(jwk, 'alg');
  const algorithms =
    declared === undefined ? fitting : fitting.filter((algorithm: string): boolean => algorithm === declared);
  return algorithms.length === 0 ? undefined : { keyId, algorithms: new Set(algorithms), keyObject };
}

/** The keys in a PEM text, which may hold several, one after the other (RFC 7468 section 2). */
export function pemBlocks(text: string): readonly string[] {
  return text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [text];
}

/** A public key given as PEM text, for every algorithm that its type fits; undefined where it must not verify. */
export function importPem(pem: string): VerificationKey | undefined {
  if (/PRIVATE KEY/.test(pem)) {
    return undefined;
  }
  try {
    const keyObject = createPublicKey({ key: pem, format: 'pem' });
    const algorithms = algorithmsOf(keyObject);
    return algorithms.length === 0 ? undefined : { keyId: undefined, algorithms: new Set(algorithms), keyObject };
  } catch {
    return undefined;
  }
}

/**
 * A shared secret as a key for one HMAC algorithm each that it is long enough for (RFC 7518 section 3.2).
 */
export function importSecret(secret: Uint8Array): VerificationKey {
  const algorithms = [...ALGORITHMS]
    .filter(([, definition]) => definition.family === 'HMAC' && secret.byteLength >= definition.minimumKeyBytes)
    .map(([algorithm]) => algorithm);
  return { keyId: undefined, algorithms: new Set(algorithms), keyObject: createSecretKey(secret) };
}

function isMeantForVerification(jwk: JsonObject): boolean {
  const use = own(jwk, 'use');
  const operations = own(jwk, 'key_ops');
  return (
    (use === undefined || use === 'sig') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify'))) &&
    !Object.hasOwn(jwk, 'd')
  );
}

function importPublicKey(jwk: JsonObject): KeyObject | undefined {
  const members: Record<string, readonly string[]> = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] };
  const type = own(jwk, 'kty');
  const names = typeof type === 'string' && Object.hasOwn(members, type) ? members[type] : undefined;
  if (names === undefined) {
    return undefined;
  }
  const publicPart: Record<string, string> = { kty: String(type) };
  for (const name of names) {
    const value = own(jwk, name);
    if (typeof value !== 'string') {
      return undefined;
    }
    publicPart[name] = value;
  }
  try {
    return createPublicKey({ key: publicPart, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function algorithmsOf(key: KeyObject): string[] {
  const details = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa': {
      const { modulusLength = 0, publicExponent = 0n } = details;
      const strong =
        modulusLength >= RSA_BITS.minimum &&
        modulusLength <= RSA_BITS.maximum &&
        publicExponent > 2n &&
        publicExponent < 2n ** RSA_EXPONENT_BITS &&
        publicExponent % 2n === 1n;
      return strong ? namesOf(({ family }) => family === 'RSASSA-PKCS1-v1_5' || family === 'RSASSA-PSS') : [];
    }
    case 'ec':
      return namesOf((definition) => definition.family === 'ECDSA' && definition.curve === details.namedCurve);
    case 'ed25519':
      return namesOf(({ family }) => family === 'EdDSA');
    default:
      return [];
  }
}

function namesOf(fits: (definition: AlgorithmDefinition) => boolean): string[] {
  return [...ALGORITHMS].filter(([, definition]) => fits(definition)).map(([algorithm]) => algorithm);
}
