import type { Client } from '../client/client';
import { isNumericDate } from '../checks/claims';
import { isJsonObject, own, type JsonObject } from '../token/json-object';
import type { UnverifiedToken } from '../token/unverified-token';

/** The member of `events` that makes a token a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4). */
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * Header `typ` of a logout token, in lower case. It is recommended only, and providers that do not follow the recommendation
 * send the generic type or none. The types of all other tokens are refused.
 */
const TYPES: ReadonlySet<string> = new Set(['logout+jwt', 'application/logout+jwt', 'jwt']);

/** What a logout token says. */
export interface LogoutToken {
  readonly issuer: string;
  readonly jti: string;
  /** The session that ended; undefined if all sessions of the subject did. */
  readonly sid: string | undefined;
  readonly subject: string | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** What is wrong with a logout token, for the `error_description`. It contains nothing of the token. */
export interface LogoutFault {
  readonly fault: string;
}

/**
 * Checks what a logout token says (section 2.6), except for its issuer, its audience and its signature.
 *
 * @param now seconds since the epoch.
 * @internal
 */
export function checkLogoutToken(
  { unverifiedHeader: header, unverifiedClaims: claims, algorithm }: UnverifiedToken,
  { algorithms, clockTolerance }: Pick<Client, 'algorithms' | 'clockTolerance'>,
  now: number,
): LogoutToken | LogoutFault {
  const type = own(header, 'typ');
  if (Object.hasOwn(header, 'typ') && !(typeof type === 'string' && TYPES.has(type.toLowerCase()))) {
    return { fault: 'typ is not that of a logout token' };
  }
  if (!algorithms.has(algorithm)) {
    return { fault: 'alg is not allowed' };
  }
  const [issuedAt, expiresAt, notBefore] = ['iat', 'exp', 'nbf'].map((name) => own(claims, name));
  if (!isNumericDate(issuedAt) || issuedAt > now + clockTolerance) {
    return { fault: 'iat is missing or in the future' };
  }
  if (!isNumericDate(expiresAt) || now >= expiresAt + clockTolerance) {
    return { fault: 'exp is missing or over' };
  }
  if (notBefore !== undefined && (!isNumericDate(notBefore) || notBefore > now + clockTolerance)) {
    return { fault: 'nbf is in the future' };
  }
  if (Object.hasOwn(claims, 'nonce')) {
    return { fault: 'nonce must be absent' };
  }
  const events = own(claims, 'events');
  if (!isJsonObject(events) || !isJsonObject(own(events, LOGOUT_EVENT))) {
    return { fault: 'events does not contain a logout event' };
  }
  const [jti, sid, subject] = ['jti', 'sid', 'sub'].map((name) => textOf(claims, name));
  if (jti === undefined) {
    return { fault: 'jti is missing' };
  }
  if ((sid === undefined && subject === undefined) || isOtherType(claims, 'sid') || isOtherType(claims, 'sub')) {
    return { fault: 'sub and sid are both missing, or one is not a string' };
  }
  return { issuer: String(own(claims, 'iss')), jti, sid, subject, issuedAt, expiresAt };
}

function textOf(claims: JsonObject, name: string): string | undefined {
  const value = own(claims, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isOtherType(claims: JsonObject, name: string): boolean {
  return Object.hasOwn(claims, name) && textOf(claims, name) === undefined;
}
