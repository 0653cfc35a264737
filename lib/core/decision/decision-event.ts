import type { RefusalCode } from '../refusal/refusal-code';
import type { StrictnessRule } from '../checks/strictness';

/** The name of the `node:diagnostics_channel` on which every decision is published. */
export const DECISION_CHANNEL = 'nestjs-oidc-multi-auth:decision';

/**
 * One decision on a call: who calls (`authentication`), or whether the caller may (`authorization`). It contains configured
 * values, and for an accepted token the id of the key that verified it. It never contains a token, or anything of a refused
 * one.
 */
export interface DecisionEvent {
  /** When it was taken, in milliseconds since the epoch. */
  readonly time: number;
  /** How long it took, in milliseconds, including the wait for keys. */
  readonly duration: number;
  /** Who calls, or whether the caller may what the route asks for. */
  readonly stage: 'authentication' | 'authorization';
  readonly accepted: boolean;
  /** Why it was refused; absent where it was accepted. */
  readonly code?: RefusalCode;
  /** The configured client the token was for, where one was found. */
  readonly client?: string;
  /** The configured issuer the token names, where that is one. */
  readonly issuer?: string;
  /** The id of the issuer's key, where the token names one. */
  readonly keyId?: string;
  /** Method and path of the route, or the name of the handler in the access table; absent outside of a handler. */
  readonly route?: string;
  /** Strictness rules that the token breaks and that are only reported. */
  readonly reported?: readonly StrictnessRule[];
}
