import { KeySet } from '../../../lib/core/key/key-set';
import { verifySignature } from '../../../lib/core/key/signature';
import { importSecret } from '../../../lib/core/key/verification-key';
import { decodeBase64url } from '../../../lib/core/token/base64url';
import { parseJsonObject } from '../../../lib/core/token/json-object';
import { parseToken } from '../../../lib/core/token/unverified-token';

export type Jwk = Readonly<Record<string, unknown>>;

/** The key of a token, or the set of keys that it is verified with. */
export interface TokenKeys {
  readonly key?: Jwk;
  readonly keys?: readonly Jwk[];
}

/** Published tokens may be longer than the library's bound, which is tested elsewhere. */
const NO_BOUND = 1_000_000;

/** Whether a signature is valid under a published key: as a key of a set, or for HMAC as a client's secret. */
export function verifiesSignature(algorithm: string, jwk: Jwk, input: Buffer, signature: Buffer): boolean {
  return keySetOf({ key: jwk }).keys.some((key) => verifySignature(algorithm, key, input, signature));
}

/**
 * Whether a compact text is one that a published key signed.
 *
 * Most published payloads are no claims, and a token's are. So the text is parsed with other claims in the place of its
 * payload, and the signature is verified over the text as it was published.
 */
export function verifiesToken(text: string, keys: TokenKeys): boolean {
  const [header = '', payload = '', signature = '', ...more] = text.split('.');
  const token = parseToken([header, 'e30', signature, ...more].join('.'), NO_BOUND);
  if (token === undefined || decodeBase64url(payload) === undefined) {
    return false;
  }
  const algorithm = token.algorithm;
  return keySetOf(keys)
    .find(token.keyId, algorithm)
    .some((key) => verifySignature(algorithm, key, Buffer.from(`${header}.${payload}`), token.signature));
}

/** Whether a text as a whole is a token of the library: its payload is claims, too. */
export function isToken(text: string): boolean {
  return parseToken(text, NO_BOUND) !== undefined;
}

/**
 * Whether octets are JSON. A token consists of objects, so an array or a lone value is put into one.
 */
export function parsesAsJson(octets: Buffer): boolean {
  return (
    parseJsonObject(octets) !== undefined ||
    parseJsonObject(Buffer.concat([Buffer.from('{"a":'), octets, Buffer.from('}')])) !== undefined
  );
}

/**
 * Published keys as an application configures them: one key for HMAC is the secret of a client, which lists its
 * algorithms; everything else is a public set, in which a symmetric key is none.
 */
function keySetOf({ key, keys = key === undefined ? [] : [key] }: TokenKeys): KeySet {
  const [only, ...others] = keys;
  const isSecret = only?.['kty'] === 'oct' && [undefined, 'HS256', 'HS384', 'HS512'].some((alg) => alg === only['alg']);
  if (only === undefined || !isSecret || others.length > 0) {
    return KeySet.fromJwks(keys);
  }
  const secret = importSecret(Buffer.from(String(only['k']), 'base64url'));
  const listed = [...secret.algorithms].filter((algorithm) => (only['alg'] ?? algorithm) === algorithm);
  return new KeySet([{ ...secret, algorithms: new Set(listed) }], true);
}
