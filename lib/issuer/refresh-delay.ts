/** Refreshes are spread over this part of the fresh time, so that instances started together do not fetch together. */
const JITTER = 0.1;

/** Back-off after failures, in seconds: doubling from the first, up to one of the limits. */
const BACK_OFF = { first: 1, limitWithKeys: 300, limitWithoutKeys: 10 } as const;

/** How much later than a permit a timer is set, in seconds. */
export const TIMER_MARGIN = 0.05;

/** Seconds until keys that were just confirmed are refreshed, jitter included. */
export function refreshDelay(freshFor: number): number {
  return freshFor * (1 + Math.random() * JITTER);
}

/** The most seconds that may be. */
export function longestRefreshDelay(freshFor: number): number {
  return freshFor * (1 + JITTER);
}

/** Seconds until the next attempt after so many failures in a row, which is sooner where there are no keys to go on with. */
export function backOff(failures: number, hasKeys: boolean): number {
  const limit = hasKeys ? BACK_OFF.limitWithKeys : BACK_OFF.limitWithoutKeys;
  return Math.min(limit, BACK_OFF.first * 2 ** Math.min(failures - 1, 20));
}
