import type { ModulesContainer } from '@nestjs/core';
import { handlerOf, handlingClasses, methodsOf, type Handler, type HandlingClass, type Home } from './handler';

/** The metadata keys of @nestjs/websockets, @nestjs/microservices and @nestjs/graphql. */
const GATEWAY = 'websockets:is_gateway';
const GATEWAY_OPTIONS = 'websockets:gateway_options';
const GATEWAY_PORT = 'port';
const SUBSCRIBES = 'websockets:message_mapping';
const MESSAGE = 'message';
const PATTERN_KIND = 'microservices:handler_type';
const PATTERN = 'microservices:pattern';
const PATTERN_EXTRAS = 'microservices:pattern_extras';
const TRANSPORT = 'microservices:transport';
const RESOLVER_TYPE = 'graphql:resolver_type';
const RESOLVER_NAME = 'graphql:resolver_name';
const RESOLVES_FIELD = 'graphql:resolve_property';
const RESOLVES_REFERENCE = 'graphql:resolve_reference';
const GRAPHQL_OPTIONS = 'GqlModuleOptions';

/** The kind of message pattern of @nestjs/microservices that has no answer. */
const EVENT = 2;

/** The messages that a WebSocket gateway subscribes to. */
export function* gatewayMessagesOf(gateway: HandlingClass): Iterable<Handler> {
  const { metatype } = gateway;
  if (Reflect.getMetadata(GATEWAY, metatype) !== true) {
    return;
  }
  const options: unknown = Reflect.getMetadata(GATEWAY_OPTIONS, metatype);
  const namespace = typeof options === 'object' && options !== null && 'namespace' in options ? options.namespace : '';
  for (const method of methodsOf(gateway)) {
    const { handler } = method;
    if (Reflect.getMetadata(SUBSCRIBES, handler) === true) {
      const path = [namespace, Reflect.getMetadata(MESSAGE, handler)].filter(Boolean).map(spell).join(' ');
      yield { ...handlerOf(gateway, method, 'ws'), method: 'message', path, isBehindGuards: true };
    }
  }
}

/** The gateways of one WebSocket server. */
export function gatewaysAt(
  modules: ModulesContainer,
  port: number,
  { path, namespace }: { readonly path?: unknown; readonly namespace?: unknown },
): Function[] {
  return handlingClasses(modules)
    .map(({ metatype }) => metatype)
    .filter((metatype) => {
      if (Reflect.getMetadata(GATEWAY, metatype) !== true) {
        return false;
      }
      const options = (Reflect.getMetadata(GATEWAY_OPTIONS, metatype) ?? {}) as {
        readonly path?: unknown;
        readonly namespace?: unknown;
      };
      const isHere = ((Reflect.getMetadata(GATEWAY_PORT, metatype) as unknown) ?? 0) === port && options.path === path;
      return isHere && slashed(options.namespace ?? '') === slashed(namespace ?? '');
    });
}

/** The messages and events that a controller handles for microservices. */
export function* microserviceMessagesOf(controller: HandlingClass): Iterable<Handler> {
  for (const method of methodsOf(controller)) {
    const { handler } = method;
    const kind: unknown = Reflect.getMetadata(PATTERN_KIND, handler);
    if (kind === undefined) {
      continue;
    }
    const extras: unknown = Reflect.getMetadata(PATTERN_EXTRAS, handler);
    const mcpType = member(extras, 'mcpType');
    if (mcpType !== undefined) {
      // A tool, resource or prompt of @rekog/mcp-nest.
      yield {
        ...handlerOf(controller, method, 'rpc'),
        method: spell(mcpType),
        path: spell(member(extras, 'mcpName')),
        isBehindGuards: true,
        mcpTransport: Reflect.getMetadata(TRANSPORT, handler) as unknown,
      };
      continue;
    }
    const patterns: unknown = Reflect.getMetadata(PATTERN, handler);
    for (const pattern of Array.isArray(patterns) ? patterns : [patterns]) {
      yield {
        ...handlerOf(controller, method, 'rpc'),
        method: kind === EVENT ? 'event' : 'message',
        path: spell(pattern),
        isBehindGuards: true,
      };
    }
  }
}

/**
 * The operations of a GraphQL resolver. Fields are reached through operations, and guards apply to them only if the GraphQL
 * module says so. They are separate handlers if `isOfInterest`.
 */
export function* graphqlOperationsOf(
  resolver: HandlingClass,
  hasGuardedFields: boolean,
  isOfInterest: (handler: Function) => boolean,
): Iterable<Handler> {
  const typeName = spell(Reflect.getMetadata(RESOLVER_TYPE, resolver.metatype) ?? resolver.metatype.name);
  const isRoot = (type: unknown): type is string => type === 'Query' || type === 'Mutation' || type === 'Subscription';
  for (const method of methodsOf(resolver)) {
    const { name: methodName, handler } = method;
    const type: unknown = Reflect.getMetadata(RESOLVER_TYPE, handler);
    const name = spell(Reflect.getMetadata(RESOLVER_NAME, handler) ?? methodName);
    const common = handlerOf(resolver, method, 'graphql');
    if (isRoot(type)) {
      yield { ...common, method: type, path: name, isBehindGuards: true };
    } else if (resolvesField(handler) && isRoot(typeName)) {
      // A field of one of these types is an operation. Guards apply to it as to fields.
      yield { ...common, method: typeName, path: name, isBehindGuards: hasGuardedFields };
    } else if (Reflect.getMetadata(RESOLVES_REFERENCE, handler) === true) {
      yield { ...common, method: 'ResolveReference', path: typeName, isBehindGuards: hasGuardedFields };
    } else if (resolvesField(handler) && isOfInterest(handler)) {
      yield { ...common, method: 'ResolveField', path: `${typeName}.${name}`, isBehindGuards: hasGuardedFields };
    }
  }
}

/** Whether a method resolves a field of a GraphQL type. */
export function resolvesField(handler: Function): boolean {
  return Reflect.getMetadata(RESOLVES_FIELD, handler) === true;
}

/**
 * Whether guards apply to the fields of a resolver in these modules. Each GraphQL module that serves them must say so. One
 * without a list of modules serves all.
 */
export function hasGuardedGraphqlFields(modules: ModulesContainer, homes: readonly Home[]): boolean {
  const enhancers = [...modules.values()]
    .filter((module) => module.providers.has(GRAPHQL_OPTIONS))
    .map((module): unknown => module.providers.get(GRAPHQL_OPTIONS)?.instance)
    .filter((options) => servesAny(options, homes))
    .map((options) => member(options, 'fieldResolverEnhancers'));
  return enhancers.length > 0 && enhancers.every((list) => Array.isArray(list) && list.includes('guards'));
}

/** The paths at which GraphQL is served. Its operations are separate handlers. */
export function graphqlPaths(modules: ModulesContainer, globalPrefix: string): string[] {
  return [...modules.values()]
    .filter((module) => module.providers.has(GRAPHQL_OPTIONS))
    .flatMap((module) => {
      const options: unknown = module.providers.get(GRAPHQL_OPTIONS)?.instance;
      const path = slashed(member(options, 'path') ?? 'graphql');
      return [path, `${slashed(globalPrefix)}${path}`];
    });
}

function slashed(path: unknown): string {
  return `/${spell(path).replace(/^\//, '')}`;
}

/** Unknown options may serve anything. */
function servesAny(options: unknown, homes: readonly Home[]): boolean {
  const include = member(options, 'include');
  return (
    !Array.isArray(include) || include.length === 0 || homes.some(({ module }) => include.includes(module.metatype))
  );
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
}

function spell(name: unknown): string {
  return typeof name === 'string' ? name : typeof name === 'function' ? name.name : (JSON.stringify(name) ?? '');
}
