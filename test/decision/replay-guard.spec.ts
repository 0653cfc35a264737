import { ReplayGuard } from '../../lib/decision/replay-guard';

it('tells the first failure of an outage, and its end', async () => {
  const answers: (() => unknown)[] = [
    () => true,
    () => Promise.reject(new Error('no Redis')),
    () => {
      throw new Error('still none');
    },
    () => 'OK',
    () => Promise.resolve(false),
  ];
  const lines: string[] = [];
  const store = { remember: () => answers.shift()?.() as boolean };
  const guard = new ReplayGuard(store, { warn: (line) => void lines.push(line) });
  const results: unknown[] = [];
  for (let call = 0; call < 5; call += 1) {
    // In order.
    // oxlint-disable-next-line no-await-in-loop
    results.push(await guard.remember('key', 60));
  }
  expect(results).toEqual([true, undefined, undefined, undefined, false]);
  expect(lines).toEqual([
    'used proofs cannot be remembered (no Redis): requests with a proof get 503 state_unavailable',
    'used proofs can be remembered again',
  ]);
});
