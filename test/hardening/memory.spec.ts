import type { CacheUse } from './memory/good-decisions';
import type { MemoryUse } from './memory/hostile-decisions';
import { runScript } from './support/run-script';

/** `node test/hardening/memory.mjs` takes a million. Of fewer, one string kept of each tenth would be too little to see. */
const DECISIONS = Number(process.env['HARDENING_DECISIONS'] ?? 300_000);

it('LIB-14 nothing is kept of hostile tokens, none like another, however many there are', async () => {
  const use = (await runScript('memory.mjs', String(DECISIONS))) as MemoryUse;
  process.stdout.write(`memory ${JSON.stringify(use)}\n`);
  expect(use.after).toBeLessThan(use.before + 1);
  // Every kind of them was there, in equal parts.
  const { malformed_token, ...others } = use.outcomes;
  const total = Object.values(use.outcomes).reduce((sum, count) => sum + count, 0);
  expect(malformed_token).toBeGreaterThan(0.29 * total);
  expect(Object.keys(others).toSorted()).toEqual([
    'algorithm_not_allowed',
    'invalid_claims',
    'invalid_signature',
    'token_expired',
    'unknown_audience',
    'unknown_issuer',
    'unknown_key',
  ]);
  expect(Math.min(...Object.values(others))).toBeGreaterThan(0.09 * total);
  // Three at once and one in ten seconds, whatever comes.
  expect(use.fetches).toBeLessThanOrEqual(30);
}, 180_000);

it('LIB-29 what is remembered of good tokens, none like another, takes no more memory than it may', async () => {
  const decisions = Math.round(DECISIONS / 4);
  const use = (await runScript('memory.mjs', String(decisions), 'good')) as CacheUse;
  process.stdout.write(`memory ${JSON.stringify(use)}\n`);
  expect(use.accepted).toBe(use.decisions);
  expect(use.decisions).toBeGreaterThan(decisions);
  // It was full, many times over, and what it counts is not less than what it takes.
  expect(use.remembered).toBeGreaterThan(800);
  expect(use.counted).toBeGreaterThan(0.99 * use.bound);
  expect(use.counted).toBeLessThanOrEqual(use.bound);
  expect(use.full - use.empty).toBeLessThan(use.bound);
  expect(use.after).toBeLessThan(use.full + 1);
}, 180_000);
