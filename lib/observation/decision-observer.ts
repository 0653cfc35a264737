import { channel } from 'node:diagnostics_channel';
import type { Clock } from '../clock';
import type { Decision } from '../decision/decision';
import { DECISION_CHANNEL, type DecisionEvent } from './decision-event';
import { RefusalLog, type DecisionLog } from './refusal-log';
import { UsageLedger, type OidcClientUsage } from './usage';

/** Is told of every decision. */
export type DecisionListener = (event: DecisionEvent) => void;

/** What is decided, and where. */
export type ObservedDecision = Omit<DecisionEvent, 'time' | 'duration'>;

const decisions = channel(DECISION_CHANNEL);

/**
 * The one place that every decision passes on its way to an answer: it counts usage, tells the log, and publishes an event
 * where somebody listens. It can neither change a decision nor keep one from being answered.
 *
 * @internal
 */
export class DecisionObserver {
  readonly #usage: UsageLedger;
  readonly #log: RefusalLog;
  readonly #listeners = new Set<DecisionListener>();
  #failures = 0;

  constructor(
    clients: readonly string[],
    private readonly clock: Clock,
    private readonly log: DecisionLog,
    isDebugging: () => boolean,
  ) {
    this.#usage = new UsageLedger(clients);
    this.#log = new RefusalLog(clients, log, isDebugging);
  }

  /** Adds one who is told of every decision. What a listener throws is logged, the first time. */
  listen(listener: DecisionListener): void {
    this.#listeners.add(listener);
  }

  /** When a decision begins, on the monotonic clock, in seconds. */
  start(): number {
    return this.clock.monotonic();
  }

  /** @param startedAt what `start()` gave. */
  record(decision: ObservedDecision, startedAt: number): void {
    const now = this.clock.monotonic();
    const time = this.clock.now() * 1000;
    this.#usage.record(decision, time);
    this.#log.record(decision, now);
    if (this.#listeners.size > 0 || decisions.hasSubscribers) {
      const event: DecisionEvent = { time, duration: (now - startedAt) * 1000, ...decision };
      decisions.publish(event);
      for (const listener of this.#listeners) {
        this.#tell(listener, event);
      }
    }
  }

  /** What became of each client's tokens since the application started. */
  usage(): Readonly<Record<string, OidcClientUsage>> {
    return this.#usage.report();
  }

  #tell(listener: DecisionListener, event: DecisionEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === 1) {
        this.log.warn(`a listener of decisions throws: ${error instanceof Error ? error.message : 'no error'}`);
      }
    }
  }
}

/** A decision on a token, as it is observed. */
export function authenticationOf(decision: Decision, route: string | undefined): ObservedDecision {
  const where = route === undefined ? {} : { route };
  if (decision.accepted) {
    const { principal, keyId, reported } = decision;
    return {
      stage: 'authentication',
      accepted: true,
      client: principal.client,
      issuer: principal.issuer,
      ...(keyId === undefined ? {} : { keyId }),
      ...where,
      ...(reported === undefined ? {} : { reported }),
    };
  }
  const { code, client, issuer, keyId } = decision;
  return {
    stage: 'authentication',
    accepted: false,
    code,
    ...(client === undefined ? {} : { client }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(keyId === undefined ? {} : { keyId }),
    ...where,
  };
}
