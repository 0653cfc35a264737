import type { AccessClock } from '../../core/access/authentication-requirement';
import { systemClock, type Clock } from '../../core/clock';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';
import type { PossessionSettings } from '../../core/proof/possession-settings';
import type { DpopStyle, RefusalStyle } from '../../core/refusal/refusal-style';
import { pathOf, type OidcRequest } from '../../core/token/oidc-request';
import { resolveConfiguration, type Configuration } from '../../configuration/resolve-configuration';
import { ProofOfPossession } from '../../decision/proof-of-possession';
import { Revocations } from '../../decision/revocations';
import type { IssuerLog } from '../../issuer/key-refresh';
import { DecisionObserver } from '../../observation/decision-observer';
import { observeRevocations } from '../../observation/revocation-events';
import type { DecisionLog } from '../../observation/refusal-log';
import { exceptionOf } from '../../passport/oidc-auth.exception';
import { TokenSources } from '../../passport/token-sources';
import { ConnectionEndings, type Connection } from '../transport/connection';
import { ProtectedResource } from './protected-resource';
import { RouteNames } from './route-names';
import { takeSnapshot, type Snapshot } from './snapshot';

/**
 * The run-time objects of one application, built from its options.
 *
 * @internal
 */
export class OidcRuntime {
  readonly configuration: Configuration;
  /** The one clock of the application. */
  readonly clock: Clock;
  /** The time by which access rules judge callers. */
  readonly accessClock: AccessClock = {
    now: () => this.clock.now(),
    toleranceOf: (client) => this.current.clients.client(client)?.clockTolerance ?? 0,
  };
  /** Everything that depends on the clients, behind one reference. A decision reads it once, at its start. */
  current: Snapshot;
  readonly tokenSources: TokenSources;
  /** Receives every decision. */
  readonly observer: DecisionObserver;
  readonly routes: RouteNames = new RouteNames();
  /** The API as a protected resource; absent where it publishes no metadata. */
  readonly protectedResource: ProtectedResource | undefined;
  /** Absent where tokens are not revoked. */
  readonly revocations: Revocations | undefined;
  readonly #endings: ConnectionEndings;

  /** @throws OidcConfigurationError with every fault of the options at once. */
  constructor(options: unknown, log: IssuerLog & DecisionLog, clock: Clock = systemClock) {
    const configuration = resolveConfiguration(options);
    const { resourceMetadata, onDecision, possession: settings } = configuration;
    this.configuration = configuration;
    this.clock = clock;
    this.revocations = configuration.revocation && new Revocations(configuration.revocation, clock);
    this.#endings = new ConnectionEndings(() => clock.now());
    if (this.revocations !== undefined) {
      observeRevocations(this.revocations, clock, log);
    }
    this.revocations?.listen(({ change }) => {
      if (change === 'revoked') {
        this.#endings.checkSoon();
      }
    });
    this.protectedResource = resourceMetadata && new ProtectedResource(resourceMetadata, settings);
    this.tokenSources = new TokenSources(configuration.tokenSources, schemesOf(configuration));
    this.observer = new DecisionObserver(() => this.current.ledgers, clock, log);
    if (onDecision !== undefined) {
      this.observer.listen(onDecision);
    }
    const { tokenSources, observer } = this;
    const { revocations } = this;
    const style = this.styleFor(undefined);
    const possession = ProofOfPossession.of(settings, clock, log);
    this.current = takeSnapshot(configuration, { clock, log, tokenSources, observer, style, possession, revocations });
  }

  /** The paths of the library's own endpoints. */
  get ownPaths(): readonly string[] {
    const { logoutPath, eventsPath } = this.revocations?.settings ?? {};
    const paths = [...(this.protectedResource?.paths ?? []), logoutPath, eventsPath];
    return paths.filter((path) => path !== undefined);
  }

  /** Whether refusals give a reason. */
  get saysWhy(): boolean {
    return this.configuration.refusalDetail !== 'none';
  }

  /** Ends a connection when the token of a principal expires or is revoked. */
  endWithToken(principal: OidcPrincipal, connection: Connection): void {
    this.#endings.endAt(this.#expiryOf(principal), connection, () =>
      exceptionOf({ code: 'token_expired' }, this.styleFor(undefined)),
    );
    const { revocations } = this;
    if (revocations !== undefined) {
      const revocable = revocations.revocable(principal.claims, principal.client);
      this.#endings.endIf(`${revocable.hashes.join()},${revocable.issuedAt}`, connection, {
        isOver: () => revocations.find(revocable) !== undefined,
        refusal: () => exceptionOf({ code: 'token_revoked' }, this.styleFor(undefined)),
      });
    }
  }

  /** When the token of a principal expires, with the tolerance of its client, in seconds since the epoch. */
  #expiryOf(principal: OidcPrincipal): number {
    const { exp } = principal.claims;
    // Verified tokens expire; the users of tests may not.
    return typeof exp === 'number' ? exp + this.accessClock.toleranceOf(principal.client) : Infinity;
  }

  /** The style of refusals for a request; without one, for no resource in particular. */
  styleFor(request: OidcRequest | undefined): RefusalStyle {
    const { realm, refusalDetail, possession } = this.configuration;
    const resourceMetadata = request && this.protectedResource?.metadataUrlFor(pathOf(request));
    return possession === undefined
      ? { realm, detail: refusalDetail, resourceMetadata }
      : { realm, detail: refusalDetail, resourceMetadata, dpop: dpopStyleOf(possession, request) };
  }
}

function schemesOf({ possession }: Configuration): 'Bearer' | 'DPoP' | 'both' {
  if (possession === undefined) {
    return 'Bearer';
  }
  return possession.acceptsBearer ? 'both' : 'DPoP';
}

function dpopStyleOf({ namedAlgorithms, acceptsBearer }: PossessionSettings, request?: OidcRequest): DpopStyle {
  const scheme = request?.headers?.authorization;
  const isUsed = typeof scheme === 'string' && /^dpop(?: |$)/i.test(scheme);
  return { algorithms: namedAlgorithms.join(' '), acceptsBearer, isUsed };
}
