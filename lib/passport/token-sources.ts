import type { OidcTokenSources } from '../configuration/options';
import { bearer, isB64Token, MALFORMED, NONE, readBearerText, type Credentials } from '../core/token/bearer';
import { isLater } from '../core/later';
import { cookiesNamed } from '../core/token/cookie';
import { isJsonObject, own } from '../core/token/json-object';
import { headersOf, type OidcRequest } from '../core/token/oidc-request';
import type { Presentation, PresentationSource } from '../core/token/presentation';
import { RequestPresentation } from './request-presentation';

/** What a request presents: one token, none, or something malformed. */
export type Presented = Presentation | Exclude<Credentials, { readonly kind: 'bearer' }>;

/** One place where a token may stand. */
interface Source {
  readonly name: PresentationSource;
  readonly read: (request: OidcRequest) => Credentials;
}

/** The parameter of RFC 6750 sections 2.2 and 2.3. */
const ACCESS_TOKEN = 'access_token';

/** What `Sec-Fetch-Site` may say of a request whose cookies count. */
const TRUSTED_SITES: ReadonlySet<unknown> = new Set(['same-origin', 'same-site', 'none']);

const FORM = /^application\/x-www-form-urlencoded[\t ]*(?:;|$)/i;

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7F]*$/;

/**
 * Reads the one token of a request: from the `Authorization` header, and from the other sources that are on. A source that is
 * off is not looked at. Two tokens are malformed, wherever they stand (RFC 6750 section 2).
 *
 * @internal
 */
export class TokenSources {
  readonly #others: readonly Source[];
  readonly #isAuthorizationRead: boolean;
  /** What a caller without a token is told, where the header of the standard message is not looked at. */
  readonly missing: string | undefined;

  /** @param schemes the schemes of the `Authorization` header. */
  constructor(
    sources: OidcTokenSources,
    private readonly schemes: 'Bearer' | 'DPoP' | 'both' = 'Bearer',
  ) {
    const { authorization = true, header, cookie, query = false, body = false, custom } = sources;
    this.#isAuthorizationRead = authorization;
    this.missing = authorization ? MISSING[schemes] : `An access token is required${placeOf(sources)}`;
    this.#others = [
      ...(header === undefined ? [] : [{ name: 'header', read: fromHeader(header) } as const]),
      ...(cookie === undefined ? [] : [{ name: 'cookie', read: fromCookie(cookie) } as const]),
      ...(query ? [{ name: 'query', read: fromQuery } as const] : []),
      ...(body ? [{ name: 'body', read: fromBody } as const] : []),
      ...(custom === undefined ? [] : [{ name: 'custom', read: fromCustom(custom) } as const]),
    ];
  }

  /** The token alone, or null: what passport-jwt calls an extractor. One function for all strategies. */
  readonly tokenOf = (request: OidcRequest): string | null => {
    const presented = this.read(request);
    return isPresentation(presented) && isB64Token(presented.token) ? presented.token : null;
  };

  /** Reads the token. One from the `Authorization` header may still have characters that no token has. */
  read(request: OidcRequest): Presented {
    let found = this.#isAuthorizationRead ? readBearerText(headersOf(request), this.schemes !== 'Bearer') : NONE;
    let place: PresentationSource = 'header';
    for (const { name, read } of this.#others) {
      if (found.kind === 'malformed') {
        return found;
      }
      const credentials = read(request);
      if (credentials.kind !== 'none') {
        place = name;
        found = found.kind === 'none' ? credentials : MALFORMED;
      }
    }
    return found.kind === 'bearer' ? new RequestPresentation(found.token, place, request, found.scheme) : found;
  }
}

/** What a caller without a token is told; undefined for the standard message. */
const MISSING = {
  Bearer: undefined,
  DPoP: 'An access token is required in the Authorization header, with the scheme DPoP and a proof',
  both: 'An access token is required in the Authorization header, with the scheme Bearer or DPoP',
} as const;

/** Whether a request presents one token. */
export function isPresentation(presented: Presented): presented is Presentation {
  return 'token' in presented;
}

/** Where a token is required, where one place can be named. */
function placeOf({ header, cookie, query = false, body = false, custom }: OidcTokenSources): string {
  const isOther = query || body || custom !== undefined;
  if (header !== undefined && cookie === undefined && !isOther) {
    return ` in the header ${header}`;
  }
  return cookie !== undefined && header === undefined && !isOther ? ` in the cookie ${cookie}` : '';
}

/** Node.js joins several lines of one name to a list, which is no token. */
function fromHeader(header: string): Source['read'] {
  const name = header.toLowerCase();
  return ({ headers }) => {
    const value = headers?.[name];
    if (value === undefined || value === '') {
      return NONE;
    }
    return typeof value === 'string' ? bearer(value) : MALFORMED;
  };
}

/** A cookie without a value has been taken back, and is none. */
function fromCookie(name: string): Source['read'] {
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

function fromCustom(custom: NonNullable<OidcTokenSources['custom']>): Source['read'] {
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
    return typeof token === 'string' ? bearer(token) : refuseValue(token);
  };
}

/** A promise is no token, and its rejection must not end the process. */
function refuseValue(value: unknown): Credentials {
  isLater(value);
  return MALFORMED;
}

/** Of a parsed form: its names and values, and those of what it nests. */
function isAscii(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).every(([name, member]) => ASCII.test(name) && isAscii(member));
  }
  return typeof value !== 'string' || ASCII.test(value);
}
