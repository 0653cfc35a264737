import type { DecisionEvent } from '../core/decision/decision-event';
import { RefusalPatterns } from './refusal-pattern';

/** The log that lines go to. */
export interface DecisionLog {
  debug(message: string): void;
  warn(message: string): void;
}

/** The most lines a second. */
const LINES_PER_SECOND = 10;

/**
 * Logs refusals: a line each at `debug` within a rate limit, and a line at `warn` when the result of a client's tokens
 * changes. Lines consist of configured values.
 *
 * @internal
 */
export class RefusalLog {
  readonly patterns: RefusalPatterns;
  #permits = LINES_PER_SECOND;
  #refilledAt = 0;
  #omitted = 0;

  /** @param isDebugging whether the level `debug` is logged. */
  constructor(
    clients: Iterable<string>,
    private readonly log: DecisionLog,
    private readonly isDebugging: () => boolean,
  ) {
    this.patterns = new RefusalPatterns(clients);
  }

  /** @param now seconds since the epoch. */
  record(event: Omit<DecisionEvent, 'time' | 'duration'>, now: number): void {
    const { accepted, code, reported } = event;
    if ((!accepted || reported !== undefined) && this.#mayWrite(now)) {
      this.log.debug(
        accepted
          ? `${describe(event)} breaks added rules that are only reported: ${reported?.join(', ')}`
          : `refused: ${code}, ${describe(event)}`,
      );
    }
    for (const change of this.patterns.record(event, now)) {
      this.log.warn(change);
    }
  }

  #mayWrite(now: number): boolean {
    if (!this.isDebugging()) {
      return false;
    }
    // Zero if the clock was set back.
    const passed = Math.max(0, now - this.#refilledAt);
    this.#permits = Math.min(LINES_PER_SECOND, this.#permits + passed * LINES_PER_SECOND);
    this.#refilledAt = now;
    if (this.#permits < 1) {
      this.#omitted += 1;
      return false;
    }
    this.#permits -= 1;
    if (this.#omitted > 0) {
      this.log.debug(`${this.#omitted} more refusals were not written down one by one`);
      this.#omitted = 0;
    }
    return true;
  }
}

function describe({ client, issuer, route }: Omit<DecisionEvent, 'time' | 'duration'>): string {
  return [
    client === undefined ? 'no client' : `client "${client}"`,
    ...(client === undefined && issuer !== undefined ? [`issuer ${issuer}`] : []),
    ...(route === undefined ? [] : [route]),
  ].join(', ');
}
