import type { ModulesContainer } from '@nestjs/core';
import { prototypesOf, rememberReplacement } from '../access/method-places';

/** What kind of call reaches a handler: Nest's own words, and `other` for what this library has no word for. */
export type HandlerContext = 'http' | 'graphql' | 'ws' | 'rpc' | 'other';

/** A module as Nest's container has it. */
export type NestModule = ModulesContainer extends Map<string, infer M> ? M : never;

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
  /** The class that has been registered. */
  readonly metatype: Function;
  /** The class that guards are told of, which is another one where a decorator wrapped it. */
  readonly controller: Function;
  /** The method of the class. */
  readonly handler: Function;
  /** What Nest runs, and reads the guards of: undefined where it is made for each request anew and may be another function. */
  readonly callback: Function | undefined;
  readonly name: string;
  /** Whether guards stand before it at all; those of GraphQL fields do only where they are told to. */
  readonly isBehindGuards: boolean;
  readonly modules: readonly NestModule[];
}

/** A module that a class is in. */
export interface Home {
  readonly name: string;
  /** The path before those of its controllers. */
  readonly path: string;
  readonly module: NestModule;
}

/** A class that may have handlers, and the modules it is in. */
export interface HandlingClass {
  readonly metatype: Function;
  /** The class as guards are told of it: that of its instances. */
  readonly controller: Function;
  readonly isController: boolean;
  /** The instances that have been made; none in preview mode. */
  readonly instances: readonly object[];
  /** Whether an instance is made for each request, or for each who asks. */
  readonly isPerRequest: boolean;
  readonly modules: readonly Home[];
}

/** One method of a class. */
export interface Method {
  readonly name: string;
  readonly handler: Function;
}

/** Where Nest's RouterModule leaves the path of a module. */
const MODULE_PATH = '__module_path__';

/** A part of what Nest's container keeps of a provider. */
interface Wrapper {
  readonly metatype: unknown;
  readonly isNotMetatype: boolean;
  readonly instance: unknown;
  readonly isTransient: boolean;
  isDependencyTreeStatic(): boolean;
}

/** Every class of controllers and providers, each once. */
export function handlingClasses(modules: ModulesContainer): HandlingClass[] {
  const found = new Map<Function, { -readonly [K in keyof HandlingClass]: HandlingClass[K] }>();
  for (const module of modules.values()) {
    const path: unknown =
      Reflect.getMetadata(MODULE_PATH + modules.applicationId, module.metatype) ??
      Reflect.getMetadata(MODULE_PATH, module.metatype);
    const home = { name: module.metatype.name, path: typeof path === 'string' ? path : '', module };
    const wrappers = [
      ...[...module.controllers.values()].map((wrapper: Wrapper) => ({ wrapper, isController: true })),
      ...[...module.providers.values()].map((wrapper: Wrapper) => ({ wrapper, isController: false })),
    ];
    for (const { wrapper, isController } of wrappers) {
      const metatype = classOf(wrapper);
      if (typeof metatype !== 'function' || !isObject(metatype.prototype)) {
        continue;
      }
      const known = found.get(metatype);
      const isPerRequest = !wrapper.isNotMetatype && (wrapper.isTransient || !wrapper.isDependencyTreeStatic());
      const instances = isObject(wrapper.instance) ? [wrapper.instance] : [];
      found.set(metatype, {
        metatype,
        controller: controllerOf(metatype),
        isController: isController || known?.isController === true,
        isPerRequest: isPerRequest || known?.isPerRequest === true,
        instances: [...(known?.instances ?? []), ...(isPerRequest ? [] : instances)],
        modules: [...(known?.modules ?? []), home],
      });
    }
  }
  return [...found.values()];
}

/** The class behind a provider: its own, or that of what a factory or a value gives. */
function classOf({ metatype, isNotMetatype, instance }: Wrapper): unknown {
  return isNotMetatype && isObject(instance) ? instance.constructor : metatype;
}

/** What guards are told of as the class: the `constructor` of an instance. */
function controllerOf({ prototype }: Function): Function {
  const constructed: unknown = isObject(prototype) ? prototype.constructor : undefined;
  return typeof constructed === 'function' ? constructed : Object;
}

/** The methods of a class and of those it extends, the nearest of each name. */
export function methodsOf({ metatype }: HandlingClass): Method[] {
  const methods = new Map<string, Function>();
  for (const prototype of prototypesOf(metatype)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value === 'function' && name !== 'constructor' && !methods.has(name)) {
        methods.set(name, value);
      }
    }
  }
  return [...methods].map(([name, handler]) => ({ name, handler }));
}

/** What every handler of a class has in common with itself, whatever reaches it. */
export function handlerOf(
  handling: HandlingClass,
  { name, handler }: Method,
  context: HandlerContext,
): Pick<Handler, 'module' | 'metatype' | 'controller' | 'handler' | 'callback' | 'name' | 'modules' | 'context'> {
  const { metatype, controller, modules } = handling;
  return {
    context,
    module: modules[0]?.name ?? '',
    metatype,
    controller,
    handler,
    callback: callbackOf(handling, { name, handler }, context),
    name: `${metatype.name}.${name}`,
    modules: modules.map(({ module }) => module),
  };
}

/**
 * What Nest runs as a method. Of HTTP and messages of microservices it is what the instance has under that name, which may be
 * a function that the constructor put there.
 */
function callbackOf(
  { instances, isPerRequest, metatype }: HandlingClass,
  { name, handler }: Method,
  context: HandlerContext,
): Function | undefined {
  if (isPerRequest) {
    return mayReplace(metatype, name) ? undefined : handler;
  }
  if (context === 'graphql' || context === 'ws') {
    return handler;
  }
  const own = instances
    .map((instance) => Object.getOwnPropertyDescriptor(instance, name)?.value as unknown)
    .find((value) => typeof value === 'function');
  if (typeof own !== 'function') {
    return handler;
  }
  rememberReplacement(own, name);
  return own;
}

/** Whether the code of a class may put a function of its own in the place of a method, on instances that cannot be seen. */
function mayReplace(metatype: Function, name: string): boolean {
  return prototypesOf(metatype).some((prototype) => {
    const code = Function.prototype.toString.call(prototype.constructor);
    return (
      code.includes(`this.${name} =`) ||
      code.includes(`'${name}'`) ||
      code.includes(`"${name}"`) ||
      /\(this\b/.test(code)
    );
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
