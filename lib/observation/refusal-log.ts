import type { DecisionEvent } from '../core/decision/decision-event';
import { RefusalPatterns } from './refusal-pattern';

/** Where lines go. */
export interface DecisionLog {
  debug(message: string): void;
  warn(message: string): void;
}

/** So many lines a second at most, however many refusals there are. */
const LINES_PER_SECOND = 10;

/**
 * Tells the log of refusals: one line each at `debug`, as long as there are few, and one at `warn` when what becomes of a
 * client's tokens changes. Lines are made of configured values, and nobody outside can make them a flood.
 *
 * @internal
 */
export class RefusalLog {
  readonly #patterns: RefusalPatterns;
  #permits = LINES_PER_SECOND;
  #refilledAt = 0;
  #omitted = 0;

  /** @param isDebugging whether lines at `debug` are read by anybody. */
  constructor(
    clients: Iterable<string>,
    private readonly log: DecisionLog,
    private readonly isDebugging: () => boolean,
  ) {
    this.#patterns = new RefusalPatterns(clients);
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
    for (const change of this.#patterns.record(event, now)) {
      this.log.warn(change);
    }
  }

  #mayWrite(now: number): boolean {
    if (!this.isDebugging()) {
      return false;
    }
    // Nothing where the clock was put back.
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
