import type { ModulesContainer } from '@nestjs/core';
import type { CapabilityAccess } from './capability-access';
import { carriers } from './message-context';
import type { ProtectMcpOptions } from './options';
import {
  capabilityOf,
  type Capability,
  type CapabilityKind,
  type DynamicCapability,
  type RequestHandler,
  type SdkServer,
  type StrategyHooks,
} from './strategy-hooks';

/** The lists of the protocol: the member of the answer, and what names an item of which kind. */
const LISTS: Readonly<Record<string, { member: string; kind: CapabilityKind; key: string }>> = {
  'tools/list': { member: 'tools', kind: 'tool', key: 'name' },
  'resources/list': { member: 'resources', kind: 'resource', key: 'uri' },
  'resources/templates/list': { member: 'resourceTemplates', kind: 'resource-template', key: 'uriTemplate' },
  'prompts/list': { member: 'prompts', kind: 'prompt', key: 'name' },
};

/** Stands before all capabilities of one strategy, whatever transport a message comes by. */
export class MessageGuard {
  readonly #capabilities = new Map<string, Capability>();
  /** Capabilities that were registered at run time and are for everybody. */
  readonly #open = new Set<string>();

  constructor(
    private readonly hooks: StrategyHooks,
    private readonly modules: ModulesContainer,
    private readonly access: CapabilityAccess,
    private readonly options: ProtectMcpOptions,
  ) {
    const listen = hooks.listen.bind(hooks);
    hooks.listen = (callback) => {
      try {
        this.#bind();
      } catch (error) {
        callback(error);
        return undefined;
      }
      return listen(callback);
    };
    this.#watchMessages();
  }

  find(kind: CapabilityKind, name: unknown): Capability | undefined {
    return typeof name === 'string' ? this.#capabilities.get(`${kind} ${name}`) : undefined;
  }

  /** Puts a decision before each handler that Nest has bound, and before what is registered at run time. */
  #bind(): void {
    const { hooks, access } = this;
    for (const list of this.options.showAll === true ? [] : Object.keys(LISTS)) {
      if (hooks.options.cacheHints?.[list]?.cacheScope === 'public') {
        throw new Error(`cacheHints: ${list} differs from caller to caller, so its cacheScope cannot be public`);
      }
    }
    for (const [route, handler] of hooks.messageHandlers) {
      const { extras } = handler;
      if (extras?.mcpType === undefined) {
        continue;
      }
      const capability = capabilityOf(this.modules, hooks, extras);
      this.#capabilities.set(`${capability.kind} ${capability.name}`, capability);
      const guarded = async (payload: unknown, context: unknown): Promise<unknown> => {
        await access.enforce(capability, payload, carriers.getStore());
        return handler(payload, context);
      };
      hooks.messageHandlers.set(route, Object.assign(guarded, handler));
    }
    this.#watchRegistered('tool', hooks.dynamicTools);
    this.#watchRegistered('resource', hooks.dynamicResources);
    this.#watchRegistered('prompt', hooks.dynamicPrompts);
  }

  #watchRegistered(kind: CapabilityKind, registered: Map<string, DynamicCapability>): void {
    const set = registered.set.bind(registered);
    registered.set = (name, capability) => {
      const isOpen = capability.metadata.isPublic === true;
      this.#open[isOpen ? 'add' : 'delete'](`${kind} ${name}`);
      const invoke = async (payload: unknown, context: unknown): Promise<unknown> => {
        const carrier = carriers.getStore();
        if (!isOpen && carrier !== undefined && carrier.principal === undefined) {
          throw this.access.errorOf({ code: 'not_authenticated' }, carrier);
        }
        return capability.invoke(payload, context);
      };
      return set(name, { ...capability, invoke });
    };
    for (const [name, capability] of registered) {
      registered.set(name, capability);
    }
  }

  /** Lets each message be handled for the HTTP request that carried it, and filters lists. */
  #watchMessages(): void {
    const { hooks } = this;
    const bind = hooks.bindRequestHandlers.bind(hooks);
    hooks.bindRequestHandlers = (server, session, bound) => {
      for (const [method, handler] of handlersBoundBy(server, () => bind(server, session, bound))) {
        server.server.setRequestHandler(method, async (request, context) => {
          const raw = carriers.getStore()?.raw ?? bound;
          // Two requests of one session may be under way: what was bound may be the other one's.
          const own =
            raw === bound
              ? handler
              : (handlersBoundBy(server, () => bind(server, session, raw)).get(method) ?? handler);
          return this.#handle(method, own, request, context);
        });
      }
    };
  }

  async #handle(method: string, handler: RequestHandler, request: Parameters<RequestHandler>[0], context: unknown) {
    const carrier = carriers.getStore();
    if (method === 'tools/call') {
      // Before the arguments are validated: who may not call learns nothing of them.
      const tool = this.find('tool', request.params?.name);
      const refusal = tool && this.access.refusalOf(tool, carrier);
      if (tool !== undefined && refusal !== undefined) {
        await this.access.enforce(tool, undefined, carrier);
        throw this.access.errorOf(refusal, carrier);
      }
    }
    const result: unknown = await handler(request, context);
    const list = Object.hasOwn(LISTS, method) ? LISTS[method] : undefined;
    if (list === undefined || this.options.showAll === true) {
      return result;
    }
    const shown: unknown[] = [];
    for (const item of (Reflect.get(result as object, list.member) as object[] | undefined) ?? []) {
      const name: unknown = Reflect.get(item, list.key);
      const capability = this.find(list.kind, name);
      const isVisible =
        capability === undefined
          ? carrier === undefined || carrier.principal !== undefined || this.#open.has(`${list.kind} ${String(name)}`)
          : await this.access.isVisible(capability, carrier);
      if (isVisible) {
        shown.push(item);
      }
    }
    return { ...(result as object), [list.member]: shown };
  }
}

/** The handlers that an act sets on a server, instead of setting them. */
function handlersBoundBy({ server }: SdkServer, act: () => void): Map<string, RequestHandler> {
  const handlers = new Map<string, RequestHandler>();
  Object.defineProperty(server, 'setRequestHandler', {
    configurable: true,
    value: (method: string, handler: RequestHandler) => handlers.set(method, handler),
  });
  try {
    act();
  } finally {
    Reflect.deleteProperty(server, 'setRequestHandler');
  }
  return handlers;
}
