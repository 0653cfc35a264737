import type { RefusalCode } from '../refusal/refusal-code';
import { own, type JsonObject } from '../token/json-object';
import type { UnverifiedToken } from '../token/unverified-token';
import type { Client, IssuerConfiguration } from './client';
import type { AudienceClaim, ClientIndex } from './client-index';

/** A client that takes a token, and the party that the token was issued to, by the claim that names it to this client. */
export interface Candidate {
  readonly client: Client;
  readonly party: string | undefined;
}

/**
 * What selection found: the one client of the token, or why there is none.
 *
 * @internal
 */
export type Selection =
  | {
      readonly client: Client;
      /** False where the route is for other clients only: known now, said once the token is verified. */
      readonly allowed: boolean;
      /** True as long as only the issuer's discovery document can tell whether `iss` is right. */
      readonly provisional: boolean;
      /** The clients whose issuer and audience the token names. */
      readonly addressed: readonly Client[];
      /** Those of them that take tokens of its party. */
      readonly candidates: readonly Candidate[];
      /** The values of the claim that names the audience of the client. */
      readonly audiences: readonly string[];
    }
  | {
      readonly client?: undefined;
      readonly code: RefusalCode;
      /** The clients whose issuer and audience the token names. */
      readonly addressed: readonly Client[];
      /** The issuer that the token names, where it is one. */
      readonly issuer?: IssuerConfiguration;
    };

/**
 * Chooses the one client that a token is for, from its unverified `iss` and `aud`, by exact equality of strings. This
 * only routes: whatever is chosen, the token is then verified in full as that client's. No cryptography, no network.
 *
 * @param issuerOf what is known to be the exact issuer of a configuration; undefined while that is not known.
 * @param allowed the clients the route is for; absent where it is for all.
 */
export function selectClient(
  clients: ClientIndex,
  { unverifiedClaims: claims }: UnverifiedToken,
  issuerOf: (issuer: IssuerConfiguration) => string | undefined,
  allowed?: ReadonlySet<string>,
): Selection {
  const issuer = own(claims, 'iss');
  const entry = typeof issuer === 'string' ? clients.issuer(issuer) : undefined;
  if (entry === undefined) {
    return { code: 'unknown_issuer', addressed: [] };
  }
  const knownIssuer = issuerOf(entry.issuer);
  if (knownIssuer !== undefined && knownIssuer !== issuer) {
    return { code: 'unknown_issuer', addressed: [] };
  }

  const named = entry.byClaim.map(({ claim, byAudience }): NamedAudiences => {
    return { claim, byAudience, audiences: audiencesIn(claims, claim) };
  });
  const addressed = addressedBy(named).filter((client) => !isForAnother(claims, client));
  if (addressed.length === 0) {
    return { code: 'unknown_audience', addressed, issuer: entry.issuer };
  }

  const candidates = addressed
    .map((client): Candidate => ({ client, party: authorizedParty(claims, client) }))
    .filter(({ client, party }) => isPartyOf(client, party));
  if (candidates.length === 0) {
    return { code: 'invalid_claims', addressed, issuer: entry.issuer };
  }

  const chosen = chooseAmong(candidates, allowed);
  return chosen === undefined
    ? { code: 'ambiguous_client', addressed, issuer: entry.issuer }
    : {
        client: chosen.client,
        allowed: chosen.allowed,
        provisional: knownIssuer === undefined,
        addressed,
        candidates,
        audiences: named.find(({ claim }) => claim === chosen.client.audienceClaim)?.audiences ?? [],
      };
}

/**
 * The last step of selection: of the clients that may take a token, the one that does, if there is one, and whether the
 * route is for it.
 */
export function chooseAmong(
  candidates: readonly Candidate[],
  allowed: ReadonlySet<string> | undefined,
): { readonly client: Client; readonly allowed: boolean } | undefined {
  const preferred = allowed === undefined ? candidates : candidates.filter(({ client }) => allowed.has(client.name));
  const client = single(preferred.length > 0 ? preferred : candidates);
  return client && { client, allowed: preferred.length > 0 };
}

/** What a token says in a claim that names the audience to some clients of its issuer. */
interface NamedAudiences extends AudienceClaim {
  readonly audiences: readonly string[];
}

/** The clients that have one of the named audiences, each once. */
function addressedBy(named: readonly NamedAudiences[]): readonly Client[] {
  const [first] = named;
  if (named.length === 1 && first?.audiences.length === 1) {
    return first.byAudience.get(String(first.audiences[0])) ?? [];
  }
  const addressed = new Set<Client>();
  for (const { byAudience, audiences } of named) {
    // Each audience once: a token may repeat one of them thousands of times, and many clients may share it.
    for (const audience of new Set(audiences)) {
      for (const client of byAudience.get(audience) ?? []) {
        addressed.add(client);
      }
    }
  }
  return [...addressed];
}

/** The values of the claim that names the audience: of a string, or an array of nothing but strings. */
export function audiencesIn(claims: JsonObject, claim: string): readonly string[] {
  const value = own(claims, claim);
  if (typeof value === 'string') {
    return [value];
  }
  return Array.isArray(value) && value.every((member) => typeof member === 'string') ? value : [];
}

/**
 * Whether a token has an `aud` of its own that names no audience of a client whose audience is in another claim. `aud` says who
 * a token is for, wherever it is present (RFC 7519 section 4.1.3).
 */
export function isForAnother(claims: JsonObject, { audienceClaim, audiences, ignoreAudience }: Client): boolean {
  return (
    audienceClaim !== 'aud' &&
    !ignoreAudience &&
    Object.hasOwn(claims, 'aud') &&
    !audiencesIn(claims, 'aud').some((audience) => audiences.has(audience))
  );
}

/** Whether a client takes tokens of this party. */
export function isPartyOf({ authorizedParties }: Client, party: string | undefined): boolean {
  return authorizedParties === undefined || (party !== undefined && authorizedParties.has(party));
}

/**
 * The party a token was issued to, by the claim that names it to a client: `azp`, else `client_id`, unless the client says
 * another; undefined where that is not a string.
 */
export function authorizedParty(
  claims: JsonObject,
  { authorizedPartyClaim: claim }: Pick<Client, 'authorizedPartyClaim'>,
): string | undefined {
  const party = own(claims, claim ?? (Object.hasOwn(claims, 'azp') ? 'azp' : 'client_id'));
  return typeof party === 'string' ? party : undefined;
}

/**
 * The one candidate, if there is one. Of several, those that name the party in `authorizedParties` go before those
 * whose audience equals the party, and those before the rest; the first group that is not empty must hold exactly one.
 */
function single(candidates: readonly Candidate[]): Client | undefined {
  if (candidates.length <= 1) {
    return candidates[0]?.client;
  }
  const areOf = (names: (client: Client) => ReadonlySet<string> | undefined): readonly Candidate[] =>
    candidates.filter(({ client, party }) => party !== undefined && names(client)?.has(party) === true);
  const naming = areOf(({ authorizedParties }) => authorizedParties);
  const first = naming.length > 0 ? naming : areOf(({ audiences }) => audiences);
  return first.length === 1 ? first[0]?.client : undefined;
}
