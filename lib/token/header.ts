import { decodeBase64urlText } from './base64url';
import { parseJsonText, type JsonObject } from './json-object';

/** So many headers are kept at most, and none that is longer than so many characters. */
const MOST = 64;
const LONGEST = 512;

/** The first part of a token, parsed. */
export interface TokenHeader {
  readonly members: JsonObject;
  /** The characters of it, in a string that is part of no other. */
  readonly spelling: string;
}

/** Headers by their spelling: an issuer has as many as it has keys, and its tokens by the thousand. */
const known = new Map<string, TokenHeader>();

/**
 * Parses the first part of a token: canonical base64url of a JSON object that says no name twice. One text has one
 * header, which nobody changes, so the last ones are kept; whoever sends many takes nothing but time from others.
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
  if (decoded === undefined || members === undefined) {
    return undefined;
  }
  const { spelling } = decoded;
  const header = { members: Object.freeze(members), spelling };
  if (spelling.length <= LONGEST) {
    if (known.size === MOST) {
      known.clear();
    }
    known.set(spelling, header);
  }
  return header;
}
