import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
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
  readonly #issuers: ReadonlyMap<IssuerConfiguration, Issuer>;
  #isClosed = false;

  /**
   * @param previous the issuers before these. Issuers whose configuration did not change are reused, with their keys.
   */
  constructor(
    configurations: Iterable<IssuerConfiguration>,
    policy: FetchPolicy,
    clock: Clock,
    log: IssuerLog,
    previous?: Issuers,
  ) {
    const before = new Map(
      [...(previous === undefined ? [] : previous.#issuers)].map(([known, issuer]) => [fetchedFrom(known), issuer]),
    );
    before.delete(undefined);
    this.#issuers = new Map(
      [...configurations].map((configuration) => [
        configuration,
        before.get(fetchedFrom(configuration)) ?? new Issuer(configuration, policy, clock, log),
      ]),
    );
  }

  get all(): Iterable<Issuer> {
    return this.#issuers.values();
  }

  of(configuration: IssuerConfiguration): Issuer {
    const issuer = this.#issuers.get(configuration);
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
    const chosen = [...this.#issuers].filter(([configuration]) => only?.has(configuration) ?? true);
    const waiting = chosen.map(([, issuer]) => issuer).values();
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
    for (const issuer of this.#issuers.values()) {
      if (!kept.has(issuer)) {
        issuer.close();
      }
    }
  }
}

/** Where an issuer's keys are fetched from and how; undefined where they are not fetched. */
function fetchedFrom({ keySource, fetchHeaders, dispatcher, ...issuer }: IssuerConfiguration): string | undefined {
  const isFetched = keySource.kind === 'discovery' || keySource.kind === 'jwksUri';
  // Functions and dispatchers cannot be compared as text.
  const isComparable = typeof fetchHeaders !== 'function' && dispatcher === undefined;
  return isFetched && isComparable ? JSON.stringify([issuer, keySource, fetchHeaders]) : undefined;
}
