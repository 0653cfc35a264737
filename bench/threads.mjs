/**
 * `crypto.verify` with a callback, which verifies in another thread, beside the synchronous form: how long a caller waits, and
 * how long everybody else does, when so many tokens come a second.
 */
import { verify } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { quantile } from './measure.mjs';

const inThread = promisify(verify);

function partsOf(world, count) {
  return Array.from({ length: count }, () => {
    const token = world.token('RS256');
    const dot = token.lastIndexOf('.');
    return [Buffer.from(token.slice(0, dot)), Buffer.from(token.slice(dot + 1), 'base64url')];
  });
}

/**
 * Tokens that come at a rate, verified one way or the other.
 *
 * @returns milliseconds: p99 of a verification from when its token came, and p99 of how late a timer of another is.
 */
async function underLoad(run, rate, milliseconds) {
  const latencies = [];
  const lateness = [];
  const began = performance.now();
  const pending = [];
  let sent = 0;
  let due = began + 1;
  for (let now = began; now < began + milliseconds; now = performance.now()) {
    for (; sent < ((now - began) * rate) / 1000; sent += 1) {
      const came = began + (sent * 1000) / rate;
      pending.push(run(sent).then(() => latencies.push(performance.now() - came)));
    }
    await delay(1);
    lateness.push(Math.max(0, performance.now() - due));
    due = performance.now() + 1;
  }
  await Promise.all(pending);
  return { p99: quantile(latencies, 0.99), lateness: quantile(lateness, 0.99) };
}

/** @param rates tokens a second. */
export async function measureThreads(world, { rates, rounds, milliseconds }) {
  const parts = partsOf(world, 100);
  const key = world.publicKey('RS256');
  const part = (index) => parts[index % parts.length];
  const forms = {
    synchronous: async (index) => verify('sha256', part(index)[0], key, part(index)[1]),
    'in another thread': (index) => inThread('sha256', part(index)[0], key, part(index)[1]),
  };
  const rows = [];
  for (const rate of rates) {
    const found = Object.keys(forms).map((form) => ({ form, rate, p99: [], lateness: [] }));
    for (let round = 0; round < rounds; round += 1) {
      for (const row of found) {
        const { p99, lateness } = await underLoad(forms[row.form], rate, milliseconds);
        row.p99.push(p99);
        row.lateness.push(lateness);
      }
    }
    rows.push(...found);
  }
  return rows.map(({ form, rate, p99, lateness }) => ({
    form,
    rate,
    p99: quantile(p99, 0.5),
    lateness: quantile(lateness, 0.5),
  }));
}
