import type { Client } from '../client/client';
import type { Failure } from '../decision/failure';
import { own, type JsonObject } from '../token/json-object';
import { findClaim } from './claim-values';

/** Header `typ` of an access token, as a media type in lower case (RFC 9068 section 2.1; RFC 7519 section 5.1). */
const ACCESS_TOKEN_TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** Keycloak's body `typ` of tokens other than access tokens and ID tokens. */
const OTHER_BODY_TYPES: ReadonlySet<unknown> = new Set(['Serialized-ID', 'Refresh', 'Offline', 'Logout']);

/** Claims of an ID token that no access token has (OpenID Connect Core sections 3.1.3.6 and 3.3.2.11). */
const ID_TOKEN_CLAIMS = ['at_hash', 'c_hash'] as const;

/**
 * Claims that tell other kinds of tokens from access tokens, whatever the provider.
 *
 * @internal
 */
export const KIND_CLAIMS: readonly string[] = ['typ', ...ID_TOKEN_CLAIMS, 'events'];

/**
 * Refuses tokens of every other kind: ID tokens, refresh tokens, logout and security event tokens (RFC 8725 sections
 * 3.11 and 3.12). Many providers sign them with the same key for the same audience, so nothing else tells them from access
 * tokens. A `nonce` alone says nothing: Keycloak puts it into access tokens too.
 */
export function checkTokenKind(
  header: JsonObject,
  claims: JsonObject,
  client: Pick<Client, 'acceptIdTokens' | 'accessTokenClaims'>,
): Failure | undefined {
  const type = own(header, 'typ');
  if (Object.hasOwn(header, 'typ') && !(typeof type === 'string' && ACCESS_TOKEN_TYPES.has(type.toLowerCase()))) {
    return wrongKind('typ', type);
  }
  const bodyType = own(claims, 'typ');
  if (!client.acceptIdTokens) {
    const claim = bodyType === 'ID' ? 'typ' : ID_TOKEN_CLAIMS.find((name) => Object.hasOwn(claims, name));
    if (claim !== undefined) {
      return wrongKind(claim, own(claims, claim));
    }
  }
  if (OTHER_BODY_TYPES.has(bodyType)) {
    return wrongKind('typ', bodyType);
  }
  if (Object.hasOwn(claims, 'events')) {
    return wrongKind('events', own(claims, 'events'));
  }
  const { accessTokenClaims } = client;
  const missing = findClaim(claims, accessTokenClaims, false);
  return missing === undefined
    ? undefined
    : {
        ...wrongKind(missing, own(claims, missing)),
        option: 'accessTokenClaims',
        expected: accessTokenClaims.get(missing),
      };
}

function wrongKind(claim: string, actual: unknown): Failure {
  return { check: 'kind', code: 'wrong_token_type', claim, actual };
}
