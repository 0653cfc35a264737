import type { IntrospectionMethod } from '../core/introspection/settings';

/**
 * That the issuer of a client is asked about tokens (RFC 7662), and how. For opaque tokens, and with `jwts` for JWTs too. It
 * holds for all clients of the issuer. Needs `issuer`, and the package `oauth4webapi`.
 */
export interface OidcClientIntrospection {
  /** The client that the API itself is at the issuer. */
  readonly clientId: string;
  /** Its secret, for `client_secret_basic` and `client_secret_post`. Never logged. */
  readonly clientSecret?: string;
  /** Its private key for `private_key_jwt` (RFC 7523): a JWK, or PEM text (PKCS #8). Never logged. */
  readonly privateKey?: string | object;
  /** The algorithm that `privateKey` signs with: RS, PS or ES with 256, 384 or 512 bits, or Ed25519. Default: RS256. */
  readonly algorithm?: string;
  /** The key id of `privateKey` at the issuer. Default: none. */
  readonly keyId?: string;
  /**
   * How the API authenticates to the endpoint. With `tls_client_auth`, `dispatcher` holds the certificate (RFC 8705).
   * Default: `client_secret_basic`, or `private_key_jwt` with a `privateKey`.
   */
  readonly method?: IntrospectionMethod;
  /** URL of the endpoint. Default: what the discovery document names, at `jwksUriOrigin` where that is given. */
  readonly endpoint?: string;
  /**
   * What the opaque tokens of the issuer begin with, such as `ory_at_`. It tells them from those of another issuer: each token
   * is sent to one issuer only. One issuer may have none. Default: none.
   */
  readonly tokenPrefix?: string;
  /** How long an answer is remembered, in seconds, from 0 to 300: so long a revoked token may go on. Default: 10. */
  readonly cacheFor?: number;
  /** How long it is remembered that a token is not active, in seconds, from 0 to 300. Default: 5. */
  readonly negativeCacheFor?: number;
  /**
   * Whether an answer must name the audience (RFC 7662 section 4). With `implied`, one that names none is for this API.
   * Default: `required`.
   */
  readonly audience?: 'required' | 'implied';
  /** Ask about JWTs too, after they were verified here: what the answer adds are further claims. Default: false. */
  readonly jwts?: boolean;
  /** Ask for signed answers, and accept no others (RFC 9701). Default: false. */
  readonly signedResponses?: boolean;
}
