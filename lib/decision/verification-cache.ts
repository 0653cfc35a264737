import type { SeenToken } from './seen-token';

/**
 * A token is found by this many characters at its end, which are unique. This is cheaper than the whole token or a digest.
 */
const TAIL = 43;

/** Size of an entry without its strings, in bytes, measured and rounded up. */
const ENTRY_BYTES = 700;

/** Size of a string without its characters, with its reference. */
const STRING_BYTES = 32;

/** Size of a candidate client and party without the characters of the party, in bytes. */
const CANDIDATE_BYTES = 80;

/** Size of what a token is bound to without its characters, in bytes. */
const CONFIRMATION_BYTES = 120;
/** Size of what a revocation can name of a token, in bytes. */
const REVOCABLE_BYTES = 250;

interface Entry {
  /** Undefined after removal. */
  seen: SeenToken | undefined;
  readonly tail: string;
  readonly bytes: number;
  /** Whether it was found since the hand last passed. */
  isVisited: boolean;
}

/**
 * Accepted tokens, found again by their whole text. Bounded in bytes. The hand moves from the oldest entry to the newest
 * and evicts those that were not found since it last passed (SIEVE), so that tokens that come once do not evict those that
 * come often.
 *
 * A cache hit only proves the signature. The caller must still run the standing checks.
 *
 * @internal
 */
export class VerificationCache {
  /** By the end of the token, in insertion order. */
  readonly #entries = new Map<string, Entry>();
  #hand: Iterator<Entry> = this.#entries.values();
  #bytes = 0;

  private constructor(private readonly maxBytes: number) {}

  /** @param maxBytes the most memory it may take, in bytes; 0 for no cache. */
  static of(maxBytes: number): VerificationCache | undefined {
    return maxBytes === 0 ? undefined : new VerificationCache(maxBytes);
  }

  /** The bytes and tokens in use. */
  get use(): { readonly bytes: number; readonly tokens: number } {
    return { bytes: this.#bytes, tokens: this.#entries.size };
  }

  find(token: string): SeenToken | undefined {
    const entry = this.#entries.get(token.slice(-TAIL));
    const seen = entry?.seen;
    if (entry === undefined || seen?.text !== token) {
      return undefined;
    }
    entry.isVisited = true;
    return seen;
  }

  /**
   * Remembers a token that was just accepted.
   *
   * @param seen its strings must not be parts of longer ones, which would be kept whole.
   */
  remember(seen: SeenToken): void {
    const bytes = bytesOf(seen);
    if (bytes > this.maxBytes) {
      return;
    }
    // From the signature: reading the text would flatten it for nothing.
    const tail = seen.signature.slice(-TAIL);
    this.#remove(this.#entries.get(tail));
    this.#makeRoom(bytes);
    this.#entries.set(tail, { seen, tail, bytes, isVisited: false });
    this.#bytes += bytes;
  }

  /** Forgets a token, and any other with the same end. */
  forget(token: string): void {
    this.#remove(this.#entries.get(token.slice(-TAIL)));
  }

  #remove(entry: Entry | undefined): void {
    if (entry !== undefined) {
      this.#entries.delete(entry.tail);
      this.#bytes -= entry.bytes;
      // Clears evicted entries, because a resized map keeps its old tables, with their entries, until they are collected.
      entry.seen = undefined;
    }
  }

  #makeRoom(bytes: number): void {
    while (this.#bytes + bytes > this.maxBytes) {
      const { value: entry, done } = this.#hand.next();
      if (done === true) {
        this.#hand = this.#entries.values();
      } else if (entry.isVisited) {
        entry.isVisited = false;
      } else {
        this.#remove(entry);
      }
    }
  }
}

/** An upper estimate of the heap that a token takes here, in bytes. */
function bytesOf({ text, signature, claimsBytes, candidates, properties, confirmation, revocable }: SeenToken): number {
  let bytes = ENTRY_BYTES + text.length + signature.length + (revocable === undefined ? 0 : REVOCABLE_BYTES);
  if (confirmation !== undefined) {
    const { keyThumbprint = '', certificateThumbprint = '' } = confirmation;
    bytes += CONFIRMATION_BYTES + 2 * (keyThumbprint.length + certificateThumbprint.length);
  }
  for (const { party = '' } of candidates) {
    bytes += CANDIDATE_BYTES + 2 * party.length;
  }
  if (properties !== undefined) {
    const { subject = '', claimsText, roles = [], scopes = [] } = properties;
    bytes += 2 * subject.length;
    // A string with any character beyond Latin-1 takes two bytes for each.
    bytes += claimsBytes === claimsText.length ? claimsText.length : 2 * claimsText.length;
    for (const names of [roles, scopes]) {
      for (const name of names) {
        bytes += STRING_BYTES + 2 * name.length;
      }
    }
  }
  return bytes;
}
