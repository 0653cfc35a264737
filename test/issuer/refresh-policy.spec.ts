import { RefreshBudget } from '../../lib/issuer/refresh-policy';

/** How many fetches are permitted within some seconds if one is asked for all the time. */
function permitted(seconds: number): number {
  const budget = new RefreshBudget(0);
  let fetches = 0;
  for (let now = 0; now < seconds; now += 0.25) {
    while (budget.take(now)) {
      fetches += 1;
    }
  }
  return fetches;
}

describe('the budget of fetches', () => {
  it.each([0.25, 1, 9, 10, 11, 60, 600, 3600])(
    'LIB-14 permits at most 3 and one for each 10 s begun, in %d s',
    (seconds) => {
      expect(permitted(seconds)).toBeLessThanOrEqual(3 + Math.ceil(seconds / 10));
      expect(permitted(seconds)).toBeGreaterThanOrEqual(3 + Math.floor((seconds - 0.25) / 10));
    },
  );

  it('says how long to wait for the next', () => {
    const budget = new RefreshBudget(0);
    expect(budget.wait(0)).toBe(0);
    expect([budget.take(1), budget.take(1), budget.take(1), budget.take(1)]).toEqual([true, true, true, false]);
    expect(budget.wait(1)).toBe(10);
    expect(budget.wait(8)).toBe(3);
    expect(budget.wait(11)).toBe(0);
  });

  it('holds no more than 3 after a long pause', () => {
    const budget = new RefreshBudget(0);
    budget.take(0);
    expect([1, 2, 3, 4].map(() => budget.take(1_000_000))).toEqual([true, true, true, false]);
  });
});
