import type { RefusedFacts } from '../core/decision/decision';
import type { Failure } from '../core/decision/failure';

/**
 * What came of the step "bind": nothing against the token, with a nonce to answer if the caller needs a new one; or why
 * it is refused.
 *
 * @internal
 */
export type Possession =
  | { readonly failure?: undefined; readonly dpopNonce?: string }
  | { readonly failure: Failure; readonly facts?: RefusedFacts };
