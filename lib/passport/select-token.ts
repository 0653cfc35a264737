import { refused } from '../core/decision/decision';
import { isB64Token } from '../core/token/bearer';
import type { SelectedToken, UnselectedToken } from '../decision/token-selector';
import type { TokenVerifier } from '../decision/token-verifier';
import { isPresentation, type Presented } from './token-sources';

/**
 * Reads what a request presents and selects the client it is for, or refuses. Uses neither cryptography nor network.
 *
 * @param missing what a caller without a token is told; absent for the standard message.
 * @param allowed the clients the route is for; absent where it is for all.
 */
export function selectToken(
  presented: Presented,
  missing: string | undefined,
  verifier: TokenVerifier,
  allowed: ReadonlySet<string> | undefined,
): SelectedToken | UnselectedToken {
  if (!isPresentation(presented)) {
    return presented.kind === 'none' ? absent(missing) : MALFORMED_REQUEST;
  }
  const selected = verifier.select(presented, allowed);
  // A token that can be parsed is a b64token, so only others need this check.
  return selected.client === undefined && selected.decision.code === 'malformed_token' && !isB64Token(presented.token)
    ? MALFORMED_REQUEST
    : selected;
}

/** Frozen, because all requests share them. */
const MALFORMED_REQUEST: UnselectedToken = { decision: Object.freeze(refused('invalid_request')), addressed: [] };
const ABSENT: UnselectedToken = { decision: Object.freeze(refused('authorization_header_missing')), addressed: [] };

function absent(message: string | undefined): UnselectedToken {
  return message === undefined
    ? ABSENT
    : { decision: refused('authorization_header_missing', { message }), addressed: [] };
}
