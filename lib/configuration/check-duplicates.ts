import type { IssuerConfiguration } from '../core/client/client';
import type { Steps } from '../core/steps';
import { withoutFinalSlash } from '../core/url';
import type { Faults } from './configuration-error';
import type { OidcClientOptions } from './options';
import type { CheckedClient } from './resolve-issuers';

/** The same issuer and audience twice, unless all who share them have `authorizedParties`, and none in common. */
export function* checkDuplicates(
  clients: readonly CheckedClient[],
  issuers: ReadonlyMap<OidcClientOptions, IssuerConfiguration>,
  faults: Faults,
): Steps<void> {
  const seen = new Map<string, CheckedClient[]>();
  for (const client of clients) {
    const [issuer = ''] = issuerOf(client.options, issuers).possibleIssuers;
    for (const audience of new Set([client.options.audience].flat())) {
      const key = JSON.stringify([withoutFinalSlash(issuer), client.options.audienceClaim ?? 'aud', audience]);
      const others = seen.get(key) ?? [];
      for (const other of others) {
        yield;
        // Two of one name are a fault already.
        if (client.options.name !== other.options.name && !isToldApart(client.options, other.options)) {
          faults.add(
            client.label,
            'audience',
            `${JSON.stringify(audience)} at the same issuer is an audience of client ${other.label} too`,
            'give both authorizedParties that have none in common, or make them one client',
          );
        }
      }
      seen.set(key, [...others, client]);
    }
    yield;
  }
}

function isToldApart(one: OidcClientOptions, other: OidcClientOptions): boolean {
  const parties = new Set(one.authorizedParties);
  return (
    one.authorizedParties !== undefined &&
    other.authorizedParties !== undefined &&
    one.authorizedPartyClaim === other.authorizedPartyClaim &&
    !other.authorizedParties.some((party) => parties.has(party))
  );
}

/** The issuer that a client has. */
export function issuerOf(
  client: OidcClientOptions,
  issuers: ReadonlyMap<OidcClientOptions, IssuerConfiguration>,
): IssuerConfiguration {
  const issuer = issuers.get(client);
  if (issuer === undefined) {
    throw new Error(`client ${JSON.stringify(client.name)} has no issuer`);
  }
  return issuer;
}
