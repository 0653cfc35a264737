import type { Client } from '../core/client/client';
import { audiencesIn, authorizedParty } from '../core/client/select-client';
import { own, type JsonObject } from '../core/token/json-object';
import { areSiblings } from './environment';
import type { ExplanationHint, ExplanationHintCode } from './explanation';
import type { Inquiry } from './inquiry';
import { listed, shown } from './wording';

/** How many audiences of a token are compared with every client's. */
const MOST_AUDIENCES = 20;

/** A shorter text is part of many by chance, in characters. */
const SHORTEST_PART = 3;

/** How an audience of a token may miss one that is configured, in the order of asking. */
const MISSES: readonly (readonly [ExplanationHintCode, (found: string, configured: string) => boolean, string])[] = [
  [
    'audience_case',
    (found, configured) => found.toLowerCase() === configured.toLowerCase(),
    'only the case of letters is different: configure audience exactly as tokens say it',
  ],
  [
    'audience_environment',
    areSiblings,
    'it is the audience of another environment: get the token for the client of this one, or configure its audience',
  ],
  [
    'audience_part',
    (found, configured) =>
      Math.min(found.length, configured.length) >= SHORTEST_PART &&
      (found.includes(configured) || configured.includes(found)),
    'one is part of the other, and that is not enough: audiences are compared whole. Give the whole audience',
  ],
];

/** What is probably wrong with a token of a known issuer whose audience is not configured there. */
export function audienceHints(claims: JsonObject, inquiry: Inquiry): ExplanationHint[] {
  const { configuration, issuers } = inquiry;
  const { clients } = configuration.clients;
  const iss = own(claims, 'iss');
  const here = clients.filter(({ issuer }) => {
    const { identifier } = issuers.of(issuer);
    return (identifier === undefined ? issuer.possibleIssuers : [identifier]).some((form) => form === iss);
  });
  const named = here.flatMap(({ audienceClaim }) => audiencesIn(claims, audienceClaim));
  const found = [...new Set(named)].slice(0, MOST_AUDIENCES);
  const elsewhere = clients.filter(
    (client) =>
      !here.includes(client) && audiencesIn(claims, client.audienceClaim).some((aud) => client.audiences.has(aud)),
  );
  return [
    ...accountHints(found),
    ...missesOf(found, here),
    ...partyHints(claims, here),
    ...elsewhere.map(({ name }): ExplanationHint => ({
      code: 'audience_elsewhere',
      text: `its audience is that of client ${shown(name)}, which is of another issuer: audience and issuer belong together`,
    })),
    ...missingHints(claims, found),
  ];
}

function accountHints(found: readonly string[]): ExplanationHint[] {
  return found.includes('account')
    ? [
        {
          code: 'audience_account',
          text:
            'aud names "account", which Keycloak puts into every token: add an audience mapper for this API to the ' +
            'client, or to a client scope of it. Do not configure "account": every client of the realm has it',
        },
      ]
    : [];
}

function missesOf(found: readonly string[], clients: readonly Client[]): ExplanationHint[] {
  return clients.flatMap(({ name, audiences }) =>
    [...audiences].flatMap((configured) =>
      found.flatMap((audience) => {
        const miss = MISSES.find(([, misses]) => misses(audience, configured));
        return miss === undefined
          ? []
          : [
              {
                code: miss[0],
                text: `the token says ${shown(audience)}, and client ${shown(name)} has ${shown(configured)}: ${miss[2]}`,
              },
            ];
      }),
    ),
  );
}

/** Providers that put into `azp` or `client_id` what was looked for in `aud`. */
function partyHints(claims: JsonObject, clients: readonly Client[]): ExplanationHint[] {
  return clients.flatMap(({ name, audiences, audienceClaim }): ExplanationHint[] => {
    const claim = ['azp', 'client_id'].find((candidate) => {
      const party = own(claims, candidate);
      return candidate !== audienceClaim && typeof party === 'string' && audiences.has(party);
    });
    if (claim === undefined) {
      return [];
    }
    const remedy = Object.hasOwn(claims, 'aud')
      ? `it was issued to that client, but not for it: add an audience mapper (Keycloak), or ask for the audience`
      : `the token has no aud: add an audience mapper (Keycloak), or, where access tokens never have one (Amazon ` +
        `Cognito), give the client audienceClaim: '${claim}'`;
    return [{ code: 'audience_in_party', text: `${claim} is the audience of client ${shown(name)}: ${remedy}` }];
  });
}

function missingHints(claims: JsonObject, found: readonly string[]): ExplanationHint[] {
  return found.length === 0
    ? [
        {
          code: 'audience_missing',
          text: Object.hasOwn(claims, 'aud')
            ? `aud is ${shown(claims['aud'])}, and no audience: it must be a string or strings (RFC 7519 section 4.1.3)`
            : 'the token names no audience: have the provider add one for this API',
        },
      ]
    : [];
}

/** Why none, or more than one, of the clients that a token is addressed to takes it. */
export function partyHintsOf(claims: JsonObject, { selection }: Inquiry): ExplanationHint[] {
  if (selection === undefined || selection.client !== undefined) {
    return [];
  }
  const { addressed, code } = selection;
  const partyOf = (client: Client): string => shown(authorizedParty(claims, client));
  const names = listed(
    addressed.map(({ name }) => name),
    'and',
  );
  if (code === 'invalid_claims') {
    return addressed.map((client) => ({
      code: 'party_not_listed',
      text:
        `the token was issued to ${partyOf(client)}, and client ${shown(client.name)} takes tokens of ${listed(client.authorizedParties ?? [])} ` +
        'only: add the party to authorizedParties, or get the token by one of them',
    }));
  }
  return code === 'ambiguous_client'
    ? [
        {
          code: 'several_clients',
          text:
            `it is addressed to the clients ${names}, and its party, ${[...new Set(addressed.map(partyOf))].join(' or ')}, is no reason to prefer one: get a token ` +
            'for one of them, or give them authorizedParties',
        },
      ]
    : [];
}
