/** The token in a request (RFC 6750 section 2). */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | {
      readonly kind: 'bearer';
      readonly token: string;
      /** Absent for `Bearer`. */
      readonly scheme?: 'DPoP';
    };

/** The part of a request's headers that is read. `rawHeaders` has every line, `headers` only the first of each name. */
export interface RequestHeaders {
  readonly headers?: { readonly authorization?: unknown; readonly [name: string]: unknown } | undefined;
  /** Names and values alternate, as in Node's `http.IncomingMessage`. */
  readonly rawHeaders?: readonly string[] | undefined;
}

/** No token. */
export const NONE: Credentials = { kind: 'none' };

/** Several tokens, or something that is not a token. */
export const MALFORMED: Credentials = { kind: 'malformed' };

/** The name of a header: a token of RFC 9110 section 5.6.2. */
export const HEADER_NAME: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The scheme of credentials: a token of RFC 9110 section 5.6.2, at the start. */
const SCHEME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/;

/** `b64token` of RFC 6750 section 2.1. Matches in linear time. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * Reads the token from the `Authorization` header. `none`: no header, or another scheme. `malformed`: several header lines,
 * or `Bearer` with nothing behind it. Whether the rest is one b64token is left to the parser. One pass, linear in the
 * header's length.
 *
 * @param readsDpop whether the scheme `DPoP` is read too (RFC 9449 section 7.1).
 */
export function readBearerText({ headers, rawHeaders }: RequestHeaders, readsDpop: boolean = false): Credentials {
  if (rawHeaders !== undefined && countLines(rawHeaders, 'authorization') > 1) {
    return MALFORMED;
  }
  const value = headers?.authorization;
  if (value === undefined || value === '') {
    return NONE;
  }
  if (typeof value !== 'string') {
    return MALFORMED;
  }
  const scheme = SCHEME.exec(value)?.[0];
  if (scheme === undefined) {
    return MALFORMED;
  }
  const name = scheme.toLowerCase();
  const isDpop = readsDpop && name === 'dpop';
  if (name !== 'bearer' && !isDpop) {
    return NONE;
  }
  let start = scheme.length;
  while (value.charCodeAt(start) === 0x20 /* SP */) {
    start += 1;
  }
  const token = value.slice(start);
  if (start === scheme.length) {
    return MALFORMED;
  }
  return isDpop ? { kind: 'bearer', token, scheme: 'DPoP' } : { kind: 'bearer', token };
}

/** The credentials in a string: a token if it is one b64token, else malformed. */
export function bearer(token: string): Credentials {
  return isB64Token(token) ? { kind: 'bearer', token } : MALFORMED;
}

/** Whether a string is one b64token (RFC 6750 section 2.1). */
export function isB64Token(text: string): boolean {
  return B64TOKEN.test(text);
}

/** How many lines of raw headers have a name, which is given in lower case. */
export function countLines(rawHeaders: readonly string[], name: string): number {
  let lines = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === name.length && rawHeaders[index]?.toLowerCase() === name) {
      lines += 1;
    }
  }
  return lines;
}
