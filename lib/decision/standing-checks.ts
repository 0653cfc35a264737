import { isRetired, type Client } from '../core/client/client';
import { isWithin, type Validity } from '../core/checks/claims';
import type { VerificationKey } from '../core/key/verification-key';
import type { Issuer, KeyHints } from '../issuer/issuer';
import type { RevocableToken } from './revocation-index';
import type { Revocations } from './revocations';

/**
 * A proven token, as far as the answer may change from one use to the next.
 *
 * @internal
 */
export interface Standing extends KeyHints {
  readonly client: Client;
  readonly issuer: Issuer;
  /** When it is good. */
  readonly validity: Validity;
  /** The key that signed it. */
  readonly key: VerificationKey;
  /** What a revocation can name of it; undefined where tokens are not revoked. */
  readonly revocable: RevocableToken | undefined;
}

/**
 * Whether a proven token still stands: the one list of what must hold at each use, and not only when a token is first seen.
 * Nothing here waits. The application's own functions are asked in `conclude`, because they get claims of their own each time.
 *
 * @param now seconds since the epoch.
 * @param revocations absent where tokens are not revoked.
 * @internal
 */
export function stillStands(standing: Standing, now: number, revocations?: Revocations): boolean {
  const { client, validity, revocable } = standing;
  return (
    !isRetired(client, now) &&
    isWithin(validity, client, now) &&
    isKeyPublished(standing) &&
    (revocable === undefined || revocations?.find(revocable) === undefined)
  );
}

/** Whether the key that signed the token is still in the key set of its client. */
function isKeyPublished(standing: Standing): boolean {
  const { client, issuer, key } = standing;
  return client.secret === undefined
    ? issuer.stillHas(standing)
    : client.secret === key || (client.usesKeySet && issuer.stillHas(standing));
}
