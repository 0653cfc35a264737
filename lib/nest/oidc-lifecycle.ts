import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { auditAccess } from '../access-table/audit-access';
import type { AccessTable } from '../access-table/access-table';
import { buildAccessTable } from '../access-table/build-access-table';
import type { Configuration } from '../configuration/resolve-configuration';
import { isRetired } from '../client/client';
import { systemClock } from '../clock';
import { startTelemetry, type Telemetry } from '../observation/telemetry';
import { StrategyRegistry } from '../passport/strategy-registry';
import { findPolicy } from './access-policies';
import { MultiJwtGuard } from './multi-jwt.guard';
import { OidcHealthIndicator } from './oidc-health.indicator';
import { OidcRuntime } from './oidc-runtime';
import { ResourceMetadataEndpoint } from './resource-metadata.endpoint';
import { RolesGuard } from './roles.guard';
import { assertStaticOptions } from './single-module';

/**
 * What happens when an application starts and stops: strategies are registered, key sets warmed up in the background,
 * doubtful settings told; and all of it taken back.
 *
 * Looks its collaborators up instead of having them injected: it must be there to say so when they cannot be.
 *
 * @internal
 */
@Injectable()
export class OidcLifecycle implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger: Logger = new Logger('OidcMultiAuthModule');
  private readonly registry: StrategyRegistry = new StrategyRegistry();
  private telemetry: Telemetry | undefined;

  constructor(
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
  ) {}

  onModuleInit(): void {
    assertStaticOptions(this.modules);
  }

  /** Only now: where another module fails to start, nothing is left behind in the process. */
  async onApplicationBootstrap(): Promise<void> {
    const { configuration, issuers, strategies } = this.runtime();
    const table = this.accessTable(configuration);
    const doubts = auditAccess(table, configuration);
    this.runtime().routes.use(table);
    this.moduleRef.get(ResourceMetadataEndpoint).scopes = table.handlers.flatMap(({ scopes }) => scopes?.names ?? []);
    for (const warning of [...configuration.warnings, ...doubts]) {
      this.logger.warn(warning);
    }
    if (configuration.openTelemetry) {
      this.telemetry = startTelemetry(issuers);
      this.runtime().observer.listen(this.telemetry.listener);
    }
    for (const name of this.registry.register(strategies)) {
      this.logger.warn(
        `the Passport strategy "${name}" was another application's in this process and is this one's now; ` +
          'give clients names of their own, or use MultiJwtGuard, which does not share strategies',
      );
    }
    const now = systemClock.now();
    if (configuration.strictStart) {
      const required = configuration.clients.clients.filter((client) => client.isRequired && !isRetired(client, now));
      await issuers.warmUp(new Set(required.map(({ issuer }) => issuer)));
      this.assertKeys();
    }
    // Nothing is asked of issuers whose clients are all refused by now.
    const live = configuration.clients.clients.filter((client) => !isRetired(client, now));
    void issuers.warmUp(new Set(live.map(({ issuer }) => issuer)));
  }

  /** Who may call what in the application. */
  accessTable({ authenticatingGuards, clients, requireExplicitAccess }: Configuration): AccessTable {
    return buildAccessTable({
      modules: this.modules,
      config: this.application,
      guards: {
        authenticating: this.moduleRef.get(MultiJwtGuard),
        authorizing: this.moduleRef.get(RolesGuard),
        own: authenticatingGuards,
      },
      hasGuardedMessages: !this.isHybrid(),
      requireExplicitAccess,
      isClient: (name) => clients.client(name) !== undefined,
      isProvided: (policy, controller) => findPolicy(this.modules, policy, controller) !== undefined,
    });
  }

  /**
   * Whether messages of microservices reach an application that serves HTTP. Whether its global guards stand before them
   * cannot be seen from here, so they count as not standing there.
   */
  private isHybrid(): boolean {
    const { httpAdapter } = this.moduleRef.get(HttpAdapterHost, { strict: false });
    // Nest 10 does not say whether any microservice is connected.
    let isConnected = typeof this.modules.getRpcTargetRegistry !== 'function';
    if (!isConnected) {
      this.modules
        .getRpcTargetRegistry()
        .subscribe(() => {
          isConnected = true;
        })
        .unsubscribe();
    }
    return isConnected && (httpAdapter ?? undefined) !== undefined;
  }

  /** @throws Error naming each required client whose keys cannot be had. */
  private assertKeys(): void {
    const health = Object.entries(this.moduleRef.get(OidcHealthIndicator).clients());
    const missing = health.filter(([, { status, need }]) => status === 'down' && need === 'required');
    if (missing.length > 0) {
      this.onApplicationShutdown();
      const reasons = missing.map(([name, { lastError }]) => `\n  - client "${name}": ${lastError ?? 'not fetched'}`);
      throw new Error(`strictStart: the keys of required clients cannot be had:${reasons.join('')}`);
    }
  }

  onApplicationShutdown(): void {
    this.telemetry?.stop();
    this.registry.unregister();
    this.runtime().issuers.close();
  }

  private runtime(): OidcRuntime {
    return this.moduleRef.get(OidcRuntime);
  }
}
