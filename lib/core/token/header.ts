import { decodeBase64urlText } from './base64url';
import { own, parseJsonText, type JsonObject } from './json-object';

/** So many headers are kept at most, and none that is longer than so many characters. */
const MOST = 64;
const LONGEST = 512;

/** The first part of a token, parsed. */
export interface TokenHeader {
  readonly members: JsonObject;
  /** Its `alg`, or the empty string, which is no algorithm. */
  readonly algorithm: string;
  /** Its `kid`: a hint, nothing else (RFC 7515 section 4.1.4). */
  readonly keyId: string | undefined;
  /** The characters of it, in a string that is part of no other. */
  readonly spelling: string;
}

/** Headers by their spelling: an issuer has as many as it has keys, and its tokens by the thousand. */
const known = new Map<string, TokenHeader>();

/**
 * Parses the first part of a token: canonical base64url of a JSON object that says no name twice, and nothing that changes how
 * the rest is to be read. One text has one header, which nobody changes, so the last ones are kept; whoever sends many takes
 * nothing but time from others.
 *
 * @returns undefined where it is malformed.
 */
export function parseHeader(part: string): TokenHeader | undefined {
  const before = known.get(part);
  if (before !== undefined) {
    return before;
  }
  const decoded = decodeBase64urlText(part);
  const members = decoded && parseJsonText(decoded.text);
  if (decoded === undefined || members === undefined || !isSupported(members)) {
    return undefined;
  }
  const { spelling } = decoded;
  const [algorithm, keyId] = [own(members, 'alg'), own(members, 'kid')];
  const header: TokenHeader = {
    members: Object.freeze(members),
    algorithm: typeof algorithm === 'string' ? algorithm : '',
    keyId: typeof keyId === 'string' ? keyId : undefined,
    spelling,
  };
  if (spelling.length <= LONGEST) {
    if (known.size === MOST) {
      known.clear();
    }
    known.set(spelling, header);
  }
  return header;
}

function isSupported(header: JsonObject): boolean {
  return unsupportedMember(header) === undefined;
}

/**
 * The first header member that changes how the rest is to be read. Such a header is refused rather than misread: `crit` whatever
 * it lists, for no extension is understood (RFC 7515 section 4.1.11); `b64` (RFC 7797 section 7); a `kid` that is no string; a
 * nested JWT (RFC 7519 section 5.2).
 */
export function unsupportedMember(header: JsonObject): string | undefined {
  if (Object.hasOwn(header, 'crit')) {
    return 'crit';
  }
  if (Object.hasOwn(header, 'b64')) {
    return 'b64';
  }
  if (Object.hasOwn(header, 'kid') && typeof header['kid'] !== 'string') {
    return 'kid';
  }
  if (!Object.hasOwn(header, 'cty')) {
    return undefined;
  }
  const contentType = header['cty'];
  return typeof contentType === 'string' && !/^(?:application\/)?jwt$/i.test(contentType) ? undefined : 'cty';
}
