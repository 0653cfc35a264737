import { Logger } from '@nestjs/common';
import { deprecationHeaders } from '../../core/client/deprecation-headers';
import { systemClock, type Clock } from '../../core/clock';
import { resolveConfiguration, type Configuration } from '../../configuration/resolve-configuration';
import { TokenVerifier } from '../../decision/token-verifier';
import { VerificationCache } from '../../decision/verification-cache';
import type { IssuerLog } from '../../issuer/issuer';
import { Issuers } from '../../issuer/issuers';
import { DecisionObserver } from '../../observation/decision-observer';
import type { DecisionLog } from '../../observation/refusal-log';
import { OidcJwtStrategy } from '../../passport/oidc-jwt.strategy';
import { pathOf, type OidcRequest } from '../../core/token/oidc-request';
import { RequestAuthenticator } from '../../passport/request-authenticator';
import { TokenSources } from '../../passport/token-sources';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';
import { exceptionOf } from '../../passport/oidc-auth.exception';
import type { RefusalStyle } from '../../core/refusal/refusal-style';
import { ProtectedResource } from './protected-resource';
import { ConnectionEndings, type Connection } from '../transport/connection';
import { RouteNames } from './route-names';

/**
 * All that one application has of this library at run time, built from its options.
 *
 * @internal
 */
export class OidcRuntime {
  readonly configuration: Configuration;
  readonly issuers: Issuers;
  readonly verifier: TokenVerifier;
  /** The strategy of each client, by the client's name. */
  readonly strategies: ReadonlyMap<string, OidcJwtStrategy>;
  readonly authenticator: RequestAuthenticator;
  readonly tokenSources: TokenSources;
  readonly #endings: ConnectionEndings;
  /** Is told of every decision. */
  readonly observer: DecisionObserver;
  readonly routes: RouteNames = new RouteNames();
  /** What answers to deprecated clients carry, by the client's name. */
  readonly deprecationHeaders: ReadonlyMap<string, ReturnType<typeof deprecationHeaders>>;
  /** The API as a protected resource; absent where it says nothing of itself. */
  readonly protectedResource: ProtectedResource | undefined;

  /** @throws OidcConfigurationError with every fault of the options at once. */
  constructor(options: unknown, log: IssuerLog & DecisionLog, clock: Clock = systemClock) {
    const configuration = resolveConfiguration(options);
    this.#endings = new ConnectionEndings(() => clock.now());
    const { resourceMetadata, onDecision } = configuration;
    const { clients } = configuration.clients;
    this.configuration = configuration;
    this.protectedResource = resourceMetadata && new ProtectedResource(resourceMetadata);
    this.issuers = new Issuers(configuration.issuers, configuration, clock, log);
    const { cacheBytes, maxTokenBytes } = configuration;
    const cache = VerificationCache.of(cacheBytes);
    this.verifier = new TokenVerifier(configuration.clients, this.issuers, clock, maxTokenBytes, cache);
    const names = clients.map(({ name }) => name);
    this.observer = new DecisionObserver(names, clock, log, () => Logger.isLevelEnabled('debug'));
    if (onDecision !== undefined) {
      this.observer.listen(onDecision);
    }
    this.tokenSources = new TokenSources(configuration.tokenSources);
    const style = this.styleFor(undefined);
    this.strategies = new Map(clients.map((client) => [client.name, new OidcJwtStrategy(client, this, style)]));
    this.authenticator = new RequestAuthenticator(this.verifier, this.strategies, this.tokenSources);
    this.deprecationHeaders = new Map(
      clients.flatMap(({ name, deprecation }) => (deprecation ? [[name, deprecationHeaders(deprecation)]] : [])),
    );
  }

  /** Whether refusals say why. */
  get saysWhy(): boolean {
    return this.configuration.refusalDetail !== 'none';
  }

  /** Ends a connection when the token of a principal expires. */
  endWithToken(principal: OidcPrincipal, connection: Connection): void {
    this.#endings.endAt(this.#expiryOf(principal), connection, () =>
      exceptionOf({ code: 'token_expired' }, this.styleFor(undefined)),
    );
  }

  /** When the token of a principal expires, the tolerance of its client included, in seconds since the epoch. */
  #expiryOf(principal: OidcPrincipal): number {
    const { exp } = principal.claims;
    const tolerance = this.configuration.clients.client(principal.client)?.clockTolerance ?? 0;
    // Verified tokens expire; users of tests may not.
    return typeof exp === 'number' ? exp + tolerance : Infinity;
  }

  /** How refusals of a request are told; without a request, as those of no resource in particular. */
  styleFor(request: OidcRequest | undefined): RefusalStyle {
    const { realm, refusalDetail } = this.configuration;
    return {
      realm,
      detail: refusalDetail,
      resourceMetadata: request && this.protectedResource?.metadataUrlFor(pathOf(request)),
    };
  }
}
