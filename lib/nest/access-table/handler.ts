import type { ModulesContainer } from '@nestjs/core';
import { prototypesOf, rememberReplacement } from '../access/method-places';

/** The kind of call of a handler: Nest's words, or `other` if unknown. */
export type HandlerContext = 'http' | 'graphql' | 'ws' | 'rpc' | 'other';

/** A module as Nest's container has it. */
export type NestModule = ModulesContainer extends Map<string, infer M> ? M : never;

/** One handler of an application: of a route, an operation or a message. */
export interface Handler {
  readonly context: HandlerContext;
  /** `GET`, `Query`, `message` and the like. */
  readonly method: string;
  /** The path of a route, the field of an operation, the pattern of a message. */
  readonly path: string;
  /** Versions that are not part of the path; absent where there are none. */
  readonly versions?: readonly string[];
  /** The hosts of a route; absent for all hosts. */
  readonly hosts?: readonly string[];
  readonly module: string;
  /** The class that has been registered. */
  readonly metatype: Function;
  /** The class that guards receive. It is another one if a decorator wrapped it. */
  readonly controller: Function;
  /** The method of the class. */
  readonly handler: Function;
  /** The function that Nest runs, and whose guards it reads. Undefined if it may differ for each request. */
  readonly callback: Function | undefined;
  readonly name: string;
  /** Whether guards apply to it. They apply to GraphQL fields only if configured. */
  readonly isBehindGuards: boolean;
  /** The id of the MCP transport that serves it; absent for others. */
  readonly mcpTransport?: unknown;
  readonly modules: readonly NestModule[];
}

/** A module that a class is in. */
export interface Home {
  readonly name: string;
  /** The path prefix of its controllers. */
  readonly path: string;
  readonly module: NestModule;
}

/** A class that may have handlers, and the modules it is in. */
export interface HandlingClass {
  readonly metatype: Function;
  /** The class that guards receive: the class of its instances. */
  readonly controller: Function;
  readonly isController: boolean;
  /** The instances that have been made; none in preview mode. */
  readonly instances: readonly object[];
  /** Whether an instance is made for each request or each injection. */
  readonly isPerRequest: boolean;
  readonly modules: readonly Home[];
}

/** One method of a class. */
export interface Method {
  readonly name: string;
  readonly handler: Function;
}

/** The metadata key of Nest's RouterModule for the path of a module. */
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

/** The class of a provider: its own, or the class of the value that a factory returns. */
function classOf({ metatype, isNotMetatype, instance }: Wrapper): unknown {
  return isNotMetatype && isObject(instance) ? instance.constructor : metatype;
}

/** The class that guards receive: the `constructor` of an instance. */
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

/** The properties that all kinds of handlers have in common. */
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
 * The function that Nest runs for a method. For HTTP and microservice messages, it is the property of the instance, which the
 * constructor may have set.
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

/** Whether the code of a class may replace a method on instances that are unknown. */
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
