import { decodeBase64urlText, decodeOctets } from './base64url';
import { parseHeader } from './header';
import { parseJsonText, type JsonObject } from './json-object';

/**
 * The three parts of a token, in base64url.
 *
 * @internal
 */
export interface TokenSpelling {
  readonly header: string;
  readonly claims: string;
  readonly signature: string;
}

/**
 * A well-formed token of which nothing is verified. Its claims have names and a type of their own, so that code for
 * verified claims does not accept them.
 *
 * @internal
 */
export class UnverifiedToken {
  /** The brand that keeps this type apart from everything verified. */
  readonly verified = false;

  constructor(
    readonly unverifiedHeader: JsonObject,
    readonly unverifiedClaims: JsonObject,
    /** The JSON text of the claims, from which private copies are made. */
    readonly unverifiedClaimsText: string,
    /** What was signed, exactly as received: ASCII text (RFC 7515 section 5.2 step 8). */
    readonly signingInput: string,
    readonly signature: Buffer,
    /** The `alg` of the header, or the empty string, which is no algorithm. */
    readonly algorithm: string,
    /** The key id of the header: a hint, nothing else (RFC 7515 section 4.1.4). */
    readonly keyId: string | undefined,
    /** The certificate thumbprint of the header: a hint as well. */
    readonly thumbprint: string | undefined,
    /** The parts as received, in strings of their own, so that keeping them keeps nothing else. */
    readonly spelling: TokenSpelling,
  ) {}
}

/**
 * Parses a signed JWT in compact serialization: three non-empty canonical base64url parts, header and claims JSON objects
 * without duplicate names, no critical extension, nothing nested (RFC 7515 sections 4 and 5.2, RFC 7519 section 7.2).
 *
 * @param maxTokenBytes the longest accepted token, in bytes; a longer one is refused before it is decoded.
 * @returns undefined if the token is malformed.
 *
 * @internal
 */
export function parseToken(token: string, maxTokenBytes: number): UnverifiedToken | undefined {
  if (token.length > maxTokenBytes) {
    return undefined;
  }
  const firstDot = token.indexOf('.');
  const secondDot = token.indexOf('.', firstDot + 1);
  if (firstDot < 1 || secondDot <= firstDot + 1 || secondDot === token.length - 1) {
    return undefined;
  }
  // A third dot is not in the base64url alphabet, so a fourth part makes the signature malformed.
  const signature = decodeOctets(token.slice(secondDot + 1));
  const header = signature && parseHeader(token.slice(0, firstDot));
  if (signature === undefined || header === undefined) {
    return undefined;
  }
  const claims = decodeBase64urlText(token.slice(firstDot + 1, secondDot));
  const members = claims && parseJsonText(claims.text);
  if (claims === undefined || members === undefined) {
    return undefined;
  }
  return new UnverifiedToken(
    header.members,
    members,
    claims.text,
    token.slice(0, secondDot),
    signature.octets,
    header.algorithm,
    header.keyId,
    header.thumbprint,
    { header: header.spelling, claims: claims.spelling, signature: signature.spelling },
  );
}
