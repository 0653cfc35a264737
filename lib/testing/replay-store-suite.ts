import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { ReplayStore } from '../core/proof/replay-store';

/** One rule that a `ReplayStore` must keep, as a test. */
export interface ReplayStoreTest {
  /** What the store does. */
  readonly name: string;
  /** Rejects with what is wrong, if anything is. Takes up to three seconds. */
  readonly run: () => Promise<void>;
}

/**
 * The tests of a `ReplayStore` of your own, for any test runner. Each uses keys that nothing else uses, so the store may be in
 * use. Give two stores that share their state, as two processes have them, or one store twice.
 *
 * @param open opens both stores; called by each test.
 * @example
 * ```ts
 * for (const { name, run } of replayStoreTests(() => [new MyStore(database), new MyStore(database)])) {
 *   it(name, run);
 * }
 * ```
 */
export function replayStoreTests(
  open: () => readonly [ReplayStore, ReplayStore] | Promise<readonly [ReplayStore, ReplayStore]>,
): readonly ReplayStoreTest[] {
  const newKey = (): string => randomBytes(32).toString('base64url');
  return [
    {
      name: 'remembers a key that is new, once',
      run: async () => {
        const [one, other] = await open();
        const key = newKey();
        same(await one.remember(key, 60), true, 'a new key');
        same(await one.remember(key, 60), false, 'the same key again');
        same(await other.remember(key, 60), false, 'the same key in another process');
      },
    },
    {
      name: 'keeps keys apart',
      run: async () => {
        const [one] = await open();
        const key = newKey();
        same(await one.remember(key, 60), true, 'a new key');
        const letter = key.startsWith('A') ? 'a' : 'A';
        same(await one.remember(letter + key.slice(1), 60), true, 'a key that differs in one letter');
        same(await one.remember(newKey(), 60), true, 'another key');
      },
    },
    {
      name: 'gives a key to one of 1,000 concurrent attempts',
      run: async () => {
        const stores = await open();
        const key = newKey();
        const attempts = Array.from({ length: 1000 }, async (_, index) => stores[index % 2]?.remember(key, 60));
        const accepted = (await Promise.all(attempts)).filter((isNew) => isNew === true);
        same(accepted.length, 1, 'attempts that got the key');
      },
    },
    {
      name: 'keeps a key for its lifetime, in fractions of seconds, and a second call does not shorten it',
      run: async () => {
        const [one, other] = await open();
        const key = newKey();
        same(await one.remember(key, 1.5), true, 'a new key');
        same(await one.remember(key, 0.2), false, 'the same key with a shorter lifetime');
        await wait(1000);
        same(await other.remember(key, 1.5), false, 'the key before its lifetime is over');
      },
    },
  ];
}

function same(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) {
    throw new Error(`${what}: expected ${String(expected)}, got ${String(actual)}`);
  }
}
