import type { ModulesContainer } from '@nestjs/core';
import { handlingClasses, methodsOf } from '../nest/access-table/handler';
import type { McpServerStrategy } from './options';

/** The kinds of capabilities of an MCP server, as mcp-nest names them. */
export type CapabilityKind = 'tool' | 'resource' | 'resource-template' | 'prompt';

/** One tool, resource, resource template or prompt of a class. */
export interface Capability {
  readonly kind: CapabilityKind;
  /** The name of a tool or prompt, the URI of a resource, the template of a resource template. */
  readonly name: string;
  readonly controller: Function;
  readonly handler: Function;
  /** Whether mcp-nest's own `@PublicTool()` is on it. */
  readonly isPublicTool: boolean;
}

/** A handler that Nest has bound: a function with properties. */
export type BoundHandler = ((payload: unknown, context: unknown) => unknown) & { readonly extras?: Extras };

interface Extras {
  readonly mcpType?: CapabilityKind;
  readonly mcpName?: string;
  readonly mcpMethodRef?: object;
}

/** A capability that was registered at run time. */
export interface DynamicCapability {
  readonly metadata: { readonly isPublic?: boolean };
  readonly invoke: (payload: unknown, context: unknown) => Promise<unknown>;
}

/** What a server of the SDK offers for handlers of requests. */
export interface SdkServer {
  readonly server: { setRequestHandler(method: string, handler: RequestHandler): void };
}
export type RequestHandler = (request: Message, context: unknown) => unknown;

/** A request of JSON-RPC, as far as it is used. */
export interface Message {
  readonly method?: unknown;
  readonly id?: unknown;
  readonly params?: { readonly name?: unknown; readonly uri?: unknown; readonly arguments?: unknown };
}

/** The members of `McpStrategy` that are used, none of which may be missing. */
export interface StrategyHooks {
  readonly transportId: unknown;
  readonly options: {
    readonly transports: readonly object[];
    readonly cacheHints?: Readonly<Record<string, { readonly cacheScope?: string } | undefined>>;
  };
  readonly messageHandlers: Map<string, BoundHandler>;
  readonly dynamicTools: Map<string, DynamicCapability>;
  readonly dynamicResources: Map<string, DynamicCapability>;
  readonly dynamicPrompts: Map<string, DynamicCapability>;
  bindRequestHandlers(server: SdkServer, session: unknown, raw?: unknown): void;
  listen(callback: (error?: unknown, ...rest: unknown[]) => void): unknown;
}

const PATTERN_EXTRAS = 'microservices:pattern_extras';
const TRANSPORT = 'microservices:transport';
const PUBLIC_TOOL = 'mcp:public-tool';

/** @throws Error if the strategy has no such members: its rules could not be enforced. */
export function hooksOf(strategy: McpServerStrategy): StrategyHooks {
  const maps = ['messageHandlers', 'dynamicTools', 'dynamicResources', 'dynamicPrompts'];
  const isKnown =
    typeof strategy.bindRequestHandlers === 'function' &&
    typeof strategy.listen === 'function' &&
    Array.isArray(strategy.options?.transports) &&
    maps.every((name) => Reflect.get(strategy, name) instanceof Map);
  if (!isKnown) {
    throw new Error('protectMcp() needs a McpStrategy of @rekog/mcp-nest 2: its hooks are missing here');
  }
  return strategy as unknown as StrategyHooks;
}

/**
 * Finds the class and the method of a bound handler.
 *
 * @throws Error if there is none, or more than one: it would be unknown whose decorators apply.
 */
export function capabilityOf(modules: ModulesContainer, hooks: StrategyHooks, extras: Extras): Capability {
  const { mcpType, mcpName, mcpMethodRef } = extras;
  const found = handlingClasses(modules)
    .filter(({ isController }) => isController)
    .flatMap((candidate) =>
      methodsOf(candidate)
        .filter(({ handler }) => {
          const own = Reflect.getMetadata(PATTERN_EXTRAS, handler) as Extras | undefined;
          const transport: unknown = Reflect.getMetadata(TRANSPORT, handler);
          return (
            own?.mcpType === mcpType &&
            own?.mcpName === mcpName &&
            (transport === undefined || transport === hooks.transportId)
          );
        })
        .map(({ handler }) => ({ controller: candidate.controller, handler })),
    );
  const [only] = found;
  if (only === undefined || found.length > 1 || mcpType === undefined || mcpName === undefined) {
    throw new Error(
      `protectMcp() cannot enforce the rules of the ${mcpType ?? 'handler'} ${JSON.stringify(mcpName)}: ` +
        `${found.length === 0 ? 'no method' : `${found.length} methods`} of a controller handles it`,
    );
  }
  const isPublicTool = mcpMethodRef !== undefined && Reflect.getMetadata(PUBLIC_TOOL, mcpMethodRef) === true;
  return { kind: mcpType, name: mcpName, ...only, isPublicTool };
}
