import type { ModulesContainer } from '@nestjs/core';

/** What kind of call reaches a handler: Nest's own words, and `other` for what this library has no word for. */
export type HandlerContext = 'http' | 'graphql' | 'ws' | 'rpc' | 'other';

/** One way into an application: a route, an operation, or a message. */
export interface Handler {
  readonly context: HandlerContext;
  /** `GET`, `Query`, `message` and the like. */
  readonly method: string;
  /** The path of a route, the field of an operation, the pattern of a message. */
  readonly path: string;
  /** Versions that are not part of the path; absent where there are none. */
  readonly versions?: readonly string[];
  /** The hosts a route is for; absent where it is for all. */
  readonly hosts?: readonly string[];
  readonly module: string;
  readonly controller: Function;
  readonly handler: Function;
  readonly name: string;
  /** Whether guards stand before it at all; those of GraphQL fields do only where they are told to. */
  readonly isBehindGuards: boolean;
}

/** A class that may have handlers, and the modules it is in. */
export interface HandlingClass {
  readonly metatype: Function;
  readonly isController: boolean;
  /** Of each module it is in: its name, and the path before those of its controllers. */
  readonly modules: readonly { readonly name: string; readonly path: string }[];
}

/** Where Nest's RouterModule leaves the path of a module. */
const MODULE_PATH = '__module_path__';

/** Every class of controllers and providers, each once. */
export function handlingClasses(modules: ModulesContainer): HandlingClass[] {
  const found = new Map<Function, { isController: boolean; modules: { name: string; path: string }[] }>();
  for (const module of modules.values()) {
    const path: unknown =
      Reflect.getMetadata(MODULE_PATH + modules.applicationId, module.metatype) ??
      Reflect.getMetadata(MODULE_PATH, module.metatype);
    const home = { name: module.metatype.name, path: typeof path === 'string' ? path : '' };
    const classes = [
      ...[...module.controllers.values()].map((wrapper) => ({ metatype: classOf(wrapper), isController: true })),
      ...[...module.providers.values()].map((wrapper) => ({ metatype: classOf(wrapper), isController: false })),
    ];
    for (const { metatype, isController } of classes) {
      if (typeof metatype !== 'function' || typeof metatype.prototype !== 'object' || metatype.prototype === null) {
        continue;
      }
      const known = found.get(metatype) ?? { isController, modules: [] };
      known.isController ||= isController;
      known.modules.push(home);
      found.set(metatype, known);
    }
  }
  return [...found].map(([metatype, rest]) => ({ metatype, ...rest }));
}

/** The class behind a provider: its own, or that of what a factory or a value gives. */
function classOf(wrapper: {
  readonly metatype: unknown;
  readonly isNotMetatype: boolean;
  readonly instance: unknown;
}): unknown {
  const { metatype, isNotMetatype, instance } = wrapper;
  return isNotMetatype && typeof instance === 'object' && instance !== null ? instance.constructor : metatype;
}

/** The methods of a class and of those it extends, the nearest of each name. */
export function methodsOf(metatype: Function): ReadonlyMap<string, Function> {
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

/** What every handler of a class has in common with itself, whatever reaches it. */
export function handlerOf(
  { metatype, modules }: HandlingClass,
  [name, handler]: readonly [string, Function],
): Pick<Handler, 'module' | 'controller' | 'handler' | 'name'> {
  return { module: modules[0]?.name ?? '', controller: metatype, handler, name: `${metatype.name}.${name}` };
}
