import type { OidcClientOptions } from '../../../lib/configuration/options';
import { decideNow, NOW, outcomeOf, verifierOf } from '../support/core';
import { timesOf } from '../support/measure';
import { base64url, Signer } from '../support/signer';
import { SHAPES, type Shape } from './shapes';

/** What one thing costs, in what another costs. */
export interface Cost {
  readonly what: string;
  readonly ratio: number;
}

/** A measurement: how much at most, and what was found. */
export interface Measurement {
  readonly name: string;
  readonly limit: number;
  readonly costs: readonly Cost[];
}

const ISSUER = 'https://issuer.example';
/** The longest token, as it is unless told otherwise. */
const MAX_TOKEN_BYTES = 16_384;
/** So many octets of claims make a token of RS256 that is nearly as long as may be. */
const CLAIMS_LENGTH = 11_950;
/** What a refusal may cost, in what it costs to accept a token. */
const LIMIT = 2;
const ROUNDS = 41;
/** Every time as if it were the first. */
const NOT_SEEN = { verificationCache: false } as const;

/** Measures up to three times, and takes the first result within the limit: no machine is disturbed alike three times. */
function measured(name: string, limit: number, measure: () => readonly Cost[]): Measurement {
  let costs = measure();
  for (let attempt = 1; attempt < 3 && costs.some(({ ratio }) => !(ratio <= limit)); attempt += 1) {
    costs = measure();
  }
  return { name, limit, costs };
}

/** Each decision that is measured must be the one that is meant, and the token no longer than any may be. */
function check(token: string, isAccepted: boolean, wanted: boolean): void {
  if (isAccepted !== wanted || token.length > MAX_TOKEN_BYTES) {
    throw new Error(`${wanted ? 'a good token is refused' : 'a bad token is accepted'}, or it is too long`);
  }
}

/** The claims of a good token, and what fills it. */
function claimsOf(shape: Shape, claims = `"iss":"${ISSUER}","aud":"api","exp":${NOW + 300}`): string {
  return `{${claims},${shape.fill(CLAIMS_LENGTH - claims.length)}}`;
}

/** What makes it a bad one. */
const FAULTS: Readonly<Record<string, (signer: Signer, shape: Shape) => string>> = {
  'a forged signature': (signer, shape) => {
    const input = `${base64url(signer.header)}.${base64url(claimsOf(shape))}`;
    return `${input}.${Buffer.alloc(256, 1).toString('base64url')}`;
  },
  'an unknown key': (signer, shape) => signer.sign(claimsOf(shape), { alg: 'RS256', kid: 'unknown' }),
  'no key id, where many keys fit': (signer, shape) => signer.sign(claimsOf(shape), { alg: 'ES256' }),
  'another algorithm': (signer, shape) => signer.sign(claimsOf(shape), { ...signer.header, alg: 'none' }),
  expired: (signer, shape) => signer.sign(claimsOf(shape, `"iss":"${ISSUER}","aud":"api","exp":1`)),
  'an unknown audience': (signer, shape) => signer.sign(claimsOf(shape, `"iss":"${ISSUER}","aud":"other"`)),
  'an unknown issuer': (signer, shape) => signer.sign(claimsOf(shape, '"iss":"other"')),
  'a name said twice, at the end': (signer, shape) => signer.sign(`${claimsOf(shape).slice(0, -1)},"iss":0}`),
  'a fault of JSON at the end': (signer, shape) => signer.sign(`${claimsOf(shape).slice(0, -1)},}`),
  'a critical extension': (signer, shape) => signer.sign(claimsOf(shape), { ...signer.header, crit: ['x'], x: 0 }),
};

/** Against the good token with the same content, and, to be told, against the plainest one of that size. */
function costsOfShapes(signer: Signer, client: OidcClientOptions): readonly Measurement[] {
  const verifier = verifierOf([client], NOT_SEEN);
  const tokens = SHAPES.flatMap((shape) => [
    { what: shape.name, like: shape.name, token: signer.sign(claimsOf(shape)), isGood: true },
    ...Object.entries(FAULTS).map(([fault, make]) => ({
      what: `${shape.name}: ${fault}`,
      like: shape.name,
      token: make(signer, shape),
      isGood: false,
    })),
  ]);
  for (const { token, isGood } of tokens) {
    check(token, decideNow(verifier, token).accepted, isGood);
  }
  let againstPlain: readonly Cost[] = [];
  const againstLike = measured('against a good token of the same content', LIMIT, () => {
    const times = timesOf(new Map(tokens.map(({ what, token }) => [what, () => decideNow(verifier, token)])), ROUNDS);
    const costs = (like: (one: (typeof tokens)[number]) => string): readonly Cost[] =>
      tokens
        .filter(({ isGood }) => !isGood)
        .map((one) => ({ what: one.what, ratio: at(times, one.what) / at(times, like(one)) }));
    againstPlain = costs(() => 'a long string');
    return costs(({ like }) => like);
  });
  return [
    againstLike,
    // What JSON.parse takes for brackets and names, whoever calls it: told, not tested.
    { name: 'against a good token that is one long string', limit: Infinity, costs: againstPlain },
  ];
}

/** Where a token may be meant for hundreds of clients, against the costliest good token there is. */
function costsOfClients(signer: Signer, client: OidcClientOptions): Measurement {
  const sharing = Array.from({ length: 300 }, (_, index) => ({
    name: `sharing-${index}`,
    audience: ['shared', `own-${index}`],
    issuer: ISSUER,
    authorizedParties: [`party-${index}`],
  }));
  const verifier = verifierOf([client, ...sharing], NOT_SEEN);
  const addressed = (aud: unknown, azp = 'nobody'): string => signer.sign({ iss: ISSUER, exp: NOW + 300, azp, aud });
  const audiences = (nameOf: (index: number) => string): readonly string[] => {
    const all: string[] = [];
    for (let size = 0; size < CLAIMS_LENGTH - 200; size += (all.at(-1)?.length ?? 0) + 3) {
      all.push(nameOf(all.length));
    }
    return all;
  };
  const hostile = new Map([
    ['one shared audience, over and over', addressed(audiences(() => 'shared'))],
    ['every audience there is, in turn', addressed(audiences((index) => `own-${index % 300}`))],
    [
      'shared and unknown audiences in turn',
      addressed(audiences((index) => (index % 2 === 0 ? 'shared' : `${index}`))),
    ],
    ['unknown audiences', addressed(audiences((index) => index.toString(36)))],
    ['audiences of one character', addressed(audiences(() => 'a'))],
    ['the longest audience', addressed('a'.repeat(CLAIMS_LENGTH - 200))],
    ['the longest party', addressed('shared', 'p'.repeat(CLAIMS_LENGTH - 300))],
    [
      'the longest key id',
      signer.sign({ iss: ISSUER, exp: NOW + 300, aud: 'api' }, { alg: 'RS256', kid: 'k'.repeat(CLAIMS_LENGTH - 300) }),
    ],
  ]);
  const good = new Map(SHAPES.map((shape) => [shape.name, signer.sign(claimsOf(shape))]));
  for (const [tokens, isGood] of [
    [good, true],
    [hostile, false],
  ] as const) {
    for (const token of tokens.values()) {
      check(token, decideNow(verifier, token).accepted, isGood);
    }
  }
  return measured('where hundreds of clients could be meant, against the costliest good token', LIMIT, () => {
    const times = timesOf(
      new Map([...good, ...hostile].map(([what, token]) => [what, () => decideNow(verifier, token)])),
      ROUNDS,
    );
    const costliest = Math.max(...[...good.keys()].map((what) => at(times, what)));
    return [...hostile.keys()].map((what) => ({ what, ratio: at(times, what) / costliest }));
  });
}

/** Where keys share an id, against the good token that the last of them signed. */
async function costsOfTwins(): Promise<Measurement> {
  const twins = await Promise.all(Array.from({ length: 10 }, () => Signer.create('ES256', 'twins')));
  const verifier = verifierOf(
    [{ name: 'api', audience: 'api', issuer: ISSUER, jwks: { keys: twins.map(({ jwk }) => jwk) } }],
    NOT_SEEN,
  );
  const good = twins.at(-1)?.sign({ iss: ISSUER, aud: 'api', exp: NOW + 300 }) ?? '';
  const forged = `${good.slice(0, good.lastIndexOf('.'))}.${Buffer.alloc(64, 1).toString('base64url')}`;
  check(good, decideNow(verifier, good).accepted, true);
  check(forged, decideNow(verifier, forged).accepted, false);
  return measured('where ten keys have one id, against what the last of them signed', LIMIT, () => {
    const times = timesOf(new Map([good, forged].map((token) => [token, () => decideNow(verifier, token)])), ROUNDS);
    return [{ what: 'a forged signature', ratio: at(times, forged) / at(times, good) }];
  });
}

/** What is too long, or no token, against the smallest good one. */
function costsOfGarbage(signer: Signer, client: OidcClientOptions): Measurement {
  const verifier = verifierOf([client], NOT_SEEN);
  const good = signer.sign({ iss: ISSUER, aud: 'api', exp: NOW + 300 });
  const garbage = new Map([
    ['five million characters', 'a'.repeat(5_000_000)],
    ['five million dots', '.'.repeat(5_000_000)],
    ['a million names', signer.sign(`{${Array.from({ length: 1_000_000 }, (_, index) => `"${index}":0`).join(',')}}`)],
    ['a million nested arrays', signer.sign(`{"x":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`)],
    [
      'a hundred thousand nested objects named __proto__',
      signer.sign(`{"x":${'{"__proto__":'.repeat(100_000)}0${'}'.repeat(100_000)}}`),
    ],
    ['dots, as many as may be', '.'.repeat(MAX_TOKEN_BYTES)],
    ['characters, as many as may be', 'a'.repeat(MAX_TOKEN_BYTES)],
  ]);
  for (const token of garbage.values()) {
    check('', outcomeOf(decideNow(verifier, token)) === 'malformed_token', true);
  }
  return measured('what is too long or no token, against the smallest good one', 1, () => {
    const times = timesOf(
      new Map([['good', good] as const, ...garbage].map(([what, token]) => [what, () => decideNow(verifier, token)])),
      ROUNDS,
    );
    return [...garbage.keys()].map((what) => ({ what, ratio: at(times, what) / at(times, 'good') }));
  });
}

/** Where longer tokens are let in, one of eight times the length against one; were it the square, that would be 64. */
function growth(signer: Signer, client: OidcClientOptions): Measurement {
  const verifier = verifierOf([client], { ...NOT_SEEN, maxTokenBytes: 1_048_576 });
  const forged = (shape: Shape, length: number): string =>
    `${base64url(signer.header)}.${base64url(`{"iss":"${ISSUER}",${shape.fill(length)}}`)}.c2ln`;
  const tokens = SHAPES.flatMap((shape) => [
    [`${shape.name} 1`, forged(shape, 43_750)] as const,
    [`${shape.name} 8`, forged(shape, 350_000)] as const,
  ]);
  return measured('of eight times the length', 27, () => {
    const decisions = new Map(tokens.map(([what, token]) => [what, () => decideNow(verifier, token)]));
    const times = timesOf(decisions, 7, (some) => Math.min(...some));
    return SHAPES.map(({ name }) => ({ what: name, ratio: at(times, `${name} 8`) / at(times, `${name} 1`) }));
  });
}

function at(times: ReadonlyMap<string, number>, what: string): number {
  return times.get(what) ?? Number.NaN;
}

/** Every measurement. */
export async function measureCosts(): Promise<readonly Measurement[]> {
  const signer = await Signer.create('RS256', 'key-1');
  // As many keys as a set may have.
  const others = await Promise.all(Array.from({ length: 99 }, (_, index) => Signer.create('ES256', `other-${index}`)));
  const client: OidcClientOptions = {
    name: 'api',
    audience: 'api',
    issuer: ISSUER,
    jwks: { keys: [signer, ...others].map(({ jwk }) => jwk) },
  };
  return [
    ...costsOfShapes(signer, client),
    costsOfClients(signer, client),
    await costsOfTwins(),
    costsOfGarbage(signer, client),
    growth(signer, client),
  ];
}
