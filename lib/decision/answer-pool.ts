/** Size of an entry without the text, in bytes, rounded up. */
const ENTRY_BYTES = 500;

interface Entry<Answer> {
  readonly answer: Answer;
  readonly freshUntil: number;
  readonly bytes: number;
}

/**
 * Answers of an issuer by the digest of the token, bounded in bytes. The ones that were not used for longest go first.
 *
 * @internal
 */
export class AnswerPool<Answer> {
  readonly #entries = new Map<string, Entry<Answer>>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** The bytes and answers in use. */
  get use(): { readonly bytes: number; readonly answers: number } {
    return { bytes: this.#bytes, answers: this.#entries.size };
  }

  /** Whether there is an answer, fresh or not. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** @param now seconds on a monotonic clock. */
  find(key: string, now: number): Answer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || now >= entry.freshUntil) {
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.answer;
  }

  /** @param textLength the characters that the answer keeps. */
  remember(key: string, answer: Answer, textLength: number, freshUntil: number): void {
    this.forget(key);
    // Text and parsed claims.
    const bytes = ENTRY_BYTES + key.length + 6 * textLength;
    if (bytes > this.maxBytes) {
      return;
    }
    this.#entries.set(key, { answer, freshUntil, bytes });
    this.#bytes += bytes;
    for (const [oldest] of this.#entries) {
      if (this.#bytes <= this.maxBytes) {
        break;
      }
      this.forget(oldest);
    }
  }

  forget(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
