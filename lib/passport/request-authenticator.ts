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
   * @param presented what the request presents, from `TokenSources`.
   * @param _request the request; the test kit decides by it.
   * @param allowed the clients the route is for; absent where it is for all.
   * @returns the decision; without a promise when the key is in hand. Never rejects.
   */
  authenticate(
    presented: Presented,
    _request: OidcRequest,
    allowed: ReadonlySet<string> | undefined,
  ): Decision | Promise<Decision> {
    const selected = selectToken(presented, this.sources.missing, this.verifier, allowed);
    if (selected.client === undefined) {
      return selected.decision;
    }
    const strategy = this.strategies.get(selected.client.name);
    if (strategy === undefined) {
      throw new Error(`client ${JSON.stringify(selected.client.name)} has no strategy`);
    }
    return strategy.decide(selected, allowed);
  }
}
