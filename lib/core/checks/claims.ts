import type { Client } from '../client/client';
import type { RefusalCode } from '../refusal/refusal-code';
import { own, type JsonObject } from '../token/json-object';
import { findClaim } from './claim-values';

/**
 * A claim that is not as it must be, and what a token is refused with for it.
 *
 * @internal
 */
export interface ClaimFault {
  readonly code: RefusalCode;
  readonly claim: string;
}

/** Claims that say from when on something holds. */
const BEGINNINGS = ['nbf', 'iat'] as const;

/** Claims that are strings where they are present. */
const STRINGS = ['sub', 'jti', 'azp', 'client_id'] as const;

/**
 * `exp` must be there and in the future (RFC 7519 section 4.1.4); `nbf` and `iat` may be absent but not in the future
 * (sections 4.1.5 and 4.1.6). The tolerance of the client is granted on every side.
 *
 * @param now seconds since the epoch.
 */
export function findTimeFault(claims: JsonObject, { clockTolerance }: Client, now: number): ClaimFault | undefined {
  const expiry = own(claims, 'exp');
  if (!isNumericDate(expiry)) {
    return { code: 'invalid_claims', claim: 'exp' };
  }
  if (now >= expiry + clockTolerance) {
    return { code: 'token_expired', claim: 'exp' };
  }
  for (const claim of BEGINNINGS) {
    if (!Object.hasOwn(claims, claim)) {
      continue;
    }
    const from = claims[claim];
    if (!isNumericDate(from)) {
      return { code: 'invalid_claims', claim };
    }
    if (from > now + clockTolerance) {
      return { code: 'token_not_active', claim };
    }
  }
  return undefined;
}

/**
 * From when until when a token is good, in seconds since the epoch, the tolerance of its client apart.
 *
 * @internal
 */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

/** What claims in which `findTimeFault` found no fault say of time. */
export function validityOf(claims: JsonObject): Validity {
  const until = own(claims, 'exp');
  let from = -Infinity;
  for (const claim of BEGINNINGS) {
    const beginning = own(claims, claim);
    from = isNumericDate(beginning) && beginning > from ? beginning : from;
  }
  // Whatever has no end is over.
  return { from, until: isNumericDate(until) ? until : -Infinity };
}

/**
 * Whether `findTimeFault` would find none, again, in claims that have been looked at before.
 *
 * @param now seconds since the epoch.
 */
export function isWithin({ from, until }: Validity, { clockTolerance }: Client, now: number): boolean {
  return now < until + clockTolerance && from <= now + clockTolerance;
}

/** The types of registered claims, then what the client requires (RFC 7519 section 4.1). */
export function findClaimFault(claims: JsonObject, client: Client): ClaimFault | undefined {
  const claim =
    findWrongType(claims) ??
    client.requiredClaims.find((name) => (own(claims, name) ?? null) === null) ??
    findRefusedClaim(claims, client);
  return claim === undefined ? undefined : { code: 'invalid_claims', claim };
}

/** The first claim that has a value for which a client refuses tokens. */
export function findRefusedClaim(claims: JsonObject, { refusedClaims }: Client): string | undefined {
  return findClaim(claims, refusedClaims, true);
}

/** RFC 7519 section 2: a JSON number. One too large to be a number (`1e400`) is none. */
export function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Claims that are strings where they are present, and what else must hold for them: the first that is otherwise. */
function findWrongType(claims: JsonObject): string | undefined {
  for (const name of STRINGS) {
    if (Object.hasOwn(claims, name) && typeof claims[name] !== 'string') {
      return name;
    }
  }
  if (own(claims, 'sub') === '') {
    return 'sub';
  }
  if (Object.hasOwn(claims, 'aud') && !isAudience(claims['aud'])) {
    return 'aud';
  }
  // A token bound to its sender must not be taken for a plain bearer token (RFC 9449 section 7.2, RFC 8705 section 3),
  // and the binding cannot be checked.
  if (Object.hasOwn(claims, 'cnf')) {
    return 'cnf';
  }
  return own(claims, 'typ') === 'DPoP' ? 'typ' : undefined;
}

function isAudience(value: unknown): boolean {
  return (
    typeof value === 'string' || (Array.isArray(value) && value.every((member: unknown) => typeof member === 'string'))
  );
}
