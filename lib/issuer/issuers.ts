import type { IssuerConfiguration } from '../client/client';
import type { Clock } from '../clock';
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

  of(configuration: IssuerConfiguration): Issuer {
    const issuer = this.#issuers.get(configuration);
    if (issuer === undefined) {
      throw new Error('an issuer of another configuration was asked for');
    }
    return issuer;
  }

  /** Fetches every issuer's keys in the background, a few issuers at a time. Never rejects. */
  async warmUp(): Promise<void> {
    const waiting = this.#issuers.values();
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
