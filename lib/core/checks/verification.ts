import type { Client } from '../client/client';
import type { RefusalCode } from '../refusal/refusal-code';
import type { JsonObject } from '../token/json-object';
import type { UnverifiedToken } from '../token/unverified-token';
import { findClaimFault, findTimeFault } from './claims';
import { accepts, brokenRules, findBrokenRule, type StrictnessRule } from './strictness';
import { checkTokenKind } from './token-kind';

/**
 * A token whose signature, issuer, audience, kind and claims have been verified as its client's. Made by `conclude` and
 * by nothing else: the constructor is not exported.
 *
 * @internal
 */
export type VerifiedToken = InstanceType<typeof Verified>;

class Verified {
  /** The brand that keeps this type apart from an unverified token. */
  readonly verified = true;

  constructor(
    readonly client: Client,
    readonly claims: JsonObject,
    /** The JSON text of the claims, from which private copies are made. */
    readonly claimsText: string,
    /** Rules of the client's that it breaks, where these are only reported. */
    readonly reported: readonly StrictnessRule[],
  ) {}
}

/**
 * A check that needs no cryptography.
 *
 * @internal
 */
export type TokenCheck = 'algorithm' | 'kind' | 'times' | 'claims';

type Check = (token: UnverifiedToken, client: Client, now: number) => RefusalCode | undefined;

/** The checks that need no cryptography, in order: algorithm (RFC 8725 section 3.1), kind of token, times, claims. */
const CHECKS: readonly (readonly [TokenCheck, Check])[] = [
  ['algorithm', ({ algorithm }, { algorithms }) => (algorithms.has(algorithm) ? undefined : 'algorithm_not_allowed')],
  [
    'kind',
    ({ unverifiedHeader: header, unverifiedClaims: claims }, client) =>
      checkTokenKind(header, claims, client) ?? enforce(header, claims, client, 'wrong_token_type'),
  ],
  ['times', ({ unverifiedClaims }, client, now) => findTimeFault(unverifiedClaims, client, now)?.code],
  [
    'claims',
    ({ unverifiedHeader: header, unverifiedClaims: claims }, client) =>
      findClaimFault(claims, client)?.code ?? enforce(header, claims, client, 'invalid_claims'),
  ],
];

/**
 * Everything about a token that needs no cryptography.
 *
 * @param now seconds since the epoch.
 */
export function checkToken(token: UnverifiedToken, client: Client, now: number): RefusalCode | undefined {
  return findFailingCheck(token, client, now)?.code;
}

/**
 * Where `checkToken` stops, and with what; undefined where it does not.
 *
 * @param now seconds since the epoch.
 */
export function findFailingCheck(
  token: UnverifiedToken,
  client: Client,
  now: number,
): { readonly check: TokenCheck; readonly code: RefusalCode } | undefined {
  for (const [name, check] of CHECKS) {
    const code = check(token, client, now);
    if (code !== undefined) {
      return { check: name, code };
    }
  }
  return undefined;
}

function enforce(
  header: JsonObject,
  claims: JsonObject,
  { strictness }: Client,
  code: RefusalCode,
): RefusalCode | undefined {
  return findBrokenRule(header, claims, strictness, code) === undefined ? undefined : code;
}

/**
 * The verdict on a token that passed `checkToken`, given whether its signature is valid under a key of its client's
 * issuer: its claims verified, or the reason why not. The client's own rule has the last word, on verified claims.
 */
export function conclude(
  token: UnverifiedToken,
  client: Client,
  signatureIsValid: boolean,
): VerifiedToken | RefusalCode {
  if (!signatureIsValid) {
    return 'invalid_signature';
  }
  if (client.validate !== undefined && !accepts(client.validate, token.unverifiedClaims)) {
    return 'invalid_claims';
  }
  const { strictness } = client;
  const broken = strictness && brokenRules(token.unverifiedHeader, token.unverifiedClaims, strictness);
  if (broken !== undefined && broken.length > 0 && strictness?.isReportOnly !== true) {
    return 'invalid_claims';
  }
  return new Verified(client, token.unverifiedClaims, token.unverifiedClaimsText, broken ?? []);
}
