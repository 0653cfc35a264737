import { refused } from '../core/decision/decision';
import { isB64Token } from '../core/token/bearer';
import type { SelectedToken, UnselectedToken } from '../decision/token-selector';
import type { TokenVerifier } from '../decision/token-verifier';
import { isPresentation, type Presented } from './token-sources';

/**
 * Reads what a request presents and selects the client it is for, or refuses. Uses neither cryptography nor network.
 *
 * @param allowed the clients the route is for; absent where it is for all.
 */
export function selectToken(
  presented: Presented,
  verifier: TokenVerifier,
  allowed: ReadonlySet<string> | undefined,
): SelectedToken | UnselectedToken {
  if (!isPresentation(presented)) {
    return unselected(presented.kind === 'none' ? 'authorization_header_missing' : 'invalid_request');
  }
  const selected = verifier.select(presented, allowed);
  // What can be parsed is a b64token, so only what cannot needs to be looked at.
  return selected.client === undefined && selected.decision.code === 'malformed_token' && !isB64Token(presented.token)
    ? unselected('invalid_request')
    : selected;
}

function unselected(code: 'authorization_header_missing' | 'invalid_request'): UnselectedToken {
  return { decision: refused(code), addressed: [] };
}
