import type { AuthenticationRequirement } from '../core/access/authentication-requirement';
import type { RoleRequirement } from '../core/access/access-kinds';
import type { OperationRules } from './operation-rules';

/** Roles of any client, or of one; whose they are is left out where the document does not name it. */
type DescribedRole = string | { readonly client?: string; readonly any: readonly string[] };

/** What `x-required-roles` says. Not in the words of JSON Schema: tools take `allOf` for one wherever it stands. */
export interface RequiredRoles {
  readonly any?: readonly DescribedRole[];
  readonly all?: readonly string[];
}

/**
 * The roles that an operation requires, for the extension of the document; undefined if it requires none.
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
        ...(roles.length > 0 && { any: roles.map(described) }),
        ...(allRoles.length > 0 && { all: allRoles }),
      };
}

/**
 * What an operation requires, in words; empty if it requires nothing.
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
    ...(roles?.any === undefined ? [] : [`any of the roles ${roles.any.map(spelled).join(', ')}`]),
    ...(roles?.all === undefined ? [] : [`every one of the roles ${roles.all.map(code).join(', ')}`]),
    ...(scopes.length === 0 ? [] : [`every one of the scopes ${scopes.map(code).join(', ')}`]),
  ];
  return parts.length === 0 ? '' : `It asks for ${parts.join('; and for ')}.`;
}

/**
 * How an operation requires its user to have been authenticated, in words; empty if it requires nothing.
 *
 * @internal
 */
export function authenticationInWords({ acr, maxAge }: AuthenticationRequirement = {}): string {
  const parts = [
    ...(acr === undefined ? [] : [`by \`acr\` ${acr.map((one) => `\`${one}\``).join(' or ')}`]),
    ...(maxAge === undefined ? [] : [`at most ${maxAge} seconds ago`]),
  ];
  return parts.length === 0 ? '' : `The user must have been authenticated ${parts.join(', ')} (RFC 9470).`;
}
