import { SECONDS_PER_FETCH } from '../core/limits';

/** How many fetches may happen at once before the interval applies. */
const CAPACITY = 3;

/**
 * A token bucket for the fetches of one issuer: 3, refilled by one every 10 seconds. Every fetch takes a permit, whatever
 * its cause and outcome.
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

  /** Whether a permit would be left after taking one. */
  hasSpare(now: number): boolean {
    this.#refill(now);
    return this.#permits >= 2;
  }

  /** Seconds until there is a permit; 0 if there is one. */
  wait(now: number): number {
    this.#refill(now);
    return this.#permits >= 1 ? 0 : SECONDS_PER_FETCH - (now - this.#countedAt);
  }

  /** Permits are refilled whole, at the end of each interval since the bucket was last full. */
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

/** Refreshes are spread over this part of the fresh time, so that instances started together do not fetch together. */
const JITTER = 0.1;

/** Back-off after failures, in seconds: doubling from the first, up to one of the limits. */
const BACK_OFF = { first: 1, limitWithKeys: 300, limitWithoutKeys: 10 } as const;

/** How long after a permit the timer is set, in seconds. */
export const TIMER_MARGIN = 0.05;

/** Seconds until keys that were just confirmed are refreshed, jitter included. */
export function refreshDelay(freshFor: number): number {
  return freshFor * (1 + Math.random() * JITTER);
}

/** The longest refresh delay, in seconds. */
export function longestRefreshDelay(freshFor: number): number {
  return freshFor * (1 + JITTER);
}

/** Seconds until the next attempt after a number of failures in a row. Shorter without keys. */
export function backOff(failures: number, hasKeys: boolean): number {
  const limit = hasKeys ? BACK_OFF.limitWithKeys : BACK_OFF.limitWithoutKeys;
  return Math.min(limit, BACK_OFF.first * 2 ** Math.min(failures - 1, 20));
}
