import { channel } from 'node:diagnostics_channel';
import { types } from 'node:util';
import type { Clock } from '../core/clock';
import type { Decision } from '../core/decision/decision';
import { DECISION_CHANNEL, type DecisionEvent } from '../core/decision/decision-event';
import type { Ledgers } from './ledgers';
import type { DecisionLog } from './refusal-log';
import type { OidcClientUsage } from './usage';

/** Receives every decision. */
export type DecisionListener = (event: DecisionEvent) => unknown;

/** What is decided, and where. */
export type ObservedDecision = Omit<DecisionEvent, 'time' | 'duration'>;

const decisions = channel(DECISION_CHANNEL);

/**
 * Where a call keeps the client that it was authenticated as. A property of the call rather than a table, whose entries
 * would be most of the cost of a guard.
 */
const AUTHENTICATED = Symbol('nestjs-oidc-multi-auth:authenticated');

/**
 * Every decision passes here before its answer: it is counted, logged, and published if anybody listens. A listener can
 * neither change nor block a decision. What a subscriber of the channel throws is an uncaught exception, as with any
 * channel of Node.js.
 *
 * @internal
 */
export class DecisionObserver {
  readonly #listeners = new Set<DecisionListener>();
  #failures = 0;

  /** @param ledgers where the decisions of the current clients are counted. */
  constructor(
    private readonly ledgers: () => Ledgers,
    private readonly clock: Clock,
    private readonly log: DecisionLog,
  ) {}

  /** Adds a listener. What it throws is logged the first time. */
  listen(listener: DecisionListener): void {
    this.#listeners.add(listener);
  }

  /**
   * The start of a decision in seconds on the monotonic clock; undefined if nobody listens. Reading a clock is a large part
   * of the cost of a cached token.
   */
  start(): number | undefined {
    return this.#isObserved ? this.clock.monotonic() : undefined;
  }

  /**
   * @param startedAt the result of `start()`.
   * @param call the HTTP request, or the execution context of another call. Two guards may authenticate it, and it counts
   *   once.
   */
  record(
    decision: ObservedDecision,
    startedAt: number | undefined,
    call?: object & { [AUTHENTICATED]?: string | undefined },
  ): void {
    if (call !== undefined && decision.accepted && decision.stage === 'authentication') {
      if (call[AUTHENTICATED] === decision.client) {
        return;
      }
      try {
        call[AUTHENTICATED] = decision.client;
      } catch {
        // The object is frozen, so each guard counts.
      }
    }
    const time = this.clock.now() * 1000;
    const { usage, refusals } = this.ledgers();
    usage.record(decision, time);
    refusals.record(decision, time / 1000);
    // A listener that was added meanwhile gets the next one.
    if (startedAt === undefined || !this.#isObserved) {
      return;
    }
    const duration = (this.clock.monotonic() - startedAt) * 1000;
    const event: DecisionEvent = Object.freeze({ time, duration, ...decision });
    decisions.publish(event);
    for (const listener of this.#listeners) {
      this.#tell(listener, event);
    }
  }

  /** Usage of each client since the application started. */
  usage(): Readonly<Record<string, OidcClientUsage>> {
    return this.ledgers().usage.report();
  }

  get #isObserved(): boolean {
    return this.#listeners.size > 0 || decisions.hasSubscribers;
  }

  #tell(listener: DecisionListener, event: DecisionEvent): void {
    try {
      const answer: unknown = listener(event);
      // An unhandled rejection would end the process.
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
  const { accepted, keyId } = decision;
  const { client, issuer } = decision.accepted ? decision.principal : decision;
  const observed: { -readonly [Member in keyof ObservedDecision]: ObservedDecision[Member] } = {
    stage: 'authentication',
    accepted,
  };
  if (!decision.accepted) {
    observed.code = decision.code;
  } else if (decision.reported !== undefined) {
    observed.reported = decision.reported;
  }
  if (client !== undefined) {
    observed.client = client;
  }
  if (issuer !== undefined) {
    observed.issuer = issuer;
  }
  if (keyId !== undefined) {
    observed.keyId = keyId;
  }
  if (route !== undefined) {
    observed.route = route;
  }
  return observed;
}
