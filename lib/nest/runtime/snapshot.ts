import { Logger } from '@nestjs/common';
import { deprecationHeaders } from '../../core/client/client';
import type { ClientIndex } from '../../core/client/client-index';
import type { Clock } from '../../core/clock';
import type { RefusalStyle } from '../../core/refusal/refusal-style';
import type { Configuration } from '../../configuration/resolve-configuration';
import { Introspections } from '../../decision/introspections';
import type { ProofOfPossession } from '../../decision/proof-of-possession';
import type { Revocations } from '../../decision/revocations';
import { TokenVerifier } from '../../decision/token-verifier';
import { VerificationCache } from '../../decision/verification-cache';
import type { IssuerLog } from '../../issuer/key-refresh';
import { Issuers } from '../../issuer/issuers';
import type { DecisionObserver } from '../../observation/decision-observer';
import { Ledgers } from '../../observation/ledgers';
import type { DecisionLog } from '../../observation/refusal-log';
import { OidcJwtStrategy } from '../../passport/oidc-jwt.strategy';
import { RequestAuthenticator } from '../../passport/request-authenticator';
import type { TokenSources } from '../../passport/token-sources';

/**
 * Everything that depends on the clients. Immutable: other clients make another snapshot. A decision uses one snapshot from
 * start to end.
 *
 * @internal
 */
export interface Snapshot {
  readonly clients: ClientIndex;
  readonly issuers: Issuers;
  /** The issuers that are asked about tokens; undefined where none is. */
  readonly introspections: Introspections | undefined;
  readonly verifier: TokenVerifier;
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
  readonly tokenSources: TokenSources;
  readonly observer: DecisionObserver;
  readonly style: RefusalStyle;
  /** Absent where proofs of possession are not checked. */
  readonly possession: ProofOfPossession | undefined;
  /** Absent where tokens are not revoked. */
  readonly revocations?: Revocations | undefined;
}

/**
 * Makes the snapshot of a configuration.
 *
 * @param previous the snapshot before it. Issuers whose configuration did not change keep their keys.
 */
export function takeSnapshot(
  configuration: Configuration,
  { clock, log, tokenSources, observer, style, possession, revocations }: SnapshotServices,
  previous?: Snapshot,
): Snapshot {
  const { clients, cacheBytes, maxTokenBytes } = configuration;
  const issuers = new Issuers(configuration.issuers, configuration, clock, log, previous?.issuers);
  const introspections = Introspections.of(configuration.issuers, issuers, configuration, clock, log);
  const cache = VerificationCache.of(cacheBytes);
  const verifier = new TokenVerifier(
    clients,
    issuers,
    clock,
    maxTokenBytes,
    cache,
    possession,
    revocations,
    introspections,
  );
  const services = { verifier, observer, tokenSources };
  const strategies = new Map(
    clients.clients.map((client) => [client.name, new OidcJwtStrategy(client, services, style)]),
  );
  const names = clients.clients.map(({ name }) => name);
  return {
    clients,
    issuers,
    introspections,
    verifier,
    strategies,
    authenticator: new RequestAuthenticator(verifier, strategies, tokenSources),
    ledgers: new Ledgers(names, log, () => Logger.isLevelEnabled('debug')),
    deprecationHeaders: new Map(
      clients.clients.flatMap(({ name, deprecation }) =>
        deprecation === undefined ? [] : [[name, deprecationHeaders(deprecation)]],
      ),
    ),
  };
}
