import type { IssuerConfiguration } from '../core/client/client';
import { own, type JsonObject } from '../core/token/json-object';
import type { Inquiry } from './inquiry';
import { hostOf, issuerHints } from './issuer-near-misses';

/** How many issuers are asked at most. */
const MOST_ISSUERS = 8;

/**
 * Fetches discovery documents that may name the unknown issuer of a token: those at its host, where nothing else explains it and
 * the application has not read them yet. Within the bounds of every fetch. Never rejects.
 */
export async function fetchDocuments(
  claims: JsonObject,
  inquiry: Pick<Inquiry, 'configuration' | 'issuers'>,
): Promise<void> {
  const iss = own(claims, 'iss');
  const host = typeof iss === 'string' ? hostOf(iss) : undefined;
  if (host === undefined || issuerHints(claims, inquiry).length > 0) {
    return;
  }
  const { configuration, issuers } = inquiry;
  const unread = [...configuration.issuers]
    .filter((issuer) => isAt(host, issuer) && issuers.of(issuer).notes.document === undefined)
    .slice(0, MOST_ISSUERS);
  await Promise.all(unread.map((issuer) => issuers.of(issuer).warmUp()));
}

function isAt(host: string, { keySource, possibleIssuers }: IssuerConfiguration): boolean {
  return keySource.kind === 'discovery' && [...possibleIssuers, ...keySource.urls].some((url) => hostOf(url) === host);
}
