/**
 * The one place that reads the time. Everything that depends on time is given a clock.
 *
 * @internal
 */
export interface Clock {
  /** Wall-clock time in seconds since the epoch, with fractions: what `exp`, `nbf` and `iat` are compared with. */
  now(): number;
  /** Seconds on a clock that never jumps: what ages of key sets and intervals between fetches are measured with. */
  monotonic(): number;
}

/** @internal */
export const systemClock: Clock = {
  now: () => Date.now() / 1000,
  monotonic: () => performance.now() / 1000,
};
