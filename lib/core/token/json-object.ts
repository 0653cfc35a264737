import { isUtf8 } from 'node:buffer';

/** A JSON object as parsed: its own properties are all there is. */
export type JsonObject = { readonly [name: string]: unknown };

/** Whether a value is a JSON object (not an array, not null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * An own property of a JSON object. Names may come from outside, so nothing inherited (`constructor`, `toString`) is
 * ever found.
 */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * The JSON object that some octets spell, or undefined: they must be UTF-8 without a byte order mark, JSON, an object,
 * and no object in it may say a name twice (RFC 7515 section 4, RFC 7519 section 4; RFC 8725 section 3.7).
 */
export function parseJsonObject(octets: Buffer): { readonly text: string; readonly value: JsonObject } | undefined {
  if (!isUtf8(octets)) {
    return undefined;
  }
  const text = octets.toString('utf8');
  const value = parseJsonText(text);
  return value && { text, value };
}

/** The same for octets that are known to be UTF-8 and decoded already. */
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
 * Whether a JSON text contains no more names than the value parsed from it has properties; where a name is said twice, one
 * of the two was lost in parsing.
 */
function saysEachNameOnce(text: string, properties: number): boolean {
  return countPossibleNames(text, properties) === properties || countNames(text) === properties;
}

/**
 * At least as many as there are member names in a JSON text, and mostly just as many: the colons that could stand behind
 * a name. From colon to colon, in a quarter of the time that it takes to count exactly; gives up where most of them stand
 * in strings.
 *
 * @returns Infinity where it gave up.
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
 * How many member names a JSON text contains. The text is known to be valid JSON, where a string is a name exactly if a
 * colon follows it. Linear in the text, without recursion.
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

/** The position of the quote that ends the string whose contents begin at `from`. */
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

/** How many properties the objects in a value have that was parsed from a text. */
function countProperties(value: JsonObject, text: string): number {
  // Most claims have no object within: then no other brace opens.
  return text.includes('{', 1) ? countAllProperties(value) : Object.keys(value).length;
}

/** The same, whatever is in it. Without recursion: nesting is bounded by size alone. */
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
    // Half the time of `Object.keys`. Whatever somebody may have added to the prototype of all objects is not counted.
    for (const name in object) {
      if (Object.hasOwn(object, name)) {
        properties += 1;
        see((object as JsonObject)[name]);
      }
    }
  }
  return properties;
}
