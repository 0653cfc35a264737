/** Well-known parts of discovery documents (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3). */
const WELL_KNOWN = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'] as const;

/** Parses a URL; undefined if the text is not one. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Whether a URL's host is this machine: `localhost`, 127.0.0.0/8 or [::1]. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/**
 * Why a URL must not be fetched; undefined if it may. It must be https, or http to this machine or where that is allowed,
 * and must not contain credentials.
 */
export function urlProblem(text: string, allowInsecureHttp: boolean): string | undefined {
  const url = parseUrl(text);
  if (url === undefined) {
    return 'is not a URL';
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return 'is not an https URL';
  }
  if (url.username !== '' || url.password !== '') {
    return 'contains credentials';
  }
  return url.protocol === 'http:' && !allowInsecureHttp && !isLoopback(url)
    ? 'is http to another host than localhost'
    : undefined;
}

/**
 * The two forms of the issuer that a discovery URL stands for, without and with a final slash; undefined where the URL
 * does not end in a well-known part.
 */
export function issuersOf(discoveryUrl: string): readonly [string, string] | undefined {
  const wellKnown = WELL_KNOWN.find((suffix) => discoveryUrl.endsWith(suffix));
  if (wellKnown === undefined) {
    return undefined;
  }
  const base = withoutFinalSlash(discoveryUrl.slice(0, -wellKnown.length));
  return [base, `${base}/`];
}

/**
 * Possible URLs of an issuer's discovery document, in the order in which they are tried: OpenID Connect Discovery 1.0
 * section 4.1, then authorization server metadata with the well-known part before the path (RFC 8414 section 3.1), and
 * after it, as some providers have it.
 */
export function discoveryUrlsOf(issuer: string): readonly string[] {
  const base = withoutFinalSlash(issuer);
  const { origin, pathname } = new URL(base);
  const [openId, oauth] = WELL_KNOWN;
  return [...new Set([base + openId, origin + oauth + withoutFinalSlash(pathname), base + oauth])];
}

/** The form of an issuer that the check for duplicates compares. */
export function withoutFinalSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text;
}
