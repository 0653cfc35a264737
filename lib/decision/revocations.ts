import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/clock';
import type { RevocationEntry } from '../core/revocation/revocation';
import type { RevocationSettings } from '../core/revocation/revocation-settings';
import type { Failure } from '../core/decision/failure';
import type { RefusedFacts } from '../core/decision/decision';
import type { JsonObject } from '../core/token/json-object';
import { RevocationIndex, type RevocableToken, type Revoked } from './revocation-index';
import { RevocationLog } from './revocation-log';

/** The longest clock tolerance that a client may have, in seconds: a token may live so much longer. */
const TOLERANCE = 300;

/** What happens to revocations, for events and the log. Never whose they are. */
export type RevocationChange =
  | { readonly change: 'revoked'; readonly entry: RevocationEntry; readonly isOwn: boolean }
  | { readonly change: 'store_lost'; readonly error: unknown }
  | { readonly change: 'store_found'; readonly seconds: number };

/** What was received of a transmitter of security events. Times in seconds since the epoch. */
export interface Received {
  readonly eventAt?: number;
  readonly verifiedAt?: number;
  readonly stream?: string;
}

/** What is asked to be revoked. */
export type RevocationRequest = Omit<RevocationEntry, 'id' | 'revokedAt' | 'expiresAt'> & {
  readonly expiresAt?: number;
};

/** Why a token is refused. */
export interface RevocationFailure {
  readonly failure: Failure;
  readonly facts?: RefusedFacts;
}

/**
 * The revocations of one application: the local index that each decision asks, and the log that replicas share. A decision does
 * no I/O.
 *
 * @internal
 */
export class Revocations {
  readonly index: RevocationIndex = new RevocationIndex();
  /** What was last received, by transmitter. */
  readonly received: Map<string, Received> = new Map();
  readonly #log: RevocationLog | undefined;
  readonly #own = new Set<string>();
  readonly #listeners = new Set<(change: RevocationChange) => void>();
  #sweeper: NodeJS.Timeout | undefined;
  #lastAt: number | undefined;

  constructor(
    readonly settings: RevocationSettings,
    private readonly clock: Clock,
  ) {
    const { store } = settings;
    this.#log =
      store &&
      new RevocationLog(store, clock, {
        applied: (entries) => this.#apply(entries),
        lost: (error) => this.#tell({ change: 'store_lost', error }),
        found: (seconds) => this.#tell({ change: 'store_found', seconds }),
      });
  }

  /** When the store was lost, in seconds since the epoch; undefined while it answers. */
  get lostAt(): number | undefined {
    return this.#log?.lostAt;
  }

  /** How many entries wait for the store. */
  get pending(): number {
    return this.#log?.pending ?? 0;
  }

  /** When the last entry was added here, in seconds since the epoch. */
  get lastAt(): number | undefined {
    return this.#lastAt;
  }

  get isShared(): boolean {
    return this.#log !== undefined;
  }

  /** Whether decisions are refused because the store has been lost for too long. */
  get isRefusing(): boolean {
    const log = this.#log;
    return (
      log !== undefined &&
      this.settings.whenUnavailable === 'refuse' &&
      (!log.isCaughtUp || log.lag > this.settings.maxLag)
    );
  }

  /** How long the store has not answered, in seconds; 0 while it does. */
  get lostFor(): number {
    const { lostAt } = this;
    return lostAt === undefined ? 0 : this.clock.now() - lostAt;
  }

  /** @returns a function that stops it. */
  listen(listener: (change: RevocationChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to follow the store. Resolves once it has been read, or after `maxLag`. */
  async start(): Promise<void> {
    this.#sweeper ??= setInterval(() => this.index.sweep(this.clock.now()), 1000);
    this.#sweeper.unref();
    await this.#log?.start(this.settings.maxLag);
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.#log?.close();
  }

  /** What an entry can name of a verified token. */
  revocable(claims: JsonObject, client: string): RevocableToken {
    return this.index.revocable(claims, client);
  }

  /** When and by what a token was revoked; undefined if it was not. */
  find(token: RevocableToken): Revoked | undefined {
    // Reading the clock costs more than the rest where nothing was revoked since.
    return token.passed === this.index.version ? undefined : this.index.find(token, this.clock.now());
  }

  /** Why a proven token is refused now; undefined if it is not. */
  check(token: RevocableToken): RevocationFailure | undefined {
    const revoked = this.find(token);
    if (revoked !== undefined) {
      return { failure: { check: 'revoked', code: 'token_revoked', actual: revoked } };
    }
    return this.isRefusing
      ? { failure: { check: 'revoked', code: 'state_unavailable' }, facts: { retryAfter: 1 } }
      : undefined;
  }

  /** Whether a logout token or security event was processed, here or by another replica. */
  hasReceived(issuer: string, jti: string): boolean {
    return this.index.hasReceived(issuer, jti, this.clock.now());
  }

  /** Revokes, here at once. Resolves when the store has it. */
  async revoke(requests: readonly RevocationRequest[]): Promise<void> {
    const revokedAt = this.clock.now();
    const entries = requests.map((request): RevocationEntry => {
      const lasts = Math.max(revokedAt, request.issuedBefore ?? revokedAt) + this.settings.maxTokenLifetime + TOLERANCE;
      return { id: randomUUID(), revokedAt, expiresAt: lasts, ...request };
    });
    for (const { id } of this.#log === undefined ? [] : entries) {
      this.#own.add(id);
    }
    this.#add(entries, true);
    await this.#log?.append(entries);
  }

  #apply(entries: readonly RevocationEntry[]): void {
    // What this process wrote took effect here before.
    this.#add(
      entries.filter(({ id }) => !this.#own.delete(id)),
      false,
    );
  }

  #add(entries: readonly RevocationEntry[], isOwn: boolean): void {
    const now = this.clock.now();
    for (const entry of entries) {
      if (this.index.add(entry, now) && entry.kind !== 'received') {
        this.#lastAt = now;
        this.#tell({ change: 'revoked', entry, isOwn });
      }
    }
  }

  #tell(change: RevocationChange): void {
    for (const listener of this.#listeners) {
      listener(change);
    }
  }
}
