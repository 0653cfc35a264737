import type { RevocationStore } from '../core/revocation/revocation-store';

/** A transmitter of security events (OpenID Shared Signals Framework 1.0). */
export interface OidcSharedSignalsTransmitter {
  /** The exact `iss` of its security event tokens. */
  readonly issuer: string;
  /** The `aud` of its security event tokens for this API, or several. */
  readonly audience: string | readonly string[];
  /** The issuers, as in the `iss` of access tokens, whose subjects and sessions it may revoke. Other subjects change nothing. */
  readonly issuers: readonly string[];
  /** The URL of its key set. Default: the keys of the clients of its `issuer`. */
  readonly jwksUri?: string;
  /** The exact value of the `Authorization` header of its requests, and of the requests that poll it. Default: none. */
  readonly authorization?: string;
  /** The URL where its events are polled (RFC 8936), for an API that it cannot reach. Default: none, it pushes. */
  readonly pollEndpoint?: string;
}

/** Where logout tokens are received. */
export interface OidcBackchannelLogoutOptions {
  /** The path of the endpoint, outside of prefix and versions. Default: `/oidc/backchannel-logout`. */
  readonly path?: string;
}

/** Where and from whom security events are received. */
export interface OidcSharedSignalsOptions {
  /** The path of the endpoint, outside of prefix and versions. Default: `/oidc/events`. */
  readonly path?: string;
  /** Who may send security events. At least one. */
  readonly transmitters: readonly OidcSharedSignalsTransmitter[];
}

/** How tokens are revoked before they expire. */
export interface OidcRevocationOptions {
  /**
   * The log that all replicas share, such as `redisStore()` of `nestjs-oidc-multi-auth/redis`. Default: the memory of this
   * process alone.
   */
  readonly store?: RevocationStore;
  /**
   * The longest lifetime of any access token, in seconds, from 60 to 31,536,000. Revocations are remembered for so long. Default:
   * 86,400.
   */
  readonly maxTokenLifetime?: number;
  /**
   * Whether tokens are accepted or refused (503 `state_unavailable`) once the store has been unreachable for `maxLag`. Known
   * revocations are refused either way. Default: `accept`.
   */
  readonly whenUnavailable?: 'accept' | 'refuse';
  /** How long the store may be unreachable, in seconds, from 1 to 3600. Default: 10. */
  readonly maxLag?: number;
  /** Receive logout tokens (OpenID Connect Back-Channel Logout 1.0). Default: not. */
  readonly backchannelLogout?: OidcBackchannelLogoutOptions;
  /** Receive security events (OpenID Shared Signals Framework 1.0), by push (RFC 8935) or poll (RFC 8936). Default: not. */
  readonly sharedSignals?: OidcSharedSignalsOptions;
}
