import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import type { KeySet } from '../core/key/key-set';
import { discover, WrongIssuerError, type ProviderMetadata } from './discovery';
import { FetchError, type FetchBounds } from './fetch-json';
import { fetchKeySet } from './fetch-key-set';

/** A max-age in these bounds is used, in seconds. Any other is ignored. */
const HONOURED_MAX_AGE = { minimum: 60, maximum: 600 } as const;

/** What a provider answered. */
export interface ProviderAnswer {
  readonly keys: KeySet;
  /** How long the answer is fresh, in seconds; undefined without a usable max-age. */
  readonly maxAge: number | undefined;
}

/** The documents of one provider: discovery metadata and key set. Does not decide when to fetch. */
export class Provider {
  readonly #configuration: IssuerConfiguration;
  readonly #freshFor: number;
  readonly #clock: Clock;
  #metadata: (ProviderMetadata & { readonly at: number }) | undefined;
  /** The discovery URL that answered last. */
  #found: string | undefined;

  /** @param freshFor how long discovery metadata is fresh, in seconds. */
  constructor(configuration: IssuerConfiguration, freshFor: number, clock: Clock) {
    this.#configuration = configuration;
    this.#freshFor = freshFor;
    this.#clock = clock;
  }

  /** The exact issuer from the discovery document; undefined before it was read. */
  get issuer(): string | undefined {
    return this.#metadata?.issuer;
  }

  /**
   * Fetches the key set. Fetches the discovery metadata first if it is missing, old, or in doubt.
   *
   * @param isInDoubt whether the last fetch failed: the key set may have moved.
   * @throws FetchError with the reason.
   */
  async fetchKeys(isInDoubt: boolean, bounds: FetchBounds): Promise<ProviderAnswer> {
    const { keys, maxAge } = await fetchKeySet(await this.#findJwksUri(isInDoubt, bounds), bounds);
    const isHonoured = maxAge !== undefined && maxAge >= HONOURED_MAX_AGE.minimum && maxAge <= HONOURED_MAX_AGE.maximum;
    return { keys, maxAge: isHonoured ? maxAge : undefined };
  }

  async #findJwksUri(isInDoubt: boolean, bounds: FetchBounds): Promise<string> {
    const { keySource } = this.#configuration;
    if (keySource.kind === 'jwksUri') {
      return keySource.url;
    }
    if (keySource.kind !== 'discovery') {
      throw new FetchError('nothing says where its keys are', 'no_place');
    }
    const known = this.#metadata;
    if (known !== undefined && !isInDoubt && this.#clock.monotonic() - known.at < this.#freshFor) {
      return known.jwksUri;
    }
    try {
      const metadata = await discover(keySource, this.#configuration, bounds, this.#found);
      this.#found = metadata.url;
      this.#metadata = { ...metadata, at: this.#clock.monotonic() };
      return metadata.jwksUri;
    } catch (error) {
      // The key set may still be there while the document is not.
      if (known === undefined || error instanceof WrongIssuerError || bounds.deadline.signal.aborted) {
        throw error;
      }
      return known.jwksUri;
    }
  }
}
