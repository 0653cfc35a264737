import { refused, type Decision } from '../core/decision/decision';
import type { IssuerLog } from '../issuer/key-refresh';
import type { DecisionLog } from '../observation/refusal-log';
import { OidcRuntime } from '../nest/runtime/oidc-runtime';
import type { Snapshot } from '../nest/runtime/snapshot';
import { OidcJwtStrategy, strategyName, type StrategyServices } from '../passport/oidc-jwt.strategy';
import type { TokenVerifier } from '../decision/token-verifier';
import type { Presented, TokenSources } from '../passport/token-sources';
import type { OidcRequest } from '../core/token/oidc-request';
import { RequestAuthenticator } from '../passport/request-authenticator';
import { TestUsers, type TestUser, type TestUserOf } from './test-users';

/**
 * A runtime that knows without a token who calls.
 *
 * @internal
 */
export class UserRuntime extends OidcRuntime {
  readonly #user: TestUser | TestUserOf;

  /** @throws TypeError if the user is of a client that is not configured. */
  constructor(options: unknown, log: IssuerLog & DecisionLog, user: TestUser | TestUserOf) {
    super(options, log);
    this.#user = user;
    this.current = this.adapt(this.current);
  }

  protected override adapt(current: Snapshot): Snapshot {
    const { observer, clock } = this;
    const { clients, verifier, tokenSources } = current;
    const services: StrategyServices = {
      observer,
      current: () => this.current,
      tokenOf: (request) => this.current.tokenSources.tokenOf(request),
    };
    const users = new TestUsers(this.#user, clients, clock);
    const strategies = new Map(
      clients.clients.map(({ name }) => [name, new UserStrategy(name, services, users)] as const),
    );
    return {
      ...current,
      strategies,
      authenticator: new UserAuthenticator(verifier, strategies, tokenSources, users),
    };
  }
}

/** Gives the decision that a token of the user would get. */
class UserAuthenticator extends RequestAuthenticator {
  constructor(
    verifier: TokenVerifier,
    strategies: ReadonlyMap<string, OidcJwtStrategy>,
    sources: TokenSources,
    private readonly users: TestUsers,
  ) {
    super(verifier, strategies, sources);
  }

  override authenticate(
    _presented: Presented,
    request: OidcRequest,
    allowed: ReadonlySet<string> | undefined,
  ): Decision {
    const principal = this.users.of(request);
    if (principal === undefined) {
      return refused('authorization_header_missing');
    }
    const { client } = principal;
    if (this.users.isRetired(client)) {
      return refused('client_retired', { client });
    }
    return allowed?.has(principal.client) === false
      ? refused('client_not_allowed', { client: principal.client })
      : { accepted: true, principal };
  }
}

/** What a stock `AuthGuard` drives: succeeds with the user if its client is this strategy's. */
class UserStrategy extends OidcJwtStrategy {
  // Passport drives it on objects that inherit from it, so it has no `#private` members.
  constructor(
    client: string,
    services: StrategyServices,
    private readonly users: TestUsers,
  ) {
    super(client, services);
  }

  override authenticate(request: OidcRequest): void {
    const principal = this.users.of(request);
    if (principal !== undefined && this.users.isRetired(principal.client)) {
      this.refused(refused('client_retired'));
    } else if (principal !== undefined && strategyName(principal.client) === this.name) {
      this.success(principal);
    } else {
      this.fail(401);
    }
  }
}
