import type { OidcAuthException } from '../../passport/oidc-auth.exception';

/** The longest delay that timers of Node.js take, in milliseconds. */
const LONGEST_DELAY = 2_147_483_647;

/** Something over which answers go on after a call has been let through: a subscription, a stream. */
export interface Connection {
  /** What stands for it, for all calls that go over it, and says when it is over. */
  readonly key: { on(event: string, listener: () => void): unknown };
  /** Ends it, and says why where that can be said. */
  readonly end: (refusal: OidcAuthException) => void;
}

/** What sockets, responses and gRPC calls say when they are over, each some of it. */
const OVER = ['close', 'finish', 'cancelled'];

/** Ends connections when the first of the tokens that were accepted over them expires. */
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
