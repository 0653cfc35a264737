import type { SeenToken } from './seen-token';

/**
 * So many characters of a token find it: the last of its signature, of which no two are alike. Less than to find it by
 * the whole of it, or by a digest, costs.
 */
const TAIL = 43;

/** What an entry takes beside its strings, in bytes, rounded up: measured. */
const ENTRY_BYTES = 700;

/** What a string takes beside its characters, with what refers to it. */
const STRING_BYTES = 32;

/** What a client that it may be for takes, with its party, beside the characters of that, in bytes. */
const CANDIDATE_BYTES = 80;

interface Entry {
  /** Undefined once it was taken away. */
  seen: SeenToken | undefined;
  readonly tail: string;
  readonly bytes: number;
  /** Whether it was found since the hand came by. */
  isVisited: boolean;
}

/**
 * Tokens that were accepted, to be recognized when they come again. A token is found by nothing less than the whole of it.
 * What it takes is bounded in bytes: the hand goes from the oldest to the newest, again and again, and takes away what was not
 * found since it last came by (SIEVE). So tokens that come once do not drive out those that come often.
 *
 * Whoever finds a token here still has to ask for all that may have changed.
 *
 * @internal
 */
export class VerificationCache {
  /** By the end of the token. A map is in the order of insertion, the oldest first. */
  readonly #entries = new Map<string, Entry>();
  #hand: Iterator<Entry> = this.#entries.values();
  #bytes = 0;

  private constructor(private readonly maxBytes: number) {}

  /** @param maxBytes the most it may take; with 0 there is none. */
  static of(maxBytes: number): VerificationCache | undefined {
    return maxBytes === 0 ? undefined : new VerificationCache(maxBytes);
  }

  /** How many bytes are taken, and by how many tokens. */
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
   * Remembers a token that has just been accepted.
   *
   * @param seen its strings must be parts of no others: of a part of a longer one, all of that would be kept.
   */
  remember(seen: SeenToken): void {
    const bytes = bytesOf(seen);
    if (bytes > this.maxBytes) {
      return;
    }
    // Of the signature, which no algorithm makes shorter: to look into the text would put it together for nothing.
    const tail = seen.signature.slice(-TAIL);
    this.#remove(this.#entries.get(tail));
    this.#makeRoom(bytes);
    this.#entries.set(tail, { seen, tail, bytes, isVisited: false });
    this.#bytes += bytes;
  }

  /** Forgets a token, and whichever else has the same end. */
  forget(token: string): void {
    this.#remove(this.#entries.get(token.slice(-TAIL)));
  }

  #remove(entry: Entry | undefined): void {
    if (entry !== undefined) {
      this.#entries.delete(entry.tail);
      this.#bytes -= entry.bytes;
      // A map that grew or shrank leaves behind a table of what was in it, and each of these refers to the next. Where one of them
      // has become old, all are kept until that is collected: so nothing large may be found from there.
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

/** About how many bytes of heap a token takes here; not less than it does. */
function bytesOf({ text, signature, claimsBytes, candidates, properties }: SeenToken): number {
  let bytes = ENTRY_BYTES + text.length + signature.length;
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
