import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { DEFAULT_ALGORITHMS } from '../../lib/core/key/algorithm';
import { AUDIENCE, draftToken, ISSUER } from './differential/draft';
import { read, type Reading } from './differential/reading';
import { REASONS, TWINS, type Reason } from './differential/reasons';
import { decideNow, NOW, verifierOf } from './support/core';
import { Random, SEED } from './support/random';
import { Signer } from './support/signer';

const TOKENS = Number(process.env['HARDENING_TOKENS'] ?? 15_000);

describe('the core and jose', () => {
  it(`R7519-01 R7515-05 R7519-03 R8725-05 differ on no token, but for a reason that is written down (seed ${SEED})`, async () => {
    // Those that sign fast sign most; of two keys under one id, the first and the second.
    const twins = await Promise.all([Signer.create('ES256', TWINS), Signer.create('ES256', TWINS)]);
    const others = await Promise.all(
      (['ES256', 'EdDSA', 'RS256', 'PS256', 'ES384', 'ES512'] as const).map((name) => Signer.create(name, name)),
    );
    const [es256, edDsa] = others;
    const signers = [es256, es256, es256, edDsa, edDsa, edDsa, edDsa, ...others, ...twins].filter(
      (signer) => signer !== undefined,
    );
    const keys = [...others, ...twins].map(({ jwk }) => jwk);

    const verifier = verifierOf([{ name: 'api', audience: AUDIENCE, issuer: ISSUER, jwks: { keys } }]);
    const keySet = createLocalJWKSet({ keys: keys.map((jwk) => ({ kty: '', ...jwk })) });
    const verifyByJose = (token: string): Promise<JWTPayload | undefined> =>
      jwtVerify(token, keySet, {
        issuer: ISSUER,
        audience: AUDIENCE,
        algorithms: [...DEFAULT_ALGORITHMS],
        requiredClaims: ['exp'],
        clockTolerance: 30,
        currentDate: new Date(NOW * 1000),
      }).then(
        ({ payload }) => payload,
        () => undefined,
      );

    const random = new Random(SEED);
    const tally = { bothAccept: 0, bothRefuse: 0, differ: 0 };
    const alone = new Map<Reason, number>();
    const unexplained: unknown[] = [];
    for (let count = 0; count < TOKENS; count += 1) {
      const token = draftToken(random, signers);
      const decision = decideNow(verifier, token);
      const claims = await verifyByJose(token);
      if (decision.accepted === (claims !== undefined)) {
        tally[decision.accepted ? 'bothAccept' : 'bothRefuse'] += 1;
        if (decision.accepted) {
          expect(decision.principal.claims).toEqual(claims);
        }
        continue;
      }
      tally.differ += 1;
      const reading = read(token);
      const outcome = decision.accepted ? 'accepts' : decision.code;
      const reasons = REASONS.filter(
        ({ library, applies }) => (library === 'accepts') === decision.accepted && applies(reading),
      );
      const [reason, ...more] = reasons;
      if (reason === undefined || !reasons.some(({ library }) => library === outcome)) {
        unexplained.push({ token: summaryOf(reading), library: outcome, reasons: reasons.map(({ what }) => what) });
      } else if (more.length === 0) {
        alone.set(reason, (alone.get(reason) ?? 0) + 1);
      }
    }
    process.stdout.write(
      `differential, seed ${SEED}: ${JSON.stringify(tally)}\n${REASONS.map((reason) => `  ${alone.get(reason) ?? 0} ${reason.what}\n`).join('')}`,
    );
    expect(unexplained.slice(0, 5)).toEqual([]);
    expect(REASONS.filter((reason) => !alone.has(reason)).map(({ what }) => what)).toEqual([]);
    expect(tally.bothAccept).toBeGreaterThan(TOKENS / 10);
    expect(tally.bothRefuse).toBeGreaterThan(TOKENS / 10);
  }, 180_000);
});

function summaryOf({ token, headerText, claimsText }: Reading): object {
  return { token: token.slice(0, 2_000), headerText, claimsText: claimsText.slice(0, 2_000) };
}
