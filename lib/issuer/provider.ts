import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import type { KeySet } from '../core/key/key-set';
import { discover, WrongIssuerError, type DocumentNames, type ProviderMetadata } from './discovery';
import { FetchError, type FetchBounds } from './fetch-json';
import { fetchKeySet } from './fetch-key-set';

/** A max-age within these bounds is honoured, in seconds; any other says nothing about how long keys are fresh. */
const HONOURED_MAX_AGE = { minimum: 60, maximum: 600 } as const;

/** What a provider answered. */
export interface ProviderAnswer {
  readonly keys: KeySet;
  /** How long the answer says it is fresh, in seconds; undefined where it says nothing that is honoured. */
  readonly maxAge: number | undefined;
}

/**
 * The documents of one provider on the network: where its discovery metadata is, what it said, and its key set. Knows
 * nothing of when to fetch.
 */
export class Provider {
  readonly #configuration: IssuerConfiguration;
  readonly #freshFor: number;
  readonly #clock: Clock;
  #metadata: (ProviderMetadata & { readonly at: number }) | undefined;
  /** The discovery URL that answered last. */
  #found: string | undefined;
  /** What the last document named that was there, be it the expected issuer or not. */
  #document: DocumentNames | undefined;

  /** @param freshFor how long discovery metadata is fresh, in seconds. */
  constructor(configuration: IssuerConfiguration, freshFor: number, clock: Clock) {
    this.#configuration = configuration;
    this.#freshFor = freshFor;
    this.#clock = clock;
  }

  /** The exact issuer, as the discovery document said; undefined as long as it said nothing. */
  get issuer(): string | undefined {
    return this.#metadata?.issuer;
  }

  /** The issuers that the last document named; undefined while none was there. For explanations. */
  get document(): DocumentNames | undefined {
    return this.#document;
  }

  /**
   * Fetches the key set, and the discovery metadata before it where that is missing, no longer fresh, or in doubt.
   *
   * @param isInDoubt whether the last fetch failed: the key set may have moved.
   * @throws FetchError saying what went wrong.
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
      const { url, documentIssuer, accessTokenIssuer } = metadata;
      this.#document = { url, issuer: documentIssuer, accessTokenIssuer };
      this.#metadata = { ...metadata, at: this.#clock.monotonic() };
      return metadata.jwksUri;
    } catch (error) {
      if (error instanceof WrongIssuerError && typeof error.actual === 'string') {
        const { url, actual, accessTokenIssuer } = error;
        this.#document = { url, issuer: actual, accessTokenIssuer };
      }
      // The key set may well be where it was, also while the document cannot be had.
      if (known === undefined || error instanceof WrongIssuerError || bounds.deadline.signal.aborted) {
        throw error;
      }
      return known.jwksUri;
    }
  }
}
