import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';

/** Global guards that Nest has bound: none, all that the application has, or these. */
export type BoundInstances = 'none' | 'all' | readonly unknown[];

/** The global guards that stand before the handlers of each context; GraphQL has those of HTTP. */
export interface BoundGuards {
  readonly http: BoundInstances;
  readonly ws: BoundInstances;
  readonly rpc: BoundInstances;
}

/** A server of a microservice that has been connected. */
interface Target {
  /** The global guards that the application had then. */
  readonly guards: readonly unknown[];
  /** Whether Nest read the global guards of the application for its handlers. */
  isInheriting: boolean;
}

/** A part of a server of @nestjs/microservices. */
type RpcServer = Parameters<ModulesContainer['addRpcTarget']>[0];

/**
 * Remembers which global guards Nest bound, and when: it reads the list of global guards once for each handler, and what is
 * added afterwards has no effect.
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
    // Nest 10 does not tell of microservices.
    this.#subscription =
      typeof modules.getRpcTargetRegistry === 'function'
        ? modules.getRpcTargetRegistry<RpcServer>().subscribe((server) => this.#connect(server))
        : undefined;
  }

  /** Whether it is told of microservices that are connected. */
  get knowsMicroservices(): boolean {
    return this.#subscription !== undefined;
  }

  get isConnected(): boolean {
    return this.#targets.length > 0;
  }

  /** Nest is about to bind guards before routes and messages, or has just done so. */
  bindRoutes(): void {
    this.#routes ??= this.#current();
  }

  /** The global guards before routes. */
  routes(): BoundInstances {
    return this.#routes ?? 'all';
  }

  /**
   * The global guards before messages of the microservices that are connected.
   *
   * @param isInheriting whether all of them inherit the guards; where it is not given, only what has been seen counts.
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
   * Nest binds the handlers of a microservice in the same turn as it is connected. Where it inherits the guards of the
   * application, their list is read for that; nothing else says so.
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

/** The global guards that an application has now, read by the method of its class: what watches for reads is not told. */
export function globalGuards(application: ApplicationConfig): readonly unknown[] {
  const read: unknown = Reflect.get(Object.getPrototypeOf(application) as object, 'getGlobalGuards');
  const guards: unknown = typeof read === 'function' ? Reflect.apply(read, application, []) : [];
  return Array.isArray(guards) ? guards : [];
}
