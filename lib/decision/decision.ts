import type { OidcPrincipal } from '../principal/oidc-principal';
import type { Refusal, RefusalCode } from '../refusal/refusal-code';

/** The token is good: this is who it speaks for. */
export interface AcceptedDecision {
  readonly accepted: true;
  readonly principal: OidcPrincipal;
}

/** The token is refused, for exactly one reason. */
export interface RefusedDecision extends Refusal {
  readonly accepted: false;
  /** The name of the configured client the token was for, where one was found. */
  readonly client?: string;
}

/** The decision on a token; narrows on `accepted`. */
export type Decision = AcceptedDecision | RefusedDecision;

/**
 * A refusal as a decision.
 *
 * @internal
 */
export function refused(code: RefusalCode, client?: string, retryAfter?: number): RefusedDecision {
  return {
    accepted: false,
    code,
    ...(client === undefined ? {} : { client }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}
