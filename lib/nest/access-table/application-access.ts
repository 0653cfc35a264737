import { Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { AccessTable } from './access-table';
import { buildAccessTable } from './build-access-table';
import { hasGuardedGateways } from './guarded-gateways';
import type { Configuration } from '../../configuration/resolve-configuration';
import { policyFault } from '../access/find-policy';
import { MultiJwtGuard } from '../guards/multi-jwt.guard';
import { RolesGuard } from '../guards/roles.guard';

/**
 * The access table of the application from within: it knows all but whether the microservices of a hybrid application
 * inherit its guards.
 *
 * @internal
 */
@Injectable()
export class ApplicationAccess {
  private stopWatching: () => void = () => undefined;

  constructor(
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
  ) {}

  /**
   * Who may call what. Global guards count as not standing before messages of microservices that are connected to an
   * application that serves HTTP: whether they do cannot be seen from here.
   */
  table(configuration: Configuration): AccessTable {
    return this.describe(configuration, this.isHttp() && this.isConnected());
  }

  /**
   * Tells of each message that nobody guards when a microservice is connected after the start, which has said nothing of it.
   */
  watchMicroservices(configuration: Configuration, tell: (warning: string) => void): void {
    if (!this.isHttp() || this.isConnected() || typeof this.modules.getRpcTargetRegistry !== 'function') {
      return;
    }
    const subscription = this.modules.getRpcTargetRegistry().subscribe(() => {
      subscription.unsubscribe();
      for (const { handler, problem, remedy } of this.describe(configuration, true).findings) {
        if (handler.context === 'rpc') {
          tell(`${handler.handler}() ${problem}; ${remedy}`);
        }
      }
    });
    this.stopWatching = () => subscription.unsubscribe();
  }

  stop(): void {
    this.stopWatching();
  }

  private describe(
    { authenticatingGuards, clients, requireExplicitAccess }: Configuration,
    isHybrid: boolean,
  ): AccessTable {
    return buildAccessTable({
      modules: this.modules,
      config: this.application,
      guards: {
        authenticating: this.moduleRef.get(MultiJwtGuard),
        authorizing: this.moduleRef.get(RolesGuard),
        own: authenticatingGuards,
      },
      hasGuardedMessages: !isHybrid,
      hasGuardedGateways: hasGuardedGateways(),
      requireExplicitAccess,
      isClient: (name) => clients.client(name) !== undefined,
      policyFault: (policy, controller) => policyFault(this.modules, policy, controller),
    });
  }

  private isHttp(): boolean {
    const { httpAdapter } = this.moduleRef.get(HttpAdapterHost, { strict: false });
    return (httpAdapter ?? undefined) !== undefined;
  }

  /** Whether a microservice is connected by now; Nest 10 does not say, so there one may be. */
  private isConnected(): boolean {
    if (typeof this.modules.getRpcTargetRegistry !== 'function') {
      return true;
    }
    let isConnected = false;
    this.modules
      .getRpcTargetRegistry()
      .subscribe(() => {
        isConnected = true;
      })
      .unsubscribe();
    return isConnected;
  }
}
