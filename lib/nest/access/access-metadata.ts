import 'reflect-metadata';
import type { Access, RoleRequirement } from '../../core/access/access';
import { placesOf, prototypesOf } from './method-places';

/** The kinds of access decorators. */
export type AccessKind = keyof typeof ACCESS_METADATA;

/**
 * Where decorators leave what they say. Fixed strings: with two copies of this package in one application, a guard of
 * one still finds what a decorator of the other said.
 */
export const ACCESS_METADATA = {
  isPublic: 'nestjs-oidc-multi-auth:public',
  isOptional: 'nestjs-oidc-multi-auth:optional',
  isAuthenticated: 'nestjs-oidc-multi-auth:authenticated',
  clients: 'nestjs-oidc-multi-auth:clients',
  roles: 'nestjs-oidc-multi-auth:roles',
  allRoles: 'nestjs-oidc-multi-auth:all-roles',
  scopes: 'nestjs-oidc-multi-auth:scopes',
  rules: 'nestjs-oidc-multi-auth:rules',
} as const;

/** What the decorators of one place say, a class or a handler. */
export interface DeclaredAccess {
  readonly isPublic: boolean;
  readonly isOptional: boolean;
  readonly isAuthenticated: boolean;
  readonly clients: readonly string[] | undefined;
  readonly roles: readonly RoleRequirement[] | undefined;
  readonly allRoles: readonly string[] | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly rules: readonly Function[] | undefined;
}

const known = new WeakMap<object, WeakMap<object, Access>>();

/**
 * What a handler asks of its caller. Each kind of rule is taken from the handler, else from its class. `@Public()` or
 * `@OptionalAuth()` on a handler overrides everything on its class. Any rule on a handler overrides `@Public()` and
 * `@OptionalAuth()` on its class. Where they contradict each other in one place, the strictest applies.
 *
 * Computed once for each handler of each class.
 *
 * @throws Error where it cannot be told which method of the class the handler is, and methods of it have rules.
 */
export function accessOf(controller: object, handler: object): Access {
  let ofController = known.get(controller);
  if (ofController === undefined) {
    ofController = new WeakMap();
    known.set(controller, ofController);
  }
  let access = ofController.get(handler);
  if (access === undefined) {
    access = combine(
      handler === controller ? declaredOnClass(controller) : declaredOnMethod(controller, handler),
      declaredOnClass(controller),
    );
    ofController.set(handler, access);
  }
  return access;
}

/**
 * What access decorators on a class say. They leave it on the prototype too, so that it survives a class decorator that
 * wraps the class and keeps its prototype.
 */
export function declaredOnClass(controller: object): DeclaredAccess {
  const prototype: unknown = Reflect.get(controller, 'prototype');
  return declaredBy(
    (key): unknown =>
      Reflect.getMetadata(key, controller) ?? (isObject(prototype) ? Reflect.getMetadata(key, prototype) : undefined),
  );
}

/**
 * What access decorators on a method say. They leave it on the function and under the name of the method, so that it
 * survives a decorator that replaces the function.
 *
 * @throws Error where it cannot be told which method of the class the handler is, and methods of it have rules.
 */
export function declaredOnMethod(controller: object, handler: object): DeclaredAccess {
  const places = placesOf(controller, handler);
  const declared = declaredBy((key): unknown => {
    const found = places.filter(([prototype, name]) => Reflect.hasOwnMetadata(key, prototype, name));
    const values = new Set(found.map(([prototype, name]): unknown => Reflect.getOwnMetadata(key, prototype, name)));
    if (values.size > 1) {
      throw new Error(`${nameOf(controller)} has one function as several methods, with different access decorators`);
    }
    const [value] = values;
    return value ?? Reflect.getMetadata(key, handler);
  });
  if (places.length === 0 && !declaresAccess(declared) && hasMethodRules(controller)) {
    throw new Error(
      `${nameOf(controller)}: a handler is not one of its methods, and its methods have access decorators; ` +
        'which of them apply to the handler is unknown',
    );
  }
  return declared;
}

/** What access decorators said, given what they left under each key. */
function declaredBy(find: (key: string) => unknown): DeclaredAccess {
  const at = (kind: AccessKind): unknown => find(ACCESS_METADATA[kind]);
  // What a list holds has been checked by the decorator that left it there.
  const listed = (value: unknown) => (Array.isArray(value) ? value : undefined);
  return {
    isPublic: at('isPublic') === true,
    isOptional: at('isOptional') === true,
    isAuthenticated: at('isAuthenticated') === true,
    clients: listed(at('clients')),
    roles: listed(at('roles')),
    allRoles: listed(at('allRoles')),
    scopes: listed(at('scopes')),
    rules: listed(at('rules')),
  };
}

/** Whether one place has a rule: anything that a caller without a token can never meet. */
export function declaresRule({ isAuthenticated, clients, roles, allRoles, scopes, rules }: DeclaredAccess): boolean {
  return isAuthenticated || [clients, roles, allRoles, scopes, rules].some((names) => names !== undefined);
}

/** Whether one place says anything about access. */
export function declaresAccess(declared: DeclaredAccess): boolean {
  return declared.isPublic || declared.isOptional || declaresRule(declared);
}

function combine(onHandler: DeclaredAccess, onClass: DeclaredAccess): Access {
  const decisive = declaresAccess(onHandler) ? onHandler : onClass;
  const isOpen = (decisive.isPublic || decisive.isOptional) && !declaresRule(decisive);
  if (isOpen) {
    return { ...NO_RULES, isPublic: !decisive.isOptional, isOptional: decisive.isOptional };
  }
  const clients = onHandler.clients ?? onClass.clients;
  return {
    isPublic: false,
    isOptional: false,
    isAuthenticated: onHandler.isAuthenticated || onClass.isAuthenticated,
    clients: clients && new Set(clients),
    roles: onHandler.roles ?? onClass.roles,
    allRoles: onHandler.allRoles ?? onClass.allRoles,
    scopes: onHandler.scopes ?? onClass.scopes,
    rules: onHandler.rules ?? onClass.rules,
  };
}

const NO_RULES = {
  isAuthenticated: false,
  clients: undefined,
  roles: undefined,
  allRoles: undefined,
  scopes: undefined,
  rules: undefined,
} as const;

/** Whether a method of a class, or of one that it extends, has a rule. */
function hasMethodRules(controller: object): boolean {
  return prototypesOf(controller).some((prototype) =>
    Reflect.ownKeys(prototype).some((name) =>
      declaresRule(declaredBy((key): unknown => Reflect.getOwnMetadata(key, prototype, name))),
    ),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function nameOf(controller: object): string {
  return typeof controller === 'function' ? controller.name : 'a class';
}
