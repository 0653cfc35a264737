import type { Client, IssuerConfiguration } from '../core/client/client';
import { SECONDS_PER_FETCH } from '../core/limits';
import type { Steps } from '../core/steps';
import { isLoopback, parseUrl } from '../core/url';

/** From here on a clock tolerance is worth a warning (RFC 7519 section 4.1.4: no more than a few minutes). */
const LARGE_CLOCK_TOLERANCE = 60;

/** What deserves a word of how long key sets are kept. */
export function warningsOfAges({ freshFor, maxStale }: { freshFor: number; maxStale: number }): string[] {
  return freshFor < SECONDS_PER_FETCH
    ? [
        `key sets are to be refreshed every ${freshFor} s (freshFor, or half of maxStale), and an issuer is asked once in ` +
          `${SECONDS_PER_FETCH} s at most${maxStale < 2 * SECONDS_PER_FETCH ? ': good tokens may get 503 meanwhile' : ''}`,
      ]
    : [];
}

/** What deserves a word of clients. */
export function* warningsOf(clients: readonly Client[]): Steps<string[]> {
  const warnings = new Set<string>();
  const issuers = new Set<IssuerConfiguration>();
  for (const { name, clockTolerance, issuer } of clients) {
    if (clockTolerance > LARGE_CLOCK_TOLERANCE) {
      warnings.add(`client "${name}" accepts tokens for ${clockTolerance} s after they expired (clockTolerance)`);
    }
    issuers.add(issuer);
    yield;
  }
  for (const issuer of issuers) {
    for (const identifier of issuer.possibleIssuers.slice(0, 1)) {
      const url = parseUrl(identifier);
      if (url?.protocol === 'http:' && !isLoopback(url)) {
        warnings.add(`issuer ${identifier} is not https: whoever is on the way can forge its tokens`);
      }
    }
    yield;
  }
  return [...warnings];
}
