/** How long things take, each in its turn, so that whatever else the machine does meets all alike. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** The value that so great a part of some numbers is below. */
export function quantile(numbers, part) {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

export const median = (numbers) => quantile(numbers, 0.5);

/** The median, and the quarters below and above which the rest is. */
export const summary = (numbers) => ({
  median: median(numbers),
  low: quantile(numbers, 0.25),
  high: quantile(numbers, 0.75),
});

/**
 * Time of the processor, in microseconds for each of so many runs: of all threads, and none while another process had the
 * processor.
 */
async function timeOf({ run, isAsync }, from, count) {
  const began = process.cpuUsage();
  if (isAsync) {
    for (let index = from; index < from + count; index += 1) {
      await run(index);
    }
  } else {
    for (let index = from; index < from + count; index += 1) {
      run(index);
    }
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / count;
}

/**
 * Runs each subject for some milliseconds, round after round, and compares each with the first of its round. No subject is
 * left the garbage of another; its own is collected in its turn, if that is long enough.
 *
 * @param subjects by name, each `{ run(index), isAsync? }`.
 * @returns by name, microseconds and ratios to the first.
 */
export async function compare(subjects, { rounds, milliseconds }) {
  const states = Object.entries(subjects).map(([name, subject]) => ({ name, subject, at: 0, times: [], ratios: [] }));
  for (const state of states) {
    // Compiled, and known how long it takes.
    for (
      const until = performance.now() + Math.min(300, 20 * milliseconds);
      performance.now() < until;
      state.at += 20
    ) {
      state.count = Math.max(20, Math.round((milliseconds * 1000) / (await timeOf(state.subject, state.at, 20))));
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const state of states) {
      collectGarbage({ type: 'minor' });
      state.times.push(await timeOf(state.subject, state.at, state.count));
      state.at += state.count;
    }
    for (const state of states) {
      state.ratios.push(state.times[round] / states[0].times[round]);
    }
  }
  return Object.fromEntries(
    states.map(({ name, times, ratios }) => [name, { microseconds: summary(times), ratio: summary(ratios) }]),
  );
}
