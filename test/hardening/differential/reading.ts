/**
 * What a token says to a reader who forgives everything: whatever can be made out of it. Reasons for differences are
 * found in this, and not in what the library read.
 */
export interface Reading {
  readonly token: string;
  readonly parts: readonly string[];
  readonly headerText: string;
  readonly claimsText: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Reads a token as far as it goes. */
export function read(token: string): Reading {
  const parts = token.split('.');
  const [headerText = '', claimsText = ''] = parts.map((part) => Buffer.from(part, 'base64').toString());
  return { token, parts, headerText, claimsText, header: objectIn(headerText), claims: objectIn(claimsText) };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text.replace(/^\ufeff/, ''));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Whether an object in a JSON text says one of its names twice, however it spells it. */
export function repeatsName(text: string): boolean {
  const open: Set<string>[] = [];
  for (const [, string, colon, other] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|([{}])/gsu)) {
    if (other === '{') {
      open.push(new Set());
    } else if (other === '}') {
      open.pop();
    } else if (string !== undefined && colon !== undefined) {
      const name = String(JSON.parse(string));
      const names = open.at(-1);
      if (names?.has(name) === true) {
        return true;
      }
      names?.add(name);
    }
  }
  return false;
}
