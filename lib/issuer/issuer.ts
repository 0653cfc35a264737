import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import type { KeySet } from '../core/key/key-set';
import type { VerificationKey } from '../core/key/verification-key';
import { FetchError, type FetchBounds } from './fetch-json';
import { loadJwksRsa, UnloadableError } from './fetch-key-set';
import { Provider, type ProviderNotes } from './provider';
import { RefreshBudget } from './refresh-budget';
import { backOff, longestRefreshDelay, refreshDelay, TIMER_MARGIN } from './refresh-delay';

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
 * How issuers fetch. Times in seconds.
 *
 * @internal
 */
export interface FetchPolicy {
  readonly freshFor: number;
  readonly maxStale: number;
  readonly fetchTimeout: number;
  /** An undici dispatcher for all fetches. */
  readonly dispatcher?: unknown;
}

/**
 * Where an issuer says what happened to it. Configured values and the issuer's own answers, never anything of a token.
 *
 * @internal
 */
export interface IssuerLog {
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * How it stands with an issuer's keys.
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

const UNKNOWN: KeyAnswer = { kind: 'unknown' };

/**
 * One issuer: its discovery metadata and its keys, shared by all its clients. It decides when to fetch, so that known
 * keys never wait for the network, an unknown key is looked up within bounds, and an outage is told as one.
 *
 * @internal
 */
export class Issuer {
  readonly #configuration: IssuerConfiguration;
  readonly #policy: FetchPolicy;
  readonly #clock: Clock;
  readonly #log: IssuerLog;
  readonly #budget: RefreshBudget;
  readonly #provider: Provider;
  readonly #shutdown = new AbortController();

  #keys: KeySet | undefined;
  /** When the keys were last confirmed by an answer, on the monotonic clock. */
  #keysAt = 0;
  /** How long the keys are fresh, in seconds. */
  #freshFor: number;
  #usedAt: number;
  /** Whether keys are no longer refreshed because nobody used them. */
  #isIdle = false;
  #failures = 0;
  #lastError: string | undefined;
  /** When the timer is due, on the monotonic clock. */
  #refreshAt: number | undefined;
  #fetching: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(configuration: IssuerConfiguration, policy: FetchPolicy, clock: Clock, log: IssuerLog) {
    this.#configuration = configuration;
    this.#policy = policy;
    this.#clock = clock;
    this.#log = log;
    this.#provider = new Provider(configuration, policy.freshFor, clock);
    this.#freshFor = policy.freshFor;
    this.#usedAt = clock.monotonic();
    this.#budget = new RefreshBudget(this.#usedAt);
    if (configuration.keySource.kind === 'static') {
      this.#keys = configuration.keySource.keys;
    }
  }

  /** What tokens of this issuer must say in `iss`; undefined as long as its discovery document has not said it. */
  get identifier(): string | undefined {
    return this.#configuration.issuer ?? this.#provider.issuer;
  }

  /** What the issuer is called in the log. */
  get label(): string {
    return this.identifier ?? this.#configuration.possibleIssuers[0] ?? 'unknown issuer';
  }

  /** Whether there is anything to fetch: an issuer with inline keys, or none but shared secrets, has no network. */
  get #isFetched(): boolean {
    const { kind } = this.#configuration.keySource;
    return kind === 'discovery' || kind === 'jwksUri';
  }

  /** How it stands with the keys, without asking anybody. */
  get health(): IssuerHealth {
    const now = this.#clock.monotonic();
    this.#dropStaleKeys(now);
    const isFetched = this.#isFetched && this.#keys !== undefined;
    return {
      isHealthy: this.#keys !== undefined || (this.#isIdle && this.#lastError === undefined),
      keyAge: isFetched ? Math.round(now - this.#keysAt) : undefined,
      keyCount: this.#keys?.size ?? 0,
      lastError: this.#lastError,
      nextRefresh: this.#refreshAt === undefined ? undefined : Math.max(0, Math.round(this.#refreshAt - now)),
    };
  }

  /** The keys in hand, without asking anybody; undefined where there are none. */
  get keys(): KeySet | undefined {
    return this.#keys;
  }

  /** What the provider's answers show beside its keys. For explanations. */
  get notes(): ProviderNotes {
    return this.#provider.notes;
  }

  /** Fetches what is missing, ahead of the first request. Never rejects. */
  async warmUp(): Promise<void> {
    if (this.#isFetched && this.#keys === undefined) {
      await this.#refresh();
    }
  }

  /** Stops timers and fetches for good. */
  close(): void {
    this.#shutdown.abort();
    clearTimeout(this.#timer);
  }

  /** Waits, bounded, until the discovery document has said who the issuer is; undefined once it has. */
  async awaitIdentifier(): Promise<KeyAnswer | undefined> {
    this.#usedAt = this.#clock.monotonic();
    if (this.identifier === undefined) {
      await this.#refresh();
    }
    return this.identifier === undefined ? this.#unavailable() : undefined;
  }

  /**
   * The keys that may have signed a token with this key id and algorithm. Answers at once, without a promise, whenever
   * the key is known; an unknown one may cause one fetch, within the budget, and waits for that.
   */
  findKeys(keyId: string | undefined, algorithm: string): KeyAnswer | Promise<KeyAnswer> {
    if (!this.#isFetched) {
      return this.#lookUp(keyId, algorithm) ?? UNKNOWN;
    }
    const now = this.#clock.monotonic();
    this.#usedAt = now;
    this.#dropStaleKeys(now);
    const known = this.#lookUp(keyId, algorithm);
    if (known !== undefined) {
      this.#refreshIfOverdue(now);
      return known;
    }
    return this.#fetching === undefined && this.#budget.wait(now) > 0
      ? this.#notFound()
      : this.#findAfterRefresh(keyId, algorithm);
  }

  /**
   * Whether a key is among those that `findKeys` would answer with, without asking anybody. This is a use of the issuer
   * too.
   */
  stillHas(key: VerificationKey, keyId: string | undefined, algorithm: string): boolean {
    if (!this.#isFetched) {
      return this.#keys?.has(key, keyId, algorithm) === true;
    }
    const now = this.#clock.monotonic();
    this.#usedAt = now;
    this.#dropStaleKeys(now);
    if (this.#keys?.has(key, keyId, algorithm) !== true) {
      return false;
    }
    this.#refreshIfOverdue(now);
    return true;
  }

  /**
   * The keys of a key id again, once those known did not verify a signature: a provider may have put another key under
   * the same id. Asks only where a permit is left over for an unknown key, so that forged signatures never keep a rotation
   * from being seen; undefined where there is nothing new.
   */
  findReplacement(
    keyId: string | undefined,
    algorithm: string,
    tried: readonly VerificationKey[],
  ): Promise<readonly VerificationKey[] | undefined> | undefined {
    const isPermitted = this.#fetching !== undefined || this.#budget.hasSpare(this.#clock.monotonic());
    if (!this.#isFetched || !isPermitted) {
      return undefined;
    }
    return this.#replaceAfterRefresh(keyId, algorithm, tried);
  }

  async #replaceAfterRefresh(
    keyId: string | undefined,
    algorithm: string,
    tried: readonly VerificationKey[],
  ): Promise<readonly VerificationKey[] | undefined> {
    // As for an unknown key: an answer under way may be older than the change.
    for (let attempts = this.#fetching === undefined ? 1 : 2; attempts > 0; attempts -= 1) {
      if (this.#fetching === undefined && !this.#budget.hasSpare(this.#clock.monotonic())) {
        return undefined;
      }
      await this.#refresh();
      const keys = this.#keys?.find(keyId, algorithm) ?? [];
      if (keys.some((key) => !tried.some((old) => old.keyObject.equals(key.keyObject)))) {
        return keys;
      }
    }
    return undefined;
  }

  async #findAfterRefresh(keyId: string | undefined, algorithm: string): Promise<KeyAnswer> {
    // An answer under way may have been made before the key was published: one that is asked for now was not.
    const joined = this.#fetching !== undefined;
    await this.#refresh();
    const found = this.#lookUp(keyId, algorithm);
    if (found !== undefined || !joined || this.#failures > 0) {
      return found ?? this.#notFound();
    }
    await this.#refresh();
    return this.#lookUp(keyId, algorithm) ?? this.#notFound();
  }

  #lookUp(keyId: string | undefined, algorithm: string): KeyAnswer | undefined {
    const keys = this.#keys?.find(keyId, algorithm) ?? [];
    return keys.length > 0 ? { kind: 'keys', keys } : undefined;
  }

  /** Told by the last attempt: if it succeeded there is no such key; if it failed nobody can know. */
  #notFound(): KeyAnswer {
    return this.#keys !== undefined && this.#failures === 0 ? UNKNOWN : this.#unavailable();
  }

  #unavailable(): KeyAnswer {
    const wait = this.#budget.wait(this.#clock.monotonic());
    return { kind: 'unavailable', retryAfter: Math.max(1, Math.ceil(wait)) };
  }

  #dropStaleKeys(now: number): void {
    if (this.#isFetched && this.#keys !== undefined && now - this.#keysAt > this.#policy.maxStale) {
      this.#keys = undefined;
    }
  }

  /** The timer refreshes; this is for a process that was suspended while its timer was due. */
  #refreshIfOverdue(now: number): void {
    const age = now - this.#keysAt;
    if (age > longestRefreshDelay(this.#freshFor) && this.#failures === 0 && this.#fetching === undefined) {
      void this.#refresh();
    }
  }

  /**
   * One fetch at a time, whoever asks: joins the one under way, else starts one if the budget permits. Never rejects.
   */
  #refresh(): Promise<void> {
    if (this.#fetching !== undefined) {
      return this.#fetching;
    }
    if (this.#shutdown.signal.aborted || !this.#budget.take(this.#clock.monotonic())) {
      return Promise.resolve();
    }
    this.#isIdle = false;
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = undefined;
      this.#schedule();
    });
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    try {
      // Loading takes time of its own, once, which is not the provider's.
      loadJwksRsa();
      // One deadline for the document and the key set together.
      const bounds = this.#bounds();
      const { keys, maxAge } = await this.#provider.fetchKeys(this.#failures > 0, bounds);
      const isNews = this.#failures > 0 || this.#keys === undefined;
      this.#keys = keys.reusing(this.#keys);
      this.#keysAt = this.#clock.monotonic();
      this.#freshFor = Math.min(this.#policy.freshFor, maxAge ?? Infinity);
      this.#failures = 0;
      this.#lastError = undefined;
      if (isNews) {
        this.#tell('log', `keys of issuer ${this.label} loaded: ${keys.size}`);
      }
    } catch (error) {
      const isKnown = error instanceof FetchError || error instanceof UnloadableError;
      const reason = isKnown ? error.message : `unexpected ${String(error)}`;
      this.#failures += 1;
      this.#lastError = reason;
      if (this.#failures === 1 && !this.#shutdown.signal.aborted) {
        if (error instanceof UnloadableError) {
          this.#tell('error', reason);
          return;
        }
        const meanwhile = this.#keys === undefined ? 'its tokens get 503 until then' : 'the last good keys go on';
        this.#tell('warn', `keys of issuer ${this.label} cannot be fetched: ${reason}; trying again, ${meanwhile}`);
      }
    }
  }

  /** A logger that fails must not make a fetch fail. */
  #tell(level: keyof IssuerLog, message: string): void {
    try {
      this.#log[level](message);
    } catch {
      // There is nowhere left to say so.
    }
  }

  #bounds(): FetchBounds {
    const milliseconds = Math.round(this.#policy.fetchTimeout * 1000);
    return {
      deadline: { milliseconds, signal: AbortSignal.timeout(milliseconds) },
      allowInsecureHttp: this.#configuration.allowInsecureHttp,
      signal: this.#shutdown.signal,
      dispatcher: this.#policy.dispatcher,
    };
  }

  /** Plans the next refresh off the request path, by a timer that keeps no process alive. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#shutdown.signal.aborted) {
      return;
    }
    const wanted =
      this.#failures === 0 ? refreshDelay(this.#freshFor) : backOff(this.#failures, this.#keys !== undefined);
    // A timer may fire a little early, and then there would be no permit yet.
    const permitted = this.#budget.wait(this.#clock.monotonic()) + TIMER_MARGIN;
    const delay = Math.max(wanted, permitted);
    this.#refreshAt = this.#clock.monotonic() + delay;
    this.#timer = setTimeout(() => this.#onTimer(), delay * 1000);
    this.#timer.unref();
  }

  #onTimer(): void {
    const now = this.#clock.monotonic();
    this.#dropStaleKeys(now);
    if (now - this.#usedAt > this.#policy.maxStale) {
      this.#keys = undefined;
      this.#isIdle = true;
      this.#refreshAt = undefined;
      return;
    }
    void this.#refresh();
    // Requests may have used the permit up: then there is a next time all the same.
    if (this.#fetching === undefined) {
      this.#schedule();
    }
  }
}
