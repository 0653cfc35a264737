/**
 * Asymmetric signature algorithms: RFC 7518 section 3.1; `EdDSA` (RFC 8037 section 3.1) and `Ed25519` (RFC 9864 section 2.2)
 * are two names of one, with Ed25519 keys; ML-DSA (FIPS 204) where the version of Node.js has it.
 */
export type AsymmetricAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'ML-DSA-44'
  | 'ML-DSA-65'
  | 'ML-DSA-87';

/** Algorithms with a shared secret (RFC 7518 section 3.2): only for a client that has one. */
export type SymmetricAlgorithm = 'HS256' | 'HS384' | 'HS512';

/** Every algorithm a token may be signed with. `none` is not among them. */
export type Algorithm = AsymmetricAlgorithm | SymmetricAlgorithm;

type Hash = 'sha256' | 'sha384' | 'sha512';

/** How an algorithm signs, and which keys it needs. */
export type AlgorithmDefinition =
  | { readonly family: 'RSASSA-PKCS1-v1_5' | 'RSASSA-PSS'; readonly hash: Hash }
  | { readonly family: 'ECDSA'; readonly hash: Hash; readonly curve: string; readonly signatureBytes: number }
  | { readonly family: 'EdDSA'; readonly signatureBytes: number }
  | { readonly family: 'ML-DSA'; readonly keyType: string; readonly signatureBytes: number }
  | { readonly family: 'HMAC'; readonly hash: Hash; readonly minimumKeyBytes: number };

/** The one table of algorithms. */
export const ALGORITHMS: ReadonlyMap<string, AlgorithmDefinition> = new Map<Algorithm, AlgorithmDefinition>([
  ['RS256', { family: 'RSASSA-PKCS1-v1_5', hash: 'sha256' }],
  ['RS384', { family: 'RSASSA-PKCS1-v1_5', hash: 'sha384' }],
  ['RS512', { family: 'RSASSA-PKCS1-v1_5', hash: 'sha512' }],
  ['PS256', { family: 'RSASSA-PSS', hash: 'sha256' }],
  ['PS384', { family: 'RSASSA-PSS', hash: 'sha384' }],
  ['PS512', { family: 'RSASSA-PSS', hash: 'sha512' }],
  ['ES256', { family: 'ECDSA', hash: 'sha256', curve: 'prime256v1', signatureBytes: 64 }],
  ['ES384', { family: 'ECDSA', hash: 'sha384', curve: 'secp384r1', signatureBytes: 96 }],
  ['ES512', { family: 'ECDSA', hash: 'sha512', curve: 'secp521r1', signatureBytes: 132 }],
  ['EdDSA', { family: 'EdDSA', signatureBytes: 64 }],
  ['Ed25519', { family: 'EdDSA', signatureBytes: 64 }],
  ['ML-DSA-44', { family: 'ML-DSA', keyType: 'ml-dsa-44', signatureBytes: 2420 }],
  ['ML-DSA-65', { family: 'ML-DSA', keyType: 'ml-dsa-65', signatureBytes: 3309 }],
  ['ML-DSA-87', { family: 'ML-DSA', keyType: 'ml-dsa-87', signatureBytes: 4627 }],
  ['HS256', { family: 'HMAC', hash: 'sha256', minimumKeyBytes: 32 }],
  ['HS384', { family: 'HMAC', hash: 'sha384', minimumKeyBytes: 48 }],
  ['HS512', { family: 'HMAC', hash: 'sha512', minimumKeyBytes: 64 }],
]);

/** What a client accepts by default: every asymmetric algorithm that all supported versions of Node.js have. */
export const DEFAULT_ALGORITHMS: readonly AsymmetricAlgorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/**
 * The names of an algorithm. `EdDSA` and `Ed25519` are one algorithm (RFC 9864 section 2.2); every other has one name.
 */
export function namesOfAlgorithm(algorithm: string): readonly string[] {
  return ALGORITHMS.get(algorithm)?.family === 'EdDSA' ? EDDSA_NAMES : [algorithm];
}

const EDDSA_NAMES: readonly string[] = ['EdDSA', 'Ed25519'];

/** Whether an algorithm signs with a shared secret. */
export function isSymmetric(algorithm: string): boolean {
  return ALGORITHMS.get(algorithm)?.family === 'HMAC';
}
