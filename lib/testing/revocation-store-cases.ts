import './refuse-production';
import { randomUUID } from 'node:crypto';
import { deepStrictEqual, ok } from 'node:assert';
import type { RevocationEntry } from '../core/revocation/revocation';
import type { RevocationStore } from '../core/revocation/revocation-store';

/** A store under test, empty. */
export interface StoreUnderTest {
  readonly store: RevocationStore;
  /** Releases what it holds. */
  readonly close?: () => unknown;
}

/** One test of a store. */
export interface RevocationStoreCase {
  readonly name: string;
  /** @throws AssertionError (as a rejection) if the store does not do what it must. */
  readonly run: () => Promise<void>;
}

/**
 * The tests that every `RevocationStore` must pass, for any test runner.
 *
 * @param make makes a store that is empty. Called for each test.
 * @example
 * ```ts
 * describe('my store', () => {
 *   for (const { name, run } of revocationStoreCases(() => ({ store: new MemoryRevocationStore() }))) {
 *     it(name, run);
 *   }
 * });
 * ```
 */
export function revocationStoreCases(
  make: () => StoreUnderTest | Promise<StoreUnderTest>,
): readonly RevocationStoreCase[] {
  return Object.entries(CASES).map(([name, test]) => ({
    name,
    run: async () => {
      const { store, close } = await make();
      try {
        await test(store);
      } finally {
        await close?.();
      }
    },
  }));
}

const CASES: Readonly<Record<string, (store: RevocationStore) => Promise<void>>> = {
  'is empty at first': async (store) => {
    deepStrictEqual((await store.read(undefined, 0)).entries, []);
  },
  'returns what was appended, in order, with every member': async (store) => {
    const entries = [entryOf('a'), entryOf('b', { kind: 'subject', issuedBefore: 17.5 }), entryOf('ü "\\ \n')];
    await store.append(entries.slice(0, 2));
    await store.append(entries.slice(2));
    deepStrictEqual((await readAll(store)).entries, entries);
  },
  'continues after a position': async (store) => {
    await store.append([entryOf('a')]);
    const { position } = await readAll(store);
    deepStrictEqual((await store.read(position, 0)).entries, []);
    await store.append([entryOf('b'), entryOf('c')]);
    deepStrictEqual(
      (await readAll(store, position)).entries.map(({ value }) => value),
      ['b', 'c'],
    );
  },
  'keeps an id once, however often it is appended': async (store) => {
    const entry = entryOf('a');
    await Promise.all([store.append([entry]), store.append([entry]), store.append([entry, entryOf('b')])]);
    deepStrictEqual((await readAll(store)).entries.map(({ value }) => value).sort(), ['a', 'b']);
  },
  'waits for an entry, and not for long without one': async (store) => {
    const waiting = store.read(undefined, 5);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await store.append([entryOf('a')]);
    const startedAt = Date.now();
    const { entries, position } = await waiting;
    deepStrictEqual(
      entries.map(({ value }) => value),
      ['a'],
    );
    ok(Date.now() - startedAt < 1000, 'a read that waits returns soon after an append');
    deepStrictEqual((await store.read(position, 0.05)).entries, []);
  },
  'stops to wait when it is aborted': async (store) => {
    const aborting = new AbortController();
    const startedAt = Date.now();
    const waiting = store.read(undefined, 5, aborting.signal).catch(() => undefined);
    aborting.abort();
    await waiting;
    ok(Date.now() - startedAt < 2000, 'an aborted read ends');
  },
  'gives every reader everything, whoever appends': async (store) => {
    const values = Array.from({ length: 60 }, (_, index) => `v${index}`);
    await Promise.all(values.map((value) => store.append([entryOf(value)])));
    const readers = await Promise.all([readAll(store), readAll(store), readAll(store)]);
    for (const { entries } of readers) {
      deepStrictEqual(entries.map(({ value }) => value).sort(), [...values].sort());
      deepStrictEqual(entries, readers[0]?.entries);
    }
  },
  'keeps thousands': async (store) => {
    const entries = Array.from({ length: 2500 }, (_, index) => entryOf(`v${index}`));
    for (let from = 0; from < entries.length; from += 500) {
      // In order.
      // oxlint-disable-next-line no-await-in-loop
      await store.append(entries.slice(from, from + 500));
    }
    deepStrictEqual(
      (await readAll(store)).entries.map(({ value }) => value),
      entries.map(({ value }) => value),
    );
  },
};

async function readAll(store: RevocationStore, after?: string): ReturnType<RevocationStore['read']> {
  const entries: RevocationEntry[] = [];
  let position = after;
  for (;;) {
    // Each read continues after the one before.
    // oxlint-disable-next-line no-await-in-loop
    const batch = await store.read(position, 0);
    if (batch.entries.length === 0) {
      return { entries, position: batch.position ?? position };
    }
    entries.push(...batch.entries);
    position = batch.position;
  }
}

function entryOf(value: string, rest: Partial<RevocationEntry> = {}): RevocationEntry {
  const now = Math.floor(Date.now() / 1000);
  return {
    id: randomUUID(),
    kind: 'token',
    issuer: 'https://sso.example',
    value,
    revokedAt: now,
    expiresAt: now + 3600,
    origin: 'application',
    ...rest,
  };
}
