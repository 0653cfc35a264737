import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../../lib/core/clock';
import { resolveConfiguration } from '../../../lib/configuration/resolve-configuration';
import { TokenVerifier } from '../../../lib/decision/token-verifier';
import { Issuers } from '../../../lib/issuer/issuers';
import { outcomeOf } from '../support/core';
import { Random, SEED } from '../support/random';
import { base64url, Signer, type Part } from '../support/signer';

/** What was found. Megabytes of heap in use, garbage collected. */
export interface MemoryUse {
  readonly decisions: number;
  readonly before: number;
  readonly after: number;
  /** How often each outcome was decided. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** How often the issuer was asked for its keys. */
  readonly fetches: number;
}

/** So many decisions come first, so that what is compiled and kept once is there. */
const WARM_UP = 20_000;

/**
 * Decides on tokens none of which is like another, as whoever wishes a process ill would send them: all of it must be
 * forgotten.
 */
export async function measureMemory(decisions: number, collectGarbage: () => void): Promise<MemoryUse> {
  const signer = await Signer.create('RS256', 'key-1');
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [signer.jwk] }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const configuration = resolveConfiguration({
    clients: [
      { name: 'api', audience: 'api', issuer, jwksUri: `${issuer}/keys`, preset: 'keycloak' },
      { name: 'other', audience: 'other', issuer, authorizedParties: ['somebody'] },
    ],
  });
  const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
  const issuers = Issuers.of(configuration.issuers, configuration, systemClock, silent);
  const verifier = new TokenVerifier(configuration.clients, issuers, systemClock, configuration.maxTokenBytes);
  await issuers.warmUp();

  const random = new Random(SEED);
  const outcomes: Record<string, number> = {};
  let serial = 0;
  const decide = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 1) {
      serial += 1;
      const pending = verifier.decide(hostileToken(serial, random, signer, issuer));
      const outcome = outcomeOf(pending instanceof Promise ? await pending : pending);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      // As between requests, so that timers and connections have their turn.
      if (serial % 50 === 0) {
        await nextTurn();
      }
    }
  };
  const heapInUse = async (): Promise<number> => {
    // What finalizers and sockets hold goes in the next turn.
    for (let turn = 0; turn < 3; turn += 1) {
      collectGarbage();
      await delay(20);
    }
    return Math.round(process.memoryUsage().heapUsed / 10_000) / 100;
  };

  await decide(WARM_UP);
  const before = await heapInUse();
  await decide(decisions);
  const after = await heapInUse();
  issuers.close();
  server.closeAllConnections();
  server.close();
  return { decisions, before, after, outcomes, fetches };
}

/** A token that there was none like before. */
function hostileToken(serial: number, random: Random, signer: Signer, iss: string): string {
  const salt = `${serial}-${random.below(1e9)}`;
  const exp = Math.floor(Date.now() / 1000) + 300;
  const good = { iss, aud: 'api', exp, sub: salt, [`claim-${salt}`]: salt };
  const forged = (claims: Part, header: Part = signer.header): string =>
    `${base64url(header)}.${base64url(claims)}.${base64url(salt.padEnd(256, '.'))}`;
  switch (serial % 10) {
    case 0:
      return salt.repeat(10);
    case 1:
      return `${salt}.${salt}.${salt}`;
    case 2:
      return forged(`{"${salt}":1,"${salt}":2}`);
    case 3:
      return forged({ ...good, iss: `https://${salt}.example` });
    case 4:
      return forged({ ...good, aud: [salt, `other-${salt}`] });
    case 5:
      return forged({ ...good, aud: 'other', azp: salt });
    case 6:
      return forged({ ...good, exp: random.below(exp - 600) });
    case 7:
      return forged(good, { ...signer.header, alg: salt });
    case 8:
      return forged(good, { ...signer.header, kid: salt });
    default:
      return forged(good);
  }
}
