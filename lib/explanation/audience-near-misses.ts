import type { Client } from '../core/client/client';
import { audiencesIn, isForAnother } from '../core/client/select-client';
import { environmentWords } from '../core/environment';
import { withoutFinalSlash } from '../core/url';
import { own, type JsonObject } from '../core/token/json-object';
import type { ExplanationHint, ExplanationHintCode } from './explanation';
import { hint } from './hint';
import { clientsAt, type Inquiry } from './inquiry';
import { listed, shown } from './wording';

/** How many audiences of a token are compared with every client's. */
const MOST_AUDIENCES = 20;

/** The shortest text, in characters, that is looked for within another. Shorter ones are part of many by chance. */
const SHORTEST_PART = 3;

type Comparison = (found: string, configured: string) => boolean;

/** How an audience of a token may differ from a configured one, in the order of asking. */
const MISSES: readonly (readonly [ExplanationHintCode, Comparison, string, string])[] = [
  [
    'audience_final_slash',
    (found, configured) => withoutFinalSlash(found) === withoutFinalSlash(configured),
    'only a final slash is different',
    'configure audience exactly as tokens say it, or both forms as a list',
  ],
  [
    'audience_scheme',
    (found, configured) => withoutScheme(found) === withoutScheme(configured),
    'only the scheme is different',
    'configure audience exactly as tokens say it, or both forms as a list',
  ],
  [
    'audience_case',
    (found, configured) => found.toLowerCase() === configured.toLowerCase(),
    'only the case of letters is different',
    'configure audience exactly as tokens say it',
  ],
  [
    'audience_environment',
    (found, configured) => environmentWords(found, configured) !== undefined,
    'the names differ only in the environment',
    'get the token for the client of this environment, or configure its audience',
  ],
  [
    'audience_part',
    (found, configured) =>
      Math.min(found.length, configured.length) >= SHORTEST_PART &&
      (found.includes(configured) || configured.includes(found)),
    'one is part of the other, and audiences are compared as a whole',
    'configure the whole audience of the tokens, if they are meant for this API',
  ],
];

/** Possible causes where a token of a known issuer has no configured audience. */
export function audienceHints(claims: JsonObject, inquiry: Inquiry): ExplanationHint[] {
  const { clients } = inquiry.configuration.clients;
  const here = clientsAt(claims, inquiry);
  const named = here.flatMap(({ audienceClaim }) => audiencesIn(claims, audienceClaim));
  const found = [...new Set(named)].slice(0, MOST_AUDIENCES);
  const elsewhere = clients.filter(
    (client) =>
      !here.includes(client) && audiencesIn(claims, client.audienceClaim).some((aud) => client.audiences.has(aud)),
  );
  return [
    ...foreignHints(claims, here),
    ...accountHints(claims, found),
    ...missesOf(found, here),
    ...partyHints(claims, here),
    ...elsewhere.map(({ name }) =>
      hint(
        'audience_elsewhere',
        `its audience is that of client ${shown(name)}, and its issuer is another one than that client's`,
        'get the token from the issuer of that client, or configure a client with this issuer and audience',
      ),
    ),
    ...missingHints(claims, here),
  ];
}

/** Clients whose audience is in another claim, while `aud` names somebody else. */
function foreignHints(claims: JsonObject, clients: readonly Client[]): ExplanationHint[] {
  return clients
    .filter(
      (client) =>
        audiencesIn(claims, client.audienceClaim).some((audience) => client.audiences.has(audience)) &&
        isForAnother(claims, client),
    )
    .map(({ name, audienceClaim }) =>
      hint(
        'audience_foreign',
        `${audienceClaim} names client ${shown(name)}, and aud is ${shown(claims['aud'])}, which is none of its audiences: the token is for ` +
          'another API',
        `send a token for this API. If that value of aud is this API, add it to audience; if aud means nothing in this provider's ` +
          'tokens, give the client ignoreAudience: true',
      ),
    );
}

function accountHints(claims: JsonObject, found: readonly string[]): ExplanationHint[] {
  const isOfKeycloak = String(own(claims, 'iss')).includes('/realms/');
  return isOfKeycloak && found.includes('account')
    ? [
        hint(
          'audience_account',
          'aud names "account", which Keycloak adds by itself to tokens of users who may manage their account',
          'add an audience mapper for this API to the client, or to a client scope of it. Do not configure "account": tokens of ' +
            'other clients of the realm have it too',
        ),
      ]
    : [];
}

function missesOf(found: readonly string[], clients: readonly Client[]): ExplanationHint[] {
  return clients.flatMap(({ name, audiences }) =>
    [...audiences].flatMap((configured) =>
      found.flatMap((audience) => {
        const [code, , difference, remedy] = MISSES.find(([, misses]) => misses(audience, configured)) ?? [];
        return code === undefined || difference === undefined || remedy === undefined
          ? []
          : [
              hint(
                code,
                `the token says ${shown(audience)}, and client ${shown(name)} has ${shown(configured)}: ${difference}`,
                remedy,
              ),
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
    const evidence = `${claim} is the audience of client ${shown(name)}`;
    return [
      Object.hasOwn(claims, audienceClaim)
        ? hint(
            'audience_in_party',
            `${evidence}, and ${audienceClaim} is not: the token was issued to that client, but not for it`,
            'add an audience mapper (Keycloak), or ask for the audience in the request for the token',
          )
        : hint(
            'audience_in_party',
            `${evidence}, and the token has no ${audienceClaim}`,
            `add an audience mapper (Keycloak), or, where access tokens never have one (Amazon Cognito), give the client ` +
              `audienceClaim: '${claim}'`,
          ),
    ];
  });
}

/** Of each claim that names an audience to clients here: that it is absent, or names none. */
function missingHints(claims: JsonObject, clients: readonly Client[]): ExplanationHint[] {
  const claimNames = new Set(clients.map(({ audienceClaim }) => audienceClaim));
  return [...claimNames].flatMap((claim): ExplanationHint[] => {
    if (audiencesIn(claims, claim).length > 0) {
      return [];
    }
    if (Object.hasOwn(claims, claim)) {
      return [
        hint(
          'audience_missing',
          `${claim} is ${shown(claims[claim])}, and names no audience`,
          'it must be a string or a list of strings (RFC 7519 section 4.1.3): correct it at the provider',
        ),
      ];
    }
    return claim === 'aud'
      ? [hint('audience_missing', 'the token has no aud', 'have the provider add an audience for this API')]
      : absentHints(
          claims,
          claim,
          clients.filter(({ audienceClaim }) => audienceClaim === claim),
        );
  });
}

function absentHints(claims: JsonObject, claim: string, clients: readonly Client[]): ExplanationHint[] {
  const names = listed(
    clients.map(({ name }) => name),
    'and',
  );
  if (claim === 'azp' && typeof own(claims, 'sid') === 'string') {
    return [
      hint(
        'clerk_without_azp',
        `the audience of client ${names} is read from azp, and the token has a session (sid) and no azp, as Clerk's have where ` +
          'the request for the token had no Origin (native applications, command lines, tests)',
        "if it is a token of Clerk, give the client audienceClaim: 'iss' and the issuer as audience",
      ),
    ];
  }
  const aud = own(claims, 'aud');
  return [
    hint(
      'audience_claim_absent',
      `the audience of client ${names} is read from ${claim} (audienceClaim, by its preset or its own), and the token has no ${claim}` +
        (aud === undefined ? '' : `; aud is ${shown(aud)}`),
      `send a token that has ${claim}, or, if the tokens meant for this API have aud, give the client audienceClaim: 'aud'`,
    ),
  ];
}

function withoutScheme(text: string): string {
  return withoutFinalSlash(text.replace(/^[a-z][a-z0-9+.-]{0,20}:\/\//i, ''));
}
