import { decodeBase64urlText } from './base64url';
import { own, parseJsonText, type JsonObject } from './json-object';

/** At most this many headers are kept, and none longer than this many characters. */
const MOST = 64;
const LONGEST = 512;

/** The first part of a token, parsed. */
export interface TokenHeader {
  readonly members: JsonObject;
  /** Its `alg`, or the empty string, which is no algorithm. */
  readonly algorithm: string;
  /** Its `kid`: a hint, nothing else (RFC 7515 section 4.1.4). */
  readonly keyId: string | undefined;
  /** Its `x5t#S256` or `x5t`, a hint as well (RFC 7515 sections 4.1.7 and 4.1.8). */
  readonly thumbprint: string | undefined;
  /** Its characters, in a string of their own. */
  readonly spelling: string;
}

/** Headers by their text. An issuer has as many as it has keys, for thousands of tokens. */
const known = new Map<string, TokenHeader>();

/**
 * Parses the first part of a token: canonical base64url of a JSON object without duplicate names, and without members that
 * change how the rest is read. Headers are immutable, so the latest are cached. A caller that sends many different ones
 * only costs time.
 *
 * @returns undefined if it is malformed.
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
    thumbprint: [own(members, 'x5t#S256'), own(members, 'x5t')].find((value) => typeof value === 'string'),
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

/**
 * Refuses header members that change how the rest is read: `crit` with any value, because no extension is supported (RFC
 * 7515 section 4.1.11); `b64` (RFC 7797 section 7); nested JWTs (RFC 7519 section 5.2).
 */
function isSupported(header: JsonObject): boolean {
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    return false;
  }
  if (Object.hasOwn(header, 'kid') && typeof header['kid'] !== 'string') {
    return false;
  }
  if (!Object.hasOwn(header, 'cty')) {
    return true;
  }
  const contentType = header['cty'];
  return typeof contentType === 'string' && !/^(?:application\/)?jwt$/i.test(contentType);
}
