import type { RefusalCode } from '../core/refusal/refusal-code';
import type { StrictnessRule } from '../core/checks/strictness';
import type { DecisionEvent } from '../core/decision/decision-event';

/** The decisions on one client's tokens since the application started. */
export interface OidcClientUsage {
  /** When its first token was accepted; absent if none was. */
  readonly firstSeen?: Date;
  /** When its last token was accepted; absent if none was. */
  readonly lastSeen?: Date;
  /** How many of its tokens were accepted. */
  readonly accepted: number;
  /** How many calls with the client's tokens, real or claimed, were refused, by code. */
  readonly refused: Readonly<Partial<Record<RefusalCode, number>>>;
  /** How many accepted tokens break each reported strictness rule. */
  readonly reported: Readonly<Partial<Record<StrictnessRule, number>>>;
  /** The route of its last accepted token. */
  readonly lastRoute?: string;
}

interface Account {
  firstSeen: number;
  lastSeen: number;
  accepted: number;
  /** Absent without refusals, because every client has one of these. */
  refused: Map<RefusalCode, number> | undefined;
  reported: Map<StrictnessRule, number> | undefined;
  lastRoute: string | undefined;
}

/**
 * Counts the decisions of each configured client. The number of accounts does not depend on traffic.
 *
 * @internal
 */
export class UsageLedger {
  readonly #accounts = new Map<string, Account>();

  constructor(clients: Iterable<string>) {
    for (const client of clients) {
      this.add(client);
    }
  }

  /** Begins to count for a client. One that is counted already goes on. */
  add(client: string): void {
    if (!this.#accounts.has(client)) {
      this.#accounts.set(client, {
        firstSeen: 0,
        lastSeen: 0,
        accepted: 0,
        refused: undefined,
        reported: undefined,
        lastRoute: undefined,
      });
    }
  }

  /** Ends the count of a client. */
  remove(client: string): void {
    this.#accounts.delete(client);
  }

  /** @param now milliseconds since the epoch. */
  record(
    { client, stage, accepted, code, route, reported }: Omit<DecisionEvent, 'time' | 'duration'>,
    now: number,
  ): void {
    const account = client === undefined ? undefined : this.#accounts.get(client);
    if (account === undefined) {
      return;
    }
    if (code !== undefined) {
      account.refused ??= new Map();
      account.refused.set(code, (account.refused.get(code) ?? 0) + 1);
    }
    // A call is authorized after it was authenticated, and counts once.
    if (accepted && stage === 'authentication') {
      account.firstSeen ||= now;
      account.lastSeen = now;
      account.accepted += 1;
      account.lastRoute = route ?? account.lastRoute;
      if (reported !== undefined) {
        const counts = (account.reported ??= new Map());
        for (const rule of reported) {
          counts.set(rule, (counts.get(rule) ?? 0) + 1);
        }
      }
    }
  }

  /** The counts by client name, as a copy. */
  report(): Readonly<Record<string, OidcClientUsage>> {
    return Object.fromEntries(
      [...this.#accounts].map(([client, { firstSeen, lastSeen, accepted, refused, reported, lastRoute }]) => [
        client,
        {
          ...(accepted === 0 ? {} : { firstSeen: new Date(firstSeen), lastSeen: new Date(lastSeen) }),
          accepted,
          refused: Object.fromEntries(refused ?? []),
          reported: Object.fromEntries(reported ?? []),
          ...(lastRoute === undefined ? {} : { lastRoute }),
        },
      ]),
    );
  }
}
