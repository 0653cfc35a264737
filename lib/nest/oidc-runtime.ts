import { systemClock, type Clock } from '../clock';
import { resolveConfiguration, type Configuration } from '../configuration/resolve-configuration';
import { TokenVerifier } from '../decision/token-verifier';
import type { IssuerLog } from '../issuer/issuer';
import { Issuers } from '../issuer/issuers';
import { OidcJwtStrategy } from '../passport/oidc-jwt.strategy';
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

  /** @throws OidcConfigurationError with every fault of the options at once. */
  constructor(options: unknown, log: IssuerLog, clock: Clock = systemClock) {
    const configuration = resolveConfiguration(options);
    const { clients, realm } = configuration;
    this.configuration = configuration;
    this.issuers = new Issuers(configuration.issuers, configuration, clock, log);
    this.verifier = new TokenVerifier(clients, this.issuers, clock, configuration.maxTokenBytes);
    this.strategies = new Map(
      clients.clients.map((client) => [client.name, new OidcJwtStrategy(client, this.verifier, realm)]),
    );
    this.authenticator = new RequestAuthenticator(this.verifier, this.strategies);
  }
}
