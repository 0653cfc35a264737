import type { AccessClock } from '../../core/access/authentication-requirement';
import { systemClock, type Clock } from '../../core/clock';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';
import type { RefusalStyle } from '../../core/refusal/refusal-style';
import { takeAtOnce, type Steps } from '../../core/steps';
import { isJsonObject } from '../../core/token/json-object';
import { pathOf, type OidcRequest } from '../../core/token/oidc-request';
import {
  resolveConfiguration,
  resolveInSteps,
  type Configuration,
  type Given,
} from '../../configuration/resolve-configuration';
import { ProofOfPossession } from '../../decision/proof-of-possession';
import { Revocations } from '../../decision/revocations';
import type { IssuerLog } from '../../issuer/key-refresh';
import { DecisionObserver } from '../../observation/decision-observer';
import { observeRevocations } from '../../observation/revocation-events';
import type { DecisionLog } from '../../observation/refusal-log';
import { exceptionOf } from '../../passport/oidc-auth.exception';
import { ConnectionEndings, type Connection } from '../transport/connection';
import { ProtectedResource } from './protected-resource';
import { RouteNames } from './route-names';
import { snapshotInSteps, type Snapshot, type SnapshotServices, type Succession } from './snapshot';
import { styleOf } from './style';

/**
 * The run-time objects of one application, built from its options.
 *
 * @internal
 */
export class OidcRuntime {
  /** The one clock of the application. */
  readonly clock: Clock;
  /** The time by which access rules judge callers. */
  readonly accessClock: AccessClock = {
    now: () => this.clock.now(),
    toleranceOf: (client) => this.current.clients.client(client)?.clockTolerance ?? 0,
  };
  /** Everything that depends on the clients, behind one reference. A decision reads it once, at its start. */
  current: Snapshot;
  /** Receives every decision. */
  readonly observer: DecisionObserver;
  readonly routes: RouteNames = new RouteNames();
  /** The ids of the MCP transports whose handlers `protectMcp()` stands before. */
  readonly mcpTransports: Set<unknown> = new Set();
  /** The API as a protected resource; absent where it publishes no metadata. */
  readonly protectedResource: ProtectedResource | undefined;
  /** Absent where tokens are not revoked. */
  readonly revocations: Revocations | undefined;
  /** Whether a source says who the clients are. */
  readonly hasSource: boolean;
  readonly #options: unknown;
  readonly #endings: ConnectionEndings;
  readonly #services: SnapshotServices;

  /**
   * @param given how the options are given.
   * @throws OidcConfigurationError with every fault of the options at once.
   */
  constructor(options: unknown, log: IssuerLog & DecisionLog, clock: Clock = systemClock, given: Given = {}) {
    const configuration = resolveConfiguration(options, given);
    const { resourceMetadata, onDecision, possession: settings } = configuration;
    this.hasSource = given.hasSource ?? false;
    this.#options = options;
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
    this.protectedResource = resourceMetadata && new ProtectedResource(resourceMetadata);
    this.observer = new DecisionObserver(() => this.current.ledgers, clock, log);
    if (onDecision !== undefined) {
      this.observer.listen(onDecision);
    }
    const { observer, revocations } = this;
    const possession = ProofOfPossession.of(settings, clock, log);
    this.#services = { clock, log, observer, possession, revocations, current: () => this.current };
    this.current = takeAtOnce(snapshotInSteps(configuration, this.#services));
  }

  /** The options of now: those of the start with the clients of now. */
  get configuration(): Configuration {
    return this.current.configuration;
  }

  /** The clients that the application started with, as they were given. */
  get firstClients(): unknown {
    return isJsonObject(this.#options) ? this.#options['clients'] : undefined;
  }

  /**
   * Checks other clients by the rules of the start.
   *
   * @throws OidcConfigurationError with every fault at once.
   */
  configureInSteps(clients: unknown): Steps<Configuration> {
    return resolveInSteps({ ...(this.#options as object), clients });
  }

  /** Makes the snapshot of other clients. It is not in force yet. */
  *succeedInSteps(configuration: Configuration, succession: Succession): Steps<Snapshot> {
    return this.adapt(yield* snapshotInSteps(configuration, this.#services, succession));
  }

  /** Puts a snapshot in force, from the next decision on. */
  use(snapshot: Snapshot): void {
    this.current = snapshot;
    this.#endings.checkSoon();
  }

  /** Changes each snapshot after the first: for the test kit. */
  protected adapt(snapshot: Snapshot): Snapshot {
    return snapshot;
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

  /**
   * Ends a connection when the token of a principal expires or is revoked, or when its client is changed or removed.
   *
   * @param generation of the snapshot that accepted the token.
   */
  endWithToken(principal: OidcPrincipal, connection: Connection, generation: number): void {
    this.#endings.endAt(this.#expiryOf(principal), connection, () =>
      exceptionOf({ code: 'token_expired' }, this.styleFor(undefined)),
    );
    const { client, issuer } = principal;
    this.#endings.endIf(`client ${JSON.stringify([client, issuer, generation])}`, connection, {
      isOver: () => !this.#isStillClient(client, generation),
      refusal: () => exceptionOf({ code: 'unknown_audience' }, this.styleFor(undefined)),
    });
    const { revocations } = this;
    if (revocations !== undefined) {
      const revocable = revocations.revocable(principal.claims, principal.client);
      this.#endings.endIf(`${revocable.hashes.join()},${revocable.issuedAt}`, connection, {
        isOver: () => revocations.find(revocable) !== undefined,
        refusal: () => exceptionOf({ code: 'token_revoked' }, this.styleFor(undefined)),
      });
    }
  }

  /** Whether a client is the same as in a generation. */
  #isStillClient(client: string, generation: number): boolean {
    const { clients, changedIn } = this.current;
    return clients.client(client) !== undefined && (changedIn.get(client) ?? 0) <= generation;
  }

  /** When the token of a principal expires, with the tolerance of its client, in seconds since the epoch. */
  #expiryOf(principal: OidcPrincipal): number {
    const { exp } = principal.claims;
    // Verified tokens expire; the users of tests may not.
    return typeof exp === 'number' ? exp + this.accessClock.toleranceOf(principal.client) : Infinity;
  }

  /** The style of refusals for a request; without one, for no resource in particular. */
  styleFor(request: OidcRequest | undefined): RefusalStyle {
    return styleOf(this.configuration, request, request && this.protectedResource?.metadataUrlFor(pathOf(request)));
  }
}
