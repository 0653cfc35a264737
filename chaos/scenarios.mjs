/** What happens, and what is measured: always of good tokens, unless it says otherwise. */
import { setTimeout as delay } from 'node:timers/promises';
import { OUTAGES } from './provider.mjs';

/** Verifies tokens and remembers how that went. */
class Probe {
  refused = 0;
  sent = 0;
  longest = 0;
  told = new Set();

  constructor(subject) {
    this.subject = subject;
  }

  async send(token) {
    const began = performance.now();
    const answer = await this.subject.verify(token);
    this.longest = Math.max(this.longest, performance.now() - began);
    this.sent += 1;
    if (!answer.ok) {
      this.refused += 1;
      this.told.add(answer.told);
    }
    return answer;
  }
}

/** Sends a good token of a known key, again and again, for some milliseconds. */
async function goOn(probe, provider, key, milliseconds) {
  const sending = [];
  for (const until = performance.now() + milliseconds; performance.now() < until; await delay(20)) {
    sending.push(probe.send(provider.token(key)));
  }
  await Promise.all(sending);
}

/** Sends garbage, a few hundred at a time, spread over some milliseconds. */
async function flood(subject, provider, count, milliseconds) {
  const batches = 50;
  const tokens = provider.garbageOf(count);
  const sending = [];
  for (let batch = 0; batch < batches; batch += 1) {
    for (const token of tokens.splice(0, count / batches)) {
      sending.push(subject.verify(token));
    }
    await delay(milliseconds / batches);
  }
  await Promise.all(sending);
}

const results = (known, other = {}) => ({
  refused: known.refused + (other.refused ?? 0),
  sent: known.sent + (other.sent ?? 0),
  longest: known.longest,
  told: [...new Set([...known.told, ...(other.told ?? [])])],
});

/** Where no key is known beforehand, no wait is one of a known key. */
const resultsOfFresh = (probe) => Object.assign(results(probe), { longest: undefined });

/**
 * Each scenario runs one subject against a provider of its own. `refused` counts good tokens refused although their key
 * was known or could be had; `longest` is the longest wait of a good token with a known key; `told` is what callers were
 * told while keys could not be had. `seconds` is how long fetches were counted.
 */
export const SCENARIOS = {
  'cold start, 1,000 requests at once': async ({ create, providers: [provider] }) => {
    // Signed beforehand: signing would keep everybody's fetches waiting.
    const tokens = Array.from({ length: 1000 }).fill(provider.token());
    const subject = await create();
    const probe = new Probe(subject);
    await Promise.all(tokens.map((token) => probe.send(token)));
    return { subject, ...resultsOfFresh(probe) };
  },
  'rotation, twice in a row': async ({ create, providers: [provider] }) => {
    const subject = await create();
    const [known, fresh] = [new Probe(subject), new Probe(subject)];
    await known.send(provider.token());
    known.longest = 0;
    const first = provider.key;
    for (let turn = 0; turn < 2; turn += 1) {
      await provider.rotate();
      await Promise.all(Array.from({ length: 20 }, () => fresh.send(provider.token())));
      await known.send(provider.token(first));
    }
    return { subject, ...results(known, fresh) };
  },
  'another key under the same kid': async ({ create, providers: [provider] }) => {
    const subject = await create();
    const probe = new Probe(subject);
    await probe.send(provider.token());
    await provider.replace();
    await Promise.all(Array.from({ length: 20 }, () => probe.send(provider.token())));
    return { subject, ...resultsOfFresh(probe) };
  },
  'key removed': async ({ create, providers: [provider] }) => {
    const subject = await create();
    const probe = new Probe(subject);
    await probe.send(provider.token());
    const removed = provider.key;
    await provider.rotate({ removeOld: true });
    await probe.send(provider.token());
    const { ok } = await subject.verify(provider.token(removed));
    return { subject, ...resultsOfFresh(probe), note: ok ? 'removed key still accepted' : '' };
  },
  ...Object.fromEntries(
    OUTAGES.map((mode) => [
      `outage: ${mode}`,
      async ({ create, providers: [provider] }) => {
        const subject = await create();
        const known = new Probe(subject);
        await known.send(provider.token());
        known.longest = 0;
        provider.mode = mode;
        // Somebody whose key is not known asks, too: that must not harm those whose key is.
        const unknown = subject.verify(provider.garbage());
        await goOn(known, provider, provider.key, 1500);
        const { told } = await unknown;
        return { subject, ...results(known), told: [told] };
      },
    ]),
  ),
  ...Object.fromEntries(
    OUTAGES.map((mode) => [
      `never up: ${mode}`,
      async ({ create, providers: [provider] }) => {
        provider.mode = mode;
        const subject = await create();
        const probe = new Probe(subject);
        await probe.send(provider.token());
        await probe.send(provider.token());
        return { subject, refused: undefined, sent: probe.sent, longest: undefined, told: [...probe.told] };
      },
    ]),
  ),
  ...Object.fromEntries(
    ['up', '500', 'hang'].map((mode) => [
      `10,000 random kids, rotation amid: ${mode}`,
      async ({ create, providers: [provider] }) => {
        const subject = await create();
        const [known, fresh] = [new Probe(subject), new Probe(subject)];
        await known.send(provider.token());
        known.longest = 0;
        provider.mode = mode;
        const old = provider.key;
        const flooding = flood(subject, provider, 10_000, 12_000);
        const going = goOn(known, provider, old, 12_000);
        await delay(6000);
        await provider.rotate();
        provider.mode = 'up';
        // From here on the new key can be had: one token every 250 ms, until all goes well again.
        const began = performance.now();
        let accepted;
        while (performance.now() - began < 40_000 && (accepted === undefined || performance.now() - accepted < 1000)) {
          const { ok } = await fresh.send(provider.token());
          accepted = ok ? (accepted ?? performance.now()) : undefined;
          await delay(250);
        }
        await Promise.all([flooding, going]);
        const seconds = accepted === undefined ? undefined : (accepted - began) / 1000;
        return {
          subject,
          ...results(known),
          refusedFresh: fresh.refused,
          told: [...known.told],
          seconds: performance.now() / 1000,
          note:
            seconds === undefined
              ? 'new key never accepted'
              : `new key accepted after ${seconds.toFixed(1)} s, ${fresh.refused} refused before`,
          acceptedAfter: seconds,
        };
      },
    ]),
  ),
  'two issuers, one hanging': async ({ create, providers: [provider, other] }) => {
    other.mode = 'hang';
    const subject = await create();
    const known = new Probe(subject);
    await known.send(provider.token());
    known.longest = 0;
    const waiting = Array.from({ length: 50 }, () => subject.verify(other.token()));
    await goOn(known, provider, provider.key, 1500);
    const [{ told }] = await Promise.all(waiting);
    return { subject, ...results(known), told: [told] };
  },
  'down at boot, up later': async ({ create, providers: [provider] }) => {
    provider.mode = 'down';
    const subject = await create();
    const before = await subject.verify(provider.token());
    provider.mode = 'up';
    const began = performance.now();
    let ok = false;
    while (!ok && performance.now() - began < 40_000) {
      ({ ok } = await subject.verify(provider.token()));
      await delay(100);
    }
    const seconds = (performance.now() - began) / 1000;
    return {
      subject,
      refused: ok ? 0 : 1,
      sent: 1,
      longest: undefined,
      told: [before.told],
      note: ok ? `good tokens accepted after ${seconds.toFixed(1)} s` : 'never recovered',
      acceptedAfter: seconds,
    };
  },
};
