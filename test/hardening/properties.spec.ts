import { Test } from '@nestjs/testing';
import * as fc from 'fast-check';
import {
  OidcAuthException,
  OidcAuthService,
  OidcMultiAuthModule,
  type OidcClientOptions,
} from 'nestjs-oidc-multi-auth';
import { KeySet } from '../../lib/core/key/key-set';
import { verifySignature } from '../../lib/core/key/signature';
import { importJwk } from '../../lib/core/key/verification-key';
import { AUDIENCE, draftToken, ISSUER } from './differential/draft';
import { CODES, decideNow, NOW, outcomeOf, verifierOf } from './support/core';
import { Random, SEED } from './support/random';
import { base64url, Signer } from './support/signer';

const CLAIMS = { iss: ISSUER, aud: AUDIENCE, sub: 'somebody', exp: NOW + 300 };
/** Characters that a token is made of, and some that none is. */
const CHARACTERS = ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', '.=+/ \n\0é\ud800'].flatMap(
  (some) => some.split(''),
);

let signers: readonly Signer[];
let client: OidcClientOptions;
beforeAll(async () => {
  signers = await Promise.all((['RS256', 'ES256', 'EdDSA'] as const).map((name) => Signer.create(name, name)));
  client = { name: 'api', audience: AUDIENCE, issuer: ISSUER, jwks: { keys: signers.map(({ jwk }) => jwk) } };
});

describe('nothing but the token that was signed is accepted', () => {
  it('R8725-05 R7515-02 R7515-12 after no single edit: every character replaced, removed, doubled, inserted, swapped', () => {
    const [signer] = signers;
    const token = signer?.sign(CLAIMS) ?? '';
    const verifier = verifierOf([client]);
    expect(outcomeOf(decideNow(verifier, token))).toBe('accepted');
    let edits = 0;
    const accepted: string[] = [];
    const tryEdit = (edited: string): void => {
      if (edited !== token) {
        edits += 1;
        if (decideNow(verifier, edited).accepted) {
          accepted.push(edited);
        }
      }
    };
    for (let at = 0; at <= token.length; at += 1) {
      const [before, after] = [token.slice(0, at), token.slice(at + 1)];
      for (const character of CHARACTERS) {
        tryEdit(before + character + after);
        tryEdit(before + character + token.slice(at));
      }
      tryEdit(before + after);
      tryEdit(before);
      tryEdit(token.slice(at));
      tryEdit(before + token.charAt(at + 1) + token.charAt(at) + token.slice(at + 2));
    }
    expect(accepted).toEqual([]);
    expect(edits).toBeGreaterThan(60_000);
  }, 60_000);

  it('R8725-05 R7515-02 R7515-12 after no series of edits', () => {
    const verifier = verifierOf([client]);
    const tokens = signers.map((signer) => signer.sign(CLAIMS));
    const edit = fc.record({
      how: fc.constantFrom('replace', 'insert', 'remove', 'move', 'double', 'part'),
      at: fc.nat(1_000),
      to: fc.nat(1_000),
      length: fc.integer({ min: 1, max: 40 }),
      text: fc.oneof(
        fc.constantFrom(...CHARACTERS),
        fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength: 8 }),
        fc.string({ unit: 'binary', maxLength: 4 }),
      ),
    });
    let changed = 0;
    fc.assert(
      fc.property(fc.nat(2), fc.array(edit, { minLength: 1, maxLength: 4 }), (which, edits) => {
        const token = tokens[which] ?? '';
        const edited = edits.reduce((text, { how, at, to, length, text: other }) => {
          const start = at % (text.length + 1);
          const [before, middle, after] = [
            text.slice(0, start),
            text.slice(start, start + length),
            text.slice(start + length),
          ];
          const rest = before + after;
          const target = to % (rest.length + 1);
          switch (how) {
            case 'replace':
              return before + other + after;
            case 'insert':
              return before + other + middle + after;
            case 'remove':
              return rest;
            case 'move':
              return rest.slice(0, target) + middle + rest.slice(target);
            case 'double':
              return before + middle + middle + after;
            default:
              // A part of the token of another algorithm.
              return text
                .split('.')
                .map((part, index) => (index === at % 3 ? (tokens[to % 3]?.split('.')[index] ?? '') : part))
                .join('.');
          }
        }, token);
        changed += Number(!tokens.includes(edited));
        return decideNow(verifier, edited).accepted === tokens.includes(edited);
      }),
      { seed: SEED, numRuns: 20_000 },
    );
    expect(changed).toBeGreaterThan(15_000);
  }, 60_000);

  it('R7515-12 of one ECDSA signature there are two, as the standard has it, and both say the same', () => {
    // The order of P-256 (FIPS 186-4 D.1.2.3): where (r, s) is valid, so is (r, n - s), and nothing forbids the larger
    // (RFC 7518 section 3.4; published vectors have both). Whoever remembers tokens must not do so by their text alone.
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const signer = signers[1];
    const token = signer?.sign(CLAIMS) ?? '';
    const dot = token.lastIndexOf('.') + 1;
    const signature = Buffer.from(token.slice(dot), 'base64url');
    const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
    const other = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex');
    const twin = token.slice(0, dot) + Buffer.concat([signature.subarray(0, 32), other]).toString('base64url');
    const decision = decideNow(verifierOf([client]), twin);
    expect(twin).not.toBe(token);
    expect(decision.accepted && decision.principal.claims).toEqual(CLAIMS);
  });
});

describe('whatever a key is, it verifies or is left out', () => {
  it('ATK-5 R8725-06 none throws, and none that is not what was published verifies', () => {
    const published = signers.map(({ jwk }) => jwk);
    const input = Buffer.from('signed');
    const signatures = signers.map((signer) => signer.signatureOf(input));
    const change = fc.record({
      name: fc.constantFrom('kty', 'crv', 'x', 'y', 'n', 'e', 'alg', 'use', 'key_ops', 'kid', 'd', 'k', 'ext', 'x5c'),
      value: fc.oneof(
        fc.constantFrom<unknown>(
          'RSA',
          'EC',
          'OKP',
          'oct',
          'P-256',
          'P-384',
          'Ed25519',
          'Ed448',
          'X25519',
          'sig',
          'AQAB',
          'AQ',
        ),
        fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets).toString('base64url')),
        fc.anything(),
      ),
    });
    let usable = 0;
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (which, changes, drops) => {
          const jwk: Record<string, unknown> = { ...published[which] };
          for (const { name, value } of changes) {
            jwk[name] = value;
            if (drops) {
              delete jwk[name];
            }
          }
          const key = importJwk(jwk);
          usable += Number(key !== undefined);
          const original = importJwk(published[which]);
          return signers.every(({ algorithm }, index) => {
            const verifies = key !== undefined && verifySignature(algorithm, key, input, signatures[index] ?? input);
            return !verifies || (index === which && original?.keyObject.equals(key.keyObject) === true);
          });
        },
      ),
      { seed: SEED, numRuns: 5_000 },
    );
    expect(usable).toBeGreaterThan(200);
  }, 60_000);

  it('ATK-5 a set of anything at all is a set', () => {
    fc.assert(
      fc.property(fc.array(fc.anything({ withNullPrototype: true, withBigInt: true })), (members) => {
        return KeySet.fromJwks([...members, signers[0]?.jwk]).size === 1;
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });
});

describe('whatever a token is, there is an answer', () => {
  let auth: OidcAuthService;
  let close: () => Promise<void>;
  beforeAll(async () => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000);
    const module = await Test.createTestingModule({
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [
            client,
            // An issuer that nobody reaches, and one that has not said yet who it is.
            { name: 'down', audience: 'down', issuer: 'http://127.0.0.1:9/down' },
            {
              name: 'unsaid',
              audience: 'unsaid',
              discoveryUrl: 'http://127.0.0.1:9/.well-known/openid-configuration',
            },
          ],
        }),
      ],
    }).compile();
    module.useLogger(false);
    await module.init();
    auth = module.get(OidcAuthService);
    close = () => module.close();
  });
  afterAll(async () => {
    await close();
    jest.restoreAllMocks();
  });

  /** Neither throws nor rejects, and the code is one of the closed set. */
  const expectAnswer = async (token: unknown): Promise<string> => {
    const decision = await auth.decide(token as string);
    const outcome = outcomeOf(decision);
    if (!decision.accepted) {
      expect(CODES).toContain(outcome);
      await expect(auth.verify(token as string)).rejects.toBeInstanceOf(OidcAuthException);
    }
    return outcome;
  };

  it('LIB-11 LIB-24 to any value at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }), async (value) => {
        expect(await expectAnswer(value)).toBe('malformed_token');
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  }, 60_000);

  it('LIB-11 LIB-24 to any string, whatever is in it and however long', async () => {
    const units = fc.array(fc.nat(0xffff), { maxLength: 300 }).map((codes) => String.fromCharCode(...codes));
    const anyString = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), units);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          anyString,
          fc.tuple(anyString, anyString, anyString).map((parts) => parts.join('.')),
        ),
        async (text) => {
          expect(await expectAnswer(text)).toBe('malformed_token');
        },
      ),
      { seed: SEED, numRuns: 3_000 },
    );
    for (const text of ['a', '.', '\0', 'é', '\ud800', 'a.', '😀']) {
      expect(await expectAnswer(text.repeat(5_000_000))).toBe('malformed_token');
    }
  }, 60_000);

  it('LIB-11 LIB-24 R7519-01 to any header and any claims', async () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const anyOf = (...names: readonly string[]) =>
      fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 5 })), value, { maxKeys: 8 });
    const someOf = (members: Readonly<Record<string, unknown>>) =>
      fc.subarray(Object.entries(members)).map((entries) => Object.fromEntries(entries));
    const usualHeader = { alg: 'RS256', kid: 'RS256', typ: 'JWT' };
    const header = fc.oneof(
      fc.constantFrom(usualHeader, { ...usualHeader, kid: 'other' }),
      fc
        .tuple(someOf(usualHeader), anyOf('alg', 'kid', 'typ', 'crit', 'cty', 'jwk'))
        .map(([usual, other]) => ({ ...other, ...usual })),
    );
    const claims = fc
      .tuple(
        fc.oneof(
          someOf(CLAIMS),
          fc.constantFrom(
            CLAIMS,
            { ...CLAIMS, iss: 'http://127.0.0.1:9/down', aud: 'down' },
            { ...CLAIMS, iss: 'http://127.0.0.1:9', aud: 'unsaid' },
          ),
        ),
        anyOf('iss', 'aud', 'exp', 'nbf', 'iat', 'sub', 'jti', 'azp', 'client_id', 'typ', 'scope', 'cnf', 'events'),
      )
      .chain(([usual, other]) => fc.constantFrom({ ...other, ...usual }, { ...usual, ...other }));
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(header, claims, fc.uint8Array({ maxLength: 64 }), async (one, two, signature) => {
        outcomes.add(
          await expectAnswer(`${base64url(one)}.${base64url(two)}.${Buffer.from(signature).toString('base64url')}`),
        );
      }),
      { seed: SEED, numRuns: 4_000 },
    );
    // The search gets as far as keys and signatures, and to the network.
    for (const code of [
      'unknown_issuer',
      'unknown_audience',
      'invalid_claims',
      'unknown_key',
      'invalid_signature',
      'keys_unavailable',
    ]) {
      expect(outcomes).toContain(code);
    }
    expect(outcomes).not.toContain('accepted');
  }, 60_000);

  it('LIB-24 to what is nearly a token', async () => {
    const random = new Random(SEED);
    const outcomes = new Set<string>();
    for (let count = 0; count < 3_000; count += 1) {
      outcomes.add(await expectAnswer(draftToken(random, signers)));
    }
    expect(outcomes.size).toBeGreaterThan(10);
  }, 60_000);
});
