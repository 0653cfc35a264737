import type { OidcPrincipal } from '../principal/oidc-principal';
import type { Refusal } from '../refusal/refusal-code';

/**
 * What a route asks of its caller, from its decorators. Every kind that is there must hold.
 *
 * @internal
 */
export interface Access {
  /** Whether anybody may call it, with a token or without. */
  readonly isPublic: boolean;
  /** The clients it is for; enforced where the client is chosen. */
  readonly clients: ReadonlySet<string> | undefined;
  /** Any of these roles. */
  readonly roles: readonly string[] | undefined;
  /** Every one of these roles. */
  readonly allRoles: readonly string[] | undefined;
  /** Every one of these scopes. */
  readonly scopes: readonly string[] | undefined;
}

/** Whether a route has a rule about roles or scopes. */
export function hasRules(access: Access): boolean {
  return access.roles !== undefined || access.allRoles !== undefined || access.scopes !== undefined;
}

/** Compares a route's rules with the caller, whole names with whole names. */
export function checkAccess(access: Access, principal: OidcPrincipal | undefined): Refusal | undefined {
  if (access.isPublic || !hasRules(access)) {
    return undefined;
  }
  if (principal === undefined) {
    return { code: 'not_authenticated' };
  }
  const { roles, allRoles, scopes } = access;
  if (roles !== undefined && !roles.some((role) => principal.roles.includes(role))) {
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
