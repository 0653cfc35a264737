import type { Client } from '../core/client/client';
import { authorizedParty } from '../core/client/select-client';
import type { JsonObject } from '../core/token/json-object';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import type { Inquiry } from './inquiry';
import { listed, shown } from './wording';

/** Why none, or more than one, of the clients that a token is addressed to accepts it. */
export function partyHints(claims: JsonObject, { selection }: Inquiry): ExplanationHint[] {
  if (selection === undefined || selection.client !== undefined) {
    return [];
  }
  const { addressed, code } = selection;
  const partyOf = (client: Client): string => shown(authorizedParty(claims, client));
  if (code === 'invalid_claims') {
    return addressed.map((client) =>
      hint(
        'party_not_listed',
        `the token was issued to ${partyOf(client)}, and client ${shown(client.name)} accepts tokens of ${listed(client.authorizedParties ?? [])} only`,
        'add the party to authorizedParties, or get the token by one of them',
      ),
    );
  }
  const names = listed(
    addressed.map(({ name }) => name),
    'and',
  );
  return code === 'ambiguous_client'
    ? [
        hint(
          'several_clients',
          `it is addressed to the clients ${names}, and its party, ${[...new Set(addressed.map(partyOf))].join(' or ')}, is that of none or of several`,
          'get a token for one of them, or give them authorizedParties',
        ),
      ]
    : [];
}
