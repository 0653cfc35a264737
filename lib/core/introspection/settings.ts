/**
 * How an API authenticates to an introspection endpoint (RFC 7662 section 2.1).
 */
export type IntrospectionMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'tls_client_auth';

/**
 * That an issuer is asked about tokens, and how: complete, with defaults.
 *
 * @internal
 */
export interface IntrospectionSettings {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** A private JWK, or PEM text. */
  readonly privateKey: string | object | undefined;
  readonly algorithm: string | undefined;
  readonly keyId: string | undefined;
  readonly method: IntrospectionMethod;
  /** Undefined where the discovery document names it. */
  readonly endpoint: string | undefined;
  /** What the issuer's opaque tokens begin with; empty for the one issuer without a prefix. */
  readonly tokenPrefix: string;
  /** Seconds; 0 for never. */
  readonly cacheFor: number;
  /** Seconds; 0 for never. */
  readonly negativeCacheFor: number;
  /** Whether an answer without `aud` is for this API. */
  readonly impliesAudience: boolean;
  /** Whether the issuer is asked about JWTs too, after they were verified here. */
  readonly jwts: boolean;
  /** Whether answers are signed (RFC 9701). */
  readonly signedResponses: boolean;
}
