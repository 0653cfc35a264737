import type { Client } from '../client/client';
import type { Failure } from '../decision/failure';
import { findBinding, findUnknownBinding } from '../proof/confirmation';
import { own, type JsonObject } from '../token/json-object';
import { findClaim } from './claim-values';
import { findUnmetClaim, valueAt } from './required-claims';

/** Claims that say from when on something holds. */
const BEGINNINGS = ['nbf', 'iat'] as const;

/** Claims that are strings where they are present. */
const STRINGS = ['sub', 'jti', 'azp', 'client_id'] as const;

/**
 * `exp` must be there and in the future (RFC 7519 section 4.1.4); `nbf` and `iat` may be absent but not in the future
 * (sections 4.1.5 and 4.1.6). The tolerance of the client is granted on every side.
 *
 * @param now seconds since the epoch.
 * @param mustEnd whether `exp` must be there: not in answers of an issuer (RFC 7662 section 2.2).
 */
export function findTimeFault(
  claims: JsonObject,
  { clockTolerance }: Client,
  now: number,
  mustEnd: boolean = true,
): Failure | undefined {
  if (mustEnd || Object.hasOwn(claims, 'exp')) {
    const expiry = own(claims, 'exp');
    if (!isNumericDate(expiry)) {
      return timeFault('invalid_claims', 'exp', expiry, now);
    }
    if (now >= expiry + clockTolerance) {
      return timeFault('token_expired', 'exp', expiry, now);
    }
  }
  for (const claim of BEGINNINGS) {
    if (!Object.hasOwn(claims, claim)) {
      continue;
    }
    const from = claims[claim];
    if (!isNumericDate(from)) {
      return timeFault('invalid_claims', claim, from, now);
    }
    if (from > now + clockTolerance) {
      return timeFault('token_not_active', claim, from, now);
    }
  }
  return undefined;
}

function timeFault(code: Failure['code'], claim: string, actual: unknown, expected: number): Failure {
  return { check: 'times', code, claim, expected, actual };
}

/**
 * From when until when a token is good, in seconds since the epoch, without its client's tolerance.
 *
 * @internal
 */
export interface Validity {
  readonly from: number;
  readonly until: number;
}

/** The validity of claims in which `findTimeFault` found no fault. */
export function validityOf(claims: JsonObject): Validity {
  const until = own(claims, 'exp');
  let from = -Infinity;
  for (const claim of BEGINNINGS) {
    const beginning = own(claims, claim);
    from = isNumericDate(beginning) && beginning > from ? beginning : from;
  }
  // Without an end it is over.
  return { from, until: isNumericDate(until) ? until : -Infinity };
}

/**
 * Whether `findTimeFault` would find no fault now, in claims that were good before.
 *
 * @param now seconds since the epoch.
 */
export function isWithin({ from, until }: Validity, { clockTolerance }: Client, now: number): boolean {
  return now < until + clockTolerance && from <= now + clockTolerance;
}

/** The types of registered claims, then what the client requires and refuses (RFC 7519 section 4.1). */
export function findClaimFault(claims: JsonObject, client: Client): Failure | undefined {
  const wrong = findWrongType(claims, client);
  if (wrong !== undefined) {
    return claimFault(claims, wrong);
  }
  const unmet = findUnmetClaim(claims, client.requiredClaims);
  if (unmet !== undefined) {
    const { name, path, values } = unmet;
    const failure = { check: 'claims', code: 'invalid_claims', claim: name, option: 'requiredClaims' } as const;
    return { ...failure, actual: valueAt(claims, path), ...(values && { expected: [...values] }) };
  }
  const refused = findClaim(claims, client.refusedClaims, true);
  return refused === undefined ? undefined : claimFault(claims, refused, 'refusedClaims');
}

function claimFault(claims: JsonObject, claim: string, option?: string): Failure {
  return {
    check: 'claims',
    code: 'invalid_claims',
    claim,
    actual: own(claims, claim),
    ...(option !== undefined && { option }),
  };
}

/** The year 2286. A larger time is one in milliseconds, which would be good for thousands of years. */
const LATEST = 1e10;

/** RFC 7519 section 2: a JSON number of seconds, within any sensible calendar. */
export function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LATEST;
}

/** Claims that are strings where they are present, and what else must hold for them: the first that is otherwise. */
function findWrongType(claims: JsonObject, { checksPossession }: Client): string | undefined {
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
  // A binding that cannot be checked.
  return checksPossession ? findUnknownBinding(claims) : findBinding(claims);
}

function isAudience(value: unknown): boolean {
  return (
    typeof value === 'string' || (Array.isArray(value) && value.every((member: unknown) => typeof member === 'string'))
  );
}
