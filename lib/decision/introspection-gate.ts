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
    const queue = isKnown ? this.#known : this.#unknown;
    const isFree = this.#underWay < (isKnown ? MOST_UNDER_WAY : MOST_UNDER_WAY - KEPT);
    if ((!isKnown && this.#vain < 1) || (!isFree && queue.length >= MOST_WAITING)) {
      return false;
    }
    if (!isKnown) {
      // Paid in advance, and given back unless it was in vain.
      this.#vain -= 1;
    }
    if (isFree) {
      this.#underWay += 1;
      return true;
    }
    return new Promise<boolean>((resolve) => queue.push(resolve));
  }

  /**
   * @param outcome what came of it; `vain` for a token that was never active.
   * @param isKnown as it entered.
   */
  leave(outcome: 'active' | 'vain' | 'failed', isKnown: boolean, now: number): void {
    this.#underWay -= 1;
    if (!isKnown && outcome !== 'vain') {
      this.#vain = Math.min(VAIN_BURST, this.#vain + 1);
    }
    if (outcome === 'failed') {
      this.#failures += 1;
      this.#pausedUntil = now + Math.min(PAUSE.limit, PAUSE.first * 2 ** Math.min(this.#failures - 1, 10));
      this.#vain = Math.min(VAIN_BURST, this.#vain + this.#unknown.length);
      // Nobody waits for an issuer that does not answer.
      for (const turn of [...this.#known.splice(0), ...this.#unknown.splice(0)]) {
        turn(false);
      }
      return;
    }
    this.#failures = 0;
    this.#pausedUntil = -Infinity;
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
