/**
 * How long each of some things takes, in microseconds: the median of so many rounds, in each of which every one has its
 * turn, so that what else the machine does meets all alike.
 *
 * @param summary what is made of the times of one thing; the least instead of the median says what it takes by itself.
 */
export function timesOf(
  subjects: ReadonlyMap<string, () => unknown>,
  rounds: number,
  summary: (times: readonly number[]) => number = median,
): ReadonlyMap<string, number> {
  const samples = new Map([...subjects.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of subjects) {
      const start = process.hrtime.bigint();
      run();
      samples.get(name)?.push(Number(process.hrtime.bigint() - start) / 1000);
    }
  }
  return new Map([...samples].map(([name, times]) => [name, summary(times)]));
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
