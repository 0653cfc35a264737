import { Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { AccessTable } from './access-table';
import { ForeignRoutes } from './foreign-routes';
import { OidcRuntime } from '../runtime/oidc-runtime';
import { GuardBinding, type BoundInstances } from './bound-guards';
import { buildAccessTable } from './build-access-table';
import { hasGuardedGateways } from './guarded-gateways';
import type { HandlerContext } from './handler';
import type { Configuration } from '../../configuration/resolve-configuration';
import { ruleProviderFault } from '../access/rule-provider';
import { MultiJwtGuard } from '../guards/multi-jwt.guard';
import { RolesGuard } from '../guards/roles.guard';
import { auditAccess } from './startup-audit';

/** What to describe, besides the configuration. */
export interface TableRequest {
  readonly requireExplicitAccess?: boolean | undefined;
  /** The global guards before messages of microservices. */
  readonly rpc: BoundInstances;
}

/**
 * Makes the access table of a running application. Knows which global guards Nest has bound, and which microservices inherit
 * them.
 *
 * @internal
 */
@Injectable()
export class ApplicationAccess {
  readonly binding: GuardBinding;
  #foreign: ForeignRoutes | undefined;

  constructor(
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
  ) {
    this.binding = new GuardBinding(modules, application);
    const host = moduleRef.get(HttpAdapterHost, { strict: false });
    this.#watchRoutes(host);
    // In tests, the adapter is created after the modules. Nest 10 does not always report it.
    host.init$?.subscribe(() => this.#watchRoutes(host));
  }

  #watchRoutes({ httpAdapter }: HttpAdapterHost): void {
    if ((httpAdapter ?? undefined) !== undefined) {
      this.#foreign ??= new ForeignRoutes(httpAdapter);
    }
  }

  /** Call this before Nest binds guards and adds its routes. */
  bindRoutes(): void {
    this.binding.bindRoutes();
    this.#watchRoutes(this.moduleRef.get(HttpAdapterHost, { strict: false }));
    this.#foreign?.bindRoutes();
  }

  /** The access table of an application that starts. */
  table(configuration: Configuration): AccessTable {
    return this.describe(configuration, { rpc: this.messageGuards() });
  }

  /**
   * Checks the messages of a microservice that is connected after the start. The check at start did not see them.
   *
   * @param tell receives each warning.
   */
  watchMicroservices(configuration: Configuration, tell: (warning: string) => void): void {
    const wasConnected = this.binding.isConnected;
    this.binding.onConnect((server) => {
      if (!this.isHttp() || wasConnected) {
        return;
      }
      const table = this.describe(configuration, { rpc: this.messageGuards() }).only('rpc');
      try {
        auditAccess(table, configuration, (context) => this.serves(context)).forEach(tell);
      } catch (error) {
        refuseToListen(server, error);
      }
    });
  }

  stop(): void {
    this.binding.stop();
  }

  /** @param request what to describe, besides the configuration. */
  describe(configuration: Configuration, request: TableRequest): AccessTable {
    const { authenticatingGuards, clients, unguardedRoutes } = configuration;
    const http = this.binding.routes();
    return buildAccessTable({
      modules: this.modules,
      config: this.application,
      guards: {
        authenticating: this.moduleRef.get(MultiJwtGuard),
        authorizing: this.moduleRef.get(RolesGuard),
        own: authenticatingGuards,
        clients: clients.clients.map(({ name }) => name),
      },
      bound: { http, ws: hasGuardedGateways() ? http : 'none', rpc: request.rpc },
      requireExplicitAccess: request.requireExplicitAccess ?? configuration.requireExplicitAccess,
      isClient: (name) => clients.client(name) !== undefined,
      foreignRoutes: (controllers) =>
        this.#foreign?.list({
          modules: this.modules,
          config: this.application,
          controllers,
          own: this.moduleRef.get(OidcRuntime).ownPaths,
        }) ?? [],
      unguardedRoutes,
      mcpTransports: this.moduleRef.get(OidcRuntime).mcpTransports,
      ruleProviderFault: (policy, controller) => ruleProviderFault(this.modules, policy, controller),
    });
  }

  /**
   * Whether the application serves handlers of a context. A microservice serves no routes. An application context, as scripts
   * and workers create, serves nothing.
   */
  serves(context: HandlerContext): boolean {
    if (this.isHttp() || context === 'other') {
      return true;
    }
    const isStandalone = this.binding.knowsMicroservices && !this.binding.isConnected;
    return !isStandalone && (context === 'rpc' || context === 'ws');
  }

  /** Whether the application serves HTTP. If not, it is a microservice or serves nothing. */
  isHttp(): boolean {
    const { httpAdapter } = this.moduleRef.get(HttpAdapterHost, { strict: false });
    return (httpAdapter ?? undefined) !== undefined;
  }

  /** Global guards apply to all messages of a microservice. Without a connected microservice, no message arrives. */
  private messageGuards(): BoundInstances {
    const isAlone = !this.isHttp() || (this.binding.knowsMicroservices && !this.binding.isConnected);
    return isAlone ? this.binding.routes() : this.binding.messages();
  }
}

/** Lets the start of a microservice fail. */
function refuseToListen(server: unknown, error: unknown): void {
  if (typeof server === 'object' && server !== null) {
    Reflect.set(server, 'listen', (callback: (fault: unknown) => void): void => callback(error));
  } else {
    throw error;
  }
}
