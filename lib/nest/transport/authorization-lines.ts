import type { OidcRequest } from '../../core/token/oidc-request';
import type { RequestHeaders } from '../../core/token/bearer';

/** The credentials of a call without HTTP headers, as values of `Authorization` lines. Each line counts. */
export type AuthorizationLines = readonly unknown[];

/** A request with these `Authorization` lines, and otherwise like `base`. */
export function withAuthorization(lines: AuthorizationLines, base: OidcRequest = {}): OidcRequest {
  const [first, ...others] = lines;
  const { authorization: _replaced, ...headers } = base.headers ?? {};
  return {
    headers: first === undefined ? headers : { ...headers, authorization: first },
    // Only the number of further lines matters: more than one is refused.
    ...(others.length === 0 ? {} : { rawHeaders: lines.flatMap(() => ['authorization', '']) }),
    method: base.method,
    url: base.url,
    ...(base.originalUrl === undefined ? {} : { originalUrl: base.originalUrl }),
  };
}

/** The `Authorization` lines of an HTTP request, as received. */
export function authorizationLinesOf({ headers, rawHeaders }: RequestHeaders): AuthorizationLines {
  if (rawHeaders !== undefined) {
    return rawHeaders.filter((_value, index) => index % 2 === 1 && isAuthorization(rawHeaders[index - 1]));
  }
  return headers?.authorization === undefined ? [] : [headers.authorization];
}

/** The values under the name `authorization` in an object, in any case; each of a list of values. */
export function authorizationIn(carrier: unknown): AuthorizationLines {
  if (typeof carrier !== 'object' || carrier === null) {
    return [];
  }
  const lines: unknown[] = [];
  // Payloads may be large, so only names are read.
  for (const name in carrier) {
    if (isAuthorization(name) && Object.hasOwn(carrier, name)) {
      const value: unknown = Reflect.get(carrier, name);
      lines.push(...(Array.isArray(value) ? (value as readonly unknown[]) : [value]));
    }
  }
  return lines
    .filter((value) => value !== undefined && value !== null)
    .map((value) => (Buffer.isBuffer(value) ? value.toString() : value));
}

function isAuthorization(name: unknown): boolean {
  return typeof name === 'string' && name.length === 13 && name.toLowerCase() === 'authorization';
}
