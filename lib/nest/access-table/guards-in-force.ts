import { APP_GUARD, type ApplicationConfig, type ModulesContainer } from '@nestjs/core';
import { MultiJwtGuard } from '../guards/multi-jwt.guard';
import { RolesGuard } from '../guards/roles.guard';
import { globalGuards, type BoundInstances } from './bound-guards';
import { GuardEvidence, isInjected, type GuardReference, type GuardRole } from './guard-evidence';
import type { Handler, NestModule } from './handler';
import { isPassportPrototype, PassportGuards } from './passport-guards';

/** The metadata key of Nest's `@UseGuards()`, on classes and handlers. */
const GUARDS_METADATA = '__guards__';

/** One guard of a handler, and what it does. */
export interface GuardInForce {
  readonly name: string;
  readonly does: GuardRole;
  readonly isGlobal: boolean;
  /** Whether it is of this library and was made by `new`, without what Nest injects. Each call ends with an error. */
  readonly isBare: boolean;
  /** Whether the container holds something else under the class of a guard: a test has overridden it. */
  readonly isOverridden: boolean;
}

/** The guards of this application. */
export interface KnownGuards {
  /** The providers of `MultiJwtGuard` and `RolesGuard` in the module; undefined if unknown. */
  readonly authenticating: unknown;
  readonly authorizing: unknown;
  /** The application's own guards that authenticate, or do what their base class does. */
  readonly own: readonly Function[];
  /** The names of clients; undefined where they are not known. */
  readonly clients: readonly string[] | undefined;
}

/** Finds the guards that apply to a handler, in order. */
export class GuardsInForce {
  readonly #evidence: GuardEvidence;

  constructor(
    private readonly modules: ModulesContainer,
    private readonly application: ApplicationConfig,
    private readonly known: KnownGuards,
  ) {
    this.#evidence = new GuardEvidence(known.own, new PassportGuards(known.clients));
  }

  /**
   * @param bound the global guards that Nest has bound to handlers.
   * @param withPerRequest whether guards that are made for each request apply too.
   */
  global(bound: BoundInstances, withPerRequest = true): readonly GuardInForce[] {
    if (bound === 'none') {
      return [];
    }
    return [
      ...globalInstances(this.modules, bound === 'all' ? globalGuards(this.application) : bound),
      ...(withPerRequest ? perRequestGuards(this.application) : []),
    ].map((guard) => this.#recognize(guard, true));
  }

  /** The guards of `@UseGuards()` that apply to a handler. */
  own({ metatype, controller, callback, modules }: Handler): readonly GuardInForce[] {
    // If one class wraps another, versions of Nest differ in which of the two they read.
    const onController = new Set(guardsOn(controller));
    const onClass = guardsOn(metatype).filter((guard) => onController.has(guard));
    const onMethod = callback === undefined ? [] : guardsOn(callback);
    return [...onClass, ...onMethod].map((guard) => this.#recognize(referenceTo(guard, modules), false));
  }

  #recognize(reference: GuardReference, isGlobal: boolean): GuardInForce {
    const { declared, instances } = reference;
    const isClass = typeof declared === 'function';
    const overridden = isClass ? undefined : this.#overriddenBy(declared);
    return {
      name: nameOf(overridden ?? (isClass ? declared : constructorOf(declared))) ?? 'a guard',
      does: this.#evidence.roleOf(reference),
      isGlobal,
      isBare: !isClass && instances.some((instance) => !isInjected(instance)),
      isOverridden: isClass ? instances.some((instance) => !(instance instanceof declared)) : overridden !== undefined,
    };
  }

  /** The guard of this library that a test has overridden. */
  #overriddenBy(guard: unknown): Function | undefined {
    if (guard === this.known.authenticating && !(guard instanceof MultiJwtGuard)) {
      return MultiJwtGuard;
    }
    return guard === this.known.authorizing && !(guard instanceof RolesGuard) ? RolesGuard : undefined;
  }
}

/** Whether there is a guard on a class or a method itself. */
export function hasOwnGuards(target: Function): boolean {
  return guardsOn(target).length > 0;
}

function guardsOn(target: object): readonly unknown[] {
  const guards: unknown = Reflect.getMetadata(GUARDS_METADATA, target);
  return Array.isArray(guards) ? guards : [];
}

/** A guard of `@UseGuards()`. If it is a class, each module of the handler has its own instance. */
function referenceTo(declared: unknown, modules: readonly NestModule[]): GuardReference {
  if (typeof declared !== 'function') {
    return { declared, instances: isObject(declared) ? [declared] : [], isPerRequest: false };
  }
  const wrappers = modules.flatMap(({ injectables }) => {
    const wrapper = [...injectables].find(([token]) => token === declared)?.[1];
    return wrapper === undefined ? [] : [wrapper];
  });
  const isPerRequest = wrappers.some((wrapper) => wrapper.isTransient || !wrapper.isDependencyTreeStatic());
  const made = wrappers.map(({ instance }): unknown => instance).filter(isObject);
  return { declared, instances: isPerRequest ? [] : made, isPerRequest };
}

/** An alias is resolved, also in preview mode, where nothing is instantiated. */
function globalInstances(modules: ModulesContainer, bound: readonly unknown[]): readonly GuardReference[] {
  const aliases = [...modules.values()].flatMap((module) =>
    [...module.providers.entries()]
      .filter(([key, { instance }]) => String(key).startsWith(`${APP_GUARD} `) && (instance ?? null) === null)
      .map(([, wrapper]): unknown => (wrapper.isAlias ? wrapper.inject?.[0] : undefined)),
  );
  return bound.map((guard) => ({
    declared: guard ?? aliases.shift(),
    instances: isObject(guard) ? [guard] : [],
    isPerRequest: false,
  }));
}

function perRequestGuards(application: ApplicationConfig): readonly GuardReference[] {
  return application.getGlobalRequestGuards().map(({ isAlias, isNotMetatype, inject, metatype }) => {
    const declared: unknown = isAlias ? inject?.[0] : isNotMetatype ? undefined : metatype;
    return { declared, instances: [], isPerRequest: true };
  });
}

function nameOf(guard: unknown): string | undefined {
  if (typeof guard !== 'function' || guard === Object) {
    return undefined;
  }
  if (isObject(guard.prototype) && isPassportPrototype(guard.prototype)) {
    return 'AuthGuard';
  }
  return guard.name === '' ? undefined : guard.name;
}

function constructorOf(guard: unknown): unknown {
  return isObject(guard) ? guard.constructor : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
