import type { Client } from '../core/client/client';
import { audiencesIn } from '../core/client/select-client';
import type { OidcPrincipal } from '../core/principal/oidc-principal';
import type { RoleRequirement } from '../core/access/access-kinds';
import type { JsonObject } from '../core/token/json-object';
import type { ExplanationHint } from './explanation';
import { findName } from './find-name';
import { clientOf, type Inquiry } from './inquiry';
import { listed, shown } from './wording';

/** What is said of a route that does not look at tokens as others do. */
export function routeHints({ asked }: Inquiry): ExplanationHint[] {
  const what = {
    public: 'is public: no token is looked at there, good or bad',
    unguarded: 'is unguarded: nothing there looks at a token, and nobody said that it should be so',
    optional: 'may be called without a token; one that is there must be good',
    guarded: undefined,
  }[asked.openness ?? 'guarded'];
  return what === undefined ? [] : [{ code: 'open_route', text: `the route ${what}` }];
}

/** That a good token is of a client that the route is not for. */
export function clientHints({ name }: Client, { asked }: Inquiry): ExplanationHint[] {
  return [
    {
      code: 'client_not_allowed',
      text: `the token is good, and the route is for ${listed(asked.clients ?? [])} only: call it by one of these clients, or add ${shown(name)} to @Clients()`,
    },
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
      {
        code: 'client_without_roles',
        text: `nothing says where the roles of client ${shown(client.name)} are, so its tokens have none: give it preset or roles`,
      },
    ];
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
        {
          code: 'role_of_other_client',
          text: `the caller has ${listed(had, 'and')}, and the route takes that of tokens of client ${shown(name)} only; this one is of ${shown(principal.client)}`,
        },
      ];
}

function missingRole(
  role: string,
  claims: JsonObject,
  { roles }: OidcPrincipal,
  client: Client,
  { configuration }: Inquiry,
): ExplanationHint[] {
  const audiences = audiencesIn(claims, client.audienceClaim).filter((audience) => client.audiences.has(audience));
  const ofProvider = client.readProviderRoles(claims, audiences);
  if (ofProvider.includes(role)) {
    return [
      {
        code: 'role_unmapped',
        text: `role ${shown(role)} is in the token, and roleMapping of client ${shown(client.name)} does not list it, or calls it otherwise: list it there, or set keepUnmappedRoles`,
      },
    ];
  }
  const alike = [...new Set([...roles, ...ofProvider])].find((other) => other.toLowerCase() === role.toLowerCase());
  if (alike !== undefined) {
    return [
      {
        code: 'role_case',
        text: `the caller has ${shown(alike)}, and the route wants ${shown(role)}: only the case of letters is different; spell it alike, or rename it by roleMapping`,
      },
    ];
  }
  const path = findName(claims, role);
  if (path !== undefined) {
    return [
      {
        code: 'role_elsewhere',
        text: `role ${shown(role)} is in the token at ${path}, where client ${shown(client.name)} does not look: add that path to its roles`,
      },
    ];
  }
  return notImplied(role, client, Object.keys(configuration.roleHierarchy ?? {}));
}

/** @param implying roles that imply others. */
function notImplied(role: string, client: Client, implying: readonly string[]): ExplanationHint[] {
  const sources = implying.filter((other) => other !== role && client.completeRoles([other]).includes(role));
  const implied =
    sources.length === 0 ? 'no other role implies it' : `neither is what implies it (${listed(sources, 'and')})`;
  return [
    {
      code: 'role_not_implied',
      text: `role ${shown(role)} is nowhere in the token, and ${implied}: have it granted at the provider`,
    },
  ];
}

/** Where the scopes are that a token does not have. */
export function scopeHints(claims: JsonObject, inquiry: Inquiry): ExplanationHint[] {
  const { decision, asked } = inquiry;
  if (!decision.accepted) {
    return [];
  }
  const { scopes } = decision.principal;
  return (asked.scopes ?? [])
    .filter((scope) => !scopes.includes(scope))
    .flatMap((scope): ExplanationHint[] => {
      const alike = scopes.find((other) => other.toLowerCase() === scope.toLowerCase());
      if (alike !== undefined) {
        return [
          {
            code: 'scope_case',
            text: `the token has ${shown(alike)}, and the route wants ${shown(scope)}: only the case of letters is different`,
          },
        ];
      }
      const path = findName(claims, scope);
      return path === undefined
        ? []
        : [
            {
              code: 'scope_elsewhere',
              text: `scope ${shown(scope)} is in the token at ${path}, where the client does not look: give the client scopes, with that path`,
            },
          ];
    });
}
