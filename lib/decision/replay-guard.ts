import type { ReplayStore } from '../core/proof/replay-store';

/** Where failures of a store are told. */
export interface ReplayLog {
  warn(message: string): void;
}

/**
 * A store for used proofs whose failures are logged: the first of an outage, and its end.
 *
 * @internal
 */
export class ReplayGuard {
  #isFailing = false;

  constructor(
    private readonly store: ReplayStore,
    private readonly log: ReplayLog | undefined,
  ) {}

  /**
   * Remembers a proof. Never rejects.
   *
   * @returns whether it was new; undefined where it could not be remembered.
   */
  remember(key: string, lifetime: number): boolean | undefined | Promise<boolean | undefined> {
    try {
      const isNew = this.store.remember(key, lifetime);
      return typeof isNew === 'boolean' ? this.#settle(isNew) : this.#wait(isNew);
    } catch (error) {
      return this.#fail(error);
    }
  }

  async #wait(isNew: Promise<boolean>): Promise<boolean | undefined> {
    try {
      return this.#settle(await isNew);
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Only a boolean is an answer: a store of one's own may give anything. */
  #settle(isNew: unknown): boolean | undefined {
    if (typeof isNew !== 'boolean') {
      return this.#fail(new Error('the store answered with something else than a boolean'));
    }
    if (this.#isFailing) {
      this.#isFailing = false;
      this.log?.warn('used proofs can be remembered again');
    }
    return isNew;
  }

  #fail(error: unknown): undefined {
    if (!this.#isFailing) {
      this.#isFailing = true;
      const reason = error instanceof Error ? error.message : 'no error';
      this.log?.warn(`used proofs cannot be remembered (${reason}): requests with a proof get 503 state_unavailable`);
    }
    return undefined;
  }
}
