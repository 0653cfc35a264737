import type { IssuerConfiguration } from '../client/client';
import { parseUrl } from '../configuration/url';
import { own, type JsonObject } from '../token/json-object';
import { FetchError } from './fetch-json';

/** The document is not the issuer's: nothing in it may be used, nor anything believed because of it. */
export class WrongIssuerError extends FetchError {
  override readonly name: string = 'WrongIssuerError';
}

/** What a discovery document says that matters here. */
export interface ProviderMetadata {
  /** The exact issuer of the tokens. */
  readonly issuer: string;
  readonly jwksUri: string;
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
    throw new WrongIssuerError(
      `the document at ${url} says its issuer is ${quote(named)}, not ${expected.map(quote).join(' or ')}`,
    );
  }
  const jwksUri = own(document, 'jwks_uri');
  const parsed = typeof jwksUri === 'string' ? parseUrl(jwksUri) : undefined;
  if (parsed === undefined) {
    throw new FetchError(`the document at ${url} has no URL for its jwks_uri: ${quote(jwksUri)}`);
  }
  // As the parser spells it, it is on one line and safe to log.
  return { issuer: issuer ?? named, jwksUri: parsed.href };
}

/** A value of the document for a log line: on one line, and short. */
function quote(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 300);
}
