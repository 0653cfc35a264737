import type { OidcPrincipal } from '../principal/oidc-principal';
import type { Refusal } from '../refusal/refusal-code';

/** Roles of one client: met by a token of that client that has any of them, and by no other client's token. */
export interface QualifiedRoles {
  /** The name of the configured client. */
  readonly client: string;
  /** Any of these roles. */
  readonly any: readonly string[];
}

/** What `@Roles()` lists: a role of any client's token, or roles of one client's. */
export type RoleRequirement = string | QualifiedRoles;

/**
 * What a route asks of its caller, from its decorators. Every kind that is there must hold.
 *
 * @internal
 */
export interface Access {
  /** Whether anybody may call it, with a token or without, and none is looked at. */
  readonly isPublic: boolean;
  /** Whether it may be called without a token; one that is there must be good. */
  readonly isOptional: boolean;
  /** Whether it says that any authenticated caller may call it. */
  readonly isAuthenticated: boolean;
  /** The clients it is for; enforced where the client is chosen. */
  readonly clients: ReadonlySet<string> | undefined;
  /** Any of these roles. */
  readonly roles: readonly RoleRequirement[] | undefined;
  /** Every one of these roles. */
  readonly allRoles: readonly string[] | undefined;
  /** Every one of these scopes. */
  readonly scopes: readonly string[] | undefined;
  /** Every one of these rules of the application's own: functions, or classes with a method `authorize`. */
  readonly rules: readonly Function[] | undefined;
}

/**
 * Whether a route has a rule that wants a principal.
 *
 * @internal
 */
export function hasRules(access: Access): boolean {
  return (
    access.isAuthenticated ||
    access.roles !== undefined ||
    access.allRoles !== undefined ||
    access.scopes !== undefined ||
    access.rules !== undefined
  );
}

/**
 * Compares a route's rules with the caller, whole names with whole names. Only the application's own rules are left to
 * be asked where it finds nothing.
 *
 * @internal
 */
export function checkAccess(access: Access, principal: OidcPrincipal | undefined): Refusal | undefined {
  if (access.isPublic || !hasRules(access)) {
    return undefined;
  }
  if (principal === undefined) {
    return { code: 'not_authenticated' };
  }
  const { roles, allRoles, scopes } = access;
  if (roles !== undefined && !roles.some((requirement) => meets(principal, requirement))) {
    return { code: 'missing_a_valid_role' };
  }
  if (allRoles !== undefined && !allRoles.every((role) => principal.roles.includes(role))) {
    return { code: 'missing_required_roles' };
  }
  if (scopes !== undefined && !scopes.every((scope) => principal.scopes.includes(scope))) {
    return { code: 'missing_scope', requiredScopes: scopes };
  }
  return undefined;
}

function meets(principal: OidcPrincipal, requirement: RoleRequirement): boolean {
  return typeof requirement === 'string'
    ? principal.roles.includes(requirement)
    : requirement.client === principal.client && requirement.any.some((role) => principal.roles.includes(role));
}
