/** What a receiver answers to a logout token or a security event. Texts are constants: nothing of the token is in them. */
export interface Receipt {
  readonly status: 200 | 202 | 400 | 401 | 503;
  /** The error of the specification; absent on success. */
  readonly error?: string;
  readonly description?: string;
  /** What was done, for the log. */
  readonly done?: string;
}

/** How long a sender waits for the store, in milliseconds. */
const PATIENCE = 3000;

/** The most tokens whose revocations wait for the store. */
const MOST_WAITING = 10_000;

/**
 * Processes each token once. A token that comes again while the store does not have the first yet gets the answer of the first.
 *
 * @internal
 */
export class Receipts {
  /** Undefined where the store did not take it: the sender's next attempt tries again, and is no replay. */
  readonly #waiting = new Map<string, Promise<boolean> | undefined>();

  /** Whether the revocations of a token wait for the store. */
  isWaiting(key: string): boolean {
    return this.#waiting.has(key);
  }

  /**
   * Records a token.
   *
   * @returns whether the store has it, within a few seconds.
   */
  async record(key: string, store: () => Promise<void>): Promise<boolean> {
    let stored = this.#waiting.get(key);
    if (stored === undefined) {
      if (this.#waiting.size >= MOST_WAITING) {
        return false;
      }
      stored = this.#store(key, store);
      this.#waiting.set(key, stored);
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), PATIENCE);
    });
    const isStored = await Promise.race([stored, late]);
    clearTimeout(timer);
    return isStored;
  }

  async #store(key: string, store: () => Promise<void>): Promise<boolean> {
    try {
      await store();
      this.#waiting.delete(key);
      return true;
    } catch {
      this.#waiting.set(key, undefined);
      return false;
    }
  }
}
