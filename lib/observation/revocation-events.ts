import { channel } from 'node:diagnostics_channel';
import type { Clock } from '../core/clock';
import type { RevocationKind, RevocationOrigin } from '../core/revocation/revocation';
import type { RevocationChange, Revocations } from '../decision/revocations';

/** The name of the `node:diagnostics_channel` on which revocations are published. */
export const REVOCATION_CHANNEL = 'nestjs-oidc-multi-auth:revocation';

/** What happened to revocations in this process. It never says whose they are. */
export interface RevocationEvent {
  /** When it happened, in milliseconds since the epoch. */
  readonly time: number;
  /** A revocation took effect here, or the store was lost, or it is back. */
  readonly type: 'revoked' | 'store_unavailable' | 'store_available';
  /** What was revoked; absent for events of the store. */
  readonly kind?: RevocationKind;
  /** The issuer of the tokens; absent for a client. */
  readonly issuer?: string;
  /** The name of the client whose tokens were revoked. */
  readonly client?: string;
  /** What asked for it. */
  readonly origin?: RevocationOrigin;
  /** Whether this process was asked, and not another replica. */
  readonly isOwn?: boolean;
}

/** The log of revocations. */
interface StoreLog {
  log(message: string): void;
  warn(message: string): void;
}

/**
 * Publishes what happens to revocations, and logs when the store is lost and when it is back.
 *
 * @internal
 */
export function observeRevocations(revocations: Revocations, clock: Clock, log: StoreLog): void {
  const published = channel(REVOCATION_CHANNEL);
  const { whenUnavailable, maxLag } = revocations.settings;
  revocations.listen((change) => {
    if (change.change === 'store_lost') {
      const reason = change.error instanceof Error ? change.error.message : String(change.error);
      const effect =
        whenUnavailable === 'refuse'
          ? 'all tokens are refused (state_unavailable)'
          : 'tokens are accepted all the same';
      log.warn(`the store of revocations cannot be reached: ${reason}; after ${maxLag} s, ${effect}`);
    } else if (change.change === 'store_found') {
      log.log(`the store of revocations is back after ${Math.round(change.seconds)} s, and nothing was missed`);
    }
    if (published.hasSubscribers) {
      const event = eventOf(change, clock.now() * 1000);
      if (event !== undefined) {
        published.publish(event);
      }
    }
  });
}

function eventOf(change: RevocationChange, time: number): RevocationEvent | undefined {
  switch (change.change) {
    case 'store_lost':
      return { time, type: 'store_unavailable' };
    case 'store_found':
      return { time, type: 'store_available' };
    case 'revoked': {
      const { kind, issuer, value, origin } = change.entry;
      if (kind === 'received') {
        return undefined;
      }
      const what = kind === 'client' ? { client: value } : { issuer };
      return { time, type: 'revoked', kind, ...what, origin, isOwn: change.isOwn };
    }
  }
}
