/** Asymmetric signature algorithms (RFC 7518 section 3.1; EdDSA with Ed25519: RFC 8037 section 3.1). */
export type AsymmetricAlgorithm =
  'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA';

/** Algorithms with a shared secret (RFC 7518 section 3.2): only for a client that has one. */
export type SymmetricAlgorithm = 'HS256' | 'HS384' | 'HS512';

/** Every algorithm a token may be signed with. `none` is not among them. */
export type Algorithm = AsymmetricAlgorithm | SymmetricAlgorithm;

type Hash = 'sha256' | 'sha384' | 'sha512';

/** How signatures of an algorithm are made, and what a key for it must be. */
export type AlgorithmDefinition =
  | { readonly family: 'RSASSA-PKCS1-v1_5' | 'RSASSA-PSS'; readonly hash: Hash }
  | { readonly family: 'ECDSA'; readonly hash: Hash; readonly curve: string; readonly signatureBytes: number }
  | { readonly family: 'EdDSA'; readonly signatureBytes: number }
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
  ['HS256', { family: 'HMAC', hash: 'sha256', minimumKeyBytes: 32 }],
  ['HS384', { family: 'HMAC', hash: 'sha384', minimumKeyBytes: 48 }],
  ['HS512', { family: 'HMAC', hash: 'sha512', minimumKeyBytes: 64 }],
]);

/** What a client accepts unless it says otherwise: every asymmetric algorithm. */
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
];
