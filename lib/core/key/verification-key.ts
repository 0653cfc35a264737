import { createPublicKey, createSecretKey, KeyObject } from 'node:crypto';
import { isJsonObject, own, type JsonObject } from '../token/json-object';
import { ALGORITHMS, namesOfAlgorithm } from './algorithm';
import { algorithmsOf, isSupported, RSA_BITS, RSA_EXPONENT_BITS } from './fitting-algorithms';

/**
 * A key that verifies signatures, with the algorithms it may be used for.
 *
 * @internal
 */
export interface VerificationKey {
  readonly keyId: string | undefined;
  /** Thumbprints of its certificate, as its JWK says them (`x5t`, `x5t#S256`); absent where it says none. */
  readonly thumbprints?: readonly string[];
  readonly algorithms: ReadonlySet<string>;
  readonly keyObject: KeyObject;
}

/**
 * Why a member of a JWK set is ignored.
 *
 * @internal
 */
export type IgnoredKeyReason =
  | 'not_a_key'
  | 'private_part'
  | 'not_for_signatures'
  | 'unsupported_type'
  | 'malformed'
  | 'weak'
  | 'algorithm_mismatch';

/**
 * The judgement on a member of a JWK set.
 *
 * @internal
 */
export type JwkJudgement =
  | { readonly isUsable: true; readonly key: VerificationKey }
  | {
      readonly isUsable: false;
      readonly reason: IgnoredKeyReason;
      /** The reason in a few words, with names as the member spells them. */
      readonly detail: string;
    };

/**
 * Judges one member of a JWK set and imports it alone (RFC 7517 section 4).
 *
 * @returns undefined for whatever must not verify a token: not a key, of an unknown type or curve, not for signatures
 *   (`use`, `key_ops`), for an algorithm that its type does not fit, weak (RSA below 2048 bits or with an exponent that
 *   is 1, even or longer than 64 bits), malformed, or published together with its private part.
 */
export function importJwk(jwk: unknown): VerificationKey | undefined {
  const judgement = judgeJwk(jwk);
  return judgement.isUsable ? judgement.key : undefined;
}

/**
 * Judges one member of a JWK set as `importJwk`, and says why it is ignored where it is.
 *
 * @internal
 */
export function judgeJwk(jwk: unknown): JwkJudgement {
  if (!isJsonObject(jwk)) {
    return ignored('not_a_key', 'not a JSON object');
  }
  const purpose = purposeProblem(jwk);
  if (purpose !== undefined) {
    return purpose;
  }
  const keyId = own(jwk, 'kid');
  if (keyId !== undefined && typeof keyId !== 'string') {
    return ignored('malformed', 'its kid is not a string');
  }
  const keyObject = importPublicKey(jwk);
  if (!(keyObject instanceof KeyObject)) {
    return keyObject;
  }
  const fitting = algorithmsOf(keyObject);
  if (fitting.length === 0) {
    return unfit(keyObject);
  }
  const declared = own(jwk, 'alg');
  const algorithms =
    declared === undefined
      ? fitting
      : fitting.filter((algorithm) => namesOfAlgorithm(algorithm).some((name) => name === declared));
  return algorithms.length === 0
    ? misdeclared(declared, fitting)
    : { isUsable: true, key: { keyId, ...thumbprintsOf(jwk), algorithms: new Set(algorithms), keyObject } };
}

/** RFC 7517 sections 4.8 and 4.9. */
function thumbprintsOf(jwk: JsonObject): Pick<VerificationKey, 'thumbprints'> {
  const thumbprints = [own(jwk, 'x5t'), own(jwk, 'x5t#S256')].filter((value) => typeof value === 'string');
  return thumbprints.length === 0 ? {} : { thumbprints };
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

/** A shared secret as a key for each HMAC algorithm that it is long enough for (RFC 7518 section 3.2). */
export function importSecret(secret: Uint8Array): VerificationKey {
  const algorithms = [...ALGORITHMS]
    .filter(([, definition]) => definition.family === 'HMAC' && secret.byteLength >= definition.minimumKeyBytes)
    .map(([algorithm]) => algorithm);
  return { keyId: undefined, algorithms: new Set(algorithms), keyObject: createSecretKey(secret) };
}

function ignored(reason: IgnoredKeyReason, detail: string): JwkJudgement {
  return { isUsable: false, reason, detail };
}

/** Why a key must not verify, whatever its type; undefined if nothing forbids it. */
function purposeProblem(jwk: JsonObject): JwkJudgement | undefined {
  const use = own(jwk, 'use');
  const operations = own(jwk, 'key_ops');
  if (Object.hasOwn(jwk, 'd') || (own(jwk, 'kty') === 'AKP' && Object.hasOwn(jwk, 'priv'))) {
    return ignored('private_part', 'published with its private part');
  }
  if (own(jwk, 'kty') === 'oct') {
    return ignored('private_part', 'a secret for all to read (kty "oct")');
  }
  if (use !== undefined && use !== 'sig') {
    return ignored('not_for_signatures', `its use is ${brief(use)}`);
  }
  return operations === undefined || (Array.isArray(operations) && operations.includes('verify'))
    ? undefined
    : ignored('not_for_signatures', 'its key_ops are without "verify"');
}

function importPublicKey(jwk: JsonObject): KeyObject | JwkJudgement {
  const members: Record<string, readonly string[]> = {
    RSA: ['n', 'e'],
    EC: ['crv', 'x', 'y'],
    OKP: ['crv', 'x'],
    // ML-DSA: the algorithm is part of the key (RFC 9964).
    AKP: ['alg', 'pub'],
  };
  const type = own(jwk, 'kty');
  const names = typeof type === 'string' && Object.hasOwn(members, type) ? members[type] : undefined;
  if (names === undefined) {
    return type === undefined
      ? ignored('not_a_key', 'it has no kty')
      : ignored('unsupported_type', `no algorithm here has keys of kty ${brief(type)}`);
  }
  const algorithm = own(jwk, 'alg');
  if (type === 'AKP' && !(typeof algorithm === 'string' && isSupported(algorithm))) {
    return ignored('unsupported_type', `no algorithm here has keys of kty "AKP" with alg ${brief(algorithm)}`);
  }
  const publicPart: Record<string, string> = { kty: String(type) };
  for (const name of names) {
    const value = own(jwk, name);
    if (typeof value !== 'string') {
      return ignored('malformed', `its ${name} is not a string`);
    }
    publicPart[name] = value;
  }
  try {
    return createPublicKey({ key: publicPart, format: 'jwk' });
  } catch {
    return ignored('malformed', 'it is not a valid public key');
  }
}

/** Why a valid key fits no algorithm. */
function unfit({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): JwkJudgement {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails;
  if (asymmetricKeyType !== 'rsa') {
    return ignored('unsupported_type', `no algorithm here has keys of type ${namedCurve ?? asymmetricKeyType}`);
  }
  if (modulusLength < RSA_BITS.minimum) {
    return ignored('weak', `RSA of ${modulusLength} bits, less than ${RSA_BITS.minimum}`);
  }
  return ignored(
    'weak',
    modulusLength > RSA_BITS.maximum
      ? `RSA of ${modulusLength} bits, more than ${RSA_BITS.maximum}`
      : `RSA with an exponent that is 1, even, or longer than ${RSA_EXPONENT_BITS} bits`,
  );
}

function misdeclared(declared: unknown, fitting: readonly string[]): JwkJudgement {
  // RFC 7518 section 4.1: keys that encrypt.
  return typeof declared === 'string' && /^(?:RSA-OAEP|RSA1_5|ECDH-ES)/.test(declared)
    ? ignored('not_for_signatures', `its alg is ${brief(declared)}, which encrypts`)
    : ignored('algorithm_mismatch', `its alg is ${brief(declared)}, and its type fits ${fitting.join(', ')}`);
}

/**
 * A value of the key for a message: short, and on one line. Only strings are shown, because anything else may nest deeply.
 */
function brief(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 50)) : 'not a string';
}
