import 'reflect-metadata';
import type { Access, RoleRequirement } from '../../core/access/access';

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
 * `@OptionalAuth()` of a handler defeats everything on its class, and any rule of a handler defeats those of its class.
 * Where they stand in one place with a rule or with each other, the strictest holds.
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

/** What decorators of this library say on a handler or a class. */
export function declaredOn(target: object): DeclaredAccess {
  const at = (kind: AccessKind): unknown => Reflect.getMetadata(ACCESS_METADATA[kind], target);
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
