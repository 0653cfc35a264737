import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Steps } from '../../core/steps';

/** How long steps are taken without letting other work in, in milliseconds. */
const SLICE = 8;

/**
 * Takes all steps of a long computation, and lets requests in between.
 *
 * @param signal ends it early: then it rejects.
 */
export async function takeInSlices<Result>(steps: Steps<Result>, signal: AbortSignal): Promise<Result> {
  for (;;) {
    const end = performance.now() + SLICE;
    do {
      const step = steps.next();
      if (step.done === true) {
        return step.value;
      }
    } while (performance.now() < end);
    // In order: each slice goes on where the one before ended.
    // oxlint-disable-next-line no-await-in-loop
    await nextTurn();
    signal.throwIfAborted();
  }
}
