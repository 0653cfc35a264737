/**
 * The only place that reads the time. Everything that depends on time gets a clock.
 *
 * @internal
 */
export interface Clock {
  /** Wall-clock time in seconds since the epoch, with fractions. `exp`, `nbf` and `iat` are compared with it. */
  now(): number;
  /** Seconds on a monotonic clock, for ages of key sets and intervals between fetches. */
  monotonic(): number;
}

/** @internal */
export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  monotonic: () => performance.now() / 1000,
};
