import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import { takeAtOnce, type Steps } from '../core/steps';
import { Issuer } from './issuer';
import type { FetchPolicy, IssuerLog } from './key-refresh';

/** How many issuers are warmed up at a time. */
const CONCURRENT_WARM_UPS = 8;

/**
 * All issuers of the configuration: one object, one discovery and one key set for each source of keys.
 *
 * @internal
 */
export class Issuers {
  #isClosed = false;

  private constructor(
    private readonly issuers: ReadonlyMap<IssuerConfiguration, Issuer>,
    /** Those that the issuers before had not. */
    readonly fresh: ReadonlySet<IssuerConfiguration>,
  ) {}

  /**
   * @param previous the issuers before these. Issuers whose configuration did not change are reused, with their keys.
   */
  static of(
    configurations: Iterable<IssuerConfiguration>,
    policy: FetchPolicy,
    clock: Clock,
    log: IssuerLog,
    previous?: Issuers,
  ): Issuers {
    return takeAtOnce(Issuers.inSteps(configurations, policy, clock, log, previous));
  }

  static *inSteps(
    configurations: Iterable<IssuerConfiguration>,
    policy: FetchPolicy,
    clock: Clock,
    log: IssuerLog,
    previous?: Issuers,
  ): Steps<Issuers> {
    const before = new Map<string, Issuer>();
    for (const [known, issuer] of previous?.issuers ?? []) {
      const place = fetchedFrom(known);
      if (place !== undefined) {
        before.set(place, issuer);
      }
      yield;
    }
    const issuers = new Map<IssuerConfiguration, Issuer>();
    const fresh = new Set<IssuerConfiguration>();
    for (const configuration of configurations) {
      const place = previous && fetchedFrom(configuration);
      const known = place === undefined ? undefined : before.get(place);
      issuers.set(configuration, known ?? new Issuer(configuration, policy, clock, log));
      if (known === undefined) {
        fresh.add(configuration);
      }
      yield;
    }
    return new Issuers(issuers, fresh);
  }

  get all(): Iterable<Issuer> {
    return this.issuers.values();
  }

  of(configuration: IssuerConfiguration): Issuer {
    const issuer = this.issuers.get(configuration);
    if (issuer === undefined) {
      throw new Error('an issuer of another configuration was asked for');
    }
    return issuer;
  }

  /**
   * Fetches issuers' keys, a few issuers at a time. Never rejects.
   *
   * @param only the issuers to fetch; absent for all.
   */
  async warmUp(only?: ReadonlySet<IssuerConfiguration>): Promise<void> {
    const chosen = [...(only ?? this.issuers.keys())].flatMap((configuration) => this.issuers.get(configuration) ?? []);
    const waiting = chosen.values();
    const worker = async (): Promise<void> => {
      for (const issuer of waiting) {
        if (this.#isClosed) {
          return;
        }
        await issuer.warmUp();
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_WARM_UPS }, worker));
  }

  /** @param next the issuers after these. Issuers that are in both stay open. */
  close(next?: Issuers): void {
    this.#isClosed = true;
    const kept = new Set(next?.all);
    for (const issuer of this.issuers.values()) {
      if (!kept.has(issuer)) {
        issuer.close();
      }
    }
  }
}

/** Functions and dispatchers are the same only if they are one. */
const identities = new WeakMap<object, number>();
let lastIdentity = 0;

function identityOf(object: object | undefined): number {
  if (object === undefined) {
    return 0;
  }
  const identity = identities.get(object) ?? (lastIdentity += 1);
  identities.set(object, identity);
  return identity;
}

/** Where an issuer's keys are fetched from and how; undefined where they are not fetched. */
function fetchedFrom({
  keySource,
  fetchHeaders,
  dispatcher,
  introspection: _introspection,
  ...issuer
}: IssuerConfiguration): string | undefined {
  const isFetched = keySource.kind === 'discovery' || keySource.kind === 'jwksUri';
  const headers = typeof fetchHeaders === 'function' ? identityOf(fetchHeaders) : fetchHeaders;
  return isFetched ? JSON.stringify([issuer, keySource, headers, identityOf(dispatcher)]) : undefined;
}
