import type { OidcPrincipal } from '../principal/oidc-principal';
import type { Refusal } from '../refusal/refusal-code';
import type { AccessClock } from './authentication-requirement';
import { ACCESS_KIND_NAMES, ACCESS_KINDS, type AccessKind, type AccessRequirements } from './access-kinds';

/**
 * What a route lists, by kind; undefined for a kind that it does not have.
 *
 * @internal
 */
export type AskedRequirements = { readonly [K in AccessKind]?: AccessRequirements[K] | undefined };

/** How open a route is. */
interface Opening {
  /** Whether anybody may call it. A token is ignored. */
  readonly isPublic: boolean;
  /** Whether a token may be missing. One that is present must be valid. */
  readonly isOptional: boolean;
  /** Whether any authenticated caller may call it. */
  readonly isAuthenticated: boolean;
}

/** One rule of a route, ready to be compared with a principal. */
interface PrincipalCheck {
  readonly refusal: Refusal;
  readonly isMet: (principal: OidcPrincipal, clock: AccessClock) => boolean;
}

/**
 * What a route requires of its caller, from its decorators. All kinds of rules must hold.
 *
 * @internal
 */
export interface Access extends Opening, Omit<AskedRequirements, 'clients'> {
  /** The clients it is for; enforced where the client is selected. */
  readonly clients: ReadonlySet<string> | undefined;
  /** Whether it has a rule that needs a principal. */
  readonly hasRules: boolean;
  /** The rules that a principal can be checked against, in order. */
  readonly checks: readonly PrincipalCheck[];
}

/**
 * Makes the access of a route. Called once for each route.
 *
 * @internal
 */
export function accessFrom(opening: Opening, asked: AskedRequirements): Access {
  const checks = ACCESS_KIND_NAMES.map((kind) => checkOf(kind, asked[kind])).filter((check) => check !== undefined);
  const { clients, ...others } = asked;
  return {
    ...opening,
    ...others,
    clients: clients && new Set(clients),
    hasRules: opening.isAuthenticated || hasKindOf('RolesGuard', asked),
    checks,
  };
}

/**
 * Whether a route has a kind of rule that a guard enforces.
 *
 * @internal
 */
export function hasKindOf(
  guard: 'MultiJwtGuard' | 'RolesGuard',
  asked: { readonly [K in AccessKind]?: unknown },
): boolean {
  return ACCESS_KIND_NAMES.some((kind) => ACCESS_KINDS[kind].enforcedBy === guard && asked[kind] !== undefined);
}

function checkOf<K extends AccessKind>(kind: K, names: AskedRequirements[K]): PrincipalCheck | undefined {
  const { code, details, isMet } = ACCESS_KINDS[kind];
  return names === undefined || isMet === undefined
    ? undefined
    : { refusal: { code, ...details?.(names) }, isMet: (principal, clock) => isMet(principal, names, clock) };
}

/**
 * Checks a caller against the rules of a route. Names are compared whole. If all pass, only the application's own rules
 * remain.
 *
 * @internal
 */
export function checkAccess(
  access: Access,
  principal: OidcPrincipal | undefined,
  clock: AccessClock,
): Refusal | undefined {
  if (access.isPublic || !access.hasRules) {
    return undefined;
  }
  return principal === undefined ? { code: 'not_authenticated' } : findUnmet(access, principal, clock);
}

/**
 * The refusal for the first rule that a principal does not meet.
 *
 * @internal
 */
export function findUnmet(
  { checks }: Pick<Access, 'checks'>,
  principal: OidcPrincipal,
  clock: AccessClock,
): Refusal | undefined {
  for (const { isMet, refusal } of checks) {
    if (!isMet(principal, clock)) {
      return refusal;
    }
  }
  return undefined;
}
