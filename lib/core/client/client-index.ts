import type { Client, IssuerConfiguration } from './client';

/**
 * The clients of one issuer whose audience is in the same claim, by audience.
 *
 * @internal
 */
export interface AudienceClaim {
  readonly claim: string;
  readonly byAudience: ReadonlyMap<string, readonly Client[]>;
}

/** The clients of one issuer by the claim that names the audience, then by audience. */
interface IssuerEntry {
  readonly issuer: IssuerConfiguration;
  readonly byClaim: readonly AudienceClaim[];
  readonly clients: readonly Client[];
}

const NO_CLIENTS: readonly Client[] = [];

/**
 * All clients, found by issuer and audience in constant time. Maps and no plain objects, because the strings looked up are
 * untrusted.
 *
 * @internal
 */
export class ClientIndex {
  readonly #byIssuer = new Map<string, IssuerEntry>();
  readonly #byName: ReadonlyMap<string, Client>;

  constructor(readonly clients: readonly Client[]) {
    this.#byName = new Map(clients.map((client) => [client.name, client]));
    // Clients of one issuer are one group, even with different sources of keys.
    for (const ofIssuer of groupBy(clients, (client) => client.issuer.possibleIssuers[0]).values()) {
      const byClaim = [...groupBy(ofIssuer, (client) => client.audienceClaim)].map(([claim, ofClaim]) => ({
        claim,
        byAudience: groupByAudience(ofClaim),
      }));
      // With different sources, the issuer is known, so any of the clients tells it.
      const [first] = ofIssuer;
      for (const identifier of first?.issuer.possibleIssuers ?? []) {
        if (first !== undefined) {
          this.#byIssuer.set(identifier, { issuer: first.issuer, byClaim, clients: ofIssuer });
        }
      }
    }
  }

  client(name: string): Client | undefined {
    return this.#byName.get(name);
  }

  /** The clients of an issuer; none where it is not known. */
  ofIssuer(identifier: string): readonly Client[] {
    return this.#byIssuer.get(identifier)?.clients ?? NO_CLIENTS;
  }

  issuer(identifier: string): IssuerEntry | undefined {
    return this.#byIssuer.get(identifier);
  }
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [item]);
    } else {
      group.push(item);
    }
  }
  return groups;
}

function groupByAudience(clients: readonly Client[]): Map<string, Client[]> {
  const pairs = clients.flatMap((client) => [...client.audiences].map((audience) => ({ audience, client })));
  return new Map(
    [...groupBy(pairs, (pair) => pair.audience)].map(([audience, group]) => [
      audience,
      group.map((pair) => pair.client),
    ]),
  );
}
