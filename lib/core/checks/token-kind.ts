import type { Client } from '../client/client';
import type { RefusalCode } from '../refusal/refusal-code';
import { own, type JsonObject } from '../token/json-object';
import { findClaim } from './claim-values';

/** Header `typ` of an access token, as a media type in lower case (RFC 9068 section 2.1; RFC 7519 section 5.1). */
const ACCESS_TOKEN_TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** What Keycloak writes into the body's `typ` of tokens that are no access tokens, beside `ID`. */
const OTHER_BODY_TYPES: ReadonlySet<unknown> = new Set(['Serialized-ID', 'Refresh', 'Offline', 'Logout']);

/**
 * Refuses tokens of every other kind: ID tokens, refresh tokens, logout and security event tokens (RFC 8725 sections
 * 3.11 and 3.12). Many providers sign them with the same key for the same audience, so that nothing else tells them
 * from access tokens. A `nonce` alone says nothing: Keycloak puts it into access tokens too.
 */
export function checkTokenKind(header: JsonObject, claims: JsonObject, client: Client): RefusalCode | undefined {
  const type = own(header, 'typ');
  if (Object.hasOwn(header, 'typ') && !(typeof type === 'string' && ACCESS_TOKEN_TYPES.has(type.toLowerCase()))) {
    return 'wrong_token_type';
  }
  const isIdToken = own(claims, 'typ') === 'ID' || Object.hasOwn(claims, 'at_hash') || Object.hasOwn(claims, 'c_hash');
  if (isIdToken && !client.acceptIdTokens) {
    return 'wrong_token_type';
  }
  if (OTHER_BODY_TYPES.has(own(claims, 'typ')) || Object.hasOwn(claims, 'events')) {
    return 'wrong_token_type';
  }
  return findMissingMark(claims, client) === undefined ? undefined : 'wrong_token_type';
}

/** The first claim that marks the access tokens of a client's issuer and that is not there, or has another value. */
export function findMissingMark(claims: JsonObject, { accessTokenClaims }: Client): string | undefined {
  return findClaim(claims, accessTokenClaims, false);
}
