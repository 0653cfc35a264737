import type { Clock } from '../../lib/core/clock';
import { resolveConfiguration } from '../../lib/configuration/resolve-configuration';
import { TokenVerifier } from '../../lib/decision/token-verifier';
import { VerificationCache } from '../../lib/decision/verification-cache';
import type { KeyAnswer, KeyHints } from '../../lib/issuer/issuer';
import type { Issuers } from '../../lib/issuer/issuers';
import { KeySet } from '../../lib/core/key/key-set';
import type { VerificationKey } from '../../lib/core/key/verification-key';
import { NOW } from './support/core';
import { Random, SEED } from './support/random';
import { base64url, Signer } from './support/signer';

/** How many decisions are compared. */
const DECISIONS = 40_000;
const ISSUER = 'https://issuer.example';
/** The clients that routes are for. */
const ROUTES = [['web', 'old'], ['batch'], ['ruled', 'old'], ['secret']].map((names) => new Set(names));

/** An issuer whose keys and whose name are what the test says, at once. */
class ChangingIssuer {
  keys: KeySet | undefined;
  identifier: string = ISSUER;
  readonly label = ISSUER;

  findKeys({ keyId, algorithm }: KeyHints): KeyAnswer {
    const keys = this.keys?.find(keyId, algorithm) ?? [];
    return this.keys === undefined
      ? { kind: 'unavailable', retryAfter: 1 }
      : keys.length > 0
        ? { kind: 'keys', keys }
        : { kind: 'unknown' };
  }

  stillHas({ key, keyId, algorithm }: KeyHints & { readonly key: VerificationKey }): boolean {
    const isFound = this.keys?.find(keyId, algorithm).includes(key) === true;
    expect(this.keys?.has(key, keyId, algorithm) === true).toBe(isFound);
    return isFound;
  }

  findReplacement(): undefined {
    return undefined;
  }
}

it('LIB-29 whatever happens in between, a verification that is remembered decides as one that is not', async () => {
  const random = new Random(SEED);
  const signers = await Promise.all([
    Signer.create('ES256', 'one'),
    Signer.create('EdDSA', 'two'),
    // Another key under the id of the first.
    Signer.create('ES256', 'one'),
  ]);
  const rules = { validate: true };
  let now = NOW;
  const clock: Clock = { now: () => now, monotonic: () => now };
  const issuer = new ChangingIssuer();
  const { clients, maxTokenBytes } = resolveConfiguration({
    clients: [
      {
        name: 'web',
        audience: ['web', 'both'],
        issuer: ISSUER,
        roles: 'roles',
        clockTolerance: 0,
        authorizedParties: ['w'],
      },
      {
        name: 'batch',
        audience: ['batch', 'both'],
        issuer: ISSUER,
        algorithms: ['EdDSA'],
        authorizedParties: ['b'],
      },
      {
        name: 'old',
        audience: 'old',
        issuer: ISSUER,
        deprecated: { since: new Date(0), sunset: new Date((NOW + 6000) * 1000) },
      },
      { name: 'ruled', audience: 'ruled', issuer: ISSUER, validate: () => rules.validate, roles: () => [String(now)] },
      { name: 'secret', audience: 'secret', issuer: ISSUER, secret: 'a shared secret of at least 32 octets' },
    ],
  });
  const issuers = { of: () => issuer } as unknown as Issuers;
  // So small that tokens are forgotten as well.
  const cache = VerificationCache.of(40_000);
  const remembering = new TokenVerifier(clients, issuers, clock, maxTokenBytes, cache);
  const forgetting = new TokenVerifier(clients, issuers, clock, maxTokenBytes);

  const sets = [[0, 1], [1, 0], [2, 1], [0, 2, 1], [1], []].map((members) =>
    KeySet.fromJwks(members.map((index) => signers[index]?.jwk)),
  );
  const token = (): string => {
    const signer = random.pick(signers);
    const header = random.once(5) ? { alg: signer.algorithm } : signer.header;
    const aud = random.pick([
      'web',
      'batch',
      'both',
      'old',
      'ruled',
      'secret',
      'other',
      ['web', 'old'],
      ['old', 'ruled'],
    ]);
    const exp = now + random.below(900);
    const nbf = random.once(3) ? { nbf: now + random.below(90) - 60 } : {};
    return signer.sign(
      { iss: ISSUER, aud, exp, ...nbf, azp: aud === 'batch' ? 'b' : 'w', roles: ['r'], jti: `${now}` },
      header,
    );
  };
  const tokens = Array.from({ length: 60 }, token);
  const shown = async (verifier: TokenVerifier, text: string, allowed?: ReadonlySet<string>): Promise<string> => {
    const decision = await verifier.decide(text, allowed);
    return JSON.stringify(decision.accepted ? [decision, decision.principal.claims] : decision);
  };

  const outcomes = { accepted: 0, refused: 0, remembered: 0 };
  for (let done = 0; done < DECISIONS; done += 1) {
    if (random.once(20)) {
      now += random.below(12) - 4;
      tokens[random.below(tokens.length)] = token();
      tokens[random.below(tokens.length)] = token();
      rules.validate = !random.once(4);
    }
    if (random.once(100)) {
      issuer.keys = random.once(9) ? undefined : random.pick(sets).reusing(issuer.keys);
      issuer.identifier = random.once(9) ? `${ISSUER}/` : ISSUER;
    }
    const good = random.pick(tokens);
    const [header = '', claims = '', signature = ''] = good.split('.');
    const text = random.once(4)
      ? random.pick([
          `${header}.${base64url('{}')}.${signature}`,
          `${good}=`,
          `${header}.${claims}.${signature.slice(1)}`,
          `x${good}`,
        ])
      : good;
    const allowed = random.once(4) ? undefined : random.pick(ROUTES);
    const isKnown = cache?.find(text) !== undefined;
    const decision = await shown(remembering, text, allowed);
    expect(decision).toBe(await shown(forgetting, text, allowed));
    outcomes[decision.startsWith('[') ? 'accepted' : 'refused'] += 1;
    outcomes.remembered += isKnown ? 1 : 0;
  }
  expect(outcomes.accepted).toBeGreaterThan(DECISIONS / 20);
  expect(outcomes.remembered).toBeGreaterThan(DECISIONS / 20);
  process.stdout.write(`seen before ${JSON.stringify(outcomes)}\n`);
}, 120_000);
