import { createHash, randomBytes } from 'node:crypto';
import { DigestSet } from '../../lib/decision/digest-set';
import { ReplayMemory } from '../../lib/decision/replay-memory';
import { replayStoreTests } from '../../lib/testing/replay-store-suite';

class TestClock {
  time = 1_800_000_000;
  now = () => this.time;
  monotonic = () => this.time;
}

const keyOf = (value: unknown) => createHash('sha256').update(String(value)).digest('base64url');

const systemMemory = new ReplayMemory({ now: () => Date.now() / 1000, monotonic: () => 0 }, 80, 1_048_576);
it.each(replayStoreTests(() => [systemMemory, systemMemory]))('R9449-24 $name', async (rule) => rule.run());

it('R9449-24 remembers a proof to the end of its lifetime, and not much longer', () => {
  const clock = new TestClock();
  const memory = new ReplayMemory(clock, 80, 1_048_576);
  for (const lifetime of [1, 20, 70, 80]) {
    clock.time = 1_800_000_000;
    const key = keyOf(`ends after ${lifetime}`);
    expect(memory.remember(key, lifetime)).toBe(true);
    clock.time += lifetime - 0.001;
    expect(memory.remember(key, 1)).toBe(false);
  }
  clock.time = 1_800_000_000 + 91;
  memory.remember(keyOf('another'), 1);
  expect(memory.use.proofs).toBe(1);
});

it('R9449-24 a proof from the future does not outlive its entry', () => {
  const clock = new TestClock();
  const memory = new ReplayMemory(clock, 80, 1_048_576);
  // iat is 10 s ahead: acceptable for 10 + 60 s, kept for 10 more.
  expect(memory.remember(keyOf('future'), 80)).toBe(true);
  clock.time += 69.9;
  expect(memory.remember(keyOf('future'), 10)).toBe(false);
});

it('is full within its bound, forgets nothing for that, and recovers when lifetimes are over', () => {
  const clock = new TestClock();
  const memory = new ReplayMemory(clock, 80, 262_144);
  let count = 0;
  const keys: string[] = [];
  expect(() => {
    for (;;) {
      const key = keyOf(count);
      memory.remember(key, 80);
      keys.push(key);
      count += 1;
    }
  }).toThrow('full');
  expect(memory.use.bytes).toBeLessThanOrEqual(262_144);
  expect(count).toBeGreaterThan(262_144 / 40);
  expect(keys.filter((key) => memory.remember(key, 80))).toEqual([]);
  clock.time += 91;
  expect(memory.remember(keyOf('after'), 80)).toBe(true);
});

it('takes at most 100 bytes for a proof', () => {
  const memory = new ReplayMemory(new TestClock(), 80, 67_108_864);
  const proofs = 300_000;
  global.gc?.();
  const before = process.memoryUsage();
  for (let index = 0; index < proofs; index += 1) {
    memory.remember(keyOf(index), 10 + (index % 70));
  }
  expect(memory.use.proofs).toBe(proofs);
  expect(memory.use.bytes / proofs).toBeLessThan(50);
  global.gc?.();
  const after = process.memoryUsage();
  const grown = after.external + after.arrayBuffers - before.external - before.arrayBuffers;
  // Buffers count in both.
  expect(grown / 2 / proofs).toBeLessThan(100);
});

it('a set finds what was added and nothing else, whatever its size', () => {
  const set = new DigestSet();
  const known = new Set<string>();
  for (let index = 0; index < 20_000; index += 1) {
    const digest = randomBytes(32);
    expect(set.has(digest)).toBe(false);
    expect(set.add(digest, Infinity)).toBe(true);
    known.add(digest.toString('hex'));
  }
  expect(set.size).toBe(20_000);
  expect([...known].every((digest) => set.has(Buffer.from(digest, 'hex')))).toBe(true);
  expect(Array.from({ length: 1000 }, () => set.has(randomBytes(32)))).not.toContain(true);
  const zeros = Buffer.alloc(32);
  expect(set.has(zeros)).toBe(false);
  expect(set.add(zeros, 0)).toBe(true);
  expect(set.has(zeros)).toBe(true);
});
