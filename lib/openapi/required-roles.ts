import type { RoleRequirement } from '../roles/access';
import type { OperationRules } from './operation-rules';

/** Roles of any client, or of one; whose they are is left out where the document does not name it. */
type DescribedRole = string | { readonly client?: string; readonly any: readonly string[] };

/** What `x-required-roles` says. */
export interface RequiredRoles {
  readonly anyOf?: readonly DescribedRole[];
  readonly allOf?: readonly string[];
}

/**
 * The roles that an operation asks for, as an extension of the document; undefined where it asks for none.
 *
 * @internal
 */
export function requiredRoles(
  { roles, allRoles }: Pick<OperationRules, 'roles' | 'allRoles'>,
  isNamed: (client: string) => boolean,
): RequiredRoles | undefined {
  const described = (role: RoleRequirement): DescribedRole =>
    typeof role === 'string' || isNamed(role.client) ? role : { any: role.any };
  return roles.length === 0 && allRoles.length === 0
    ? undefined
    : {
        ...(roles.length > 0 && { anyOf: roles.map(described) }),
        ...(allRoles.length > 0 && { allOf: allRoles }),
      };
}

/**
 * What an operation asks for, in words; empty where it asks for nothing.
 *
 * @internal
 */
export function inWords(roles: RequiredRoles | undefined, scopes: readonly string[]): string {
  const code = (name: string): string => `\`${name}\``;
  const spelled = (role: DescribedRole): string =>
    typeof role === 'string'
      ? code(role)
      : `${role.any.map(code).join(' or ')}${role.client === undefined ? '' : ` of ${role.client}`}`;
  const parts = [
    ...(roles?.anyOf === undefined ? [] : [`any of the roles ${roles.anyOf.map(spelled).join(', ')}`]),
    ...(roles?.allOf === undefined ? [] : [`every one of the roles ${roles.allOf.map(code).join(', ')}`]),
    ...(scopes.length === 0 ? [] : [`every one of the scopes ${scopes.map(code).join(', ')}`]),
  ];
  return parts.length === 0 ? '' : `It asks for ${parts.join('; and for ')}.`;
}
