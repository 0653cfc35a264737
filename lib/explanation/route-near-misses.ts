import { audiencesIn } from '../core/client/select-client';
import type { Client } from '../core/client/client';
import type { OidcPrincipal } from '../core/principal/oidc-principal';
import type { RoleRequirement } from '../core/access/access-kinds';
import type { JsonObject } from '../core/token/json-object';
import type { ExplanationHint } from './explanation';
import { findInObjects } from './find-objects';
import { findName } from './find-name';
import { readerHints } from './function-near-misses';
import { hint } from './hint';
import { clientOf, type Inquiry } from './inquiry';
import { absentRolesHints } from './absent-roles';
import { listed, shown } from './wording';

/** That a route does not require a token. */
export function routeHints({ asked }: Inquiry): ExplanationHint[] {
  const [evidence, remedy] = {
    public: ['the route is public', 'no token is looked at there, good or bad'],
    unguarded: ['the route is unguarded', 'nothing there looks at a token. Add a guard, or @Public() if that is meant'],
    optional: ['the route may be called without a token', 'a token that is there must be good'],
    guarded: [],
  }[asked.openness ?? 'guarded'];
  return evidence === undefined || remedy === undefined ? [] : [hint('open_route', evidence, remedy)];
}

/** That a good token is of a client that the route is not for. */
export function clientHints({ name }: Client, { asked }: Inquiry): ExplanationHint[] {
  return [
    hint(
      'client_not_allowed',
      `the token is good and of client ${shown(name)}, and the route is for ${listed(asked.clients ?? [])} only`,
      `call it by one of these clients, or add ${shown(name)} to @Clients()`,
    ),
  ];
}

/** Where the roles are that a caller does not have. */
export function roleHints(claims: JsonObject, inquiry: Inquiry): ExplanationHint[] {
  const client = clientOf(inquiry);
  const { decision, asked, stop } = inquiry;
  if (client === undefined || !decision.accepted) {
    return [];
  }
  const { principal } = decision;
  if (!client.hasRoles) {
    return [
      hint(
        'client_without_roles',
        `nothing gives client ${shown(client.name)} roles: its options have no roles and no grantedRoles, and no preset that has any`,
        'give it preset or roles',
      ),
    ];
  }
  const ofReader = readerHints('roles', client.readProviderRoles, claims, client);
  if (ofReader.length > 0) {
    return ofReader;
  }
  const wanted: readonly RoleRequirement[] = (stop?.step === 'roles' ? asked.roles : asked.allRoles) ?? [];
  return wanted.flatMap((requirement) => {
    if (typeof requirement === 'string') {
      return principal.roles.includes(requirement) ? [] : missingRole(requirement, claims, principal, client, inquiry);
    }
    if (requirement.client !== client.name) {
      return ofOtherClient(requirement.client, requirement.any, principal);
    }
    return requirement.any.flatMap((role) => missingRole(role, claims, principal, client, inquiry));
  });
}

function ofOtherClient(name: string, roles: readonly string[], principal: OidcPrincipal): ExplanationHint[] {
  const had = roles.filter((role) => principal.roles.includes(role));
  return had.length === 0
    ? []
    : [
        hint(
          'role_of_other_client',
          `the caller has ${listed(had, 'and')}, and the route accepts that from tokens of client ${shown(name)} only; this one is of ${shown(principal.client)}`,
          `call it with a token of ${shown(name)}, or add ${shown(principal.client)} to @Roles()`,
        ),
      ];
}

function missingRole(
  role: string,
  claims: JsonObject,
  { roles }: OidcPrincipal,
  client: Client,
  { configuration }: Inquiry,
): ExplanationHint[] {
  const name = shown(client.name);
  const audiences = audiencesIn(claims, client.audienceClaim).filter((audience) => client.audiences.has(audience));
  const ofProvider = client.readProviderRoles(claims, audiences);
  if (ofProvider.includes(role)) {
    return [
      hint(
        'role_unmapped',
        `role ${shown(role)} is in the token, and roleMapping of client ${name} does not list it, or renames it`,
        'list it there, or set keepUnmappedRoles',
      ),
    ];
  }
  const alike = [...new Set([...roles, ...ofProvider])].find((other) => other.toLowerCase() === role.toLowerCase());
  if (alike !== undefined) {
    return [
      hint(
        'role_case',
        `the caller has ${shown(alike)}, and the route wants ${shown(role)}: only the case of letters is different`,
        'spell it alike, or rename it by roleMapping',
      ),
    ];
  }
  const path = findName(claims, role);
  const inObjects = findInObjects(claims, role);
  const found = [
    ...(path === undefined
      ? []
      : [
          hint(
            'role_elsewhere',
            `role ${shown(role)} is in the token at ${path}, which is not among the roles of client ${name}`,
            'if that claim has roles, add the path to roles',
          ),
        ]),
    ...(inObjects === undefined
      ? []
      : [
          hint(
            'roles_as_objects',
            `role ${shown(role)} is in the token at ${inObjects.path}, which is ${inObjects.shape}: of such objects no name is read`,
            `if these are roles, give client ${name} roles: ${inObjects.reader}`,
          ),
        ]),
  ];
  return found.length > 0
    ? found
    : absentRolesHints(role, claims, client, {
        implying: Object.keys(configuration.roleHierarchy ?? {}),
        hasOthers: ofProvider.length > 0,
      });
}

/** Where the scopes are that a token does not have. */
export function scopeHints(claims: JsonObject, inquiry: Inquiry): ExplanationHint[] {
  const client = clientOf(inquiry);
  const { decision, asked } = inquiry;
  if (client === undefined || !decision.accepted) {
    return [];
  }
  const ofReader = readerHints('scopes', client.readScopes, claims, client);
  if (ofReader.length > 0) {
    return ofReader;
  }
  const { scopes } = decision.principal;
  return (asked.scopes ?? [])
    .filter((scope) => !scopes.includes(scope))
    .map((scope) => missingScope(scope, scopes, claims));
}

function missingScope(scope: string, scopes: readonly string[], claims: JsonObject): ExplanationHint {
  const alike = scopes.find((other) => other.toLowerCase() === scope.toLowerCase());
  if (alike !== undefined) {
    return hint(
      'scope_case',
      `the token has ${shown(alike)}, and the route wants ${shown(scope)}: only the case of letters is different`,
      'spell it alike',
    );
  }
  const path = findName(claims, scope);
  return path === undefined
    ? hint(
        'scope_absent',
        `scope ${shown(scope)} was not found in the token, which has ${scopes.length === 0 ? 'no scope' : listed(scopes, 'and')}`,
        'ask for it in the request for the token, and see that the provider allows the application to have it',
      )
    : hint(
        'scope_elsewhere',
        `scope ${shown(scope)} is in the token at ${path}, which is not where the client reads scopes`,
        'if that claim has scopes, give the client scopes with that path',
      );
}
