import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { resolveConfiguration } from '../../../lib/configuration/resolve-configuration';
import { TokenVerifier } from '../../../lib/decision/token-verifier';
import { VerificationCache } from '../../../lib/decision/verification-cache';
import { Issuers } from '../../../lib/issuer/issuers';
import { base64url } from '../support/signer';

/** What was found. Megabytes of heap in use, garbage collected. */
export interface CacheUse {
  readonly decisions: number;
  readonly accepted: number;
  /** Before the first token. */
  readonly empty: number;
  /** When as many were remembered as may be. */
  readonly full: number;
  /** After all of them. */
  readonly after: number;
  /** What the cache itself thinks it takes, in megabytes, and the most that it may. */
  readonly counted: number;
  readonly bound: number;
  readonly remembered: number;
}

const ISSUER = 'https://issuer.example';
const SECRET = 'a shared secret of at least 32 octets';
const BOUND = 8_000_000;

/** Accepts tokens none of which is like another: no more of them may be remembered than the bound lets. */
export async function measureCache(decisions: number, collectGarbage: () => void): Promise<CacheUse> {
  const configuration = resolveConfiguration({
    // With roles and scopes of their own, for these are remembered too; with a secret, for signing has to be quick.
    clients: [{ name: 'api', audience: 'api', issuer: ISSUER, secret: SECRET, roles: 'roles' }],
    verificationCache: { maxBytes: BOUND },
  });
  const time = Math.floor(Date.now() / 1000);
  const clock = { now: () => time, monotonic: () => time };
  const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
  const issuers = Issuers.of(configuration.issuers, configuration, clock, silent);
  const cache = VerificationCache.of(configuration.cacheBytes);
  const verifier = new TokenVerifier(configuration.clients, issuers, clock, configuration.maxTokenBytes, cache);

  let serial = 0;
  let accepted = 0;
  const decide = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 1) {
      serial += 1;
      // A part of a longer text, as a token out of a cookie or a message is.
      const message = `${'x'.repeat(5_000)} ${goodToken(serial, time)} ${'x'.repeat(5_000)}`;
      const decision = await verifier.decide(message.slice(5_001, -5_001));
      accepted += decision.accepted ? 1 : 0;
    }
  };
  const heapInUse = async (): Promise<number> => {
    for (let turn = 0; turn < 3; turn += 1) {
      collectGarbage();
      await delay(20);
    }
    return Math.round(process.memoryUsage().heapUsed / 10_000) / 100;
  };

  await decide(200);
  const empty = await heapInUse();
  // Each counts for more than a kilobyte.
  await decide(BOUND / 1_000);
  const full = await heapInUse();
  await decide(decisions);
  const after = await heapInUse();
  const { bytes = 0, tokens = 0 } = cache?.use ?? {};
  return {
    decisions: serial,
    accepted,
    empty,
    full,
    after,
    counted: bytes / 1_000_000,
    bound: BOUND / 1_000_000,
    remembered: tokens,
  };
}

function goodToken(serial: number, time: number): string {
  const roles = Array.from({ length: serial % 40 }, (_, index) => `role-${serial}-${index}`);
  const scope = `read write own-${serial}`;
  // One in three has claims that take two bytes a character.
  const name = serial % 3 === 0 ? `Zoë \u{1F600} ${serial}` : `Zoe ${serial}`;
  const sub = `user-${serial}`.padEnd(serial % 7 === 0 ? 3_000 : 0, '.');
  const claims = { iss: ISSUER, aud: 'api', azp: sub, exp: time + 300, iat: time, sub, name, scope, roles };
  const input = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}
