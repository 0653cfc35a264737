import type { OidcPrincipal } from '../principal/oidc-principal';
import type { Refusal, RefusalCode } from '../refusal/refusal-code';
import type { StrictnessRule } from '../checks/strictness';

/** The token is good: this is who it speaks for. */
export interface AcceptedDecision {
  readonly accepted: true;
  /** Who it speaks for. */
  readonly principal: OidcPrincipal;
  /** The id of the key that verified it; absent where that key has none. */
  readonly keyId?: string;
  /** Rules of the client's `strictness` that it breaks, where these are only reported; absent where it breaks none. */
  readonly reported?: readonly StrictnessRule[];
}

/** The token is refused, for exactly one reason. Beside the reason it names configured values only. */
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

/**
 * A refusal as a decision.
 *
 * @internal
 */
export function refused(code: RefusalCode, known: Omit<RefusedDecision, 'accepted' | 'code'> = {}): RefusedDecision {
  return { accepted: false, code, ...known };
}
