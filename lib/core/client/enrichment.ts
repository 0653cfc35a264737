import type { OidcPrincipal } from '../principal/oidc-principal';
import type { OidcRequest } from '../token/oidc-request';

/** What the application adds to the principal of an accepted token. */
export interface OidcEnrichment {
  /** Roles, by the names of the application, beside those of the token. Roles that they imply are added too. Default: none. */
  readonly roles?: readonly string[];
  /** Scopes beside those of the token. Default: none. */
  readonly scopes?: readonly string[];
  /** `details` of the principal, such as the user's record. All requests with one token share it: do not change it. */
  readonly details?: unknown;
}

/**
 * Loads what the application knows of a caller.
 *
 * @param principal the caller, by the token alone.
 * @param request the request; undefined where a token is decided without one. Answers are remembered for the token: look at the
 *   request only where `cacheFor` is 0.
 * @returns what to add; undefined to add nothing; `false` to refuse the caller with 403 `access_denied`. An error, anything
 *   else, or no answer in time refuses with 503 `state_unavailable`.
 */
export type Enrich = (
  principal: OidcPrincipal,
  request: OidcRequest | undefined,
) => OidcEnrichment | false | undefined | Promise<OidcEnrichment | false | undefined>;

/**
 * How the principals of a client are enriched.
 *
 * @internal
 */
export interface EnrichmentSettings {
  readonly load: Enrich;
  /** How long an answer is remembered, in seconds. */
  readonly cacheFor: number;
  /** How long an answer may take, in milliseconds. */
  readonly timeout: number;
  /** The most answers that are remembered. */
  readonly maxEntries: number;
}
