/** The name of a cookie: a token of RFC 6265 section 4.1.1. */
export const COOKIE_NAME: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * The values of a cookie in a `Cookie` header, in order (RFC 6265 section 5.4). A neighbouring host can set a second cookie
 * with the same name, so all of them count.
 */
export function cookiesNamed(name: string, header: string): string[] {
  const values: string[] = [];
  for (const pair of header.split(';')) {
    const separator = pair.indexOf('=');
    if (separator !== -1 && trim(pair.slice(0, separator)) === name) {
      values.push(trim(pair.slice(separator + 1)));
    }
  }
  return values;
}

/** Trims the white space of RFC 9110. Any other white space is part of the name. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) {
    start += 1;
  }
  while (start < end && isWhiteSpace(text.charCodeAt(end - 1))) {
    end -= 1;
  }
  return text.slice(start, end);
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
