import 'reflect-metadata';
import { SCOPE_TOKEN } from '../refusal/challenge';
import { ACCESS_METADATA, type AccessKind } from './access-metadata';

/**
 * Opens a route to callers that have **any** of these roles. Enforced by `RolesGuard`; else 403 `missing_a_valid_role`.
 *
 * @throws TypeError without a role, with an empty one, or given twice in one place.
 * @example
 * ```ts
 * @Roles('core_view_all', 'core_admin')
 * @Get()
 * findAll() {}
 * ```
 */
export const Roles = (...roles: string[]): ClassDecorator & MethodDecorator => declare('roles', 'Roles', roles);

/**
 * Opens a route to callers that have **every one** of these roles. Enforced by `RolesGuard`; else 403
 * `missing_required_roles`.
 *
 * @throws TypeError without a role, with an empty one, or given twice in one place.
 */
export const AllRoles = (...roles: string[]): ClassDecorator & MethodDecorator =>
  declare('allRoles', 'AllRoles', roles);

/**
 * Opens a route to tokens that have **every one** of these scopes. Enforced by `RolesGuard`; else 403 `missing_scope`,
 * which names them in its challenge (RFC 6750 section 3.1).
 *
 * @throws TypeError without a scope, with one that is no scope token (RFC 6749 section 3.3), or given twice in one
 *   place.
 */
export const Scopes = (...scopes: string[]): ClassDecorator & MethodDecorator => {
  const wrong = scopes.find((scope) => !SCOPE_TOKEN.test(scope));
  if (wrong !== undefined) {
    throw new TypeError(`@Scopes(): ${JSON.stringify(wrong)} is not a scope token (RFC 6749 section 3.3)`);
  }
  return declare('scopes', 'Scopes', scopes);
};

/**
 * Opens a route to tokens of these configured clients only. Enforced by `MultiJwtGuard`; else 403 `client_not_allowed`.
 *
 * @throws TypeError without a client, with an empty name, or given twice in one place.
 */
export const Clients = (...clients: string[]): ClassDecorator & MethodDecorator =>
  declare('clients', 'Clients', clients);

/**
 * Opens a route to everybody. A token is not looked at: there is no principal, and no refusal. On a handler it defeats
 * every access decorator of the class; on a class it is defeated by any access decorator of a handler.
 */
export const Public = (): ClassDecorator & MethodDecorator => decorate('isPublic', 'Public', true);

function declare(kind: AccessKind, decorator: string, names: readonly string[]): ClassDecorator & MethodDecorator {
  if (names.length === 0 || !names.every((name) => typeof name === 'string' && name !== '')) {
    throw new TypeError(`@${decorator}() needs at least one name, and no empty one`);
  }
  return decorate(kind, decorator, Object.freeze([...names]));
}

function decorate(kind: AccessKind, decorator: string, value: unknown): ClassDecorator & MethodDecorator {
  const key = ACCESS_METADATA[kind];
  return (target: object, propertyKey?: string | symbol, descriptor?: { readonly value?: unknown }): void => {
    const declaredOn: unknown = propertyKey === undefined ? target : descriptor?.value;
    if (typeof declaredOn !== 'function') {
      throw new TypeError(`@${decorator}() belongs on a class or a method, not on ${String(propertyKey)}`);
    }
    // The second of two would silently replace the first.
    if (Reflect.hasOwnMetadata(key, declaredOn)) {
      throw new TypeError(`@${decorator}() is given twice on ${String(propertyKey ?? declaredOn.name)}`);
    }
    Reflect.defineMetadata(key, value, declaredOn);
  };
}
