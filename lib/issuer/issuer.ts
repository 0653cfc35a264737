import type { IssuerConfiguration } from '../client/client';
import type { Clock } from '../clock';
import { KeySet } from '../key/key-set';
import type { VerificationKey } from '../key/verification-key';
import { readMetadata, type ProviderMetadata } from './discovery';
import { FetchError, fetchJson, type FetchBounds } from './fetch-json';
import { fetchKeySet } from './fetch-key-set';
import { RefreshBudget } from './refresh-budget';

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
}

/**
 * Where an issuer says what happened to it. Configured values and the issuer's own answers, never anything of a token.
 *
 * @internal
 */
export interface IssuerLog {
  log(message: string): void;
  warn(message: string): void;
}

const UNKNOWN: KeyAnswer = { kind: 'unknown' };

/** Refreshes are spread over this part of the fresh time, so that instances started together do not fetch together. */
const JITTER = 0.1;

/** How much later than a permit a timer is set, in seconds. */
const TIMER_MARGIN = 0.05;

/** Back-off after failures, in seconds: doubling from the first, up to one of the limits. */
const BACK_OFF = { first: 1, limitWithKeys: 300, limitWithoutKeys: 10 } as const;

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
  readonly #shutdown = new AbortController();

  #metadata: (ProviderMetadata & { readonly at: number }) | undefined;
  #keys: KeySet | undefined;
  /** When the keys were last confirmed by an answer, on the monotonic clock. */
  #keysAt = 0;
  #usedAt: number;
  #failures = 0;
  #fetching: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(configuration: IssuerConfiguration, policy: FetchPolicy, clock: Clock, log: IssuerLog) {
    this.#configuration = configuration;
    this.#policy = policy;
    this.#clock = clock;
    this.#log = log;
    this.#usedAt = clock.monotonic();
    this.#budget = new RefreshBudget(this.#usedAt);
    if (configuration.keySource.kind === 'jwks') {
      this.#keys = KeySet.fromJwks(configuration.keySource.keys);
    }
  }

  /** What tokens of this issuer must say in `iss`; undefined as long as its discovery document has not said it. */
  get identifier(): string | undefined {
    return this.#configuration.issuer ?? this.#metadata?.issuer;
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
    this.#usedAt = this.#clock.monotonic();
    this.#dropStaleKeys();
    const known = this.#lookUp(keyId, algorithm);
    if (known !== undefined) {
      this.#refreshIfOverdue();
      return known;
    }
    return this.#fetching === undefined && this.#budget.wait(this.#clock.monotonic()) > 0
      ? this.#notFound()
      : this.#findAfterRefresh(keyId, algorithm);
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

  #dropStaleKeys(): void {
    if (this.#keys !== undefined && this.#clock.monotonic() - this.#keysAt > this.#policy.maxStale) {
      this.#keys = undefined;
    }
  }

  /** The timer refreshes; this is for a process that was suspended while its timer was due. */
  #refreshIfOverdue(): void {
    const age = this.#clock.monotonic() - this.#keysAt;
    if (age > this.#policy.freshFor * (1 + JITTER) && this.#failures === 0 && this.#fetching === undefined) {
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
    this.#fetching = this.#fetch().finally(() => {
      this.#fetching = undefined;
      this.#schedule();
    });
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    try {
      // One deadline for the document and the key set together.
      const bounds = this.#bounds();
      const keys = await fetchKeySet(await this.#findJwksUri(bounds), bounds);
      const isNews = this.#failures > 0 || this.#keys === undefined;
      this.#keys = keys;
      this.#keysAt = this.#clock.monotonic();
      this.#failures = 0;
      if (isNews) {
        this.#tell('log', `keys of issuer ${this.label} loaded: ${keys.size}`);
      }
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === 1 && !this.#shutdown.signal.aborted) {
        const reason = error instanceof FetchError ? error.message : `unexpected ${String(error)}`;
        const meanwhile = this.#keys === undefined ? 'its tokens get 503 until then' : 'the last good keys go on';
        this.#tell('warn', `keys of issuer ${this.label} cannot be fetched: ${reason}; trying again, ${meanwhile}`);
      }
    }
  }

  /** A logger that fails must not make a fetch fail. */
  #tell(level: 'log' | 'warn', message: string): void {
    try {
      this.#log[level](message);
    } catch {
      // There is nowhere left to say so.
    }
  }

  async #findJwksUri(bounds: FetchBounds): Promise<string> {
    const { keySource } = this.#configuration;
    if (keySource.kind === 'jwksUri') {
      return keySource.url;
    }
    if (keySource.kind !== 'discovery') {
      throw new FetchError('nothing says where its keys are');
    }
    const known = this.#metadata;
    const isFresh = known !== undefined && this.#clock.monotonic() - known.at < this.#policy.freshFor;
    if (isFresh && this.#failures === 0) {
      return known.jwksUri;
    }
    const document = await fetchJson(keySource.url, bounds);
    const metadata = readMetadata(document, keySource.url, this.#configuration, keySource.documentIssuer);
    this.#metadata = { ...metadata, at: this.#clock.monotonic() };
    return metadata.jwksUri;
  }

  #bounds(): FetchBounds {
    const milliseconds = Math.round(this.#policy.fetchTimeout * 1000);
    return {
      deadline: { milliseconds, signal: AbortSignal.timeout(milliseconds) },
      allowInsecureHttp: this.#configuration.allowInsecureHttp,
      signal: this.#shutdown.signal,
    };
  }

  /** Plans the next refresh off the request path, by a timer that keeps no process alive. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#shutdown.signal.aborted) {
      return;
    }
    const wanted = this.#failures === 0 ? this.#policy.freshFor * (1 + Math.random() * JITTER) : this.#backOff();
    // A timer may fire a little early, and then there would be no permit yet.
    const permitted = this.#budget.wait(this.#clock.monotonic()) + TIMER_MARGIN;
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(wanted, permitted) * 1000);
    this.#timer.unref();
  }

  #backOff(): number {
    const limit = this.#keys === undefined ? BACK_OFF.limitWithoutKeys : BACK_OFF.limitWithKeys;
    return Math.min(limit, BACK_OFF.first * 2 ** Math.min(this.#failures - 1, 20));
  }

  #onTimer(): void {
    this.#dropStaleKeys();
    if (this.#clock.monotonic() - this.#usedAt > this.#policy.maxStale) {
      this.#keys = undefined;
      return;
    }
    void this.#refresh();
    // Requests may have used the permit up: then there is a next time all the same.
    if (this.#fetching === undefined) {
      this.#schedule();
    }
  }
}
