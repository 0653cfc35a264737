/** Where lines go. */
interface Lines {
  log(message: string): void;
  warn(message: string): void;
}

/** The most lines a second. Anybody can cause them. */
const LINES_PER_SECOND = 10;

/** A log that writes a bounded number of lines, and says how many it left out. */
export class PacedLog {
  #permits = LINES_PER_SECOND;
  #refilledAt = 0;
  #omitted = 0;

  /** @param now seconds on a monotonic clock. */
  constructor(
    private readonly lines: Lines,
    private readonly now: () => number,
  ) {}

  log(message: string): void {
    this.#write((lines) => lines.log(message));
  }

  warn(message: string): void {
    this.#write((lines) => lines.warn(message));
  }

  #write(write: (lines: Lines) => void): void {
    const now = this.now();
    this.#permits = Math.min(LINES_PER_SECOND, this.#permits + (now - this.#refilledAt) * LINES_PER_SECOND);
    this.#refilledAt = now;
    if (this.#permits < 1) {
      this.#omitted += 1;
      return;
    }
    this.#permits -= 1;
    if (this.#omitted > 0) {
      this.lines.warn(`${this.#omitted} lines about logout tokens and security events were left out`);
      this.#omitted = 0;
    }
    write(this.lines);
  }
}
