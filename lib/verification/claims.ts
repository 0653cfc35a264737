import type { Client } from '../client/client';
import type { RefusalCode } from '../refusal/refusal-code';
import { own, type JsonObject } from '../token/json-object';

/**
 * Checks times, then the types of registered claims, then what the client requires (RFC 7519 section 4.1).
 *
 * @param now seconds since the epoch.
 */
export function checkClaims(claims: JsonObject, client: Client, now: number): RefusalCode | undefined {
  return checkTimes(claims, client.clockTolerance, now) ?? checkTypes(claims) ?? checkRequired(claims, client);
}

/**
 * `exp` must be there and in the future (RFC 7519 section 4.1.4); `nbf` and `iat` may be absent but not in the future
 * (sections 4.1.5 and 4.1.6). The tolerance, in seconds, is granted on every side.
 */
function checkTimes(claims: JsonObject, tolerance: number, now: number): RefusalCode | undefined {
  const expiry = own(claims, 'exp');
  if (!isNumericDate(expiry)) {
    return 'invalid_claims';
  }
  if (now >= expiry + tolerance) {
    return 'token_expired';
  }
  for (const name of ['nbf', 'iat']) {
    if (!Object.hasOwn(claims, name)) {
      continue;
    }
    const from = claims[name];
    if (!isNumericDate(from)) {
      return 'invalid_claims';
    }
    if (from > now + tolerance) {
      return 'token_not_active';
    }
  }
  return undefined;
}

/** RFC 7519 section 2: a JSON number. One too large to be a number (`1e400`) is none. */
function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Claims that are strings where they are present, and what else must hold for them. */
function checkTypes(claims: JsonObject): RefusalCode | undefined {
  for (const name of ['sub', 'jti', 'azp', 'client_id']) {
    if (Object.hasOwn(claims, name) && typeof claims[name] !== 'string') {
      return 'invalid_claims';
    }
  }
  if (own(claims, 'sub') === '' || (Object.hasOwn(claims, 'aud') && !isAudience(claims['aud']))) {
    return 'invalid_claims';
  }
  // A token bound to its sender must not be taken for a plain bearer token (RFC 9449 section 7.2, RFC 8705 section 3),
  // and the binding cannot be checked.
  return Object.hasOwn(claims, 'cnf') || own(claims, 'typ') === 'DPoP' ? 'invalid_claims' : undefined;
}

function isAudience(value: unknown): boolean {
  return (
    typeof value === 'string' || (Array.isArray(value) && value.every((member: unknown) => typeof member === 'string'))
  );
}

function checkRequired(claims: JsonObject, { requiredClaims }: Client): RefusalCode | undefined {
  return requiredClaims.every((name) => (own(claims, name) ?? null) !== null) ? undefined : 'invalid_claims';
}
