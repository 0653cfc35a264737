import { headersOf, type OidcRequest } from '../../core/token/oidc-request';
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

/**
 * The HTTP request that opened a connection, with the credentials that came after it in a message. Without such, it is the
 * request as received, whose proof or certificate counts. No HTTP request carries a message, so its credentials have none.
 */
export function openedBy(request: OidcRequest, inMessage: AuthorizationLines): OidcRequest {
  const { method, url, originalUrl, socket = request.raw?.socket } = request;
  const { headers = {}, rawHeaders } = headersOf(request);
  if (inMessage.length > 0) {
    const { dpop: _ofTheRequest, ...others } = headers;
    const lines = [...authorizationLinesOf({ headers, rawHeaders }), ...inMessage];
    return withAuthorization(lines, {
      headers: others,
      method,
      url,
      ...(originalUrl !== undefined && { originalUrl }),
    });
  }
  return {
    headers,
    rawHeaders,
    socket,
    method,
    url,
    ...(originalUrl !== undefined && { originalUrl }),
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
