import type { OidcAuthException } from '../../passport/oidc-auth.exception';

/** The longest delay of a timer in Node.js, in milliseconds. */
const LONGEST_DELAY = 2_147_483_647;

/** How long conditions of open connections may go unchecked after a change, in milliseconds. */
const CHECK_DELAY = 100;

/** A connection for further answers after a call was allowed: a subscription or a stream. */
export interface Connection {
  /** The object that identifies it for all its calls, and emits its end. */
  readonly key: { on(event: string, listener: () => void): unknown };
  /** Ends it, with the reason if that can be sent. */
  readonly end: (refusal: OidcAuthException) => void;
}

/** When a connection ends beside its time, and why. */
export interface EndingCondition {
  readonly isOver: () => boolean;
  readonly refusal: () => OidcAuthException;
}

/** The most tokens of one connection that are watched. Each call on it may have another. */
const MOST_TOKENS = 1000;

/** The events by which sockets, responses and gRPC calls end. */
const OVER = ['close', 'finish', 'cancelled'];

interface Watched {
  readonly end: (refusal: OidcAuthException) => void;
  /** By what identifies the token. */
  readonly conditions: Map<string, EndingCondition>;
}

/** Ends connections when the first of their accepted tokens expires, or a condition of one of them holds. */
export class ConnectionEndings {
  readonly #pending = new WeakMap<object, { readonly moment: number; readonly cancel: () => void }>();
  readonly #watched = new Map<object, Watched>();
  #check: NodeJS.Timeout | undefined;

  /** @param now the time, in seconds since the epoch. */
  constructor(private readonly now: () => number) {}

  /** @param moment in seconds since the epoch. */
  endAt(moment: number, { key, end }: Connection, refusal: () => OidcAuthException): void {
    const before = this.#pending.get(key);
    if (before !== undefined && before.moment <= moment) {
      return;
    }
    before?.cancel();
    const act = (): void => {
      this.#watched.delete(key);
      end(refusal());
    };
    this.#pending.set(key, { moment, cancel: atMoment(moment, this.now, act) });
    if (before === undefined) {
      for (const event of OVER) {
        key.on(event, () => {
          this.#pending.get(key)?.cancel();
          this.#watched.delete(key);
        });
      }
    }
  }

  /**
   * Ends a connection once a condition holds. `checkSoon` says that one may hold now. Call `endAt` before.
   *
   * @param token identifies the condition on this connection.
   */
  endIf(token: string, { key, end }: Connection, condition: EndingCondition): void {
    if (condition.isOver()) {
      end(condition.refusal());
      return;
    }
    const watched = this.#watched.get(key) ?? { end, conditions: new Map<string, EndingCondition>() };
    this.#watched.set(key, watched);
    const { conditions } = watched;
    const [oldest] = conditions.keys();
    if (conditions.size >= MOST_TOKENS && !conditions.has(token) && oldest !== undefined) {
      conditions.delete(oldest);
    }
    conditions.set(token, condition);
  }

  /** Checks the conditions of all connections, once for all changes of a moment. */
  checkSoon(): void {
    if (this.#watched.size === 0 || this.#check !== undefined) {
      return;
    }
    this.#check = setTimeout(() => {
      this.#check = undefined;
      for (const [key, { end, conditions }] of this.#watched) {
        const met = [...conditions.values()].find(({ isOver }) => isOver());
        if (met !== undefined) {
          this.#watched.delete(key);
          this.#pending.get(key)?.cancel();
          endSafely(end, met.refusal());
        }
      }
    }, CHECK_DELAY);
    this.#check.unref();
  }
}

/** One connection that cannot be ended must not keep the others open. */
function endSafely(end: (refusal: OidcAuthException) => void, refusal: OidcAuthException): void {
  try {
    end(refusal);
  } catch {
    // It is over, or its transport failed.
  }
}

/**
 * Acts once a moment has come. The timer keeps no process alive.
 *
 * @param moment in seconds since the epoch; nothing is done at one that never comes.
 * @param now the time, in seconds since the epoch.
 * @returns a function that cancels it.
 */
function atMoment(moment: number, now: () => number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    const delay = (moment - now()) * 1000;
    if (delay <= 0) {
      act();
    } else if (Number.isFinite(delay)) {
      timer = setTimeout(wait, Math.min(delay, LONGEST_DELAY));
      timer.unref();
    }
  };
  wait();
  return () => clearTimeout(timer);
}
