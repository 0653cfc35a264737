import { isUtf8 } from 'node:buffer';

/** A parsed JSON object. Only own properties count. */
export type JsonObject = { readonly [name: string]: unknown };

/** Whether a value is a JSON object (not an array, not null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * An own property of a JSON object. Names may come from outside, so inherited members (`constructor`, `toString`) do not
 * count.
 */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * Parses octets as a JSON object, or returns undefined. They must be UTF-8 without a byte order mark, and no object may
 * have duplicate names (RFC 7515 section 4, RFC 7519 section 4; RFC 8725 section 3.7).
 */
export function parseJsonObject(octets: Buffer): { readonly text: string; readonly value: JsonObject } | undefined {
  if (!isUtf8(octets)) {
    return undefined;
  }
  const text = octets.toString('utf8');
  const value = parseJsonText(text);
  return value && { text, value };
}

/** The same for text that was decoded from UTF-8. */
export function parseJsonText(text: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isJsonObject(value) && saysEachNameOnce(text, countProperties(value, text)) ? value : undefined;
}

/**
 * Whether a JSON text has no more names than the parsed value has properties. A duplicate name loses one in parsing.
 */
function saysEachNameOnce(text: string, properties: number): boolean {
  return countPossibleNames(text, properties) === properties || countNames(text) === properties;
}

/**
 * An upper bound for the number of member names in a JSON text, and mostly the exact number: the colons that can follow a
 * name. Takes a quarter of the time of the exact count.
 *
 * @returns Infinity if most colons are in strings.
 */
function countPossibleNames(text: string, expected: number): number {
  let names = 0;
  let colons = 0;
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1)) {
    colons += 1;
    if (colons > 2 * expected + 16) {
      return Infinity;
    }
    const before = text.charCodeAt(colon - 1);
    if (before === 0x22 /* " */ || isWhiteSpace(before)) {
      names += 1;
    }
  }
  return names;
}

/**
 * The number of member names in a valid JSON text: strings followed by a colon. Linear in the text, without recursion.
 */
function countNames(text: string): number {
  let names = 0;
  for (let start = text.indexOf('"'); start !== -1;) {
    const end = endOfString(text, start + 1);
    let next = end + 1;
    while (isWhiteSpace(text.charCodeAt(next))) {
      next += 1;
    }
    if (text.charCodeAt(next) === 0x3a /* : */) {
      names += 1;
    }
    start = text.indexOf('"', next);
  }
  return names;
}

/** The position of the quote that ends the string starting at `from`. */
function endOfString(text: string, from: number): number {
  for (let at = from; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22 /* " */) {
      return at;
    }
    if (code === 0x5c /* \ */) {
      at += 1;
    }
  }
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** The number of properties of all objects in a parsed value. */
function countProperties(value: JsonObject, text: string): number {
  // Most claims contain no object: no other brace opens.
  return text.includes('{', 1) ? countAllProperties(value) : Object.keys(value).length;
}

/** The same for any value. Without recursion, because only the size bounds the depth. */
function countAllProperties(value: JsonObject): number {
  let properties = 0;
  const open: object[] = [value];
  const see = (member: unknown): void => {
    if (typeof member === 'object' && member !== null) {
      open.push(member);
    }
  };
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    if (Array.isArray(object)) {
      object.forEach(see);
      continue;
    }
    // Takes half the time of `Object.keys`. Additions to `Object.prototype` are not counted.
    for (const name in object) {
      if (Object.hasOwn(object, name)) {
        properties += 1;
        see((object as JsonObject)[name]);
      }
    }
  }
  return properties;
}
