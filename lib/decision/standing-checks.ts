import { isRetired, type Client } from '../core/client/client';
import { isWithin, type Validity } from '../core/checks/claims';
import type { VerificationKey } from '../core/key/verification-key';
import type { Issuer } from '../issuer/issuer';

/**
 * A proven token, as far as the answer may change from one use to the next.
 *
 * @internal
 */
export interface Standing {
  readonly client: Client;
  readonly issuer: Issuer;
  /** When it is good. */
  readonly validity: Validity;
  /** The key that signed it, and what its header names the key by. */
  readonly key: VerificationKey;
  readonly keyId: string | undefined;
  readonly algorithm: string;
}

/** @param now seconds since the epoch. */
type StandingCheck = (standing: Standing, now: number) => boolean;

/**
 * What must hold at each use of a token, and not only when it is first seen: its client has not retired, it is within its
 * times, and the key that signed it is still in its client's key set. What waits for nothing stands here; the application's
 * own functions are asked in `conclude`, because they get claims of their own each time.
 */
const STANDING_CHECKS: readonly StandingCheck[] = [
  ({ client }, now) => !isRetired(client, now),
  ({ client, validity }, now) => isWithin(validity, client, now),
  ({ client, issuer, key, keyId, algorithm }) =>
    client.secret === undefined ? issuer.stillHas(key, keyId, algorithm) : Object.is(client.secret, key),
];

/**
 * Whether a proven token still stands.
 *
 * @param now seconds since the epoch.
 * @internal
 */
export function stillStands(standing: Standing, now: number): boolean {
  for (const check of STANDING_CHECKS) {
    if (!check(standing, now)) {
      return false;
    }
  }
  return true;
}
