import { channel } from 'node:diagnostics_channel';
import { types } from 'node:util';
import type { Clock } from '../clock';
import type { Decision } from '../decision/decision';
import { DECISION_CHANNEL, type DecisionEvent } from './decision-event';
import { RefusalLog, type DecisionLog } from './refusal-log';
import { UsageLedger, type OidcClientUsage } from './usage';

/** Is told of every decision. */
export type DecisionListener = (event: DecisionEvent) => unknown;

/** What is decided, and where. */
export type ObservedDecision = Omit<DecisionEvent, 'time' | 'duration'>;

const decisions = channel(DECISION_CHANNEL);

/**
 * The one place that every decision passes on its way to an answer: it counts usage, tells the log, and publishes an event
 * where somebody listens. What a listener does can neither change a decision nor keep one from being answered; what a
 * subscriber of the channel throws is an uncaught exception, as of any channel of Node.js.
 *
 * @internal
 */
export class DecisionObserver {
  readonly #usage: UsageLedger;
  readonly #log: RefusalLog;
  readonly #listeners = new Set<DecisionListener>();
  readonly #authenticated = new WeakMap<object, string | undefined>();
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

  /**
   * @param startedAt what `start()` gave.
   * @param request the request that was decided on, where there is one: two guards may authenticate it, and it counts once.
   */
  record(decision: ObservedDecision, startedAt: number, request?: object): void {
    if (request !== undefined && decision.accepted && decision.stage === 'authentication') {
      if (this.#authenticated.get(request) === decision.client) {
        return;
      }
      this.#authenticated.set(request, decision.client);
    }
    const now = this.clock.monotonic();
    const time = this.clock.now() * 1000;
    this.#usage.record(decision, time);
    this.#log.record(decision, now);
    if (this.#listeners.size > 0 || decisions.hasSubscribers) {
      const event: DecisionEvent = Object.freeze({ time, duration: (now - startedAt) * 1000, ...decision });
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
      const answer: unknown = listener(event);
      // A rejection that nobody handles would end the process.
      if (types.isPromise(answer)) {
        answer.catch((error: unknown) => this.#fail(error));
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failures += 1;
    if (this.#failures === 1) {
      this.log.warn(`a listener of decisions fails: ${error instanceof Error ? error.message : 'no error'}`);
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
