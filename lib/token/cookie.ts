/** The name of a cookie: a token of RFC 6265 section 4.1.1. */
export const COOKIE_NAME: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * The values that a `Cookie` header has under a name, in its order (RFC 6265 section 5.4). All of them: a neighbouring host can
 * set a second cookie of the same name, and which comes first is its choice.
 */
export function cookiesNamed(name: string, header: string): string[] {
  const values: string[] = [];
  for (const pair of header.split(';')) {
    const separator = pair.indexOf('=');
    if (separator !== -1 && pair.slice(0, separator).trim() === name) {
      values.push(pair.slice(separator + 1).trim());
    }
  }
  return values;
}
