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
 * A token that is well formed and nothing more. Nothing in it is believed: its claims have names and a type of their
 * own, so that what wants verified claims cannot be given these.
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
    /** The parts as received, in strings that are part of no other: whatever keeps them keeps nothing else. */
    readonly spelling: TokenSpelling,
  ) {}
}

/**
 * Parses a signed JWT in compact serialization, strictly: three non-empty canonical base64url parts, header and claims
 * JSON objects that say no name twice, no critical extension, nothing nested (RFC 7515 sections 4 and 5.2, RFC 7519
 * section 7.2).
 *
 * @param maxTokenBytes the longest token looked at, in bytes; a longer one is refused before it is decoded.
 * @returns undefined where the token is malformed.
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
  // A third dot is no character of the base64url alphabet, so a fourth part fails as part of the signature.
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
