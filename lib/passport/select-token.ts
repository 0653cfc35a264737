import { refused } from '../core/decision/decision';
import type { SelectedToken, TokenVerifier, UnselectedToken } from '../decision/token-verifier';
import { isB64Token } from '../core/token/bearer';
import type { OidcRequest } from '../core/token/oidc-request';
import type { TokenSources } from './token-sources';

/**
 * Takes the one token of a request and chooses the client it is for, or refuses: neither cryptography nor network.
 *
 * @param allowed the clients the route is for; absent where it is for all.
 */
export function selectToken(
  request: OidcRequest,
  sources: TokenSources,
  verifier: TokenVerifier,
  allowed: ReadonlySet<string> | undefined,
): SelectedToken | UnselectedToken {
  const credentials = sources.read(request);
  if (credentials.kind !== 'bearer') {
    return unselected(credentials.kind === 'none' ? 'authorization_header_missing' : 'invalid_request');
  }
  const { token } = credentials;
  const selected = verifier.select(token, allowed);
  // What can be parsed is a b64token, so only what cannot needs to be looked at.
  return selected.client === undefined && selected.decision.code === 'malformed_token' && !isB64Token(token)
    ? unselected('invalid_request')
    : selected;
}

function unselected(code: 'authorization_header_missing' | 'invalid_request'): UnselectedToken {
  return { decision: refused(code), addressed: [] };
}
