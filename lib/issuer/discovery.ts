import type { IssuerConfiguration, KeySource } from '../core/client/client';
import { parseUrl } from '../core/url';
import { own, type JsonObject } from '../core/token/json-object';
import { FetchError, fetchJson, NotThereError, type FetchBounds } from './fetch-json';
import { quote } from './quote';

/** The document names another issuer than the expected one, so nothing in it may be used. */
export class WrongIssuerError extends FetchError {
  override readonly name: string = 'WrongIssuerError';

  constructor(
    /** Where the document is. */
    readonly url: string,
    /** What the document says its issuer is: a string, unless it says nothing of use. */
    readonly actual: unknown,
    readonly expected: readonly string[],
    /** What the document says access tokens have in `iss` (AD FS); absent where it says nothing of that. */
    readonly accessTokenIssuer?: string,
  ) {
    super(
      `the document at ${url} says its issuer is ${quote(actual)}, not ${expected.map(quote).join(' or ')}`,
      'wrong_issuer',
    );
  }
}

/**
 * The issuers that a discovery document names. For explanations: they are not believed where they are not the expected ones.
 *
 * @internal
 */
export interface DocumentNames {
  readonly url: string;
  readonly issuer: string;
  /** The `iss` of access tokens, where the document says another one for them (`access_token_issuer` of AD FS). */
  readonly accessTokenIssuer?: string | undefined;
}

/** The members of a discovery document that are used. */
export interface ProviderMetadata {
  /** The exact issuer of the tokens. */
  readonly issuer: string;
  readonly jwksUri: string;
  /** The issuer that the document names. */
  readonly documentIssuer: string;
  readonly accessTokenIssuer?: string | undefined;
  /** Where the issuer is asked about tokens (RFC 8414 section 2); absent where it says nothing of that. */
  readonly introspectionEndpoint?: string | undefined;
}

/**
 * Fetches the document from each URL where it may be, in turn, until one has it. If none has it, the error repeats every answer,
 * a demand for credentials first.
 *
 * @param first the URL to begin with, where one is known to have answered.
 * @returns the metadata, and the URL that answered.
 * @throws FetchError saying what went wrong.
 */
export async function discover(
  { urls, documentIssuer, jwksUriOrigin }: Extract<KeySource, { kind: 'discovery' }>,
  configuration: IssuerConfiguration,
  bounds: FetchBounds,
  first?: string,
): Promise<ProviderMetadata & { readonly url: string }> {
  const inOrder = [...urls].sort((one, other) => Number(other === first) - Number(one === first));
  const attempts: NotThereError[] = [];
  for (const url of inOrder) {
    try {
      const { document } = await fetchJson(url, bounds);
      const metadata = readMetadata(document, url, configuration, documentIssuer);
      const { jwksUri, introspectionEndpoint: endpoint } = metadata;
      const moved = (place: string): string => (jwksUriOrigin === undefined ? place : atOrigin(place, jwksUriOrigin));
      return { ...metadata, url, jwksUri: moved(jwksUri), introspectionEndpoint: endpoint && moved(endpoint) };
    } catch (error) {
      if (!(error instanceof NotThereError)) {
        throw error;
      }
      attempts.push(error);
    }
  }
  throw summarize(attempts);
}

/** One error for several places. 401 and 403 say more than 404: something is there. */
function summarize(attempts: readonly NotThereError[]): NotThereError {
  const denied = attempts.find(({ failure }) => failure === 'denied');
  const others = attempts.filter((attempt) => attempt !== denied).map(({ message }) => message);
  if (denied !== undefined) {
    return new NotThereError([denied.message, ...others].join('; '), 'denied');
  }
  return new NotThereError(`there is no discovery document: ${others.join('; ')}`);
}

/**
 * Reads a discovery document (OpenID Connect Discovery 1.0 section 4.2, RFC 8414 section 3.2). Its `issuer` must be the
 * expected one, code point by code point, before anything else in it is used (section 4.3; RFC 8414 section 3.3).
 *
 * @throws FetchError where it is not.
 */
export function readMetadata(
  document: JsonObject,
  url: string,
  { issuer, possibleIssuers }: IssuerConfiguration,
  documentIssuer: string | undefined,
): ProviderMetadata {
  const named = own(document, 'issuer');
  const expected = documentIssuer === undefined ? possibleIssuers : [documentIssuer];
  const forAccessTokens = own(document, 'access_token_issuer');
  const accessTokenIssuer = typeof forAccessTokens === 'string' ? forAccessTokens : undefined;
  if (typeof named !== 'string' || !expected.includes(named)) {
    throw new WrongIssuerError(url, named, expected, accessTokenIssuer);
  }
  const jwksUri = own(document, 'jwks_uri');
  const parsed = typeof jwksUri === 'string' ? parseUrl(jwksUri) : undefined;
  if (parsed === undefined) {
    throw new FetchError(`the document at ${url} has no URL for its jwks_uri: ${quote(jwksUri)}`, 'no_jwks_uri');
  }
  // As the parser spells it, it is on one line and safe to log.
  const endpoint = own(document, 'introspection_endpoint');
  const introspectionEndpoint = typeof endpoint === 'string' ? parseUrl(endpoint)?.href : undefined;
  return {
    issuer: issuer ?? named,
    jwksUri: parsed.href,
    documentIssuer: named,
    accessTokenIssuer,
    ...(introspectionEndpoint !== undefined && { introspectionEndpoint }),
  };
}

/** Replaces the scheme, host and port of a URL. */
function atOrigin(url: string, origin: string): string {
  const moved = new URL(url);
  const { protocol, host, port } = new URL(origin);
  moved.protocol = protocol;
  moved.host = host;
  // Setting `host` without a port keeps the old port.
  moved.port = port;
  return moved.href;
}
