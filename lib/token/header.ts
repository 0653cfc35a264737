import { decodeBase64urlText } from './base64url';
import { parseJsonText, type JsonObject } from './json-object';

/** So many headers are kept at most, and none that is longer than so many characters. */
const MOST = 64;
const LONGEST = 512;

/** Headers by their spelling: an issuer has as many as it has keys, and its tokens by the thousand. */
const known = new Map<string, JsonObject>();

/**
 * Parses the first part of a token: canonical base64url of a JSON object that says no name twice. One text has one
 * header, which nobody changes, so the last ones are kept; whoever sends many takes nothing but time from others.
 *
 * @returns undefined where it is malformed.
 */
export function parseHeader(text: string): JsonObject | undefined {
  const before = known.get(text);
  if (before !== undefined) {
    return before;
  }
  const json = decodeBase64urlText(text);
  const header = json === undefined ? undefined : parseJsonText(json);
  if (json !== undefined && header !== undefined && text.length <= LONGEST) {
    if (known.size === MOST) {
      known.clear();
    }
    // Spelled again, for the text is a part of a token, all of which would be kept.
    known.set(Buffer.from(json).toString('base64url'), Object.freeze(header));
  }
  return header;
}
