import type { Claims, Shape } from './universe';

/** A client of an oracle: what it is called and what it is. */
export interface NamedShape extends Shape {
  readonly name: string;
}

/** How a client stands to a token, from the farthest to the nearest. */
const STANDINGS = [
  'of another issuer',
  'of another audience',
  'of other parties',
  'fits',
  'is the party',
  'names the party',
] as const;

/** What an answer says of a client that the route is not for. */
export const notHere = (name: string): string => `${name}, but not here`;

/**
 * Which client a token is for, as DESIGN.md says under "The selection rule", told in the words of one client at a time:
 * each stands somewhere to the token, and the nearest wins if it is alone there. Nothing of the library is used.
 *
 * @returns the name of a client, with a mark where the route is not for it, or the code of the refusal.
 */
export function predict(
  clients: readonly NamedShape[],
  token: Claims,
  allowed: ReadonlySet<string> | undefined,
): string {
  const standing = new Map(clients.map((client) => [client.name, rank(standingOf(client, token))]));
  const highest = Math.max(...standing.values());
  if (highest === rank('of another issuer')) {
    return 'unknown_issuer';
  }
  if (highest === rank('of another audience')) {
    return 'unknown_audience';
  }
  if (highest === rank('of other parties')) {
    return 'invalid_claims';
  }
  const candidates = [...standing].filter(([, at]) => at > rank('of other parties'));
  const here = candidates.filter(([name]) => allowed === undefined || allowed.has(name));
  const inQuestion = here.length === 0 ? candidates : here;
  const nearest = Math.max(...inQuestion.map(([, at]) => at));
  const [winner, ...rivals] = inQuestion.filter(([, at]) => at === nearest).map(([name]) => name);
  if (winner === undefined || rivals.length > 0) {
    return 'ambiguous_client';
  }
  return here.length === 0 ? notHere(winner) : winner;
}

function standingOf(client: Shape, token: Claims): (typeof STANDINGS)[number] {
  if (token['iss'] !== client.issuer) {
    return 'of another issuer';
  }
  // "A string or an array of strings": what is neither names no audience.
  const named = Array.isArray(token['aud']) ? (token['aud'] as unknown[]) : [token['aud']];
  if (named.some((value) => typeof value !== 'string') || !client.audiences.some((own) => named.includes(own))) {
    return 'of another audience';
  }
  // "`azp`, else `client_id`": what is no string names no party.
  const claimed = 'azp' in token ? token['azp'] : token['client_id'];
  const party = typeof claimed === 'string' ? claimed : undefined;
  if (client.parties !== undefined) {
    return party !== undefined && client.parties.includes(party) ? 'names the party' : 'of other parties';
  }
  return party !== undefined && client.audiences.includes(party) ? 'is the party' : 'fits';
}

function rank(standing: (typeof STANDINGS)[number]): number {
  return STANDINGS.indexOf(standing);
}

/**
 * How many pairs of clients have an issuer and an audience in common and are not told apart by their parties: a
 * configuration with any is refused. Each audience that a pair shares counts.
 */
export function conflictsIn(clients: readonly Shape[]): number {
  let conflicts = 0;
  for (const [index, one] of clients.entries()) {
    for (const other of clients.slice(index + 1)) {
      const toldApart =
        one.parties !== undefined &&
        other.parties !== undefined &&
        new Set([...one.parties, ...other.parties]).size === one.parties.length + other.parties.length;
      if (one.issuer === other.issuer && !toldApart) {
        conflicts += one.audiences.filter((audience) => other.audiences.includes(audience)).length;
      }
    }
  }
  return conflicts;
}
