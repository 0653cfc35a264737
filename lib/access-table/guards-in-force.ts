import { APP_GUARD, type ApplicationConfig, type ModulesContainer } from '@nestjs/core';
import { MultiJwtGuard } from '../nest/multi-jwt.guard';
import { RolesGuard } from '../nest/roles.guard';

/** Where Nest's `@UseGuards()` leaves its guards, on classes and handlers alike. */
const GUARDS_METADATA = '__guards__';

/** One guard before a handler, and what it does. */
export interface GuardInForce {
  readonly name: string;
  /**
   * What it is known to do: enforce all that `MultiJwtGuard` enforces, or all that `RolesGuard` does; authenticate
   * without looking at the decorators of this library; or nothing that is known here.
   */
  readonly does: 'authenticates by decorators' | 'authorizes' | 'authenticates' | 'unknown';
}

/** The guards as they are in this application: a test may have put others in their place. */
export interface KnownGuards {
  readonly authenticating: unknown;
  readonly authorizing: unknown;
  /** Guards of the application's own that authenticate. */
  readonly own: readonly Function[];
}

/** Tells which guards stand before handlers, in their order. */
export class GuardsInForce {
  readonly #global: readonly GuardInForce[];

  constructor(
    modules: ModulesContainer,
    application: ApplicationConfig,
    private readonly known: KnownGuards,
  ) {
    this.#global = globalGuardsOf(modules, application).map((guard) => this.#recognize(guard));
  }

  /** @param hasGlobal whether the application's global guards stand before it too. */
  before(controller: Function, handler: Function, hasGlobal: boolean): readonly GuardInForce[] {
    const own = [...guardsOn(controller), ...guardsOn(handler)].map((guard) => this.#recognize(guard));
    return [...(hasGlobal ? this.#global : []), ...own];
  }

  #recognize(guard: unknown): GuardInForce {
    const { authenticating, authorizing, own } = this.known;
    if (isGuard(guard, MultiJwtGuard, authenticating)) {
      return { name: nameOf(guard) ?? 'MultiJwtGuard', does: 'authenticates by decorators' };
    }
    if (isGuard(guard, RolesGuard, authorizing)) {
      return { name: nameOf(guard) ?? 'RolesGuard', does: 'authorizes' };
    }
    if (isPassportGuard(guard)) {
      return { name: nameOf(guard) ?? 'AuthGuard', does: 'authenticates' };
    }
    const isOwn = own.some((expected) => isGuard(guard, expected, undefined));
    return { name: nameOf(guard) ?? 'a guard', does: isOwn ? 'authenticates' : 'unknown' };
  }
}

/** Whether there is a guard on a handler itself. */
export function hasOwnGuards(handler: Function): boolean {
  return guardsOn(handler).length > 0;
}

function guardsOn(target: object): readonly unknown[] {
  const guards: unknown = Reflect.getMetadata(GUARDS_METADATA, target);
  return Array.isArray(guards) ? guards : [];
}

/** In a preview of an application, where nothing is instantiated, an alias is known by what it stands for. */
function globalGuardsOf(modules: ModulesContainer, application: ApplicationConfig): readonly unknown[] {
  const aliases = [...modules.values()].flatMap((module) =>
    [...module.providers.entries()]
      .filter(([key, { instance }]) => String(key).startsWith(`${APP_GUARD} `) && (instance ?? null) === null)
      .map(([, { inject }]): unknown => inject?.[0]),
  );
  const instances: readonly unknown[] = application.getGlobalGuards();
  return [
    ...instances.map((guard) => guard ?? aliases.shift()),
    ...application.getGlobalRequestGuards().map(({ metatype }): unknown => metatype),
  ];
}

/** A guard is given as a class or as an instance; a subclass counts, and so does what a test put in its place. */
function isGuard(guard: unknown, expected: Function, inUse: unknown): boolean {
  return (
    guard === expected ||
    (inUse !== undefined && guard === inUse) ||
    guard instanceof expected ||
    (typeof guard === 'function' && guard.prototype instanceof expected)
  );
}

/** The methods of the guards that the `AuthGuard()` of @nestjs/passport makes: a new class each time, without a name. */
const PASSPORT_METHODS = ['handleRequest', 'logIn', 'getAuthenticateOptions'];

function isPassportGuard(guard: unknown): boolean {
  const methods = prototypeOf(guard);
  return methods !== undefined && PASSPORT_METHODS.every((name) => name in methods);
}

function nameOf(guard: unknown): string | undefined {
  const methods = prototypeOf(guard);
  if (methods === undefined || methods === Object.prototype) {
    return undefined;
  }
  const { name } = methods.constructor;
  return name === '' || PASSPORT_METHODS.every((method) => Object.hasOwn(methods, method)) ? undefined : name;
}

/** Of a guard, which is a class or an instance. */
function prototypeOf(guard: unknown): object | undefined {
  const prototype: unknown =
    typeof guard === 'function'
      ? guard.prototype
      : typeof guard === 'object' && guard !== null
        ? Object.getPrototypeOf(guard)
        : undefined;
  return typeof prototype === 'object' && prototype !== null ? prototype : undefined;
}
