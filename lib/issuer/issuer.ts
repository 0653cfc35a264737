import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import type { KeySet } from '../core/key/key-set';
import type { VerificationKey } from '../core/key/verification-key';
import { KeyRefresh, type FetchPolicy, type IssuerLog } from './key-refresh';
import type { ProviderNotes } from './provider';

/**
 * What an issuer says of a key: here it is, there is no such key, or the keys cannot be had.
 *
 * @internal
 */
export type KeyAnswer =
  | { readonly kind: 'keys'; readonly keys: readonly VerificationKey[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable'; readonly retryAfter: number };

/**
 * The current state of an issuer's key set.
 *
 * @internal
 */
export interface IssuerHealth {
  /** Whether its keys are there, or were given up only because nobody used them. */
  readonly isHealthy: boolean;
  /** Seconds since the keys were last confirmed; undefined where they are not fetched. */
  readonly keyAge: number | undefined;
  /** How many usable keys there are. */
  readonly keyCount: number;
  /** Why the last fetch failed; undefined if it did not. */
  readonly lastError: string | undefined;
  /** Seconds until the next refresh in the background; undefined if none is planned. */
  readonly nextRefresh: number | undefined;
}

/** What a token says of the key that signed it: hints, nothing else. */
export interface KeyHints {
  readonly keyId: string | undefined;
  readonly algorithm: string;
  readonly thumbprint?: string | undefined;
}

const UNKNOWN: KeyAnswer = { kind: 'unknown' };

/**
 * One issuer and its keys, shared by the clients that name the same source of keys. Known keys never wait for the network,
 * an unknown key is looked up within bounds, and an outage is reported as one.
 *
 * @internal
 */
export class Issuer {
  readonly #refresh: KeyRefresh;
  readonly #clock: Clock;

  constructor(configuration: IssuerConfiguration, policy: FetchPolicy, clock: Clock, log: IssuerLog) {
    this.#refresh = new KeyRefresh(configuration, policy, clock, log);
    this.#clock = clock;
  }

  /** The `iss` of its tokens; undefined as long as its discovery document has not said it. */
  get identifier(): string | undefined {
    return this.#refresh.identifier;
  }

  /** The name of the issuer in the log. */
  get label(): string {
    return this.#refresh.label;
  }

  /** The keys in hand; undefined where there are none. Makes no request. */
  get keys(): KeySet | undefined {
    return this.#refresh.keys;
  }

  /** The current state of the key set. Makes no request. */
  get health(): IssuerHealth {
    const now = this.#clock.monotonic();
    this.#refresh.dropStale(now);
    const { keys, keysAt, isFetched, isIdle, lastError, refreshAt } = this.#refresh;
    return {
      isHealthy: keys !== undefined || (isIdle && lastError === undefined),
      keyAge: isFetched && keys !== undefined ? Math.round(now - keysAt) : undefined,
      keyCount: keys?.size ?? 0,
      lastError,
      nextRefresh: refreshAt === undefined ? undefined : Math.max(0, Math.round(refreshAt - now)),
    };
  }

  /** What the provider's answers show beside its keys. For explanations. */
  get notes(): ProviderNotes {
    return this.#refresh.notes;
  }

  /** Whether its keys have never been asked for. */
  get isUntried(): boolean {
    const { isFetched, keys, lastError, isIdle, isFetching } = this.#refresh;
    return isFetched && keys === undefined && lastError === undefined && !isIdle && !isFetching;
  }

  /** Fetches what is missing, ahead of the first request. Never rejects. */
  async warmUp(): Promise<void> {
    if (this.#refresh.isFetched && this.#refresh.keys === undefined) {
      await this.#refresh.refresh();
    }
  }

  /** Stops timers and fetches for good. */
  close(): void {
    this.#refresh.close();
  }

  /** Waits, bounded, until the discovery document has said who the issuer is; undefined once it has. */
  async awaitIdentifier(): Promise<KeyAnswer | undefined> {
    this.#refresh.use(this.#clock.monotonic());
    if (this.identifier === undefined) {
      await this.#refresh.refresh();
    }
    return this.identifier === undefined ? this.#unavailable() : undefined;
  }

  /**
   * The keys that may have signed a token. Answers without a promise whenever the key is
   * known. An unknown key may cause one fetch, within the budget, and waits for that.
   */
  findKeys({ keyId, algorithm, thumbprint }: KeyHints): KeyAnswer | Promise<KeyAnswer> {
    if (!this.#refresh.isFetched) {
      return this.#lookUp(keyId, algorithm, thumbprint) ?? UNKNOWN;
    }
    const now = this.#clock.monotonic();
    this.#refresh.use(now);
    const known = this.#lookUp(keyId, algorithm, thumbprint);
    if (known !== undefined) {
      this.#refresh.refreshIfOverdue(now);
      return known;
    }
    return this.#refresh.isFetching || this.#refresh.budget.wait(now) <= 0
      ? this.#askAgain(() => this.#lookUp(keyId, algorithm, thumbprint)).then((found) => found ?? this.#notFound())
      : this.#notFound();
  }

  /** Whether a key is among those that `findKeys` would answer with, without a request. This is a use of the issuer too. */
  stillHas({ key, keyId, algorithm, thumbprint }: KeyHints & { readonly key: VerificationKey }): boolean {
    if (!this.#refresh.isFetched) {
      return this.#refresh.keys?.has(key, keyId, algorithm, thumbprint) === true;
    }
    const now = this.#clock.monotonic();
    this.#refresh.use(now);
    if (this.#refresh.keys?.has(key, keyId, algorithm, thumbprint) !== true) {
      return false;
    }
    this.#refresh.refreshIfOverdue(now);
    return true;
  }

  /**
   * The keys of a key id again, once those known did not verify a signature: a provider may have put another key under the
   * same id. Asks only where a permit is left over for an unknown key, so that forged signatures never keep a rotation from
   * being seen; undefined where there is nothing new.
   */
  findReplacement(
    { keyId, algorithm, thumbprint }: KeyHints,
    tried: readonly VerificationKey[],
  ): Promise<readonly VerificationKey[] | undefined> | undefined {
    const hasSpare = (): boolean => this.#refresh.budget.hasSpare(this.#clock.monotonic());
    if (!this.#refresh.isFetched || !(this.#refresh.isFetching || hasSpare())) {
      return undefined;
    }
    return this.#askAgain(() => {
      const keys = this.#refresh.keys?.find(keyId, algorithm, thumbprint) ?? [];
      return keys.some((key) => !tried.some((old) => old.keyObject.equals(key.keyObject))) ? keys : undefined;
    }, hasSpare);
  }

  /**
   * Fetches the keys and looks again. An answer under way may have been made before the key was published: after it, once
   * more, unless it failed.
   *
   * @param mayFetch whether a fetch may be started. Default: within the budget.
   */
  async #askAgain<Found>(
    find: () => Found | undefined,
    mayFetch: () => boolean = () => true,
  ): Promise<Found | undefined> {
    for (let attempts = this.#refresh.isFetching ? 2 : 1; attempts > 0; attempts -= 1) {
      if (!this.#refresh.isFetching && !mayFetch()) {
        return undefined;
      }
      // The second attempt depends on the first.
      // oxlint-disable-next-line no-await-in-loop
      await this.#refresh.refresh();
      const found = find();
      if (found !== undefined || this.#refresh.lastError !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  #lookUp(keyId: string | undefined, algorithm: string, thumbprint: string | undefined): KeyAnswer | undefined {
    const keys = this.#refresh.keys?.find(keyId, algorithm, thumbprint) ?? [];
    return keys.length > 0 ? { kind: 'keys', keys } : undefined;
  }

  /** Told by the last attempt: if it succeeded there is no such key; if it failed nobody can know. */
  #notFound(): KeyAnswer {
    return this.#refresh.keys !== undefined && this.#refresh.lastError === undefined ? UNKNOWN : this.#unavailable();
  }

  #unavailable(): KeyAnswer {
    const wait = this.#refresh.budget.wait(this.#clock.monotonic());
    return { kind: 'unavailable', retryAfter: Math.max(1, Math.ceil(wait)) };
  }
}
