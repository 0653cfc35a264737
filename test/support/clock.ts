import type { Clock } from '../../lib/core/clock';

/** A clock that goes only when told to. */
export class ManualClock implements Clock {
  #seconds = 1_000;

  now(): number {
    return Date.now() / 1000 - 1_000 + this.#seconds;
  }

  monotonic(): number {
    return this.#seconds;
  }

  advance(seconds: number): void {
    this.#seconds += seconds;
  }
}
