import type { HandlerAccess, HandlerSource } from '../nest/access-table/access-table';
import { accessOf } from '../nest/access/access-metadata';
import { REFUSALS, type RefusalCode } from '../core/refusal/refusal-code';
import type { Access } from '../core/access/access';
import type { AuthenticationRequirement } from '../core/access/authentication-requirement';
import { ACCESS_KIND_NAMES, ACCESS_KINDS, type RoleRequirement } from '../core/access/access-kinds';

/**
 * What the guards of this library require of callers of an operation.
 *
 * @internal
 */
export interface OperationRules {
  /**
   * Whether a token is not read (`none`), optional or required. `elsewhere`: other guards decide.
   */
  readonly token: 'none' | 'optional' | 'required' | 'elsewhere';
  /** The clients it is for; undefined where it is for all. */
  readonly clients: ReadonlySet<string> | undefined;
  readonly scopes: readonly string[];
  /** Any of these roles; none where it asks for none. */
  readonly roles: readonly RoleRequirement[];
  /** Every one of these roles. */
  readonly allRoles: readonly string[];
  /** How the user must have been authenticated; undefined where it asks for nothing. */
  readonly authentication: AuthenticationRequirement | undefined;
  /** How it may refuse. */
  readonly codes: readonly RefusalCode[];
}

/** How a caller is refused without a token, or by a rule of the route. */
const OF_CALLERS: ReadonlySet<RefusalCode> = new Set([
  'authorization_header_missing',
  'not_authenticated',
  ACCESS_KINDS.authenticationContext.code,
]);

/** How a token is refused, where one is looked at. */
const OF_TOKENS: readonly RefusalCode[] = (Object.keys(REFUSALS) as RefusalCode[]).filter(
  (code) => REFUSALS[code].status !== 403 && !OF_CALLERS.has(code),
);

/**
 * Describes the guards and rules of a handler as rules of its operation.
 *
 * @internal
 */
export function rulesOf(
  handler: HandlerAccess,
  { controller, handler: method, guards }: HandlerSource,
): OperationRules {
  const access = accessOf(controller, method);
  const authenticates = guards.some(({ does }) => does === 'authenticates by decorators');
  const asked = guards.some(({ does }) => does === 'authorizes') ? access : undefined;
  return {
    token: tokenFor(handler, access, authenticates),
    clients: bothOf(authenticates ? access.clients : undefined, clientsOf(asked?.roles)),
    scopes: asked?.scopes ?? [],
    roles: asked?.roles ?? [],
    allRoles: asked?.allRoles ?? [],
    authentication: asked?.authenticationContext?.[0],
    codes: access.isPublic ? [] : [...ofTokens(access, authenticates), ...ofRules(access, asked, authenticates)],
  };
}

function tokenFor(handler: HandlerAccess, access: Access, authenticates: boolean): OperationRules['token'] {
  if (access.isPublic) {
    // Another guard may still require something.
    return handler.access === 'public' ? 'none' : 'elsewhere';
  }
  return authenticates ? (access.isOptional ? 'optional' : 'required') : 'elsewhere';
}

function ofTokens(access: Access, authenticates: boolean): readonly RefusalCode[] {
  if (!authenticates) {
    return [];
  }
  const missing: readonly RefusalCode[] = access.isOptional ? [] : ['authorization_header_missing'];
  const restricted: readonly RefusalCode[] = access.clients === undefined ? [] : [ACCESS_KINDS.clients.code];
  return [...missing, ...OF_TOKENS, ...restricted];
}

function ofRules(access: Access, asked: Access | undefined, authenticates: boolean): readonly RefusalCode[] {
  if (asked === undefined || !access.hasRules) {
    return [];
  }
  // Behind MultiJwtGuard there is always a principal.
  const missing: readonly RefusalCode[] = authenticates ? [] : ['not_authenticated'];
  const unmet = ACCESS_KIND_NAMES.filter(
    (kind) => ACCESS_KINDS[kind].enforcedBy === 'RolesGuard' && asked[kind] !== undefined,
  ).map((kind) => ACCESS_KINDS[kind].code);
  return [...missing, ...unmet];
}

/** The clients that can meet a list of roles; undefined where every client might. */
function clientsOf(roles: readonly RoleRequirement[] | undefined): ReadonlySet<string> | undefined {
  const clients = roles?.map((role) => (typeof role === 'string' ? undefined : role.client));
  return clients === undefined || clients.includes(undefined)
    ? undefined
    : new Set(clients.filter((client) => client !== undefined));
}

function bothOf(
  one: ReadonlySet<string> | undefined,
  other: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  return one === undefined || other === undefined
    ? (one ?? other)
    : new Set([...one].filter((name) => other.has(name)));
}
