import 'reflect-metadata';
import { accessFrom, type Access, type AskedRequirements } from '../../core/access/access';
import { ACCESS_KIND_NAMES, ACCESS_KINDS } from '../../core/access/access-kinds';
import { placesOf, prototypesOf } from './method-places';

/** The decorators that say how open a route is, and their metadata keys. */
export const OPENING_KEYS = {
  isPublic: 'nestjs-oidc-multi-auth:public',
  isOptional: 'nestjs-oidc-multi-auth:optional',
  isAuthenticated: 'nestjs-oidc-multi-auth:authenticated',
} as const;

/** The decorators in one place: a class or a handler. */
export interface DeclaredAccess extends AskedRequirements {
  readonly isPublic: boolean;
  readonly isOptional: boolean;
  readonly isAuthenticated: boolean;
}

const known = new WeakMap<object, WeakMap<object, Access>>();

/**
 * The access that a handler requires. Each kind of rule is taken from the handler, else from its class. `@Public()` or
 * `@OptionalAuth()` on a handler overrides everything on its class. Any rule on a handler overrides `@Public()` and
 * `@OptionalAuth()` on its class. If they contradict each other in one place, the strictest applies.
 *
 * Computed once for each handler of each class.
 *
 * @throws Error if it is unknown which method of the class the handler is, and methods of the class have rules.
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
 * The access decorators on a class. They are kept on the prototype too, so that they survive a class decorator that wraps
 * the class and keeps its prototype.
 */
export function declaredOnClass(controller: object): DeclaredAccess {
  const prototype: unknown = Reflect.get(controller, 'prototype');
  return declaredBy(
    (key): unknown =>
      Reflect.getMetadata(key, controller) ?? (isObject(prototype) ? Reflect.getMetadata(key, prototype) : undefined),
  );
}

/**
 * The access decorators on a method. They are kept on the function and under the name of the method, so that they survive a
 * decorator that replaces the function.
 *
 * @throws Error if it is unknown which method of the class the handler is, and methods of the class have rules.
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

/** Reads access decorators by their metadata keys. */
function declaredBy(find: (key: string) => unknown): DeclaredAccess {
  return {
    isPublic: find(OPENING_KEYS.isPublic) === true,
    isOptional: find(OPENING_KEYS.isOptional) === true,
    isAuthenticated: find(OPENING_KEYS.isAuthenticated) === true,
    ...Object.fromEntries(
      ACCESS_KIND_NAMES.map((kind) => {
        const { metadataKey } = ACCESS_KINDS[kind];
        return [kind, listAt(metadataKey, find(metadataKey))];
      }),
    ),
  };
}

/**
 * Returns a list as it is: the decorator has checked its members.
 *
 * @throws Error for anything else, such as metadata of another version of this library. An unreadable rule must not be
 *   ignored.
 */
function listAt(key: string, value: unknown): unknown {
  if (value !== undefined && !Array.isArray(value)) {
    throw new Error(`the access rule at ${key} cannot be read: another version of this library may have left it`);
  }
  return value;
}

/** Whether one place has a rule that a caller without a token cannot meet. */
export function declaresRule(declared: DeclaredAccess): boolean {
  return declared.isAuthenticated || ACCESS_KIND_NAMES.some((kind) => declared[kind] !== undefined);
}

/** Whether one place has any access decorator. */
export function declaresAccess(declared: DeclaredAccess): boolean {
  return declared.isPublic || declared.isOptional || declaresRule(declared);
}

function combine(onHandler: DeclaredAccess, onClass: DeclaredAccess): Access {
  const decisive = declaresAccess(onHandler) ? onHandler : onClass;
  if ((decisive.isPublic || decisive.isOptional) && !declaresRule(decisive)) {
    const { isOptional } = decisive;
    return accessFrom({ isPublic: !isOptional, isOptional, isAuthenticated: false }, {});
  }
  const isAuthenticated = onHandler.isAuthenticated || onClass.isAuthenticated;
  const asked = Object.fromEntries(ACCESS_KIND_NAMES.map((kind) => [kind, onHandler[kind] ?? onClass[kind]]));
  return accessFrom({ isPublic: false, isOptional: false, isAuthenticated }, asked);
}

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
