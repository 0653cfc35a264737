import type { IssuerConfiguration } from '../client/client';
import { own, type JsonObject } from '../token/json-object';
import { FetchError } from './fetch-json';

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
    throw new FetchError(
      `the document at ${url} says its issuer is ${quote(named)}, not ${expected.map(quote).join(' or ')}`,
    );
  }
  const jwksUri = own(document, 'jwks_uri');
  if (typeof jwksUri !== 'string') {
    throw new FetchError(`the document at ${url} has no jwks_uri`);
  }
  return { issuer: issuer ?? named, jwksUri };
}

/** A value of the document for a log line: on one line, and short. */
function quote(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 300);
}
