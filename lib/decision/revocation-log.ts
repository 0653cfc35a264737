import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/clock';
import type { RevocationEntry } from '../core/revocation/revocation';
import type { RevocationBatch, RevocationStore } from '../core/revocation/revocation-store';

/** How long one read waits for an entry, in seconds. */
const WAIT = 1;

/** How long a read or an append may take beyond that, in seconds. */
const PATIENCE = 5;

/** The first and the longest wait after a failure, in milliseconds. */
const BACK_OFF = { first: 50, longest: 1000 } as const;

/** The most entries of one append, and the most that wait for the store. */
const BATCH = 500;
const MOST_WAITING = 100_000;

/** How long stored entries are kept to be appended again after a failure, in seconds. A store may lose its last second. */
const REPEATED = 60;
const MOST_REPEATED = 10_000;

/** What the log reports. */
export interface RevocationLogListener {
  applied(entries: readonly RevocationEntry[]): void;
  lost(error: unknown): void;
  found(seconds: number): void;
}

interface Waiting {
  readonly entry: RevocationEntry;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * One replica's end of the shared log: reads it from the start, follows it, and appends. After a failure it continues after the
 * last entry that it saw, and repeats what the store may not have.
 *
 * @internal
 */
export class RevocationLog {
  readonly #closing = new AbortController();
  #position: string | undefined;
  #isCaughtUp = false;
  /** When the store last answered, on the monotonic clock. */
  #answeredAt: number;
  #lostAt: number | undefined;
  #waiting: Waiting[] = [];
  #isAppending = false;
  #stored: { readonly entry: RevocationEntry; readonly at: number }[] = [];
  #isFollowing = false;
  #caughtUp: () => void = () => undefined;

  constructor(
    private readonly store: RevocationStore,
    private readonly clock: Clock,
    private readonly listener: RevocationLogListener,
  ) {
    this.#answeredAt = clock.monotonic();
  }

  /** Whether the log has been read to its end once. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp;
  }

  /** When the store was lost, in seconds since the epoch; undefined while it answers. */
  get lostAt(): number | undefined {
    return this.#lostAt;
  }

  /** How many entries wait for the store. */
  get pending(): number {
    return this.#waiting.length;
  }

  /** Seconds since the store last answered. */
  get lag(): number {
    return this.clock.monotonic() - this.#answeredAt;
  }

  /** Begins to follow. Resolves once the log has been read to its end, or the time is up. */
  async start(patience: number): Promise<void> {
    const caughtUp = new Promise<void>((resolve) => {
      this.#caughtUp = resolve;
    });
    if (!this.#isFollowing) {
      this.#isFollowing = true;
      void this.#follow();
    }
    const late = new AbortController();
    await Promise.race([
      caughtUp,
      sleep(patience * 1000, undefined, { signal: late.signal, ref: false }).catch(() => undefined),
    ]);
    late.abort();
  }

  /** Appends an entry. Resolves once the store has it. */
  append(entries: readonly RevocationEntry[]): Promise<void> {
    if (this.#closing.signal.aborted || this.#waiting.length + entries.length > MOST_WAITING) {
      return Promise.reject(
        new Error(
          this.#closing.signal.aborted
            ? 'the application is shutting down: the revocation took effect here and was not stored'
            : `${this.#waiting.length} revocations wait for the store: this one took effect here and was not stored`,
        ),
      );
    }
    const stored = entries.map(
      (entry) =>
        new Promise<void>((resolve, reject) => {
          this.#waiting.push({ entry, resolve, reject });
        }),
    );
    void this.#appendAll();
    return Promise.all(stored).then(() => undefined);
  }

  /** Stops for good. Entries that the store does not have yet are rejected. */
  close(): void {
    this.#closing.abort();
    for (const { reject } of this.#waiting.splice(0)) {
      reject(new Error('the application was shut down before the store had the revocation'));
    }
  }

  async #follow(): Promise<void> {
    let delay: number = BACK_OFF.first;
    while (!this.#closing.signal.aborted) {
      try {
        // Each read continues after the one before.
        // oxlint-disable-next-line no-await-in-loop
        const batch = await this.#inTime(
          this.store.read(this.#position, this.#isCaughtUp ? WAIT : 0, this.#closing.signal),
        );
        this.#take(batch);
        delay = BACK_OFF.first;
      } catch (error) {
        this.#lose(error);
        // oxlint-disable-next-line no-await-in-loop
        await this.#pause(delay);
        delay = Math.min(2 * delay, BACK_OFF.longest);
      }
    }
  }

  #take({ entries, position }: RevocationBatch): void {
    if (this.#closing.signal.aborted) {
      return;
    }
    this.#position = position ?? this.#position;
    this.#answeredAt = this.clock.monotonic();
    if (entries.length > 0) {
      this.listener.applied(entries);
    } else if (!this.#isCaughtUp) {
      this.#isCaughtUp = true;
      this.#caughtUp();
    }
    if (this.#lostAt !== undefined) {
      const seconds = this.clock.now() - this.#lostAt;
      this.#lostAt = undefined;
      this.listener.found(seconds);
      this.#repeat();
    }
  }

  #lose(error: unknown): void {
    if (this.#lostAt === undefined && !this.#closing.signal.aborted) {
      this.#lostAt = this.clock.now();
      this.listener.lost(error);
    }
  }

  /** Appends again what was stored just before a failure. The store keeps each id once. */
  #repeat(): void {
    const since = this.clock.monotonic() - REPEATED;
    const entries = this.#stored.filter(({ at }) => at >= since).map(({ entry }) => entry);
    this.#stored = [];
    this.append(entries).catch(() => undefined);
  }

  async #appendAll(): Promise<void> {
    if (this.#isAppending) {
      return;
    }
    this.#isAppending = true;
    let delay: number = BACK_OFF.first;
    while (this.#waiting.length > 0 && !this.#closing.signal.aborted) {
      const batch = this.#waiting.slice(0, BATCH);
      try {
        // One append after the other keeps the order.
        // oxlint-disable-next-line no-await-in-loop
        await this.#inTime(this.store.append(batch.map(({ entry }) => entry)));
        this.#waiting.splice(0, batch.length);
        this.#keep(batch.map(({ entry }) => entry));
        batch.forEach(({ resolve }) => resolve());
        delay = BACK_OFF.first;
      } catch (error) {
        this.#lose(error);
        // oxlint-disable-next-line no-await-in-loop
        await this.#pause(delay);
        delay = Math.min(2 * delay, BACK_OFF.longest);
      }
    }
    this.#isAppending = false;
  }

  #keep(entries: readonly RevocationEntry[]): void {
    const at = this.clock.monotonic();
    this.#stored.push(...entries.map((entry) => ({ entry, at })));
    const oldest = this.#stored[0]?.at ?? at;
    if (this.#stored.length > MOST_REPEATED || at - oldest > 2 * REPEATED) {
      this.#stored = this.#stored.filter((one) => at - one.at <= REPEATED).slice(-MOST_REPEATED);
    }
  }

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error('the revocation store did not answer in time')),
        (WAIT + PATIENCE) * 1000,
      );
      timer.unref();
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
      answer.catch(() => undefined);
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
  }
}
