import type { RefusalCode } from '../core/refusal/refusal-code';
import type { DecisionEvent } from '../core/decision/decision-event';

/** The length of a window, in seconds. */
const WINDOW = 60;

/** The fewest refusals in a window that make a pattern. They must be at least half of the decisions. */
const MINIMUM = 10;

/** The most changes reported in a window, for all clients together. */
const CHANGES_PER_WINDOW = 20;

const NOTHING: readonly string[] = [];

/** The recent decisions on one client's tokens. */
interface Recent {
  startedAt: number;
  accepted: number;
  /** Absent without refusals, because every client has one of these. */
  refused: Map<RefusalCode, number> | undefined;
  /** Whether a change was reported in this window. */
  isTold: boolean;
  /** The most frequent refusal; undefined if most tokens are accepted. */
  pattern: RefusalCode | undefined;
}

/**
 * Notices changes: most tokens of a client are now refused, for another reason than before, or accepted again. Counts each
 * client, and calls without a client.
 *
 * @internal
 */
export class RefusalPatterns {
  readonly #recent = new Map<string | undefined, Recent>();
  #toldSince = 0;
  #told = 0;

  constructor(clients: Iterable<string>) {
    for (const client of [...clients, undefined]) {
      this.add(client);
    }
  }

  /** Begins to watch a client, or calls without one. */
  add(client: string | undefined): void {
    if (!this.#recent.has(client)) {
      this.#recent.set(client, { startedAt: 0, accepted: 0, refused: undefined, isTold: false, pattern: undefined });
    }
  }

  remove(client: string): void {
    this.#recent.delete(client);
  }

  /**
   * @param now seconds since the epoch. If the clock jumps, the window ends.
   * @returns descriptions of what changed: at most one for each client and window, and a few for all of them.
   */
  record({ client, stage, accepted, code }: Omit<DecisionEvent, 'time' | 'duration'>, now: number): readonly string[] {
    const recent = this.#recent.get(client) ?? this.#recent.get(undefined);
    if (recent === undefined || (accepted && stage === 'authorization')) {
      return NOTHING;
    }
    if (isOver(recent.startedAt, now)) {
      recent.startedAt = now;
      recent.accepted = 0;
      recent.isTold = false;
      recent.refused = undefined;
    }
    if (code === undefined) {
      recent.accepted += 1;
      if (recent.refused === undefined && recent.pattern === undefined) {
        return NOTHING;
      }
    } else {
      recent.refused ??= new Map();
      recent.refused.set(code, (recent.refused.get(code) ?? 0) + 1);
      // The call was counted as accepted before, and counts once.
      recent.accepted = Math.max(0, recent.accepted - (stage === 'authorization' ? 1 : 0));
    }
    const pattern = patternOf(recent);
    if (pattern === 'undecided' || pattern === recent.pattern || recent.isTold || !this.#mayTell(now)) {
      return NOTHING;
    }
    recent.isTold = true;
    recent.pattern = pattern;
    const who = client === undefined ? 'calls of no client' : `tokens of client "${client}"`;
    const total = recent.accepted + sumOf(recent.refused);
    return [
      pattern === undefined
        ? `most ${who} are accepted again`
        : `most ${who} are refused now: ${pattern}, ${recent.refused?.get(pattern)} of the last ${total}`,
    ];
  }

  #mayTell(now: number): boolean {
    if (isOver(this.#toldSince, now)) {
      this.#toldSince = now;
      this.#told = 0;
    }
    this.#told += 1;
    return this.#told <= CHANGES_PER_WINDOW;
  }
}

/** Whether a window has passed, or the clock was set back. */
function isOver(startedAt: number, now: number): boolean {
  return now - startedAt >= WINDOW || now < startedAt;
}

function patternOf({ accepted, refused = new Map(), pattern }: Recent): RefusalCode | undefined | 'undecided' {
  const total = sumOf(refused);
  if (total >= MINIMUM && total >= accepted) {
    const most = Math.max(...refused.values());
    // Keep the previous reason while it is nearly as frequent, so that two alternating reasons cause no log lines.
    const before = pattern === undefined ? 0 : (refused.get(pattern) ?? 0);
    return 2 * before >= most ? pattern : [...refused].find(([, count]) => count === most)?.[0];
  }
  return accepted >= MINIMUM && accepted > total ? undefined : 'undecided';
}

function sumOf(counts: ReadonlyMap<unknown, number> = new Map()): number {
  let sum = 0;
  for (const count of counts.values()) {
    sum += count;
  }
  return sum;
}
