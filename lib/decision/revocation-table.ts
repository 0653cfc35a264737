/** The smallest number of slots, a power of two. */
const FEWEST = 8;

/** The size of a slot, in bytes. */
const SLOT_BYTES = 25;

/** What is known of an entry. Times in seconds since the epoch. */
export interface TableEntry {
  /** Tokens with an `iat` before this are revoked; Infinity for all. */
  readonly cutoff: number;
  readonly revokedAt: number;
  readonly expiresAt: number;
  readonly origin: number;
}

/**
 * A hash table with open addressing in typed arrays: 25 bytes a slot, at most three quarters of the slots in use. Entries that
 * have expired are dropped when it is rebuilt.
 *
 * @internal
 */
export class RevocationTable {
  #used = 0;
  #high = new Int32Array(FEWEST);
  #low = new Int32Array(FEWEST);
  #cutoff = new Float64Array(FEWEST);
  /** Whole seconds, rounded up; 0 for a free slot. */
  #expiresAt = new Uint32Array(FEWEST);
  #revokedAt = new Uint32Array(FEWEST);
  #origin = new Uint8Array(FEWEST);

  /** How many entries it has, those included that have expired since the last `sweep`. */
  get size(): number {
    return this.#used;
  }

  /** The memory of its slots, in bytes. */
  get bytes(): number {
    return SLOT_BYTES * this.#high.length;
  }

  /** The slot of an entry that has not expired; -1 if there is none. */
  find(high: number, low: number, now: number): number {
    const slot = this.#slotOf(high, low);
    const expiresAt = this.#expiresAt[slot] ?? 0;
    return expiresAt !== 0 && expiresAt > now ? slot : -1;
  }

  cutoffAt(slot: number): number {
    return this.#cutoff[slot] ?? Infinity;
  }

  entryAt(slot: number): TableEntry {
    return {
      cutoff: this.cutoffAt(slot),
      revokedAt: this.#revokedAt[slot] ?? 0,
      expiresAt: this.#expiresAt[slot] ?? 0,
      origin: this.#origin[slot] ?? 0,
    };
  }

  /**
   * Adds an entry, or widens the one with this key.
   *
   * @returns whether anything changed.
   */
  add(high: number, low: number, entry: TableEntry, now: number): boolean {
    const expiresAt = Math.min(Math.ceil(entry.expiresAt), 0xffffffff);
    const slot = this.find(high, low, now);
    if (slot >= 0) {
      const isWider = entry.cutoff > this.cutoffAt(slot);
      const isLonger = expiresAt > (this.#expiresAt[slot] ?? 0);
      this.#cutoff[slot] = Math.max(entry.cutoff, this.cutoffAt(slot));
      this.#expiresAt[slot] = Math.max(expiresAt, this.#expiresAt[slot] ?? 0);
      if (isWider) {
        this.#revokedAt[slot] = Math.floor(entry.revokedAt);
        this.#origin[slot] = entry.origin;
      }
      return isWider || isLonger;
    }
    if (4 * (this.#used + 1) > 3 * this.#high.length) {
      this.#rebuild(now, 1);
    }
    this.#put(high, low, { ...entry, expiresAt });
    return true;
  }

  /** Drops entries that have expired. */
  sweep(now: number): void {
    if (this.#expiresAt.some((expiresAt) => expiresAt !== 0 && expiresAt <= now)) {
      this.#rebuild(now, 0);
    }
  }

  #put(high: number, low: number, { cutoff, revokedAt, expiresAt, origin }: TableEntry): void {
    const slot = this.#slotOf(high, low);
    if (this.#expiresAt[slot] === 0) {
      this.#used += 1;
    }
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#cutoff[slot] = cutoff;
    this.#expiresAt[slot] = expiresAt;
    this.#revokedAt[slot] = Math.floor(revokedAt);
    this.#origin[slot] = origin;
  }

  /** The slot with this key, or the free one where it belongs. */
  #slotOf(high: number, low: number): number {
    const mask = this.#high.length - 1;
    let slot = low & mask;
    while (this.#expiresAt[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #rebuild(now: number, more: number): void {
    const [highs, lows, expiries] = [this.#high, this.#low, this.#expiresAt];
    const live: { readonly slot: number; readonly entry: TableEntry }[] = [];
    for (let slot = 0; slot < expiries.length; slot += 1) {
      if ((expiries[slot] ?? 0) > now) {
        live.push({ slot, entry: this.entryAt(slot) });
      }
    }
    let slots = FEWEST;
    while (3 * slots < 5 * (live.length + more)) {
      slots *= 2;
    }
    this.#used = 0;
    this.#high = new Int32Array(slots);
    this.#low = new Int32Array(slots);
    this.#cutoff = new Float64Array(slots);
    this.#expiresAt = new Uint32Array(slots);
    this.#revokedAt = new Uint32Array(slots);
    this.#origin = new Uint8Array(slots);
    for (const { slot, entry } of live) {
      this.#put(highs[slot] ?? 0, lows[slot] ?? 0, entry);
    }
  }
}
