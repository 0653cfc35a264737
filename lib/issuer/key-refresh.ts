import type { IssuerConfiguration } from '../core/client/client';
import type { Clock } from '../core/clock';
import type { KeySet } from '../core/key/key-set';
import { FetchError, type FetchBounds } from './fetch-json';
import { loadJwksRsa } from './fetch-key-set';
import { Provider, type ProviderNotes } from './provider';
import { backOff, longestRefreshDelay, RefreshBudget, refreshDelay, TIMER_MARGIN } from './refresh-policy';

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
 * The log of an issuer: configured values and the issuer's own answers, never anything of a token.
 *
 * @internal
 */
export interface IssuerLog {
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/**
 * The keys of one issuer, and when to fetch them: in the background before they are old, and on demand within a budget. On
 * failure the last good keys serve until they are stale. Knows nothing of tokens.
 *
 * @internal
 */
export class KeyRefresh {
  /** Whether there is anything to fetch: an issuer with inline keys, or with shared secrets alone, has no network. */
  readonly isFetched: boolean;
  readonly budget: RefreshBudget;
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

  constructor(
    private readonly configuration: IssuerConfiguration,
    private readonly policy: FetchPolicy,
    private readonly clock: Clock,
    private readonly log: IssuerLog,
  ) {
    const { keySource } = configuration;
    this.isFetched = keySource.kind === 'discovery' || keySource.kind === 'jwksUri';
    this.#provider = new Provider(configuration, policy.freshFor, clock);
    this.#freshFor = policy.freshFor;
    this.#usedAt = clock.monotonic();
    this.budget = new RefreshBudget(this.#usedAt);
    if (keySource.kind === 'static') {
      this.#keys = keySource.keys;
    }
  }

  /** The `iss` of the issuer's tokens; undefined as long as its discovery document has not said it. */
  get identifier(): string | undefined {
    return this.configuration.issuer ?? this.#provider.issuer;
  }

  /** What the provider's answers show beside its keys. For explanations. */
  get notes(): ProviderNotes {
    return this.#provider.notes;
  }

  /** The name of the issuer in the log. */
  get label(): string {
    return this.identifier ?? this.configuration.possibleIssuers[0] ?? 'unknown issuer';
  }

  /** The keys in hand; undefined where there are none. Makes no request. */
  get keys(): KeySet | undefined {
    return this.#keys;
  }

  /** When the keys were last confirmed, on the monotonic clock. */
  get keysAt(): number {
    return this.#keysAt;
  }

  get isFetching(): boolean {
    return this.#fetching !== undefined;
  }

  /** Whether the keys were given up only because nobody used them. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Why the last fetch failed; undefined if it did not. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** When the next refresh in the background is due, on the monotonic clock; undefined if none is planned. */
  get refreshAt(): number | undefined {
    return this.#refreshAt;
  }

  /** Notes that the keys are in use, and gives up keys that are stale. */
  use(now: number): void {
    this.#usedAt = now;
    this.dropStale(now);
  }

  dropStale(now: number): void {
    if (this.isFetched && this.#keys !== undefined && now - this.#keysAt > this.policy.maxStale) {
      this.#keys = undefined;
    }
  }

  /** Refreshes keys that are overdue: the timer does, but the process may have been suspended while it was due. */
  refreshIfOverdue(now: number): void {
    const age = now - this.#keysAt;
    if (age > longestRefreshDelay(this.#freshFor) && this.#failures === 0 && this.#fetching === undefined) {
      void this.refresh();
    }
  }

  /** One fetch at a time: joins the one under way, else starts one if the budget permits. Never rejects. */
  refresh(): Promise<void> {
    if (this.#fetching !== undefined) {
      return this.#fetching;
    }
    if (this.#shutdown.signal.aborted || !this.budget.take(this.clock.monotonic())) {
      return Promise.resolve();
    }
    this.#isIdle = false;
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = undefined;
      this.#schedule();
    });
    return this.#fetching;
  }

  /** Stops timers and fetches for good. */
  close(): void {
    this.#shutdown.abort();
    clearTimeout(this.#timer);
  }

  async #fetch(): Promise<void> {
    try {
      // Loading takes time once, which must not count against the provider's deadline.
      loadJwksRsa();
      const { keys, maxAge } = await this.#provider.fetchKeys(this.#failures > 0, this.#bounds());
      const isNews = this.#failures > 0 || this.#keys === undefined;
      this.#keys = keys.reusing(this.#keys);
      this.#keysAt = this.clock.monotonic();
      this.#freshFor = Math.min(this.policy.freshFor, maxAge ?? Infinity);
      this.#failures = 0;
      this.#lastError = undefined;
      if (isNews) {
        this.#tell('log', `keys of issuer ${this.label} loaded: ${keys.size}`);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const reason = error instanceof FetchError ? error.message : `unexpected ${String(error)}`;
    this.#failures += 1;
    this.#lastError = reason;
    if (this.#failures > 1 || this.#shutdown.signal.aborted) {
      return;
    }
    const meanwhile = this.#keys === undefined ? 'its tokens get 503 until then' : 'the last good keys go on';
    this.#tell('warn', `keys of issuer ${this.label} cannot be fetched: ${reason}; trying again, ${meanwhile}`);
  }

  /** A logger that fails must not make a fetch fail. */
  #tell(level: keyof IssuerLog, message: string): void {
    try {
      this.log[level](message);
    } catch {
      // There is no other place to report it.
    }
  }

  /** One deadline for the document and the key set together. */
  #bounds(): FetchBounds {
    const milliseconds = Math.round(this.policy.fetchTimeout * 1000);
    return {
      deadline: { milliseconds, signal: AbortSignal.timeout(milliseconds) },
      allowInsecureHttp: this.configuration.allowInsecureHttp,
      signal: this.#shutdown.signal,
      dispatcher: this.configuration.dispatcher ?? this.policy.dispatcher,
      headers: this.configuration.fetchHeaders,
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
    // Timers may fire a little early, before there is a permit.
    const permitted = this.budget.wait(this.clock.monotonic()) + TIMER_MARGIN;
    const delay = Math.max(wanted, permitted);
    this.#refreshAt = this.clock.monotonic() + delay;
    this.#timer = setTimeout(() => this.#onTimer(), delay * 1000);
    this.#timer.unref();
  }

  #onTimer(): void {
    const now = this.clock.monotonic();
    this.dropStale(now);
    if (now - this.#usedAt > this.policy.maxStale) {
      this.#keys = undefined;
      this.#isIdle = true;
      this.#refreshAt = undefined;
      return;
    }
    void this.refresh();
    // Requests may have used the permit.
    if (this.#fetching === undefined) {
      this.#schedule();
    }
  }
}
