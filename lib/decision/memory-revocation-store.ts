import type { RevocationEntry } from '../core/revocation/revocation';
import type { RevocationBatch, RevocationStore } from '../core/revocation/revocation-store';
import { systemClock, type Clock } from '../core/clock';

/** The most entries of a batch. */
const BATCH = 1000;

/**
 * A revocation log in the memory of this process: for tests, and for several applications in one process. What it holds is
 * lost with the process.
 */
export class MemoryRevocationStore implements RevocationStore {
  #entries: { readonly position: number; readonly entry: RevocationEntry }[] = [];
  readonly #ids = new Set<string>();
  readonly #waiting = new Set<() => void>();
  readonly #clock: Clock = systemClock;
  #last = 0;
  #pruneAt = 0;

  async append(entries: readonly RevocationEntry[]): Promise<void> {
    this.#prune();
    for (const entry of entries.filter(({ id }) => !this.#ids.has(id))) {
      this.#last += 1;
      this.#ids.add(entry.id);
      this.#entries.push({ position: this.#last, entry });
    }
    for (const wake of this.#waiting) {
      wake();
    }
  }

  async read(after: string | undefined, wait: number, signal?: AbortSignal): Promise<RevocationBatch> {
    const from = after === undefined ? 0 : Number(after);
    if (this.#last <= from && wait > 0 && signal?.aborted !== true) {
      await this.#append(wait, signal);
    }
    const found = this.#entries.slice(this.#after(from)).slice(0, BATCH);
    const position = found.at(-1)?.position ?? Math.max(from, 0);
    return {
      entries: found.map(({ entry }) => entry),
      position: position === 0 ? undefined : String(position),
    };
  }

  /** The index of the first entry after a position. */
  #after(position: number): number {
    const [first] = this.#entries;
    // Positions have no gaps except where expired entries were removed.
    let index = first === undefined ? 0 : Math.max(0, Math.min(this.#entries.length, position - first.position + 1));
    while (index > 0 && (this.#entries[index - 1]?.position ?? 0) > position) {
      index -= 1;
    }
    return index;
  }

  #append(wait: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, wait * 1000);
      timer.unref();
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }

  #prune(): void {
    const now = this.#clock.now();
    if (now < this.#pruneAt) {
      return;
    }
    this.#pruneAt = now + 60;
    const isLive = ({ entry }: { entry: RevocationEntry }): boolean => entry.expiresAt > now;
    for (const { entry } of this.#entries.filter((one) => !isLive(one))) {
      this.#ids.delete(entry.id);
    }
    this.#entries = this.#entries.filter(isLive);
  }
}
