import type { OidcTokenSources } from '../configuration/options';
import { bearer, isB64Token, MALFORMED, NONE, readBearerText, type Credentials } from '../core/token/bearer';
import { cookiesNamed } from '../core/token/cookie';
import { isJsonObject, own } from '../core/token/json-object';
import { headersOf, type OidcRequest } from '../core/token/oidc-request';

type Source = (request: OidcRequest) => Credentials;

/** The parameter of RFC 6750 sections 2.2 and 2.3. */
const ACCESS_TOKEN = 'access_token';

/** What `Sec-Fetch-Site` may say of a request whose cookies count. */
const TRUSTED_SITES: ReadonlySet<unknown> = new Set(['same-origin', 'same-site', 'none']);

const FORM = /^application\/x-www-form-urlencoded[\t ]*(?:;|$)/i;

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7F]*$/;

/**
 * Reads the one token of a request: from the `Authorization` header, and from the other sources that are on. A source that is
 * off is not looked at; two tokens are malformed, wherever they stand (RFC 6750 section 2).
 *
 * @internal
 */
export class TokenSources {
  readonly #others: readonly Source[];
  readonly #query: Source | undefined;

  constructor({ cookie, query = false, body = false, custom }: OidcTokenSources) {
    this.#query = query ? fromQuery : undefined;
    this.#others = [
      ...(cookie === undefined ? [] : [fromCookie(cookie)]),
      ...(query ? [fromQuery] : []),
      ...(body ? [fromBody] : []),
      ...(custom === undefined ? [] : [fromCustom(custom)]),
    ];
  }

  /** The token alone, or null: what passport-jwt calls an extractor. One function for all strategies. */
  readonly tokenOf = (request: OidcRequest): string | null => {
    const credentials = this.read(request);
    return credentials.kind === 'bearer' && isB64Token(credentials.token) ? credentials.token : null;
  };

  /** Where it is a token, what the `Authorization` header says may still have characters that no token has. */
  read(request: OidcRequest): Credentials {
    let found = readBearerText(headersOf(request));
    for (const source of this.#others) {
      if (found.kind === 'malformed') {
        return found;
      }
      const credentials = source(request);
      if (credentials.kind !== 'none') {
        found = found.kind === 'none' ? credentials : MALFORMED;
      }
    }
    return found;
  }

  /** Whether there is a token in the query, and the query is a source. */
  isInQuery(request: OidcRequest): boolean {
    return this.#query !== undefined && this.#query(request).kind === 'bearer';
  }
}

/** A cookie without a value has been taken back, and is none. */
function fromCookie(name: string): Source {
  return ({ headers }) => {
    const { cookie } = headers ?? {};
    if (typeof cookie !== 'string' || !isOfTrustedSite(headers)) {
      return NONE;
    }
    const [token = '', ...others] = cookiesNamed(name, cookie);
    return others.length > 0 ? MALFORMED : token === '' ? NONE : bearer(token);
  };
}

/**
 * Whether no page of another site made the browser send a request. Browsers say so by `Sec-Fetch-Site`, but not when they open a
 * WebSocket nor without TLS: there the origin, if one is said, must be that of the API itself. What is no browser says neither.
 */
function isOfTrustedSite({ 'sec-fetch-site': site, origin, host }: Readonly<Record<string, unknown>> = {}): boolean {
  if (site !== undefined) {
    return TRUSTED_SITES.has(site);
  }
  return origin === undefined || (typeof origin === 'string' && hostOf(origin) === String(host).toLowerCase());
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase();
}

function fromQuery({ originalUrl, url = '' }: OidcRequest): Credentials {
  const [, query = ''] = /\?([^#]*)/.exec(originalUrl ?? url) ?? [];
  const [token, ...others] = query === '' ? [] : new URLSearchParams(query).getAll(ACCESS_TOKEN);
  return token === undefined ? NONE : others.length > 0 ? MALFORMED : bearer(token);
}

/** Only where RFC 6750 section 2.2 allows it: a form, all of ASCII, of a method whose body means something. */
function fromBody({ method = 'GET', headers, body }: OidcRequest): Credentials {
  const type = headers?.['content-type'];
  const isForm = typeof type === 'string' && FORM.test(type) && !/^(?:GET|HEAD)$/i.test(method);
  if (!isForm || !isJsonObject(body) || !isAscii(body)) {
    return NONE;
  }
  const token = own(body, ACCESS_TOKEN);
  return token === undefined ? NONE : typeof token === 'string' ? bearer(token) : MALFORMED;
}

function fromCustom(custom: NonNullable<OidcTokenSources['custom']>): Source {
  return (request) => {
    let token: unknown;
    try {
      token = custom(request);
    } catch {
      return MALFORMED;
    }
    if (token === undefined || token === null || token === '') {
      return NONE;
    }
    return typeof token === 'string' ? bearer(token) : MALFORMED;
  };
}

/** Of a parsed form: its names and values, and those of what it nests. */
function isAscii(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).every(([name, member]) => ASCII.test(name) && isAscii(member));
  }
  return typeof value !== 'string' || ASCII.test(value);
}
