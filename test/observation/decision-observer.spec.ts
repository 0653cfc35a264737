import { channel } from 'node:diagnostics_channel';
import { DecisionObserver, type ObservedDecision } from '../../lib/observation/decision-observer';
import { Ledgers } from '../../lib/observation/ledgers';
import { DECISION_CHANNEL, type DecisionEvent } from '../../lib/core/decision/decision-event';

const accepted: ObservedDecision = { stage: 'authentication', accepted: true, client: 'web', route: 'GET /' };
const time = { now: 1_000, monotonic: 10, reads: 0 };
const clock = {
  now: () => time.now,
  monotonic: () => {
    time.reads += 1;
    return time.monotonic;
  },
};

let observer: DecisionObserver;
beforeEach(() => {
  Object.assign(time, { now: 1_000, monotonic: 10, reads: 0 });
  const log = { debug: () => {}, warn: () => {} };
  const ledgers = new Ledgers(['web', 'batch'], log, () => false);
  observer = new DecisionObserver(() => ledgers, clock, log);
});
// All tests listen there, for parts of tokens.
beforeEach(() => {
  const prototype = Object.getPrototypeOf(channel(DECISION_CHANNEL)) as { readonly hasSubscribers: boolean };
  jest.spyOn(prototype, 'hasSubscribers', 'get').mockReturnValue(false);
});
afterEach(() => jest.restoreAllMocks());
const count = () => observer.usage()['web']?.accepted;

it('counts a call once, however many guards authenticate it as the same client', () => {
  const call = {};
  observer.record(accepted, observer.start(), call);
  observer.record(accepted, observer.start(), call);
  expect(count()).toBe(1);
  observer.record({ ...accepted, client: 'batch' }, observer.start(), call);
  observer.record(accepted, observer.start(), {});
  expect([count(), observer.usage()['batch']?.accepted]).toEqual([2, 1]);
});

it('leaves nothing on a call that JSON, a copy by its names, or the list of its names would show', () => {
  const call = { id: 7 };
  observer.record(accepted, observer.start(), call);
  expect([JSON.stringify(call), Object.keys(call), { ...call }.id]).toEqual(['{"id":7}', ['id'], 7]);
});

it('counts each guard where nothing can be left on a call', () => {
  const call = Object.freeze({});
  observer.record(accepted, observer.start(), call);
  observer.record(accepted, observer.start(), call);
  expect(count()).toBe(2);
});

it('does not ask how late it is where nobody is told how long a decision took', () => {
  observer.record(accepted, observer.start(), {});
  expect(time.reads).toBe(0);
});

it('tells who listens how long it took, and who began to listen in between, of the next', () => {
  const events: DecisionEvent[] = [];
  const before = observer.start();
  observer.listen((event) => events.push(event));
  observer.record(accepted, before, {});
  expect(events).toEqual([]);
  const startedAt = observer.start();
  time.monotonic += 0.25;
  observer.record(accepted, startedAt, {});
  expect(events).toEqual([{ ...accepted, time: 1_000_000, duration: 250 }]);
  expect(count()).toBe(2);
});
