/** The seed of everything random in this folder: HARDENING_SEED, or always the same. */
export const SEED: number = Number(process.env['HARDENING_SEED'] ?? 20_261_124);

/** Random numbers that a seed repeats (xorshift, 32 bits). */
export class Random {
  #state: number;

  constructor(seed: number) {
    // Zero would stay zero.
    this.#state = seed | 0 || 1;
  }

  /** A whole number from 0 up to, and without, a bound. */
  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }

  /** One of these. */
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) {
      throw new RangeError('there is nothing to pick from');
    }
    return item;
  }

  /** Whether something that happens once in so many times happens. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  /** These in another order. */
  shuffle<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.flatMap(() => rest.splice(this.below(rest.length), 1));
  }
}
