import type { OidcAuthException } from '../../passport/oidc-auth.exception';

/** The longest delay of a timer in Node.js, in milliseconds. */
const LONGEST_DELAY = 2_147_483_647;

/** A connection for further answers after a call was allowed: a subscription or a stream. */
export interface Connection {
  /** The object that identifies it for all its calls, and emits its end. */
  readonly key: { on(event: string, listener: () => void): unknown };
  /** Ends it, with the reason if that can be sent. */
  readonly end: (refusal: OidcAuthException) => void;
}

/** The events by which sockets, responses and gRPC calls end. */
const OVER = ['close', 'finish', 'cancelled'];

/** Ends connections when the first of their accepted tokens expires. */
export class ConnectionEndings {
  readonly #pending = new WeakMap<object, { readonly moment: number; readonly cancel: () => void }>();

  /** @param now the time, in seconds since the epoch. */
  constructor(private readonly now: () => number) {}

  /** @param moment in seconds since the epoch. */
  endAt(moment: number, { key, end }: Connection, refusal: () => OidcAuthException): void {
    const before = this.#pending.get(key);
    if (before !== undefined && before.moment <= moment) {
      return;
    }
    before?.cancel();
    this.#pending.set(key, { moment, cancel: atMoment(moment, this.now, () => end(refusal())) });
    if (before === undefined) {
      for (const event of OVER) {
        key.on(event, () => this.#pending.get(key)?.cancel());
      }
    }
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
