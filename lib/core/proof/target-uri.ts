/**
 * A public origin of the API, normalized, and how its path stands to the path of a request.
 *
 * @internal
 */
export interface ProofOrigin {
  /** Scheme and authority, normalized. */
  readonly base: string;
  /** The path in front of that of a request, without a final slash; empty for none. */
  readonly path: string;
  /**
   * Whether a proxy always removes the path. Otherwise a request whose path begins with it came as it is: the path of a
   * resource identifier may be removed by a proxy, or may be the application's own.
   */
  readonly isStripped: boolean;
}

/** Scheme, authority and path of an absolute http URI (RFC 3986 appendix B); its query and fragment do not count. */
const HTTP_URI = /^(https?):\/\/([^/?#]+)(\/[^?#]*)?(?:[?#].*)?$/is;

/** Host and port (RFC 3986 section 3.2), without user information. */
const AUTHORITY = /^(\[[0-9a-f:.]+\]|(?:[a-z0-9\-._~!$&'()*+,;=]|%[0-9a-f]{2})+)(?::(\d*))?$/i;

/**
 * A path without what parsers of URLs repair: no backslash, white space, control character, and no percent sign alone. It may
 * have characters that browsers do not encode, such as "|".
 */
const PATH = /^\/(?:[!#$&-;=?-[\]^_a-z|~]|%[0-9a-f]{2})*$/i;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

/**
 * Normalizes an absolute http URI for comparison, without its query and fragment (RFC 9449 section 4.3; RFC 3986 sections
 * 6.2.2 and 6.2.3). Does not use `new URL()`, which repairs what must not match.
 *
 * @returns undefined if it is not one.
 *
 * @internal
 */
export function normalizeUri(uri: string): string | undefined {
  const [, scheme = '', authority = '', path = '/'] = HTTP_URI.exec(uri) ?? [];
  const base = normalizeBase(scheme, authority);
  const normalPath = base === undefined ? undefined : normalizePath(path);
  return base === undefined || normalPath === undefined ? undefined : base + normalPath;
}

/**
 * Makes an origin of a configured URL.
 *
 * @returns undefined if it is not the URL of an origin, with or without a path.
 *
 * @internal
 */
export function proofOriginOf(url: string, isStripped: boolean): ProofOrigin | undefined {
  const normal = normalizeUri(url);
  const [, base = '', path = ''] = normal === undefined ? [] : (/^(https?:\/\/[^/]+)(.*)$/.exec(normal) ?? []);
  return base === '' ? undefined : { base, path: path.replace(/\/$/, ''), isStripped };
}

/**
 * The URIs that a request may have been sent to, one for each origin, normalized.
 *
 * @param target the request target as the server received it: path and query.
 * @returns none for a target that is not a path.
 *
 * @internal
 */
export function targetUris(origins: readonly ProofOrigin[], target: string | undefined): readonly string[] {
  const end = target === undefined ? 0 : target.search(/[?#]/);
  const path = normalizePath((end === -1 ? target : target?.slice(0, end)) ?? '');
  if (path === undefined) {
    return [];
  }
  const isBelow = (prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);
  const whole = origins.filter((origin) => !origin.isStripped && isBelow(origin.path));
  return whole.length > 0
    ? whole.map(({ base }) => base + path)
    : origins.map(({ base, path: prefix }) => base + prefix + path);
}

function normalizeBase(scheme: string, authority: string): string | undefined {
  const [, host, port = ''] = AUTHORITY.exec(authority) ?? [];
  if (host === undefined) {
    return undefined;
  }
  const name = scheme.toLowerCase();
  // Letters that were encoded become letters, so the case is folded on both sides of it.
  const normalHost = normalizeEncoding(host.toLowerCase()).replaceAll(/%..|[A-Z]+/g, (part) =>
    part.startsWith('%') ? part : part.toLowerCase(),
  );
  return `${name}://${normalHost}${port === '' || port === DEFAULT_PORTS[name] ? '' : `:${port}`}`;
}

function normalizePath(path: string): string | undefined {
  if (!PATH.test(path)) {
    return undefined;
  }
  const decoded = path.includes('%') ? normalizeEncoding(path) : path;
  return decoded.includes('/.') ? withoutDotSegments(decoded) : decoded;
}

/** RFC 3986 sections 6.2.2.1 and 6.2.2.2: unreserved characters are not encoded, and hexadecimal digits are upper case. */
function normalizeEncoding(text: string): string {
  return text.replaceAll(/%[0-9a-f]{2}/gi, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded.toUpperCase();
  });
}

/** RFC 3986 section 5.2.4. */
function withoutDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    if (segment !== '.' && segment !== '..') {
      kept.push(segment);
      continue;
    }
    if (segment === '..') {
      kept.pop();
    }
    if (index === segments.length - 1) {
      kept.push('');
    }
  }
  return `/${kept.join('/')}`;
}
