import type { Decision } from '../core/decision/decision';
import type { OidcRequest } from '../core/token/oidc-request';
import type { TokenVerifier } from '../decision/token-verifier';
import type { OidcJwtStrategy } from './oidc-jwt.strategy';
import { selectToken } from './select-token';
import type { Presented, TokenSources } from './token-sources';

/**
 * Decides who calls: selects the one client that a token is for, and runs that client's strategy and no other.
 *
 * @internal
 */
export class RequestAuthenticator {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly strategies: ReadonlyMap<string, OidcJwtStrategy>,
    private readonly sources: Pick<TokenSources, 'missing'>,
  ) {}

  /**
   * @param presented the result of `TokenSources.read`.
   * @param _request the request; used by the test kit.
   * @param allowed the clients the route is for; absent for all.
   * @returns the decision; without a promise if the key is available. Never rejects.
   */
  authenticate(
    presented: Presented,
    _request: OidcRequest,
    allowed: ReadonlySet<string> | undefined,
  ): Decision | Promise<Decision> {
    const selected = selectToken(presented, this.sources.missing, this.verifier, allowed);
    if (selected.client === undefined) {
      return selected.opaque === undefined ? selected.decision : this.verifier.verifyOpaque(selected.opaque, allowed);
    }
    const strategy = this.strategies.get(selected.client.name);
    if (strategy === undefined) {
      throw new Error(`client ${JSON.stringify(selected.client.name)} has no strategy`);
    }
    return strategy.decide(selected, allowed, this.verifier);
  }
}
