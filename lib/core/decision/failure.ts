import type { RefusalCode } from '../refusal/refusal-code';

/**
 * What a decision checks, in order. The first check that fails ends it. By the steps of the decision:
 *
 * - read: `parse`
 * - select: `client`, `retired`
 * - prove: `algorithm`, `kind`, `times`, `claims`, which need no cryptography, then `key`, `signature`; `introspection` where
 *   the issuer is asked
 * - bind: `binding`, `proof`, `nonce`, `replay`
 * - standing checks: `retired`, `times` and `key` again for a token that was proven before, then `validate`,
 *   `revoked`
 * - admit: `allowed_client`, then `enrich`
 *
 * @internal
 */
export type DecisionCheck =
  | 'parse'
  | 'client'
  | 'retired'
  | 'algorithm'
  | 'kind'
  | 'times'
  | 'claims'
  | 'key'
  | 'signature'
  | 'binding'
  | 'proof'
  | 'nonce'
  | 'replay'
  | 'introspection'
  | 'validate'
  | 'revoked'
  | 'allowed_client'
  | 'enrich';

/**
 * A check that failed. The values are for explanations only: `actual` comes from an unverified token.
 *
 * @internal
 */
export interface Failure {
  readonly check: DecisionCheck;
  readonly code: RefusalCode;
  /** The claim or header member that is wrong; absent where it is not about one. */
  readonly claim?: string;
  /** The client option that requires it, such as `requiredClaims`; absent for rules that apply to every token. */
  readonly option?: string;
  /** What would have passed, as configured. */
  readonly expected?: unknown;
  /** What was found instead. */
  readonly actual?: unknown;
}
