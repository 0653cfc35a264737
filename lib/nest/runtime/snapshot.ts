import { Logger } from '@nestjs/common';
import { deprecationHeaders } from '../../core/client/client';
import type { ClientIndex } from '../../core/client/client-index';
import type { Clock } from '../../core/clock';
import type { RefusalStyle } from '../../core/refusal/refusal-style';
import type { Steps } from '../../core/steps';
import type { Configuration } from '../../configuration/resolve-configuration';
import { AbsentClients } from '../../decision/absent-clients';
import { Enrichments } from '../../decision/enrichments';
import { Introspections } from '../../decision/introspections';
import type { ProofOfPossession } from '../../decision/proof-of-possession';
import type { Revocations } from '../../decision/revocations';
import { TokenVerifier } from '../../decision/token-verifier';
import { VerificationCache } from '../../decision/verification-cache';
import type { IssuerLog } from '../../issuer/key-refresh';
import { Issuers } from '../../issuer/issuers';
import type { DecisionObserver } from '../../observation/decision-observer';
import { publishIntrospection } from '../../observation/introspection-events';
import { Ledgers } from '../../observation/ledgers';
import type { DecisionLog } from '../../observation/refusal-log';
import { OidcJwtStrategy, type StrategyServices } from '../../passport/oidc-jwt.strategy';
import { RequestAuthenticator } from '../../passport/request-authenticator';
import { TokenSources } from '../../passport/token-sources';
import { schemesOf, styleOf } from './style';

/**
 * Everything that depends on the clients. Immutable: other clients make another snapshot. A decision uses one snapshot from
 * start to end.
 *
 * @internal
 */
export interface Snapshot {
  readonly configuration: Configuration;
  /** 1 for the first clients, and one more with each change; 0 while there are none yet. */
  readonly generation: number;
  /** The generation of each client that came or changed after the first, by name. */
  readonly changedIn: ReadonlyMap<string, number>;
  readonly clients: ClientIndex;
  readonly issuers: Issuers;
  /** The issuers that are asked about tokens; undefined where none is. */
  readonly introspections: Introspections | undefined;
  readonly verifier: TokenVerifier;
  readonly tokenSources: TokenSources;
  /** The style of refusals for no resource in particular. */
  readonly style: RefusalStyle;
  /** The strategy of each client, by the client's name. */
  readonly strategies: ReadonlyMap<string, OidcJwtStrategy>;
  readonly authenticator: RequestAuthenticator;
  readonly ledgers: Ledgers;
  /** The headers of answers to deprecated clients, by the client's name. */
  readonly deprecationHeaders: ReadonlyMap<string, ReturnType<typeof deprecationHeaders>>;
}

/** What all snapshots of an application share. */
export interface SnapshotServices {
  readonly clock: Clock;
  readonly log: IssuerLog & DecisionLog;
  readonly observer: DecisionObserver;
  /** Absent where proofs of possession are not checked. */
  readonly possession: ProofOfPossession | undefined;
  /** Absent where tokens are not revoked. */
  readonly revocations?: Revocations | undefined;
  readonly current: () => Snapshot;
}

/** What comes after a snapshot. */
export interface Succession {
  /** Issuers whose configuration did not change keep their keys. Counts go on. */
  readonly previous: Snapshot;
  /** The names of the clients that are new or changed. */
  readonly changed: ReadonlySet<string>;
}

/** Makes the snapshot of a configuration. */
export function* snapshotInSteps(
  configuration: Configuration,
  { clock, log, observer, possession, revocations, current }: SnapshotServices,
  succession?: Succession,
): Steps<Snapshot> {
  const { clients, cacheBytes, maxTokenBytes } = configuration;
  const previous = succession?.previous;
  const issuers = yield* Issuers.inSteps(configuration.issuers, configuration, clock, log, previous?.issuers);
  const introspections = Introspections.of(
    configuration.issuers,
    issuers,
    {
      policy: configuration,
      clock,
      log,
      listener: (issuer, reason) => publishIntrospection(clock.now() * 1000, issuer, reason),
    },
    previous?.introspections,
  );
  // Tokens are decided anew after each change.
  const cache = VerificationCache.of(cacheBytes);
  const isKnown = clients.clients.length > 0;
  const Verifier = isKnown ? TokenVerifier : AbsentClients;
  const enrichments = clients.clients.some(({ enrichment }) => enrichment) ? new Enrichments(clock, log) : undefined;
  const verifier = new Verifier(
    clients,
    issuers,
    clock,
    maxTokenBytes,
    cache,
    possession,
    revocations,
    introspections,
    enrichments,
  );
  const tokenSources = new TokenSources(configuration.tokenSources, schemesOf(configuration));
  const tokenOf: StrategyServices['tokenOf'] = (request) => current().tokenSources.tokenOf(request);
  const services = { observer, current, tokenOf };
  const generation = previous === undefined ? Number(isKnown) : previous.generation + 1;
  const strategies = new Map<string, OidcJwtStrategy>();
  const headers = new Map<string, ReturnType<typeof deprecationHeaders>>();
  const changedIn = new Map<string, number>();
  for (const { name, deprecation } of clients.clients) {
    strategies.set(name, previous?.strategies.get(name) ?? new OidcJwtStrategy(name, services));
    if (deprecation !== undefined) {
      headers.set(name, deprecationHeaders(deprecation));
    }
    const since = succession?.changed.has(name) === true ? generation : previous?.changedIn.get(name);
    if (since !== undefined) {
      changedIn.set(name, since);
    }
    yield;
  }
  return {
    configuration,
    generation,
    changedIn,
    clients,
    issuers,
    introspections,
    verifier,
    tokenSources,
    style: styleOf(configuration),
    strategies,
    authenticator: new RequestAuthenticator(verifier, strategies, tokenSources),
    ledgers: previous?.ledgers ?? new Ledgers([...strategies.keys()], log, () => Logger.isLevelEnabled('debug')),
    deprecationHeaders: headers,
  };
}
