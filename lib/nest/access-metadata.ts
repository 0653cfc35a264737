import 'reflect-metadata';
import type { Access } from '../roles/access';

/** The kinds of access decorators. */
export type AccessKind = 'isPublic' | 'clients' | 'roles' | 'allRoles' | 'scopes';

/**
 * Where decorators leave what they say. Fixed strings: with two copies of this package in one application, a guard of
 * one still finds what a decorator of the other said.
 */
export const ACCESS_METADATA: Readonly<Record<AccessKind, string>> = {
  isPublic: 'nestjs-oidc-multi-auth:public',
  clients: 'nestjs-oidc-multi-auth:clients',
  roles: 'nestjs-oidc-multi-auth:roles',
  allRoles: 'nestjs-oidc-multi-auth:all-roles',
  scopes: 'nestjs-oidc-multi-auth:scopes',
};

const RULES = ['clients', 'roles', 'allRoles', 'scopes'] as const;

/** What the decorators of one place say, a class or a handler. */
type Declared = Readonly<Partial<Record<(typeof RULES)[number], readonly string[]>>> & {
  readonly isPublic: boolean;
  readonly hasRules: boolean;
};

const known = new WeakMap<object, WeakMap<object, Access>>();

/**
 * What a handler asks of its caller. Each kind of rule is taken from the handler, else from its class; `@Public()` of a
 * handler defeats everything on its class, and any rule of a handler defeats its class's `@Public()`. Where `@Public()`
 * and a rule stand in one place, the rule holds.
 *
 * Worked out once for each handler of each class.
 */
export function accessOf(controller: object, handler: object): Access {
  let ofController = known.get(controller);
  if (ofController === undefined) {
    ofController = new WeakMap();
    known.set(controller, ofController);
  }
  let access = ofController.get(handler);
  if (access === undefined) {
    access = combine(declaredOn(handler), declaredOn(controller));
    ofController.set(handler, access);
  }
  return access;
}

/** Whether decorators of this library say anything about a handler or its class. */
export function declaredOn(target: object): Declared {
  const rules: Partial<Record<(typeof RULES)[number], readonly string[]>> = {};
  for (const kind of RULES) {
    const names: unknown = Reflect.getMetadata(ACCESS_METADATA[kind], target);
    if (Array.isArray(names)) {
      rules[kind] = names;
    }
  }
  const isPublic = Reflect.getMetadata(ACCESS_METADATA.isPublic, target) === true;
  return { ...rules, isPublic, hasRules: Object.keys(rules).length > 0 };
}

function combine(onHandler: Declared, onClass: Declared): Access {
  const handlerIsOpen = onHandler.isPublic && !onHandler.hasRules;
  const classIsOpen = onClass.isPublic && !onClass.hasRules && !onHandler.hasRules;
  if (handlerIsOpen || classIsOpen) {
    return { isPublic: true, clients: undefined, roles: undefined, allRoles: undefined, scopes: undefined };
  }
  const clients = onHandler.clients ?? onClass.clients;
  return {
    isPublic: false,
    clients: clients && new Set(clients),
    roles: onHandler.roles ?? onClass.roles,
    allRoles: onHandler.allRoles ?? onClass.allRoles,
    scopes: onHandler.scopes ?? onClass.scopes,
  };
}
