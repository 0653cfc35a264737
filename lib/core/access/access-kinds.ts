import type { OidcPrincipal } from '../principal/oidc-principal';
import type { Refusal, RefusalCode } from '../refusal/refusal-code';
import {
  isAuthenticatedAs,
  spellRequirement,
  type AccessClock,
  type AuthenticationRequirement,
} from './authentication-requirement';

/** Roles of one client: met by a token of that client that has any of them, and by no other client's token. */
export interface QualifiedRoles {
  /** The name of the configured client. */
  readonly client: string;
  /** Any of these roles. */
  readonly any: readonly string[];
}

/** A role that `@Roles()` lists: of any client, or of one client. */
export type RoleRequirement = string | QualifiedRoles;

/**
 * What decorators list, by the kind of rule.
 *
 * @internal
 */
export interface AccessRequirements {
  /** The clients the route is for. */
  readonly clients: readonly string[];
  /** Any of these roles. */
  readonly roles: readonly RoleRequirement[];
  /** Every one of these roles. */
  readonly allRoles: readonly string[];
  /** Every one of these scopes. */
  readonly scopes: readonly string[];
  /** How the user must have been authenticated: one requirement. */
  readonly authenticationContext: readonly AuthenticationRequirement[];
  /** Every one of these rules of the application: functions, or classes with a method `authorize`. */
  readonly rules: readonly Function[];
}

/**
 * The kinds of rules that list something, in the order in which they are checked.
 *
 * @internal
 */
export const ACCESS_KIND_NAMES = ['clients', 'roles', 'allRoles', 'scopes', 'authenticationContext', 'rules'] as const;

/** @internal */
export type AccessKind = (typeof ACCESS_KIND_NAMES)[number];

/** The steps of an explanation that are about a route. */
export type AccessStepName = 'allowed_client' | 'roles' | 'all_roles' | 'scopes' | 'authentication_context' | 'rules';

/**
 * All that the library knows of one kind of rule.
 *
 * @internal
 */
export interface AccessKindDefinition<Names extends readonly unknown[]> {
  /** The name of its decorator. */
  readonly decorator: string;
  /**
   * Where the decorator leaves its list. A fixed string: with two copies of this package in one application, a guard of one
   * still finds what a decorator of the other said.
   */
  readonly metadataKey: string;
  readonly enforcedBy: 'MultiJwtGuard' | 'RolesGuard';
  /** The refusal of a caller that does not meet it. */
  readonly code: RefusalCode;
  /** What the refusal carries besides its code. */
  readonly details?: (names: Names) => Omit<Refusal, 'code'>;
  /** Whether a principal meets it; absent if that takes more than the principal. */
  readonly isMet?: (principal: OidcPrincipal, names: Names, clock: AccessClock) => boolean;
  /** Its step in an explanation. */
  readonly step: AccessStepName;
  /** The words before the list, in the access table and in explanations. */
  readonly words: string;
}

const isGranted = ({ client, roles }: OidcPrincipal, requirement: RoleRequirement): boolean =>
  typeof requirement === 'string'
    ? roles.includes(requirement)
    : requirement.client === client && requirement.any.some((role) => roles.includes(role));

/**
 * The one table of the kinds of rules. Decorators, guards, the access table,
 * explanations and OpenAPI documents follow from it.
 *
 * @internal
 */
export const ACCESS_KINDS: { readonly [K in AccessKind]: AccessKindDefinition<AccessRequirements[K]> } = {
  clients: {
    decorator: 'Clients',
    metadataKey: 'nestjs-oidc-multi-auth:clients',
    enforcedBy: 'MultiJwtGuard',
    code: 'client_not_allowed',
    step: 'allowed_client',
    words: 'client',
  },
  roles: {
    decorator: 'Roles',
    metadataKey: 'nestjs-oidc-multi-auth:roles',
    enforcedBy: 'RolesGuard',
    code: 'missing_a_valid_role',
    isMet: (principal, roles) => roles.some((role) => isGranted(principal, role)),
    step: 'roles',
    words: 'any role of',
  },
  allRoles: {
    decorator: 'AllRoles',
    metadataKey: 'nestjs-oidc-multi-auth:all-roles',
    enforcedBy: 'RolesGuard',
    code: 'missing_required_roles',
    isMet: ({ roles }, asked) => asked.every((role) => roles.includes(role)),
    step: 'all_roles',
    words: 'every role of',
  },
  scopes: {
    decorator: 'Scopes',
    metadataKey: 'nestjs-oidc-multi-auth:scopes',
    enforcedBy: 'RolesGuard',
    code: 'missing_scope',
    details: (requiredScopes) => ({ requiredScopes }),
    isMet: ({ scopes }, asked) => asked.every((scope) => scopes.includes(scope)),
    step: 'scopes',
    words: 'every scope of',
  },
  // After roles and scopes: a caller who lacks those gains nothing by authenticating again.
  authenticationContext: {
    decorator: 'AuthenticationContext',
    metadataKey: 'nestjs-oidc-multi-auth:authentication-context',
    enforcedBy: 'RolesGuard',
    code: 'insufficient_user_authentication',
    details: ([authentication]) => (authentication === undefined ? {} : { authentication }),
    isMet: ({ claims, client }, asked, clock) => asked.every((one) => isAuthenticatedAs(claims, one, client, clock)),
    step: 'authentication_context',
    words: 'authenticated',
  },
  rules: {
    decorator: 'Authorize',
    metadataKey: 'nestjs-oidc-multi-auth:rules',
    enforcedBy: 'RolesGuard',
    code: 'access_denied',
    step: 'rules',
    words: 'rule',
  },
};

/**
 * A member of a list of any kind, in words.
 *
 * @internal
 */
export function spellMember(member: RoleRequirement | AuthenticationRequirement): string {
  if (typeof member === 'string') {
    return member;
  }
  return 'any' in member ? `${member.any.join(' or ')} of ${member.client}` : spellRequirement(member);
}
