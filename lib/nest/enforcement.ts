import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import type { ClientIndex } from '../client/client-index';
import { hasRules } from '../roles/access';
import { accessOf, declaredOn, declaresAccess, declaresRule } from './access-metadata';
import { MultiJwtGuard } from './multi-jwt.guard';
import { RolesGuard } from './roles.guard';

/** Where Nest's `@UseGuards()` leaves its guards, on classes and handlers alike. */
const GUARDS_METADATA = '__guards__';

/** The guards as they are in this application: a test may have put others in their place. */
export interface GuardsInUse {
  readonly authenticating: unknown;
  readonly authorizing: unknown;
}

/** A method of a controller or provider that may handle requests. */
interface Handler {
  readonly name: string;
  readonly controller: Function;
  readonly handler: Function;
}

/**
 * Finds what decorators ask for and nothing enforces: rules on a handler with no guard before it that looks at them,
 * clients that are not configured, and roles asked of clients that nobody told where their roles are.
 *
 * @returns a warning for each.
 */
export function findUnenforced(
  modules: ModulesContainer,
  application: ApplicationConfig,
  guards: GuardsInUse,
  clients: ClientIndex,
): string[] {
  const globalGuards = [
    ...application.getGlobalGuards(),
    ...application.getGlobalRequestGuards().map((wrapper) => wrapper.metatype),
  ];
  const warnings: string[] = [];
  let asksForRoles = false;
  for (const { name, controller, handler } of handlersOf(modules)) {
    const access = accessOf(controller, handler);
    const inForce = [...globalGuards, ...guardsOn(controller), ...guardsOn(handler)];
    const missing = [
      ...(access.clients !== undefined && !inForce.some((guard) => isGuard(guard, MultiJwtGuard, guards.authenticating))
        ? ['MultiJwtGuard']
        : []),
      ...(hasRules(access) && !inForce.some((guard) => isGuard(guard, RolesGuard, guards.authorizing))
        ? ['RolesGuard']
        : []),
    ];
    if (missing.length === 0 && hasRules(access) && !isAuthenticatedFirst(inForce, guards)) {
      warnings.push(
        `${name} asks for roles or scopes, and no guard before RolesGuard authenticates: it always answers 401; ` +
          'put MultiJwtGuard before RolesGuard',
      );
    }
    if (missing.length > 0) {
      warnings.push(
        `${name} has access decorators that nothing enforces: it needs ${missing.join(' and ')}, ` +
          'by @UseGuards() or by globalGuards: true',
      );
    }
    if ([declaredOn(handler), declaredOn(controller)].some((place) => place.isPublic && declaresRule(place))) {
      warnings.push(`${name} has @Public() beside other access decorators in one place: @Public() has no effect there`);
    }
    for (const client of access.clients ?? []) {
      if (clients.client(client) === undefined) {
        warnings.push(`${name} is for client "${client}", which is not configured`);
      }
    }
    asksForRoles ||= access.roles !== undefined || access.allRoles !== undefined;
  }
  const withoutRoles = clients.clients.filter((client) => !client.hasRoles).map((client) => `"${client.name}"`);
  if (asksForRoles && withoutRoles.length > 0) {
    warnings.push(
      `routes ask for roles, and principals of ${withoutRoles.slice(0, 10).join(', ')}` +
        `${withoutRoles.length > 10 ? ` and ${withoutRoles.length - 10} more` : ''} never have any: ` +
        'give these clients preset or roles, to say where their roles are',
    );
  }
  return warnings;
}

/** Whether any guard stands before RolesGuard: MultiJwtGuard, or one of the application's own that may authenticate. */
function isAuthenticatedFirst(inForce: readonly unknown[], guards: GuardsInUse): boolean {
  const at = inForce.findIndex((guard) => isGuard(guard, RolesGuard, guards.authorizing));
  return inForce.slice(0, at).some((guard) => !isGuard(guard, RolesGuard, guards.authorizing));
}

/** Every method that has access decorators of its own or from its class. */
function* handlersOf(modules: ModulesContainer): Iterable<Handler> {
  const seen = new Set<unknown>();
  for (const module of modules.values()) {
    const controllers = [...module.controllers.values()].map(({ metatype }) => ({ metatype, isController: true }));
    const providers = [...module.providers.values()].map(({ metatype }) => ({ metatype, isController: false }));
    for (const { metatype, isController } of [...controllers, ...providers]) {
      if (typeof metatype !== 'function' || metatype.prototype === undefined || seen.has(metatype)) {
        continue;
      }
      seen.add(metatype);
      for (const [name, handler] of methodsOf(metatype)) {
        const isMeant = isController || hasRulesOrIsPublic(handler) || hasRulesOrIsPublic(metatype);
        // What is no handler has no metadata; a provider without access decorators is none of this library's business.
        if (Reflect.getMetadataKeys(handler).length === 0 || !isMeant) {
          continue;
        }
        yield { name: `${metatype.name}.${name}()`, controller: metatype, handler };
      }
    }
  }
}

function hasRulesOrIsPublic(target: Function): boolean {
  return declaresAccess(declaredOn(target));
}

/** The methods of a class and of those it extends, the nearest of each name. */
function methodsOf(metatype: Function): Map<string, Function> {
  const methods = new Map<string, Function>();
  let prototype: unknown = metatype.prototype;
  while (typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value === 'function' && name !== 'constructor' && !methods.has(name)) {
        methods.set(name, value);
      }
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return methods;
}

function guardsOn(target: object): readonly unknown[] {
  const guards: unknown = Reflect.getMetadata(GUARDS_METADATA, target);
  return Array.isArray(guards) ? guards : [];
}

/** A guard is given as a class or as an instance; a subclass counts, and so does what a test put in its place. */
function isGuard(guard: unknown, expected: Function, inUse: unknown): boolean {
  return (
    guard === expected ||
    guard === inUse ||
    guard instanceof expected ||
    (typeof guard === 'function' && guard.prototype instanceof expected)
  );
}
