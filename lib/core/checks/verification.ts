import type { Client } from '../client/client';
import type { DecisionCheck, Failure } from '../decision/failure';
import type { VerificationKey } from '../key/verification-key';
import type { RefusalCode } from '../refusal/refusal-code';
import { own, type JsonObject } from '../token/json-object';
import type { UnverifiedToken } from '../token/unverified-token';
import { findClaimFault, findTimeFault } from './claims';
import { answerOf, brokenRules, findBrokenRule, type StrictnessRule } from './strictness';
import { checkKindOfAnswer } from '../introspection/answer';
import { checkTokenKind } from './token-kind';

const NONE_REPORTED: readonly StrictnessRule[] = [];

/**
 * A token whose signature, issuer, audience, kind and claims are verified for its client. Only `conclude` makes one: the
 * constructor is not exported.
 *
 * @internal
 */
export type VerifiedToken = InstanceType<typeof Verified>;

class Verified {
  /** The brand that keeps this type apart from an unverified token. */
  readonly verified = true;

  constructor(
    readonly client: Client,
    /** The key that signed it. */
    readonly signer: VerificationKey,
    readonly claims: JsonObject,
    /** The JSON text of the claims, from which private copies are made. */
    readonly claimsText: string,
    /** The values of the claim that names the audience. */
    readonly audiences: readonly string[],
    /** Rules of the client that the token breaks and that are only reported. */
    readonly reported: readonly StrictnessRule[],
  ) {}
}

/** A check that needs no cryptography. */
type Check = (token: UnverifiedToken, client: Client, now: number) => Failure | undefined;

/** The checks that need no cryptography, in order: algorithm (RFC 8725 section 3.1), kind of token, times, claims. */
const CHECKS: readonly Check[] = [
  ({ algorithm, unverifiedHeader }, { algorithms }) =>
    algorithms.has(algorithm)
      ? undefined
      : {
          check: 'algorithm',
          code: 'algorithm_not_allowed',
          claim: 'alg',
          option: 'algorithms',
          expected: algorithms,
          actual: own(unverifiedHeader, 'alg'),
        },
  ({ unverifiedHeader: header, unverifiedClaims: claims }, client) =>
    checkTokenKind(header, claims, client) ?? enforce('kind', 'wrong_token_type', header, claims, client),
  ({ unverifiedClaims }, client, now) => findTimeFault(unverifiedClaims, client, now),
  ({ unverifiedHeader: header, unverifiedClaims: claims }, client) =>
    findClaimFault(claims, client) ?? enforce('claims', 'invalid_claims', header, claims, client),
];

/**
 * Checks everything about a token that needs no cryptography.
 *
 * @param now seconds since the epoch.
 */
export function checkToken(token: UnverifiedToken, client: Client, now: number): Failure | undefined {
  return firstFailure(CHECKS, token, client, now);
}

function firstFailure(
  checks: readonly Check[],
  token: UnverifiedToken,
  client: Client,
  now: number,
): Failure | undefined {
  for (const check of checks) {
    const failure = check(token, client, now);
    if (failure !== undefined) {
      return failure;
    }
  }
  return undefined;
}

/** The same for what an issuer answers about an opaque token, which has no algorithm and may have no end. */
const CHECKS_OF_ANSWERS: readonly Check[] = [
  (token) => checkKindOfAnswer(token),
  ...CHECKS.slice(1, 2),
  ({ unverifiedClaims }, client, now) => findTimeFault(unverifiedClaims, client, now, false),
  ...CHECKS.slice(3),
];

/**
 * Checks what an issuer answers about an opaque token as if it were the claims of a token (RFC 7662 section 4).
 *
 * @param now seconds since the epoch.
 */
export function checkAnswer(token: UnverifiedToken, client: Client, now: number): Failure | undefined {
  return firstFailure(CHECKS_OF_ANSWERS, token, client, now);
}

/** The rules of the client's `strictness` that a check enforces. */
function enforce(
  check: DecisionCheck,
  code: RefusalCode,
  header: JsonObject,
  claims: JsonObject,
  { strictness }: Client,
): Failure | undefined {
  const rule = findBrokenRule(header, claims, strictness, code);
  return rule === undefined ? undefined : { check, code, option: `strictness.${rule}` };
}

/**
 * Concludes on a token that passed `checkToken`. Its claims are verified if a key of its client signed it and the client's
 * own rules accept them.
 *
 * @param signer the key under which the signature is valid; undefined if there is none.
 * @param audiences the values of the claim that names the audience.
 */
export function conclude(
  token: UnverifiedToken,
  client: Client,
  signer: VerificationKey | undefined,
  audiences: readonly string[],
): VerifiedToken | Failure {
  if (signer === undefined) {
    return { check: 'signature', code: 'invalid_signature' };
  }
  const { unverifiedHeader: header, unverifiedClaims: claims, unverifiedClaimsText: text } = token;
  if (client.validate !== undefined) {
    const answer = answerOf(client.validate, claims);
    if (answer !== true) {
      return { check: 'validate', code: 'invalid_claims', option: 'validate', expected: true, actual: answer };
    }
  }
  const { strictness } = client;
  if (strictness === undefined) {
    return new Verified(client, signer, claims, text, audiences, NONE_REPORTED);
  }
  if (strictness.isReportOnly) {
    return new Verified(client, signer, claims, text, audiences, brokenRules(header, claims, strictness));
  }
  // `checkToken` has enforced all others.
  const answer = strictness.validate === undefined || answerOf(strictness.validate, claims);
  return answer === true
    ? new Verified(client, signer, claims, text, audiences, NONE_REPORTED)
    : { check: 'validate', code: 'invalid_claims', option: 'strictness.validate', expected: true, actual: answer };
}
