import { takeAtOnce, type Steps } from '../steps';
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
  private constructor(
    readonly clients: readonly Client[],
    private readonly byIssuer: ReadonlyMap<string, IssuerEntry>,
    private readonly byName: ReadonlyMap<string, Client>,
  ) {}

  static of(clients: readonly Client[]): ClientIndex {
    return takeAtOnce(ClientIndex.inSteps(clients));
  }

  static *inSteps(clients: readonly Client[]): Steps<ClientIndex> {
    const byIssuer = new Map<string, IssuerEntry>();
    const byName = new Map<string, Client>();
    for (const client of clients) {
      byName.set(client.name, client);
      yield;
    }
    // Clients of one issuer are one group, even with different sources of keys.
    const groups = yield* groupBy(clients, (client) => client.issuer.possibleIssuers[0]);
    for (const ofIssuer of groups.values()) {
      const byClaim: AudienceClaim[] = [];
      for (const [claim, ofClaim] of yield* groupBy(ofIssuer, (client) => client.audienceClaim)) {
        byClaim.push({ claim, byAudience: yield* groupByAudience(ofClaim) });
      }
      // With different sources, the issuer is known, so any of the clients tells it.
      const [first] = ofIssuer;
      for (const identifier of first?.issuer.possibleIssuers ?? []) {
        if (first !== undefined) {
          byIssuer.set(identifier, { issuer: first.issuer, byClaim, clients: ofIssuer });
        }
      }
      yield;
    }
    return new ClientIndex(clients, byIssuer, byName);
  }

  /** How many names there are. A client with tenants counts once. */
  get size(): number {
    return this.byName.size;
  }

  get names(): string[] {
    return [...this.byName.keys()];
  }

  client(name: string): Client | undefined {
    return this.byName.get(name);
  }

  /** The clients of an issuer; none where it is not known. */
  ofIssuer(identifier: string): readonly Client[] {
    return this.byIssuer.get(identifier)?.clients ?? NO_CLIENTS;
  }

  issuer(identifier: string): IssuerEntry | undefined {
    return this.byIssuer.get(identifier);
  }
}

function* groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Steps<Map<K, T[]>> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [item]);
    } else {
      group.push(item);
    }
    yield;
  }
  return groups;
}

function* groupByAudience(clients: readonly Client[]): Steps<Map<string, Client[]>> {
  const groups = new Map<string, Client[]>();
  for (const client of clients) {
    for (const audience of client.audiences) {
      const group = groups.get(audience);
      if (group === undefined) {
        groups.set(audience, [client]);
      } else {
        group.push(client);
      }
    }
    yield;
  }
  return groups;
}
