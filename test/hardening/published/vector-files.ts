import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsesAsJson, verifiesSignature, verifiesToken, type Jwk, type TokenKeys } from './judge';

/** What the publisher says of a vector; `acceptable` is either way. */
export type Expectation = 'valid' | 'invalid' | 'acceptable';

/** One published vector, and what the library says of it. */
export interface Vector {
  /** What it is called in its file. */
  readonly id: string;
  readonly about: string;
  readonly expected: Expectation;
  /** Whether the library takes it for valid. */
  readonly isAccepted: () => boolean;
  /** The text of a token, where it is one. */
  readonly token?: string;
}

/** The vectors of one published file. */
export interface VectorFile {
  readonly name: string;
  readonly what: string;
  readonly vectors: readonly Vector[];
}

interface PrimitiveGroup {
  readonly algorithm: string;
  readonly jwk: Jwk;
  readonly tests: readonly {
    readonly id: number;
    readonly comment: string;
    readonly msg: string;
    readonly sig: string;
    readonly result: Expectation;
  }[];
}

interface TokenGroup extends TokenKeys {
  readonly comment: string;
  readonly tests: readonly {
    readonly id: number;
    readonly comment: string;
    readonly token: string | object;
    readonly result: Expectation;
  }[];
}

interface Example {
  readonly file: string;
  readonly title: string;
  readonly signatures: readonly {
    readonly algorithm: string;
    readonly jwk: Jwk;
    readonly input: string;
    readonly signature: string;
  }[];
  readonly serializations: readonly { readonly form: string; readonly text: string | object }[];
}

const FOLDER = join(__dirname, '../vectors');

/** Reads a file of vectors; what is in it was written by `vectors/strip.mjs`. */
export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
}

function primitives(name: string, what: string): VectorFile {
  const { groups } = readVectors(`${name}.json`) as { groups: readonly PrimitiveGroup[] };
  const vectors = groups.flatMap(({ algorithm, jwk, tests }) =>
    tests.map(({ id, comment, msg, sig, result }) => ({
      id: String(id),
      about: comment,
      expected: result,
      isAccepted: () => verifiesSignature(algorithm, jwk, Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')),
    })),
  );
  return { name, what, vectors };
}

function tokens(name: string, what: string): VectorFile {
  const { groups } = readVectors(`${name}.json`) as { groups: readonly TokenGroup[] };
  const vectors = groups.flatMap((group) =>
    group.tests.map(({ id, comment, token, result }) => {
      const text = asText(token);
      return {
        id: String(id),
        about: `${group.comment} ${comment}`,
        expected: result,
        isAccepted: () => verifiesToken(text, group),
        token: text,
      };
    }),
  );
  return { name, what, vectors };
}

/** Examples of an RFC: each signature by itself, and each text of it as a token. */
function examples(name: string, what: string): VectorFile {
  const { examples: all } = readVectors(`${name}.json`) as { examples: readonly Example[] };
  const vectors = all.flatMap(({ file, title, signatures, serializations }) => [
    ...signatures.map(({ algorithm, jwk, input, signature }, index) => ({
      id: `${file} signature ${index + 1}`,
      about: title,
      expected: 'valid' as const,
      isAccepted: () => verifiesSignature(algorithm, jwk, Buffer.from(input), Buffer.from(signature, 'base64url')),
    })),
    ...serializations.map(({ form, text }) => ({
      id: `${file} ${form}`,
      about: title,
      expected: signatures.length === 0 && typeof text === 'string' ? ('invalid' as const) : ('valid' as const),
      isAccepted: () => verifiesToken(asText(text), { key: signatures[0]?.jwk ?? {} }),
      token: asText(text),
    })),
  ]);
  return { name, what, vectors };
}

function jsonTexts(name: string, what: string): VectorFile {
  const { texts } = readVectors(`${name}.json`) as {
    texts: readonly { readonly name: string; readonly octets: string }[];
  };
  const expectations: Readonly<Record<string, Expectation>> = { y: 'valid', n: 'invalid', i: 'acceptable' };
  const vectors = texts.map((text) => ({
    id: text.name,
    about: '',
    expected: expectations[text.name.charAt(0)] ?? 'invalid',
    isAccepted: () => parsesAsJson(Buffer.from(text.octets, 'base64')),
  }));
  return { name, what, vectors };
}

function asText(token: string | object): string {
  return typeof token === 'string' ? token : JSON.stringify(token);
}

/** Every file of published vectors. */
export function vectorFiles(): readonly VectorFile[] {
  return [
    primitives('wycheproof/ecdsa_secp256r1_sha256_p1363_test', 'ES256'),
    primitives('wycheproof/ecdsa_secp384r1_sha384_p1363_test', 'ES384'),
    primitives('wycheproof/ecdsa_secp521r1_sha512_p1363_test', 'ES512'),
    primitives('wycheproof/ed25519_test', 'EdDSA'),
    primitives('wycheproof/rsa_signature_2048_sha256_test', 'RS256, 2048 bits'),
    primitives('wycheproof/rsa_signature_3072_sha256_test', 'RS256, 3072 bits'),
    primitives('wycheproof/rsa_signature_4096_sha256_test', 'RS256, 4096 bits'),
    primitives('wycheproof/rsa_signature_2048_sha384_test', 'RS384'),
    primitives('wycheproof/rsa_signature_2048_sha512_test', 'RS512'),
    primitives('wycheproof/rsa_pss_2048_sha256_mgf1_32_test', 'PS256'),
    primitives('wycheproof/rsa_pss_4096_sha384_mgf1_48_test', 'PS384'),
    primitives('wycheproof/rsa_pss_4096_sha512_mgf1_64_test', 'PS512'),
    tokens('wycheproof/json_web_signature_test', 'JWS'),
    tokens('wycheproof/json_web_key_test', 'JWK'),
    tokens('wycheproof/json_web_crypto_test', 'JWS and JWE'),
    examples('rfc7515/appendix-a', 'RFC 7515 appendix A'),
    examples('cookbook/jws', 'RFC 7520, RFC 8037, RFC 7797'),
    jsonTexts('json-test-suite/texts', 'JSON'),
  ];
}
