import type { IssuerConfiguration, KeySource } from '../core/client/client';
import { parseUrl } from '../core/url';
import { own, type JsonObject } from '../core/token/json-object';
import { FetchError, fetchJson, NotThereError, type FetchBounds } from './fetch-json';
import { quote } from './quote';

/** The document belongs to another issuer, so nothing in it is used. */
export class WrongIssuerError extends FetchError {
  override readonly name: string = 'WrongIssuerError';

  constructor(
    url: string,
    /** The `issuer` of the document, if it is a string. */
    readonly actual: unknown,
    readonly expected: readonly string[],
  ) {
    super(
      `the document at ${url} says its issuer is ${quote(actual)}, not ${expected.map(quote).join(' or ')}`,
      'wrong_issuer',
    );
  }
}

/** The members of a discovery document that are used. */
export interface ProviderMetadata {
  /** The exact issuer of the tokens. */
  readonly issuer: string;
  readonly jwksUri: string;
}

/**
 * Tries each URL of the document until one answers.
 *
 * @param first the URL to try first, if one has answered before.
 * @returns the metadata, and the URL that answered.
 * @throws FetchError with the reason.
 */
export async function discover(
  { urls, documentIssuer, jwksUriOrigin }: Extract<KeySource, { kind: 'discovery' }>,
  configuration: IssuerConfiguration,
  bounds: FetchBounds,
  first?: string,
): Promise<ProviderMetadata & { readonly url: string }> {
  const inOrder = [...urls].sort((one, other) => Number(other === first) - Number(one === first));
  let notThere = new NotThereError('there is no discovery document');
  for (const url of inOrder) {
    try {
      const { document } = await fetchJson(url, bounds);
      const { issuer, jwksUri } = readMetadata(document, url, configuration, documentIssuer);
      return { url, issuer, jwksUri: jwksUriOrigin === undefined ? jwksUri : atOrigin(jwksUri, jwksUriOrigin) };
    } catch (error) {
      if (!(error instanceof NotThereError)) {
        throw error;
      }
      // An answer that wants credentials tells more than a missing document at another URL.
      notThere = notThere.isUnauthorized ? notThere : error;
    }
  }
  throw notThere;
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
  if (typeof named !== 'string' || !expected.includes(named)) {
    throw new WrongIssuerError(url, named, expected);
  }
  const jwksUri = own(document, 'jwks_uri');
  const parsed = typeof jwksUri === 'string' ? parseUrl(jwksUri) : undefined;
  if (parsed === undefined) {
    throw new FetchError(`the document at ${url} has no URL for its jwks_uri: ${quote(jwksUri)}`, 'no_jwks_uri');
  }
  // The parsed form is on one line and safe to log.
  return { issuer: issuer ?? named, jwksUri: parsed.href };
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
