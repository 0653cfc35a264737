import { APP_GUARD, type ApplicationConfig, type ModulesContainer } from '@nestjs/core';
import { MultiJwtGuard } from '../guards/multi-jwt.guard';
import { RolesGuard } from '../guards/roles.guard';

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
  readonly isGlobal: boolean;
}

/** The guards as they are in this application: a test may have put others in their place. */
export interface KnownGuards {
  readonly authenticating: unknown;
  readonly authorizing: unknown;
  /** Guards of the application's own that do what they extend, or authenticate. */
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
    this.#global = globalGuardsOf(modules, application).map((guard) => this.#recognize(guard, true));
  }

  /** @param hasGlobal whether the application's global guards stand before it too. */
  before(controller: Function, handler: Function, hasGlobal: boolean): readonly GuardInForce[] {
    const own = [...guardsOn(controller), ...guardsOn(handler)].map((guard) => this.#recognize(guard, false));
    return [...(hasGlobal ? this.#global : []), ...own];
  }

  #recognize(guard: unknown, isGlobal: boolean): GuardInForce {
    const { authenticating, authorizing, own } = this.known;
    // A guard that replaces what decides may let anybody in; the application knows, and can say so.
    const isVouchedFor = own.some((expected) => isGuard(guard, expected, undefined));
    if (isGuard(guard, MultiJwtGuard, authenticating)) {
      const isKept = guard === authenticating || isVouchedFor || keeps(guard, MultiJwtGuard.prototype, ['canActivate']);
      const does = isKept ? 'authenticates by decorators' : 'unknown';
      return { name: nameOf(guard) ?? 'MultiJwtGuard', does, isGlobal };
    }
    if (isGuard(guard, RolesGuard, authorizing)) {
      const isKept = guard === authorizing || isVouchedFor || keeps(guard, RolesGuard.prototype, ['canActivate']);
      return { name: nameOf(guard) ?? 'RolesGuard', does: isKept ? 'authorizes' : 'unknown', isGlobal };
    }
    const passport = passportPrototypeOf(guard);
    if (passport !== undefined) {
      const isKept = isVouchedFor || keeps(guard, passport, ['canActivate', 'handleRequest']);
      return { name: nameOf(guard) ?? 'AuthGuard', does: isKept ? 'authenticates' : 'unknown', isGlobal };
    }
    return { name: nameOf(guard) ?? 'a guard', does: isVouchedFor ? 'authenticates' : 'unknown', isGlobal };
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

/** An alias is known by what it stands for, also where nothing is instantiated: in a preview, or for each request anew. */
function globalGuardsOf(modules: ModulesContainer, application: ApplicationConfig): readonly unknown[] {
  const aliases = [...modules.values()].flatMap((module) =>
    [...module.providers.entries()]
      .filter(([key, { instance }]) => String(key).startsWith(`${APP_GUARD} `) && (instance ?? null) === null)
      .map(([, wrapper]): unknown => (wrapper.isAlias ? wrapper.inject?.[0] : undefined)),
  );
  const instances: readonly unknown[] = application.getGlobalGuards();
  return [
    ...instances.map((guard) => guard ?? aliases.shift()),
    ...application
      .getGlobalRequestGuards()
      .map(({ isAlias, isNotMetatype, inject, metatype }): unknown =>
        isAlias ? inject?.[0] : isNotMetatype ? undefined : metatype,
      ),
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

/** The prototype that `AuthGuard()` made, of a guard that is one or extends one. */
function passportPrototypeOf(guard: unknown): object | undefined {
  let prototype = prototypeOf(guard);
  while (prototype !== undefined && !PASSPORT_METHODS.every((name) => Object.hasOwn(prototype ?? {}, name))) {
    const next: unknown = Object.getPrototypeOf(prototype);
    prototype = typeof next === 'object' && next !== null ? next : undefined;
  }
  return prototype;
}

/** Whether a guard has these methods as a prototype has them: nothing in between, or on itself, replaces them. */
function keeps(guard: unknown, base: object, methods: readonly string[]): boolean {
  const actual: unknown = typeof guard === 'function' ? guard.prototype : guard;
  return (
    typeof actual === 'object' &&
    actual !== null &&
    methods.every((method) => Reflect.get(actual, method) === Reflect.get(base, method))
  );
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
