/** The longest delay that timers of Node.js take, in milliseconds. */
const LONGEST_DELAY = 2_147_483_647;

/**
 * Does something once a moment has come. The timer keeps no process alive.
 *
 * @param moment in seconds since the epoch; of one that never comes, nothing is done.
 * @param now the time, in seconds since the epoch.
 * @returns what gives it up.
 */
export function once(moment: number, now: () => number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    const delay = (moment - now()) * 1000;
    if (delay <= 0) {
      act();
    } else if (Number.isFinite(delay)) {
      timer = setTimeout(wait, Math.min(delay, LONGEST_DELAY));
      timer.unref();
    }
  };
  wait();
  return () => clearTimeout(timer);
}
