import type { RefusalCode } from '../core/refusal/refusal-code';
import type { DecisionEvent } from '../core/decision/decision-event';

/** Decisions are counted for so many seconds at a time. */
const WINDOW = 60;

/** From so many refusals in a window on they are a pattern, if they are at least half of the decisions. */
const MINIMUM = 10;

/** So many changes are told in a window at most, of all clients together. */
const CHANGES_PER_WINDOW = 20;

const NOTHING: readonly string[] = [];

/** What became of one client's tokens lately. */
interface Recent {
  startedAt: number;
  accepted: number;
  /** Absent while nothing was refused: there is one of these for each client. */
  refused: Map<RefusalCode, number> | undefined;
  /** Whether a change was told in this window. */
  isTold: boolean;
  /** What most of its tokens are refused for; undefined where most are accepted. */
  pattern: RefusalCode | undefined;
}

/**
 * Notices when what becomes of a client's tokens changes: most are refused now, for another reason than before, or most are
 * accepted again. One account for each client, and one for calls of no client.
 *
 * @internal
 */
export class RefusalPatterns {
  readonly #recent: ReadonlyMap<string | undefined, Recent>;
  #toldSince = 0;
  #told = 0;

  constructor(clients: Iterable<string>) {
    this.#recent = new Map(
      [...clients, undefined].map((client) => [
        client,
        { startedAt: 0, accepted: 0, refused: undefined, isTold: false, pattern: undefined },
      ]),
    );
  }

  /**
   * @param now seconds since the epoch. Where the clock is put forward or back, the window ends early.
   * @returns what changed, in words: of each client once in a window, and of all of them a few times whatever comes in.
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
      // It was accepted a moment before, and is one call.
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

/** Whether a window has passed, or the clock was put back. */
function isOver(startedAt: number, now: number): boolean {
  return now - startedAt >= WINDOW || now < startedAt;
}

function patternOf({ accepted, refused = new Map(), pattern }: Recent): RefusalCode | undefined | 'undecided' {
  const total = sumOf(refused);
  if (total >= MINIMUM && total >= accepted) {
    const most = Math.max(...refused.values());
    // The one of before stays while it is nearly as frequent, so that two that take turns are no news.
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
