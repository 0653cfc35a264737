import { SECONDS_PER_FETCH } from '../core/limits';

/** How many fetches may happen at once before one more is permitted only from time to time. */
const CAPACITY = 3;

/**
 * A bucket of fetches: 3, refilled by one every 10 seconds. Every fetch of an issuer takes from it, whatever caused it
 * and however it ended, so that no traffic causes more.
 */
export class RefreshBudget {
  #permits = CAPACITY;
  #countedAt: number;

  /** @param now seconds on a monotonic clock. */
  constructor(now: number) {
    this.#countedAt = now;
  }

  /** Takes one permit if there is one. */
  take(now: number): boolean {
    this.#refill(now);
    if (this.#permits < 1) {
      return false;
    }
    this.#permits -= 1;
    return true;
  }

  /** Whether one permit could be taken and another would be left. */
  hasSpare(now: number): boolean {
    this.#refill(now);
    return this.#permits >= 2;
  }

  /** Seconds until there is a permit; 0 if there is one. */
  wait(now: number): number {
    this.#refill(now);
    return this.#permits >= 1 ? 0 : SECONDS_PER_FETCH - (now - this.#countedAt);
  }

  /** Permits come whole: one at the end of each full interval since the bucket was last full. */
  #refill(now: number): void {
    if (this.#permits >= CAPACITY) {
      this.#countedAt = now;
      return;
    }
    const intervals = Math.floor((now - this.#countedAt) / SECONDS_PER_FETCH);
    this.#permits = Math.min(CAPACITY, this.#permits + intervals);
    this.#countedAt = this.#permits >= CAPACITY ? now : this.#countedAt + intervals * SECONDS_PER_FETCH;
  }
}
