import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import { Issuer, type FetchPolicy, type IssuerLog } from './issuer';

/** How many issuers are warmed up at a time. */
const CONCURRENT_WARM_UPS = 8;

/**
 * Every issuer of the configuration: one object each, one discovery and one key set, however many clients it has.
 *
 * @internal
 */
export class Issuers {
  readonly #issuers: ReadonlyMap<IssuerConfiguration, Issuer>;
  #isClosed = false;

  constructor(configurations: Iterable<IssuerConfiguration>, policy: FetchPolicy, clock: Clock, log: IssuerLog) {
    this.#issuers = new Map(
      [...configurations].map((configuration) => [configuration, new Issuer(configuration, policy, clock, log)]),
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

  close(): void {
    this.#isClosed = true;
    for (const issuer of this.#issuers.values()) {
      issuer.close();
    }
  }
}
