import { systemClock, type Clock } from '../clock';
import { deprecationHeaders } from '../client/deprecation-headers';
import { resolveConfiguration, type Configuration } from '../configuration/resolve-configuration';
import { TokenVerifier } from '../decision/token-verifier';
import type { IssuerLog } from '../issuer/issuer';
import { Issuers } from '../issuer/issuers';
import { ProtectedResource } from '../resource-metadata/protected-resource';
import type { RefusalStyle } from '../refusal/refusal-style';
import { OidcJwtStrategy } from '../passport/oidc-jwt.strategy';
import { pathOf, type OidcRequest } from '../passport/oidc-request';
import { RequestAuthenticator } from '../passport/request-authenticator';

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
  /** What answers to deprecated clients carry, by the client's name. */
  readonly deprecationHeaders: ReadonlyMap<string, ReturnType<typeof deprecationHeaders>>;
  /** The API as a protected resource; absent where it says nothing of itself. */
  readonly protectedResource: ProtectedResource | undefined;

  /** @throws OidcConfigurationError with every fault of the options at once. */
  constructor(options: unknown, log: IssuerLog, clock: Clock = systemClock) {
    const configuration = resolveConfiguration(options);
    const { clients, resourceMetadata } = configuration;
    this.configuration = configuration;
    this.protectedResource = resourceMetadata && new ProtectedResource(resourceMetadata);
    this.issuers = new Issuers(configuration.issuers, configuration, clock, log);
    this.verifier = new TokenVerifier(clients, this.issuers, clock, configuration.maxTokenBytes);
    this.strategies = new Map(
      clients.clients.map((client) => [
        client.name,
        new OidcJwtStrategy(client, this.verifier, this.styleFor(undefined)),
      ]),
    );
    this.deprecationHeaders = new Map(
      clients.clients.flatMap(({ name, deprecation }) =>
        deprecation ? [[name, deprecationHeaders(deprecation)]] : [],
      ),
    );
    this.authenticator = new RequestAuthenticator(this.verifier, this.strategies);
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
