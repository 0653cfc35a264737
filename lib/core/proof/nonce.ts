import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodeBase64url } from '../token/base64url';
import { PROOF_TOLERANCE } from './proof-checks';

/**
 * How nonces are made (RFC 9449 section 9).
 *
 * @internal
 */
export interface NonceSettings {
  /** The first makes nonces; any of them verifies one. */
  readonly secrets: readonly string[];
  /** How long a nonce is good, in seconds. */
  readonly lifetime: number;
}

const TIME_BYTES = 6;
const MAC_BYTES = 18;

/**
 * Makes a nonce: the time, and its HMAC under the first secret. Nobody keeps it, and every process with the secret knows it.
 *
 * @param now seconds since the epoch.
 *
 * @internal
 */
export function makeNonce({ secrets: [secret = ''] }: NonceSettings, now: number): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUIntBE(Math.floor(now), 0, TIME_BYTES);
  return Buffer.concat([time, macOf(time, secret)]).toString('base64url');
}

/**
 * Whether a nonce is ours and in time: `good`, `aging` past half of its life, `bad` otherwise.
 *
 * @param now seconds since the epoch.
 *
 * @internal
 */
export function judgeNonce(
  nonce: unknown,
  { secrets, lifetime }: NonceSettings,
  now: number,
): 'good' | 'aging' | 'bad' {
  const octets = typeof nonce === 'string' && nonce.length === 32 ? decodeBase64url(nonce) : undefined;
  if (octets === undefined) {
    return 'bad';
  }
  const time = octets.subarray(0, TIME_BYTES);
  const mac = octets.subarray(TIME_BYTES);
  const age = now - time.readUIntBE(0, TIME_BYTES);
  // The clock of another replica may be ahead.
  const isInTime = age >= -PROOF_TOLERANCE && age < lifetime;
  if (!isInTime || !secrets.some((secret) => timingSafeEqual(macOf(time, secret), mac))) {
    return 'bad';
  }
  return age > lifetime / 2 ? 'aging' : 'good';
}

/** The label keeps it apart from anything else that the secret may sign. */
function macOf(time: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update('DPoP-Nonce').update(time).digest().subarray(0, MAC_BYTES);
}
