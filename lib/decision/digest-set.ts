/** Slots of a page: a page is small enough to be divided without a pause that anybody notices. */
const SLOTS = 1024;

/** 32-bit words of an entry: 128 bits of a digest. */
const WORDS = 4;

/** A page with more entries is divided, as long as there is memory. */
const DIVIDED_AT = 768;

/** No page has more entries, so that a search ends. */
const FULL_AT = 960;

/** Bits that tell pages apart at most. */
const DEEPEST = 24;

/** Bytes of a page, with its objects, and of a reference. */
const PAGE_BYTES = SLOTS * WORDS * 4 + 300;
const REFERENCE_BYTES = 8;

interface Page {
  /** Entry by entry. The first word of an entry is never 0, which marks an empty slot. */
  readonly words: Uint32Array;
  count: number;
  /** How many bits all its entries have in common. */
  readonly depth: number;
}

/**
 * A set of digests that takes about 35 bytes for each: extendible hashing, whose pages are divided one at a time. Entries are
 * 128 bits of a digest that callers cannot choose.
 *
 * @internal
 */
export class DigestSet {
  /** The page of each value of the first `#depth` bits. */
  #pages: Page[] = [newPage(0)];
  #depth = 0;
  #pageCount = 1;
  size = 0;

  get bytes(): number {
    return this.#pageCount * PAGE_BYTES + this.#pages.length * REFERENCE_BYTES;
  }

  has(digest: Buffer): boolean {
    const entry = wordsOf(digest);
    const { words } = this.#pageOf(entry[0]);
    return isTaken(words, slotFor(words, entry));
  }

  /**
   * Adds a digest that is not in the set.
   *
   * @param room how many bytes the set may grow by.
   * @returns whether there was room.
   */
  add(digest: Buffer, room: number): boolean {
    const entry = wordsOf(digest);
    let page = this.#pageOf(entry[0]);
    if (page.count >= DIVIDED_AT && page.depth < DEEPEST) {
      const growth = PAGE_BYTES + (page.depth === this.#depth ? this.#pages.length * REFERENCE_BYTES : 0);
      if (growth <= room) {
        this.#divide(page);
        page = this.#pageOf(entry[0]);
      }
    }
    if (page.count >= FULL_AT) {
      return false;
    }
    page.words.set(entry, slotFor(page.words, entry));
    page.count += 1;
    this.size += 1;
    return true;
  }

  /** The first word chooses the page, by its highest bits. */
  #pageOf(first: number): Page {
    const page = this.#pages[this.#depth === 0 ? 0 : first >>> (32 - this.#depth)];
    if (page === undefined) {
      throw new Error('unreachable: there is a page for each value');
    }
    return page;
  }

  #divide(page: Page): void {
    if (page.depth === this.#depth) {
      this.#pages = this.#pages.flatMap((each) => [each, each]);
      this.#depth += 1;
    }
    const halves = [newPage(page.depth + 1), newPage(page.depth + 1)] as const;
    const { words } = page;
    for (let slot = 0; slot < words.length; slot += WORDS) {
      if (isTaken(words, slot)) {
        const entry = words.subarray(slot, slot + WORDS);
        const half = halves[((entry[0] ?? 0) >>> (31 - page.depth)) & 1 ? 1 : 0];
        half.words.set(entry, slotFor(half.words, entry));
        half.count += 1;
      }
    }
    const bit = this.#depth - page.depth - 1;
    for (const [index, each] of this.#pages.entries()) {
      if (each === page) {
        this.#pages[index] = halves[(index >>> bit) & 1 ? 1 : 0];
      }
    }
    this.#pageCount += 1;
  }
}

function newPage(depth: number): Page {
  return { words: new Uint32Array(SLOTS * WORDS), count: 0, depth };
}

type Entry = readonly [number, number, number, number];

/** 128 bits. A first word of 0 would mark an empty slot. */
function wordsOf(digest: Buffer): Entry {
  return [digest.readUInt32LE(0) || 1, digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)];
}

function isTaken(words: Uint32Array, slot: number): boolean {
  return words[slot] !== 0;
}

/** The slot of an entry, or the empty one where it would be. The last word chooses where the search begins. */
function slotFor(words: Uint32Array, entry: ArrayLike<number>): number {
  let slot = ((entry[3] ?? 0) % SLOTS) * WORDS;
  while (
    isTaken(words, slot) &&
    !(
      words[slot] === entry[0] &&
      words[slot + 1] === entry[1] &&
      words[slot + 2] === entry[2] &&
      words[slot + 3] === entry[3]
    )
  ) {
    slot = (slot + WORDS) % words.length;
  }
  return slot;
}
