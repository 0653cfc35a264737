import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';

/** The global guards that Nest has bound: none, all of the application, or these. */
export type BoundInstances = 'none' | 'all' | readonly unknown[];

/** The global guards that apply to the handlers of each context. GraphQL uses those of HTTP. */
export interface BoundGuards {
  readonly http: BoundInstances;
  readonly ws: BoundInstances;
  readonly rpc: BoundInstances;
}

/** A server of a microservice that has been connected. */
interface Target {
  /** The global guards of the application at that time. */
  readonly guards: readonly unknown[];
  /** Whether Nest read the global guards of the application for its handlers. */
  isInheriting: boolean;
}

/** A part of a server of @nestjs/microservices. */
type RpcServer = Parameters<ModulesContainer['addRpcTarget']>[0];

/**
 * Remembers which global guards Nest has bound. Nest reads the list of global guards once for each handler, so a guard that
 * is added later has no effect.
 */
export class GuardBinding {
  #routes: readonly unknown[] | undefined;
  readonly #targets: Target[] = [];
  readonly #subscription: { unsubscribe(): void } | undefined;
  #onConnect: ((server: RpcServer) => void) | undefined;

  constructor(
    modules: ModulesContainer,
    private readonly application: ApplicationConfig,
  ) {
    // Nest 10 does not report microservices.
    this.#subscription =
      typeof modules.getRpcTargetRegistry === 'function'
        ? modules.getRpcTargetRegistry<RpcServer>().subscribe((server) => this.#connect(server))
        : undefined;
  }

  /** Whether connected microservices are reported. */
  get knowsMicroservices(): boolean {
    return this.#subscription !== undefined;
  }

  get isConnected(): boolean {
    return this.#targets.length > 0;
  }

  /** Call this right before or after Nest binds guards to routes and messages. */
  bindRoutes(): void {
    this.#routes ??= this.#current();
  }

  /** The global guards of routes. */
  routes(): BoundInstances {
    return this.#routes ?? 'all';
  }

  /**
   * The global guards of messages of connected microservices.
   *
   * @param isInheriting whether all of them inherit the guards. Default: what was observed.
   */
  messages(isInheriting?: boolean): BoundInstances {
    const [first, ...others] = this.#targets;
    if (first === undefined || !(isInheriting ?? this.#targets.every((target) => target.isInheriting))) {
      return 'none';
    }
    return first.guards.filter((guard) => others.every(({ guards }) => guards.includes(guard)));
  }

  /** @param act is called after each microservice that is connected from now on. */
  onConnect(act: (server: RpcServer) => void): void {
    this.#onConnect = act;
  }

  stop(): void {
    this.#subscription?.unsubscribe();
  }

  /**
   * Nest binds the handlers of a microservice in the turn in which it is connected. If it inherits the guards of the
   * application, Nest reads their list then. There is no other sign of it.
   */
  #connect(server: RpcServer): void {
    const target: Target = { guards: this.#current(), isInheriting: false };
    this.#targets.push(target);
    const { application } = this;
    const read = (): ReturnType<ApplicationConfig['getGlobalGuards']> => {
      target.isInheriting = true;
      Reflect.deleteProperty(application, 'getGlobalGuards');
      return application.getGlobalGuards();
    };
    Object.defineProperty(application, 'getGlobalGuards', { configurable: true, writable: true, value: read });
    queueMicrotask(() => {
      if (application.getGlobalGuards === read) {
        Reflect.deleteProperty(application, 'getGlobalGuards');
      }
      this.#onConnect?.(server);
    });
  }

  #current(): readonly unknown[] {
    return [...globalGuards(this.application)];
  }
}

/** The current global guards of an application. Read by the method of its class, so that the observer does not see it. */
export function globalGuards(application: ApplicationConfig): readonly unknown[] {
  const read: unknown = Reflect.get(Object.getPrototypeOf(application) as object, 'getGlobalGuards');
  const guards: unknown = typeof read === 'function' ? Reflect.apply(read, application, []) : [];
  return Array.isArray(guards) ? guards : [];
}
