import type { ClientIndex } from '../../lib/core/client/client-index';
import { selectClient } from '../../lib/core/client/select-client';
import { OidcConfigurationError } from '../../lib/configuration/configuration-error';
import type { OidcClientOptions } from '../../lib/configuration/options';
import type { UnverifiedToken } from '../../lib/core/token/unverified-token';
import { configurationOf, unverified } from '../support/clients';
import { conflictsIn, notHere, predict, type NamedShape } from './selection/oracle';
import {
  AUDIENCES,
  combinations,
  ISSUERS,
  permutations,
  representatives,
  SHAPES,
  subsets,
  TOKENS,
  WIDE_SHAPES,
  type Claims,
  type Shape,
} from './selection/universe';
import { decideNow, NOW, outcomeOf, verifierOf } from './support/core';
import { Signer } from './support/signer';

/** Up to three clients of one audience each, and up to two of any audiences. */
const CONFIGURATIONS = [1, 2, 3].flatMap((count) => combinations(SHAPES, count));
const WIDE_CONFIGURATIONS = [1, 2].flatMap((count) => combinations(WIDE_SHAPES, count));

const isSound = (configuration: readonly Shape[]): boolean => conflictsIn(configuration) === 0;

/** Two clients of a sound configuration are never alike, so that what they are can be what they are called. */
const named = (configuration: readonly Shape[]): readonly NamedShape[] =>
  configuration.map((shape) => ({
    ...shape,
    name: `${shape.issuer} ${shape.audiences.join('+')} ${shape.parties?.join('+') ?? 'any'}`,
  }));

const optionsOf = (shapes: readonly NamedShape[]): readonly OidcClientOptions[] =>
  shapes.map(({ name, issuer, audiences, parties }) => ({
    name,
    issuer,
    audience: audiences,
    authorizedParties: parties,
  }));

describe('the configuration', () => {
  it.each([
    ['three clients of one audience', CONFIGURATIONS, 9_138, 6_285],
    ['two clients of any audiences', WIDE_CONFIGURATIONS, 3_654, 2_835],
  ])(
    'LIB-04 R8725-12 is refused for duplicates exactly where the rule says so, each duplicate named, in every order: %s',
    (_name, configurations, count, sound) => {
      let accepted = 0;
      const otherwise: unknown[] = [];
      for (const configuration of configurations) {
        const conflicts = conflictsIn(configuration);
        accepted += Number(conflicts === 0);
        for (const order of permutations(configuration)) {
          // Names of their own, for here two clients may be alike.
          const options = optionsOf(order.map((shape, index) => ({ ...shape, name: `client-${index}` })));
          const faults = faultsOf(options);
          if (faults.length !== conflicts || faults.some(({ field }) => field !== 'audience')) {
            otherwise.push([order, conflicts, faults]);
          }
        }
      }
      expect(otherwise.slice(0, 3)).toEqual([]);
      expect([configurations.length, accepted]).toEqual([count, sound]);
    },
    60_000,
  );

  function faultsOf(options: readonly OidcClientOptions[]): OidcConfigurationError['faults'] {
    try {
      configurationOf(options);
      return [];
    } catch (error) {
      if (error instanceof OidcConfigurationError) {
        return error.faults;
      }
      throw error;
    }
  }
});

describe('the selection rule, for every token', () => {
  const tokens: readonly UnverifiedToken[] = TOKENS.map((claims) => unverified(claims));

  // One string for each name: millions are compared.
  const marks = new Map<string, string>();
  function markedNotHere(name: string): string {
    const mark = marks.get(name) ?? notHere(name);
    marks.set(name, mark);
    return mark;
  }

  const indexOf = (shapes: readonly NamedShape[]): ClientIndex => configurationOf(optionsOf(shapes)).clients;

  /** What the library answers to every token. */
  function answers(index: ClientIndex, allowed: ReadonlySet<string> | undefined): readonly string[] {
    return tokens.map((token) => {
      const selection = selectClient(index, token, (issuer) => issuer.issuer, allowed);
      if (selection.client === undefined) {
        return selection.code;
      }
      return selection.allowed ? selection.client.name : markedNotHere(selection.client.name);
    });
  }

  /** The same for a configuration in its first order, reckoned once. */
  const reckoned = new Map<string, readonly string[]>();
  function answersOnce(shapes: readonly NamedShape[], allowed: ReadonlySet<string> | undefined): readonly string[] {
    const all = shapes.map(({ name }) => name);
    const key = JSON.stringify([all, allowed === undefined ? 'any' : all.filter((name) => allowed.has(name))]);
    const found = reckoned.get(key) ?? answers(indexOf(shapes), allowed);
    reckoned.set(key, found);
    return found;
  }

  /** Every restriction a route may have: none, and every set of clients, that of others only among them. */
  const restrictionsOf = (shapes: readonly NamedShape[]): readonly (ReadonlySet<string> | undefined)[] => [
    undefined,
    ...subsets(shapes.map(({ name }) => name)).map((some) => new Set(some)),
  ];

  describe.each([
    ['three clients of one audience', CONFIGURATIONS, 157, 18_760_350, [8_816_720, 1_237_896]],
    ['two clients of any audiences', WIDE_CONFIGURATIONS, 108, 2_593_350, [2_183_060, 342_100]],
  ])('and every configuration of up to %s', (_name, configurations, count, decisions, comparisons) => {
    const chosen = representatives(configurations.filter(isSound)).map(named);

    it('LIB-02 LIB-06 R7519-04 R7519-08 answers as DESIGN.md says, in every order and on every route', () => {
      const outcomes = new Set<string>();
      const differences: unknown[] = [];
      let decided = 0;
      for (const shapes of chosen) {
        const orders = permutations(shapes).map((order) => [order, indexOf(order)] as const);
        for (const allowed of restrictionsOf(shapes)) {
          const expected = TOKENS.map((claims) => predict(shapes, claims, allowed));
          for (const outcome of new Set(expected)) {
            const client = shapes.find(({ name }) => outcome.startsWith(name));
            outcomes.add(client === undefined ? outcome : outcome.replace(client.name, 'a client'));
          }
          for (const [order, index] of orders) {
            const actual = answers(index, allowed);
            decided += actual.length;
            const at = actual.findIndex((outcome, token) => outcome !== expected[token]);
            if (at !== -1) {
              differences.push({ order, token: TOKENS[at], allowed, actual: actual[at], expected: expected[at] });
            }
          }
        }
      }
      expect(differences.slice(0, 3)).toEqual([]);
      expect([TOKENS.length, chosen.length, decided]).toEqual([2_550, count, decisions]);
      expect([...outcomes].sort()).toEqual([
        'a client',
        'a client, but not here',
        'ambiguous_client',
        'invalid_claims',
        'unknown_audience',
        'unknown_issuer',
      ]);
    }, 180_000);

    it('LIB-03 answers alike to a token that lacks the issuer or the audience of a client that is added', () => {
      const differences: unknown[] = [];
      let compared = 0;
      let issuersKnown = 0;
      for (const shapes of chosen.filter(({ length }) => length > 1)) {
        for (const added of shapes) {
          const others = shapes.filter((shape) => shape !== added);
          const isFirstOfIssuer = others.every(({ issuer }) => issuer !== added.issuer);
          const concerned = [...TOKENS.keys()].filter((at) => !isFor(TOKENS[at] ?? {}, added));
          for (const allowed of restrictionsOf(shapes)) {
            const before = answersOnce(others, allowed);
            const after = answersOnce(shapes, allowed);
            compared += concerned.length;
            for (const at of concerned.filter((token) => before[token] !== after[token])) {
              // The one thing that changes, and not for better or worse: the issuer is known from now on.
              if (isFirstOfIssuer && TOKENS[at]?.['iss'] === added.issuer && after[at] === 'unknown_audience') {
                issuersKnown += 1;
              } else {
                differences.push({ others, added, token: TOKENS[at], allowed, before: before[at], after: after[at] });
              }
            }
          }
        }
      }
      expect(differences.slice(0, 3)).toEqual([]);
      expect([compared, issuersKnown]).toEqual(comparisons);
    }, 60_000);
  });

  /** Whether a token has a client's issuer and one of its audiences. */
  function isFor(claims: Claims, { issuer, audiences }: Shape): boolean {
    const aud: readonly unknown[] = [claims['aud']].flat();
    return claims['iss'] === issuer && audiences.some((audience) => aud.includes(audience));
  }
});

describe('the key', () => {
  it("LIB-07 R8725-10 that verifies is the chosen client's issuer's, though all issuers use one key id", async () => {
    const signers = await Promise.all(ISSUERS.map(() => Signer.create('RS256', 'one-key-id')));
    const claims = ISSUERS.flatMap((iss) =>
      [...AUDIENCES, ['A', 'B'], ['B', 'C'], ['A', 'C']].flatMap((aud) =>
        [{}, { azp: 'p' }, { azp: 'q' }, { client_id: 'A' }, { client_id: 'B' }, { client_id: 'C' }].map(
          (party): Claims => ({ iss, aud, exp: NOW + 300, ...party }),
        ),
      ),
    );
    const tokens = claims.flatMap((token) =>
      signers.map((signer, by) => ({ claims: token, text: signer.sign(token), isOwn: token['iss'] === ISSUERS[by] })),
    );
    const outcomes = new Map<string, number>();
    const differences: unknown[] = [];
    for (const shapes of representatives(CONFIGURATIONS.filter(isSound)).map(named)) {
      const verifier = verifierOf(
        optionsOf(shapes).map((client) => {
          const signer = signers[ISSUERS.findIndex((issuer) => issuer === client.issuer)];
          return { ...client, jwks: { keys: signer === undefined ? [] : [signer.jwk] } };
        }),
      );
      for (const { claims: token, text, isOwn } of tokens) {
        const predicted = predict(shapes, token, undefined);
        const isChosen = shapes.some(({ name }) => name === predicted);
        const expected = !isChosen ? predicted : isOwn ? 'accepted' : 'invalid_signature';
        const decision = decideNow(verifier, text);
        const client = decision.accepted ? decision.principal.client : decision.client;
        const outcome = outcomeOf(decision);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (outcome !== expected || (isChosen && client !== predicted)) {
          differences.push({ shapes, token, isOwn, outcome, client, expected, predicted });
        }
      }
    }
    expect(differences.slice(0, 3)).toEqual([]);
    expect(Object.fromEntries(outcomes)).toEqual({
      accepted: 3_175,
      invalid_signature: 6_350,
      ambiguous_client: 330,
      invalid_claims: 11_565,
      unknown_audience: 14_976,
      unknown_issuer: 14_472,
    });
  }, 60_000);
});
