import type { Client } from '../core/client/client';
import { isJsonObject, own, type JsonObject } from '../core/token/json-object';
import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import { listed, shown } from './wording';

/** The id of a lightweight access token of Keycloak, from version 26 on: its second two letters say `lt`. */
const LIGHTWEIGHT_ID = /^[a-z]{2}lt[a-z]{2}:/;

/** Claims in which Keycloak writes roles by default. */
const KEYCLOAK_ROLES = ['realm_access', 'resource_access'] as const;

/** What else is known of roles. */
interface KnownRoles {
  /** Roles that imply others. */
  readonly implying: readonly string[];
  /** Whether other roles were read from the token. */
  readonly hasOthers: boolean;
}

/** Possible causes where a role was not found in a token. */
export function absentRolesHints(
  role: string,
  claims: JsonObject,
  client: Client,
  { implying, hasOthers }: KnownRoles,
): ExplanationHint[] {
  const leftOut = [...overageHints(claims), ...(hasOthers ? [] : lightweightHints(claims, client))];
  return leftOut.length > 0 ? leftOut : [notImplied(role, client, implying)];
}

function notImplied(role: string, client: Client, implying: readonly string[]): ExplanationHint {
  const sources = implying.filter((other) => other !== role && client.completeRoles([other]).includes(role));
  const implied =
    sources.length === 0 ? 'no other role implies it' : `neither was what implies it (${listed(sources, 'and')})`;
  return hint(
    'role_not_implied',
    `role ${shown(role)} was not found in the token, and ${implied}`,
    'see at the provider whether it is granted to the caller, and whether it writes such roles into the token of this application',
  );
}

/** Entra leaves the groups out where a user has more than a token may name. */
function overageHints(claims: JsonObject): ExplanationHint[] {
  const names = own(claims, '_claim_names');
  const isNamed = isJsonObject(names) && Object.hasOwn(names, 'groups');
  const hasGroups = own(claims, 'hasgroups');
  const isOver = isNamed || hasGroups === true || hasGroups === 'true';
  return isOver && !Object.hasOwn(claims, 'groups')
    ? [
        hint(
          'groups_overage',
          `the token has ${isNamed ? '_claim_names with groups' : 'hasgroups'} and no groups: the user is in more groups than Microsoft Entra ID writes into a token`,
          'if the roles are groups, use app roles (the claim roles) instead, or let the token have only groups that are assigned to the ' +
            'application. If they are not, see whether the role is granted',
        ),
      ]
    : [];
}

/** Tokens of Keycloak without any claim of roles: lightweight ones leave them out by design. */
function lightweightHints(claims: JsonObject, { name }: Client): ExplanationHint[] {
  const [iss, id] = [own(claims, 'iss'), own(claims, 'jti')];
  const isOfKeycloak = typeof iss === 'string' && iss.includes('/realms/') && own(claims, 'typ') === 'Bearer';
  if (!isOfKeycloak || [...KEYCLOAK_ROLES, 'client_roles', 'roles'].some((claim) => Object.hasOwn(claims, claim))) {
    return [];
  }
  const isLightweight = typeof id === 'string' && LIGHTWEIGHT_ID.test(id);
  return [
    hint(
      'lightweight_token',
      isLightweight
        ? 'the token is a lightweight access token of Keycloak (by its jti), which has no roles by default'
        : `the token is of Keycloak, and has no roles at all: neither ${KEYCLOAK_ROLES.join(' nor ')} is there`,
      `Keycloak may issue lightweight access tokens for client ${shown(name)}: switch "Always use lightweight access token" off, or "Add to ` +
        'lightweight access token" on in the mappers of roles. Or the client does not have the client scope roles, or the user has no role',
    ),
  ];
}
