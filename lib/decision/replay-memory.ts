import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock';
import type { ReplayStore } from '../core/proof/replay-store';
import { DigestSet } from './digest-set';

/** Into how many parts the longest lifetime is divided. A part is dropped as a whole. */
const PARTS = 8;

/**
 * Used proofs in the memory of this process. They are kept by the end of their lifetime, in a few sets that are dropped as a whole
 * when the last lifetime in them is over: at most an eighth of the longest too late, and never too early. When the memory
 * is full, nothing is forgotten: the proof cannot be remembered.
 *
 * @internal
 */
export class ReplayMemory implements ReplayStore {
  /** By the number of the time in which their entries end. */
  readonly #sets = new Map<number, DigestSet>();
  /** Keeps callers from choosing keys that fall together. */
  readonly #secret = randomBytes(16).toString('base64url');
  /** Seconds. */
  readonly #width: number;
  #nextEnd = -Infinity;

  /**
   * @param longestLifetime the longest lifetime that occurs, in seconds.
   * @param maxBytes the most memory it may take.
   */
  constructor(
    private readonly clock: Clock,
    longestLifetime: number,
    private readonly maxBytes: number,
  ) {
    this.#width = Math.max(1, longestLifetime / PARTS);
  }

  /** The bytes and proofs in use. */
  get use(): { readonly bytes: number; readonly proofs: number } {
    let [bytes, proofs] = [0, 0];
    for (const set of this.#sets.values()) {
      bytes += set.bytes;
      proofs += set.size;
    }
    return { bytes, proofs };
  }

  /** @throws Error if the memory is full. */
  remember(key: string, lifetime: number): boolean {
    const now = this.clock.now();
    if (now >= this.#nextEnd) {
      this.#drop(now);
    }
    const digest = hash('sha256', this.#secret + key, 'buffer');
    const part = Math.floor((now + lifetime) / this.#width);
    for (const set of this.#sets.values()) {
      if (set.has(digest)) {
        return false;
      }
    }
    const set = this.#sets.get(part) ?? new DigestSet();
    const { bytes } = this.use;
    const inUse = this.#sets.has(part) ? bytes : bytes + set.bytes;
    if (inUse > this.maxBytes || !set.add(digest, this.maxBytes - inUse)) {
      throw new Error('the memory for used proofs is full');
    }
    this.#sets.set(part, set);
    this.#nextEnd = Math.min(this.#nextEnd, (part + 1) * this.#width);
    return true;
  }

  #drop(now: number): void {
    let nextEnd = Infinity;
    for (const part of this.#sets.keys()) {
      const end = (part + 1) * this.#width;
      if (end <= now) {
        this.#sets.delete(part);
      } else {
        nextEnd = Math.min(nextEnd, end);
      }
    }
    this.#nextEnd = nextEnd;
  }
}
