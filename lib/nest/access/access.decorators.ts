import 'reflect-metadata';
import { SCOPE_TOKEN } from '../../core/refusal/challenge-characters';
import {
  ACCESS_KINDS,
  type AccessKind,
  type AccessRequirements,
  type QualifiedRoles,
  type RoleRequirement,
} from '../../core/access/access-kinds';
import { copyRequirement, type AuthenticationRequirement } from '../../core/access/authentication-requirement';
import { isRuleClass, type AccessPolicyType, type AccessRequest, type AccessRule } from './access-rule';
import { OPENING_KEYS } from './access-metadata';
import { hasAccessMetadata, keepAccessMetadata } from './method-places';

/**
 * Allows callers that have **any** of these roles: of any client, or, as `{ client, any }`, by a token of that client only.
 * Enforced by `RolesGuard`; otherwise 403 `missing_a_valid_role`.
 *
 * @throws TypeError without a role, with an empty or malformed one, or given twice in one place.
 * @example
 * ```ts
 * @Roles('core_view_all', { client: 'nris', any: ['view'] })
 * @Get()
 * findAll() {}
 * ```
 */
export const Roles = (...roles: RoleRequirement[]): ClassDecorator & MethodDecorator => {
  if (roles.length === 0 || !roles.every((role) => isName(role) || isQualified(role))) {
    throw new TypeError(
      '@Roles() needs at least one name, and no empty one; those of one client are { client: name, any: [names] }',
    );
  }
  return list('roles', Object.freeze(roles.map(frozen)));
};

/**
 * Allows callers that have **every one** of these roles. Enforced by `RolesGuard`; otherwise 403 `missing_required_roles`.
 *
 * @throws TypeError without a role, with an empty one, or given twice in one place.
 */
export const AllRoles = (...roles: string[]): ClassDecorator & MethodDecorator => listNames('allRoles', roles);

/**
 * Allows tokens that have **every one** of these scopes. Enforced by `RolesGuard`; otherwise 403 `missing_scope`, whose
 * challenge names them (RFC 6750 section 3.1).
 *
 * @throws TypeError without a scope, with an invalid scope token (RFC 6749 section 3.3), or given twice in one place.
 */
export const Scopes = (...scopes: string[]): ClassDecorator & MethodDecorator => {
  const wrong = scopes.find((scope) => !SCOPE_TOKEN.test(scope));
  if (wrong !== undefined) {
    throw new TypeError(`@Scopes(): ${JSON.stringify(wrong)} is not a scope token (RFC 6749 section 3.3)`);
  }
  return listNames('scopes', scopes);
};

/**
 * Allows tokens of these configured clients only. Enforced by `MultiJwtGuard`; otherwise 403 `client_not_allowed`.
 *
 * @throws TypeError without a client, with an empty name, or given twice in one place.
 */
export const Clients = (...clients: string[]): ClassDecorator & MethodDecorator => listNames('clients', clients);

/**
 * Allows tokens whose user was authenticated as required (RFC 9470). Enforced by `RolesGuard`, after roles and scopes;
 * otherwise 401 `insufficient_user_authentication`, whose challenge tells the client what to request. For a requirement that
 * depends on the request, throw `StepUpRequired`.
 *
 * @param requirement `acr`: the token's `acr` is one of these, exactly. `maxAge`: seconds since its `auth_time`, with the
 *   clock tolerance of the client. A missing claim does not meet it.
 * @throws TypeError without `acr` and `maxAge`, with a malformed one, or given twice in one place.
 * @example
 * ```ts
 * @AuthenticationContext({ acr: ['phr', 'phrh'], maxAge: 300 })
 * @Delete(':id')
 * remove() {}
 * ```
 */
export const AuthenticationContext = (requirement: AuthenticationRequirement): ClassDecorator & MethodDecorator =>
  list('authenticationContext', Object.freeze([copyRequirement(requirement, '@AuthenticationContext()')]));

/**
 * Allows callers that **every one** of these rules accepts: functions of principal and request, or injectable classes.
 * Enforced by `RolesGuard`, after roles and scopes; otherwise 403 `access_denied`. Only `true` accepts. If a rule throws,
 * the caller gets that exception.
 *
 * @throws TypeError without a rule, with an invalid one, or given twice in one place.
 * @example
 * ```ts
 * @Authorize((principal, request) => principal.claims['mine'] === request.params['id'])
 * @Put(':id')
 * update() {}
 *
 * @Authorize(MayEditMine)
 * @Delete(':id')
 * remove() {}
 * ```
 */
export const Authorize = <Request = AccessRequest>(
  ...rules: (AccessRule<Request> | AccessPolicyType<Request>)[]
): ClassDecorator & MethodDecorator => {
  const isRule = (rule: unknown): boolean =>
    typeof rule === 'function' && (isRuleClass(rule) || !/^class\b/.test(Function.prototype.toString.call(rule)));
  if (rules.length === 0 || !rules.every(isRule)) {
    throw new TypeError('@Authorize() needs at least one rule: a function, or a class with a method authorize()');
  }
  return list('rules', Object.freeze([...rules]));
};

/**
 * Allows every caller with a valid token, of any client. Says explicitly what a guarded route without rules does. Enforced
 * by `MultiJwtGuard` and `RolesGuard`. Other rules, on the class too, apply as well.
 */
export const Authenticated = (): ClassDecorator & MethodDecorator =>
  decorate(OPENING_KEYS.isAuthenticated, 'Authenticated', true);

/**
 * Allows callers without a token, who have no principal. A token that is present must be valid. On a handler it overrides
 * every access decorator of the class. Any access decorator on a handler overrides it on the class.
 */
export const OptionalAuth = (): ClassDecorator & MethodDecorator =>
  decorate(OPENING_KEYS.isOptional, 'OptionalAuth', true);

/**
 * Allows everybody. A token is ignored: there is no principal and no refusal. On a handler it overrides every access
 * decorator of the class. Any access decorator on a handler overrides it on the class.
 */
export const Public = (): ClassDecorator & MethodDecorator => decorate(OPENING_KEYS.isPublic, 'Public', true);

const isName = (name: unknown): name is string => typeof name === 'string' && name !== '';

function isQualified(role: unknown): role is QualifiedRoles {
  if (typeof role !== 'object' || role === null || !('client' in role) || !('any' in role)) {
    return false;
  }
  const { client, any, ...others } = role;
  return (
    isName(client) && Array.isArray(any) && any.length > 0 && any.every(isName) && Object.keys(others).length === 0
  );
}

/** A frozen copy. */
function frozen(role: RoleRequirement): RoleRequirement {
  return typeof role === 'string' ? role : Object.freeze({ client: role.client, any: Object.freeze([...role.any]) });
}

function listNames(
  kind: Exclude<AccessKind, 'roles' | 'authenticationContext' | 'rules'>,
  names: readonly string[],
): ClassDecorator & MethodDecorator {
  if (names.length === 0 || !names.every(isName)) {
    throw new TypeError(`@${ACCESS_KINDS[kind].decorator}() needs at least one name, and no empty one`);
  }
  return list(kind, Object.freeze([...names]));
}

function list<K extends AccessKind>(kind: K, names: AccessRequirements[K]): ClassDecorator & MethodDecorator {
  const { metadataKey, decorator } = ACCESS_KINDS[kind];
  return decorate(metadataKey, decorator, names);
}

function decorate(key: string, decorator: string, value: unknown): ClassDecorator & MethodDecorator {
  return (target: object, propertyKey?: string | symbol, descriptor?: { readonly value?: unknown }): void => {
    const declaredOn: unknown = propertyKey === undefined ? target : descriptor?.value;
    if (typeof declaredOn !== 'function') {
      throw new TypeError(`@${decorator}() belongs on a class or a method, not on ${String(propertyKey)}`);
    }
    // The second would silently replace the first.
    if (Reflect.hasOwnMetadata(key, declaredOn) || hasAccessMetadata(key, target, propertyKey)) {
      throw new TypeError(`@${decorator}() is given twice on ${String(propertyKey ?? declaredOn.name)}`);
    }
    Reflect.defineMetadata(key, value, declaredOn);
    keepAccessMetadata(key, value, target, propertyKey);
  };
}
