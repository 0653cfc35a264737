import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import type { KeySet } from '../core/key/key-set';
import { discover, WrongIssuerError, type DocumentNames, type ProviderMetadata } from './discovery';
import { FetchError, type FetchBounds, type FetchFailure } from './fetch-json';
import { fetchKeySet } from './fetch-key-set';

/** A max-age within these bounds is honoured, in seconds; any other says nothing about how long keys are fresh. */
const HONOURED_MAX_AGE = { minimum: 60, maximum: 600 } as const;

/** How many keys that a provider no longer publishes are remembered. */
const MOST_RETIRED = 100;

/**
 * What a provider's answers show beside its keys. For explanations: decisions never use it.
 *
 * @internal
 */
export interface ProviderNotes {
  /** The issuers that the last document named, expected or not; undefined while none was read. */
  readonly document: DocumentNames | undefined;
  /** The kind of the last fetch's failure; undefined if it did not fail. */
  readonly failure: FetchFailure | undefined;
  /** Ids of keys that were in an earlier set and are not in the last one. */
  readonly retiredKeyIds: ReadonlySet<string>;
}

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
  #document: DocumentNames | undefined;
  #failure: FetchFailure | undefined;
  #keyIds: ReadonlySet<string> = new Set();
  readonly #retiredKeyIds = new Set<string>();

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

  /** What the answers show beside the keys. */
  get notes(): ProviderNotes {
    return { document: this.#document, failure: this.#failure, retiredKeyIds: this.#retiredKeyIds };
  }

  /**
   * Fetches the key set, and the discovery metadata before it where that is missing, no longer fresh, or in doubt.
   *
   * @param isInDoubt whether the last fetch failed: the key set may have moved.
   * @throws FetchError saying what went wrong.
   */
  async fetchKeys(isInDoubt: boolean, bounds: FetchBounds): Promise<ProviderAnswer> {
    const { keys, maxAge } = await this.#fetchKeySet(isInDoubt, bounds);
    const isHonoured = maxAge !== undefined && maxAge >= HONOURED_MAX_AGE.minimum && maxAge <= HONOURED_MAX_AGE.maximum;
    return { keys, maxAge: isHonoured ? maxAge : undefined };
  }

  async #fetchKeySet(isInDoubt: boolean, bounds: FetchBounds): ReturnType<typeof fetchKeySet> {
    try {
      const fetched = await fetchKeySet(await this.#findJwksUri(isInDoubt, bounds), bounds);
      this.#failure = undefined;
      this.#noteKeyIds(fetched.keys);
      return fetched;
    } catch (error) {
      this.#failure = error instanceof FetchError ? error.failure : undefined;
      throw error;
    }
  }

  #noteKeyIds({ keys }: KeySet): void {
    const keyIds = new Set(keys.flatMap(({ keyId }) => keyId ?? []));
    for (const keyId of this.#keyIds) {
      if (!keyIds.has(keyId)) {
        this.#retiredKeyIds.add(keyId);
      }
    }
    for (const keyId of this.#retiredKeyIds) {
      if (keyIds.has(keyId) || this.#retiredKeyIds.size > MOST_RETIRED) {
        this.#retiredKeyIds.delete(keyId);
      }
    }
    this.#keyIds = keyIds;
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
