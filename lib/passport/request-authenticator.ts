import type { Decision } from '../core/decision/decision';
import type { TokenVerifier } from '../decision/token-verifier';
import type { OidcJwtStrategy } from './oidc-jwt.strategy';
import type { OidcRequest } from '../core/token/oidc-request';
import { selectToken } from './select-token';
import type { TokenSources } from './token-sources';

/**
 * Decides who calls: takes the one bearer token of a request, selects the one client it is for, and runs that client's
 * strategy and no other.
 *
 * @internal
 */
export class RequestAuthenticator {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly strategies: ReadonlyMap<string, OidcJwtStrategy>,
    private readonly sources: TokenSources,
  ) {}

  /**
   * @param allowed the clients the route is for; absent where it is for all.
   * @returns the decision; without a promise when the key is in hand. Never rejects.
   */
  authenticate(request: OidcRequest, allowed: ReadonlySet<string> | undefined): Decision | Promise<Decision> {
    const selected = selectToken(request, this.sources, this.verifier, allowed);
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
