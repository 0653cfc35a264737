/** The most requests under way to one issuer, and how many of them are kept for tokens that were active before. */
const MOST_UNDER_WAY = 32;
const KEPT = 8;

/** The most that wait for their turn, of either kind. */
const MOST_WAITING = 256;

/** Answers that unknown tokens may get in vain: at once, and for each second. */
const VAIN_BURST = 100;
const VAIN_PER_SECOND = 20;

/** How long an issuer that failed is asked by one request at a time only, in seconds: doubling up to the limit. */
const PAUSE = { first: 1, limit: 10 } as const;

type Turn = (mayAsk: boolean) => void;

/**
 * Who may ask an issuer now. Tokens that were active before go first, so that made-up tokens starve nobody and exhaust no
 * provider.
 *
 * @internal
 */
export class IntrospectionGate {
  #underWay = 0;
  #failures = 0;
  #pausedUntil = -Infinity;
  #vain = VAIN_BURST;
  #countedAt = 0;
  readonly #known: Turn[] = [];
  readonly #unknown: Turn[] = [];

  /** Seconds until the next attempt makes sense, at least 1. */
  retryAfter(now: number): number {
    return Math.max(1, Math.ceil(this.#pausedUntil - now));
  }

  /**
   * Waits for a turn.
   *
   * @param isKnown whether the token was active before.
   * @returns whether there is one. Call `leave` after it.
   */
  enter(isKnown: boolean, now: number): boolean | Promise<boolean> {
    this.#refill(now);
    if (now < this.#pausedUntil && this.#underWay > 0) {
      return false;
    }
    if (!isKnown && this.#vain - this.#unknown.length < 1) {
      return false;
    }
    if (this.#underWay < (isKnown ? MOST_UNDER_WAY : MOST_UNDER_WAY - KEPT)) {
      this.#underWay += 1;
      return true;
    }
    const queue = isKnown ? this.#known : this.#unknown;
    return queue.length < MOST_WAITING && new Promise<boolean>((resolve) => queue.push(resolve));
  }

  /** @param outcome what came of it; `vain` for a token that was never active. */
  leave(outcome: 'active' | 'vain' | 'failed', now: number): void {
    this.#underWay -= 1;
    if (outcome === 'failed') {
      this.#failures += 1;
      this.#pausedUntil = now + Math.min(PAUSE.limit, PAUSE.first * 2 ** Math.min(this.#failures - 1, 10));
      // Nobody waits for an issuer that does not answer.
      for (const turn of [...this.#known.splice(0), ...this.#unknown.splice(0)]) {
        turn(false);
      }
      return;
    }
    this.#failures = 0;
    this.#pausedUntil = -Infinity;
    if (outcome === 'vain') {
      this.#refill(now);
      this.#vain = Math.max(0, this.#vain - 1);
    }
    const next = this.#known.shift() ?? (this.#underWay < MOST_UNDER_WAY - KEPT ? this.#unknown.shift() : undefined);
    if (next !== undefined) {
      this.#underWay += 1;
      next(true);
    }
  }

  #refill(now: number): void {
    this.#vain = Math.min(VAIN_BURST, this.#vain + (now - this.#countedAt) * VAIN_PER_SECOND);
    this.#countedAt = now;
  }
}
