import type { StrictnessRule } from '../checks/strictness';
import type { OidcPrincipal } from '../principal/oidc-principal';
import type { Refusal, RefusalCode } from '../refusal/refusal-code';
import type { Failure } from './failure';

/** The token is good: this is who it speaks for. */
export interface AcceptedDecision {
  readonly accepted: true;
  /** Who it speaks for. */
  readonly principal: OidcPrincipal;
  /** The id of the key that verified it; absent where that key has none. */
  readonly keyId?: string;
  /** Rules of the client's `strictness` that the token breaks, where these are only reported; absent if it breaks none. */
  readonly reported?: readonly StrictnessRule[];
  /** The nonce that the caller's next proof must have; the guards answer it as `DPoP-Nonce`. Absent where its own is young. */
  readonly dpopNonce?: string;
}

/** The token is refused, for exactly one reason. All other members are configured values. */
export interface RefusedDecision extends Refusal {
  readonly accepted: false;
  /** The name of the configured client the token was for, where one was found. */
  readonly client?: string;
  /** The configured issuer it names, where that is one. */
  readonly issuer?: string;
  /** The id of the issuer's key it names, where that is one. */
  readonly keyId?: string;
}

/** The decision on a token; narrows on `accepted`. */
export type Decision = AcceptedDecision | RefusedDecision;

/** What is known of a refused token beside the code: configured values only. */
export type RefusedFacts = Omit<RefusedDecision, 'accepted' | 'code'>;

/**
 * A refusal with the check that failed. The check is in a private member because it contains values of the token: no log,
 * event or `JSON.stringify` shows it.
 */
class FailedDecision implements RefusedDecision {
  readonly accepted = false;
  readonly code: RefusalCode;
  readonly #failure: Failure;

  constructor(failure: Failure) {
    this.code = failure.code;
    this.#failure = failure;
  }

  static failureOf(decision: RefusedDecision): Failure | undefined {
    return #failure in decision ? decision.#failure : undefined;
  }
}

/**
 * A refusal as a decision.
 *
 * @internal
 */
export function refused(code: RefusalCode, known: RefusedFacts = {}): RefusedDecision {
  return { accepted: false, code, ...known };
}

/**
 * A refusal because a check failed.
 *
 * @internal
 */
export function refusedBecause(failure: Failure, known?: RefusedFacts): RefusedDecision {
  const decision = new FailedDecision(failure);
  return known === undefined ? decision : Object.assign(decision, known);
}

/**
 * The check that failed, for explanations; undefined where a request carried no token to check.
 *
 * @internal
 */
export function failureOf(decision: RefusedDecision): Failure | undefined {
  return FailedDecision.failureOf(decision);
}
