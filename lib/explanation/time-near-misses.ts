import { isNumericDate } from '../core/checks/claims';
import type { Client } from '../core/client/client';
import type { Failure } from '../core/decision/failure';
import { own, type JsonObject } from '../core/token/json-object';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import { dateOf, durationOf, shown } from './wording';

/** Clocks that differ by up to this many seconds are a possible cause. */
const SKEW = 300;

/** Times of so many years around now are times of tokens, in seconds. */
const PLAUSIBLE = 20 * 365 * 86_400;

/** Seconds since the epoch are below this until the year 2286. */
const LARGEST_SECONDS = 1e10;

const FRESH = 'get a fresh one; applications renew their token before each call, or when they get this answer';
const CLOCKS =
  'compare the clocks of this machine and of the provider (NTP), or give the client a larger clockTolerance';

/** That a time is in milliseconds: too large for seconds, and near now if divided by 1000. */
export function millisecondHints(claims: JsonObject, now: number): ExplanationHint[] {
  return ['exp', 'nbf', 'iat'].flatMap((claim) => {
    const time = own(claims, claim);
    const isInMilliseconds =
      typeof time === 'number' && time > LARGEST_SECONDS && Math.abs(time / 1000 - now) < PLAUSIBLE;
    return isInMilliseconds
      ? [
          hint(
            'milliseconds',
            `${claim} is ${time}, which is ${dateOf(Math.floor(time / 1000))} in milliseconds, and times of tokens are in seconds (RFC 7519 section 2)`,
            'have whoever issues the token divide by 1000: Date.now() in JavaScript counts milliseconds',
          ),
        ]
      : [];
  });
}

/** Possible causes where the token has expired, is not valid yet, or has no readable time. */
export function timeHints(
  failure: Failure | undefined,
  claims: JsonObject,
  client: Client,
  now: number,
): ExplanationHint[] {
  const { claim = 'exp', actual: time, code } = failure ?? {};
  const inMilliseconds = millisecondHints(claims, now);
  if (inMilliseconds.some(({ evidence }) => evidence.startsWith(`${claim} `))) {
    return inMilliseconds;
  }
  if (!isNumericDate(time) || code === 'invalid_claims') {
    return [
      hint(
        'claim_missing',
        `${claim} is ${shown(time)}`,
        'it must be a number of seconds since 1970 (RFC 7519 section 2): have the provider correct it',
      ),
    ];
  }
  return code === 'token_expired' ? expiredHints(time, client, now) : notActiveHints(claim, time, now);
}

function expiredHints(time: number, { clockTolerance }: Client, now: number): ExplanationHint[] {
  const ago = durationOf(now - time);
  const expired = hint('expired', `it expired ${ago} ago, by the clock of this machine`, FRESH);
  return now - time - clockTolerance > SKEW
    ? [expired]
    : [
        expired,
        hint(
          'clock_skew',
          `it expired no more than a few minutes ago (${ago})`,
          `if it was issued just now, ${CLOCKS}`,
        ),
      ];
}

function notActiveHints(claim: string, time: number, now: number): ExplanationHint[] {
  const ahead = durationOf(time - now);
  const evidence = `${claim} is ${ahead} in the future, by the clock of this machine`;
  return [
    hint(
      'not_active',
      evidence,
      claim === 'iat' ? 'wait until then' : 'wait until then, or get a token that is valid now',
    ),
    ...(claim === 'iat' || time - now <= SKEW
      ? [
          hint(
            'clock_skew',
            claim === 'iat' ? 'it was issued in the future' : `it becomes valid within minutes (${ahead})`,
            `${CLOCKS}. Whole hours suggest that the issuer writes local time instead of UTC`,
          ),
        ]
      : []),
  ];
}
