import { challengesFor } from './challenge';
import { REFUSALS, type Refusal, type RefusalCode } from './refusal-code';
import type { RefusalStyle } from './refusal-style';

/** The names of the headers that a refusal may carry. */
export type RefusalHeaderName = 'WWW-Authenticate' | 'Retry-After' | 'DPoP-Nonce' | 'Cache-Control';

/** A header of a refusal: name and value. */
export type RefusalHeader = readonly [name: RefusalHeaderName, value: string];

interface HeaderRule {
  readonly name: RefusalHeaderName;
  /** Whether refusals with a code may carry it. */
  readonly isPossible: (code: RefusalCode) => boolean;
  /** Its value for one refusal; undefined where that refusal does not carry it. */
  readonly valueFor: (refusal: Refusal, style: RefusalStyle) => string | undefined;
}

/** The one table of headers, in the order in which they are set. */
const HEADERS: readonly HeaderRule[] = [
  {
    name: 'WWW-Authenticate',
    isPossible: (code) => REFUSALS[code].challenge !== 'none',
    valueFor: challengeListFor,
  },
  {
    name: 'Retry-After',
    isPossible: (code) => REFUSALS[code].status === 503,
    valueFor: ({ retryAfter }) => (retryAfter === undefined ? undefined : String(retryAfter)),
  },
  {
    name: 'DPoP-Nonce',
    isPossible: (code) => code === 'use_dpop_nonce',
    valueFor: ({ dpopNonce }) => dpopNonce,
  },
  {
    // RFC 9449 section 8.2.
    name: 'Cache-Control',
    isPossible: (code) => code === 'use_dpop_nonce',
    valueFor: ({ dpopNonce }) => (dpopNonce === undefined ? undefined : 'no-store'),
  },
];

/** The headers of a refusal. HTTP answers, WebSocket upgrades and gRPC trailers all carry this list. */
export function headersFor(refusal: Refusal, style: RefusalStyle): readonly RefusalHeader[] {
  const headers: RefusalHeader[] = [];
  for (const { name, valueFor } of HEADERS) {
    const value = valueFor(refusal, style);
    if (value !== undefined) {
      headers.push([name, value]);
    }
  }
  return headers;
}

/** The names of the headers that refusals with any of these codes may carry. */
export function headerNamesFor(codes: readonly RefusalCode[]): readonly RefusalHeaderName[] {
  return HEADERS.filter(({ isPossible }) => codes.some(isPossible)).map(({ name }) => name);
}

/** All challenges of a refusal as the one value of `WWW-Authenticate`; undefined where there are none. */
export function challengeListFor(refusal: Refusal, style: RefusalStyle): string | undefined {
  const challenges = challengesFor(refusal, style);
  // Several challenges may share one line, separated by commas (RFC 9110 section 11.6.1).
  return challenges.length < 2 ? challenges[0] : challenges.join(', ');
}
