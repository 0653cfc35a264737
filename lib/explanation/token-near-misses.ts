import type { Client } from '../core/client/client';
import { ALGORITHMS } from '../core/key/algorithm';
import { own, type JsonObject } from '../core/token/json-object';
import type { UnverifiedToken } from '../core/token/unverified-token';
import { isNumericDate } from '../core/checks/claims';
import type { Failure } from '../core/decision/failure';
import type { ExplanationHint } from './explanation';
import { durationOf, listed, shown } from './wording';

/** Clocks that differ by no more than this are clocks that are not set, in seconds. */
const SKEW = 300;

const FRESH = 'get a fresh one; applications renew their token before each call, or when they get this answer';
const CLOCKS =
  'compare the clocks of this machine and of the provider (NTP), or give the client a larger clockTolerance';

/** What is probably wrong where the algorithm is not one of the client's. */
export function algorithmHints(token: UnverifiedToken, { name, algorithms, secret }: Client): ExplanationHint[] {
  const algorithm = token.algorithm;
  if (algorithm === 'none') {
    return [
      { code: 'unsigned_token', text: 'alg is none: anybody could have made it. Have the provider sign its tokens' },
    ];
  }
  if (ALGORITHMS.get(algorithm)?.family === 'HMAC' && secret === undefined) {
    return [
      {
        code: 'symmetric_algorithm',
        text:
          `it is signed by ${algorithm}, with a secret, and client ${shown(name)} verifies by public keys: have the ` +
          'provider sign with a key pair (RS256, ES256), or, where it shares a secret with this API, give the client secret',
      },
    ];
  }
  return [
    {
      code: 'algorithm_not_listed',
      text: `alg is ${shown(algorithm)}, and client ${shown(name)} takes ${listed(algorithms)}: change either`,
    },
  ];
}

/**
 * What kind of token it is, where it is no access token.
 *
 * @param acceptsIdTokens whether an ID token would do.
 */
export function kindHints(header: JsonObject, claims: JsonObject, acceptsIdTokens: boolean): ExplanationHint[] {
  const type = own(claims, 'typ');
  if (type === 'Refresh' || type === 'Offline') {
    return [
      { code: 'refresh_token', text: 'it is a refresh token, which is for the provider alone: send the access_token' },
    ];
  }
  const isId =
    type === 'ID' ||
    own(claims, 'token_use') === 'id' ||
    Object.hasOwn(claims, 'at_hash') ||
    Object.hasOwn(claims, 'c_hash');
  if (isId && !acceptsIdTokens) {
    return [
      {
        code: 'id_token',
        text:
          'it is an ID token, which tells the application who logged in: send the access_token of the same answer. Where ' +
          'the provider has no other access token (Dex, Google), give the client acceptIdTokens: true',
      },
    ];
  }
  const isOther = type === 'Serialized-ID' || type === 'Logout' || Object.hasOwn(claims, 'events');
  const headerType = own(header, 'typ');
  const isAccessToken = typeof headerType === 'string' && /^(?:jwt|(?:application\/)?at\+jwt)$/i.test(headerType);
  const mark = isOther ? (type ?? 'events') : headerType;
  return isOther || (Object.hasOwn(header, 'typ') && !isAccessToken)
    ? [{ code: 'other_token', text: `it is a token of another kind (${shown(mark)}): send the access token` }]
    : [];
}

/** Which claim, by which the provider marks its access tokens, a token does not have. */
export function markHints(failure: Failure | undefined, { name, accessTokenClaims }: Client): ExplanationHint[] {
  const { claim } = failure ?? {};
  if (claim === undefined || failure?.option !== 'accessTokenClaims') {
    return [];
  }
  const values = accessTokenClaims.get(claim);
  return [
    {
      code: 'other_token',
      text:
        `${shown(claim)} is ${shown(failure.actual)}, and access tokens for client ${shown(name)} have ` +
        `${values === undefined ? 'a value there' : listed(values)} (accessTokenClaims): send the access token`,
    },
  ];
}

/** How far off its times are, and whether clocks may be. */
export function timeHints(fault: Failure | undefined, client: Client, now: number): ExplanationHint[] {
  const time = fault?.actual;
  if (fault === undefined || !isNumericDate(time)) {
    return [
      { code: 'claim_missing', text: `${fault?.claim ?? 'exp'} is ${shown(time)}: it must be a number of seconds` },
    ];
  }
  const { clockTolerance } = client;
  if (fault.code === 'token_expired') {
    const ago = durationOf(now - time);
    const isClose = now - time - clockTolerance <= SKEW;
    return [
      { code: 'expired', text: `it expired ${ago} ago: ${FRESH}` },
      ...(isClose
        ? [
            {
              code: 'clock_skew' as const,
              text: `if it was issued just now, clocks are ${ago} or more apart: ${CLOCKS}`,
            },
          ]
        : []),
    ];
  }
  const ahead = durationOf(time - now);
  const isSkewed = fault.claim === 'iat' || time - now <= SKEW;
  return [
    {
      code: 'not_active',
      text: `${fault.claim} is ${ahead} in the future, by the clock of this machine: wait, or look at the clocks`,
    },
    ...(isSkewed
      ? [
          {
            code: 'clock_skew' as const,
            text: `no provider issues tokens ahead of time, so clocks are ${ahead} or more apart: ${CLOCKS}`,
          },
        ]
      : []),
  ];
}

/** Which claim, or which rule of the client, a token is refused for. */
export function claimHints(fault: Failure | undefined, client: Client): ExplanationHint[] {
  const { claim, option } = fault ?? {};
  if (claim === undefined) {
    return [
      {
        code: 'strictness_rule',
        text: `${option} of client ${shown(client.name)} is broken: have the provider meet it, or use mode: 'report' until it does`,
      },
    ];
  }
  if (claim === 'cnf' || (claim === 'typ' && option === undefined)) {
    return [
      {
        code: 'sender_constrained',
        text: 'it is bound to its sender (DPoP or a certificate), which cannot be checked here: have plain bearer tokens issued for this API',
      },
    ];
  }
  if (option === 'refusedClaims') {
    return [
      {
        code: 'own_rule',
        text: `${shown(claim)} is ${shown(fault?.actual)}, for which client ${shown(client.name)} refuses tokens (refusedClaims)`,
      },
    ];
  }
  return [
    {
      code: 'claim_missing',
      text:
        option === 'requiredClaims'
          ? `${shown(claim)} is missing, and client ${shown(client.name)} requires it (requiredClaims): have the provider add it, by a mapper or a scope`
          : `${claim} is ${shown(fault?.actual)}, and must be a string: have the provider put it right`,
    },
  ];
}
