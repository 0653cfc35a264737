import { TestProofKey } from 'nestjs-oidc-multi-auth/testing';
import { parseProof, ProofHeader } from '../../lib/core/proof/proof';
import { findProofFault, type ProofContext } from '../../lib/core/proof/proof-checks';
import { ORIGIN } from './support';

/**
 * How many mutations, and the seed of the first. `npm run fuzz:proofs` makes a million, with a seed of its own that it prints.
 */
const COUNT = Number(process.env['PROOF_MUTATIONS'] ?? 20_000);
const SEED = Number(process.env['PROOF_SEED'] ?? 9449);

/** Numbers that a seed determines (xorshift32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const OTHERS = `${LETTERS}.=+/ ,\t\\"\u0000é`;
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  Number.MAX_VALUE,
  '',
  'x',
  [],
  {},
  'DPoP',
  'none',
  'HS256',
  'ES256',
];
const NAMES = [
  'typ',
  'alg',
  'jwk',
  'crit',
  'b64',
  'kid',
  'cty',
  'jti',
  'htm',
  'htu',
  'iat',
  'nbf',
  'exp',
  'ath',
  'nonce',
];

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

type Random = ReturnType<typeof randomFrom>;

/** One change of the text. */
function changeText(text: string, random: Random): string {
  const at = random(text.length);
  const letter = OTHERS[random(OTHERS.length)] ?? 'A';
  const other = random(text.length);
  switch (random(7)) {
    case 0:
      return text.slice(0, at) + letter + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + letter + text.slice(at);
    case 3:
      return text.slice(0, at);
    case 4:
      return text.slice(0, Math.min(at, other)) + text.slice(Math.max(at, other));
    case 5:
      return text + text.slice(at);
    default:
      return text.split('.').toReversed().join('.');
  }
}

/** One change of a member, without the signature of anybody, or with that of another proof. */
function changeMember(text: string, other: string, random: Random): string {
  const [header = '', claims = '', signature = ''] = text.split('.');
  const name = NAMES[random(NAMES.length)] ?? 'typ';
  const value = VALUES[random(VALUES.length)];
  const changed = (part: string) => encode({ ...decode(part), [name]: random(4) === 0 ? undefined : value });
  const foreign = other.split('.');
  switch (random(4)) {
    case 0:
      return `${changed(header)}.${claims}.${signature}`;
    case 1:
      return `${header}.${changed(claims)}.${signature}`;
    case 2:
      return `${foreign[0]}.${claims}.${random(2) === 0 ? foreign[2] : signature}`;
    default:
      return `${header}.${changed(claims)}.${foreign[2]}`;
  }
}

it(`R9449-16 accepts none of ${COUNT} mutated proofs (seed ${SEED})`, async () => {
  const [key, thief] = await Promise.all([TestProofKey.create(), TestProofKey.create()]);
  const token = 'a.b.c';
  const url = `${ORIGIN}/mines`;
  const [proof, theirs] = [key.proofFor(token, { url }), thief.proofFor(token, { url })];
  const context: ProofContext = {
    algorithms: new Set(['ES256', 'EdDSA', 'PS256', 'RS256']),
    maxProofAge: 60,
    method: 'GET',
    targets: [url],
    token,
    thumbprint: key.thumbprint,
    now: Date.now() / 1000,
  };
  // As in an application, whose cache of headers has those of accepted proofs.
  const known = new Map<string, ProofHeader>();
  const isAccepted = (text: string): boolean => {
    const parsed = parseProof(text, (spelling) => known.get(spelling));
    return parsed !== undefined && findProofFault(parsed, context) === undefined;
  };
  expect(isAccepted(proof)).toBe(true);
  const [spelling = ''] = proof.split('.');
  known.set(spelling, new ProofHeader(spelling, decode(spelling)));
  expect(isAccepted(proof)).toBe(true);
  expect(isAccepted(theirs)).toBe(false);

  const random = randomFrom(SEED);
  const accepted: string[] = [];
  for (let count = 0; count < COUNT; count += 1) {
    let text = random(2) === 0 ? changeText(proof, random) : changeMember(proof, theirs, random);
    if (random(4) === 0) {
      text = changeText(text, random);
    }
    if (text !== proof && isAccepted(text)) {
      accepted.push(text);
    }
  }
  expect(accepted).toEqual([]);
}, 600_000);
