import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ALGORITHMS, type AlgorithmDefinition } from './algorithm';

/** RFC 7518 section 3.3: a key of 2048 bits or larger. The upper bound is OpenSSL's own. */
export const RSA_BITS = { minimum: 2048, maximum: 16384 } as const;

/**
 * The longest exponent of an RSA key. OpenSSL enforces it for long keys only. With a longer one a single verification takes
 * milliseconds and delays the tokens of other issuers.
 */
export const RSA_EXPONENT_BITS = 64n;

/** The algorithms that a public key fits, by its type and size; none for a key that must not verify. */
export function algorithmsOf(key: KeyObject): string[] {
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
      return namesOf((definition) => definition.family === 'ML-DSA' && definition.keyType === key.asymmetricKeyType);
  }
}

/** Whether this version of Node.js verifies an algorithm. Only ML-DSA is missing in some. */
export function isSupported(algorithm: string): boolean {
  const definition = ALGORITHMS.get(algorithm);
  if (definition?.family !== 'ML-DSA') {
    return definition !== undefined;
  }
  try {
    // The types of Node.js 20 do not know these keys.
    generateKeyPairSync(definition.keyType as 'ed25519');
    return true;
  } catch {
    return false;
  }
}

function namesOf(fits: (definition: AlgorithmDefinition) => boolean): string[] {
  return [...ALGORITHMS].filter(([, definition]) => fits(definition)).map(([algorithm]) => algorithm);
}
