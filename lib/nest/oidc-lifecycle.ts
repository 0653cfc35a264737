import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { auditAccess } from '../access-table/audit-access';
import { isRetired } from '../client/client';
import { systemClock } from '../clock';
import { startTelemetry, type Telemetry } from '../observation/telemetry';
import { StrategyRegistry } from '../passport/strategy-registry';
import { AccessAudit } from './access-audit';
import { OidcHealthIndicator } from './oidc-health.indicator';
import { OidcRuntime } from './oidc-runtime';
import { ResourceMetadataEndpoint } from './resource-metadata.endpoint';
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
  ) {}

  onModuleInit(): void {
    assertStaticOptions(this.modules);
  }

  /** Only now: where another module fails to start, nothing is left behind in the process. */
  async onApplicationBootstrap(): Promise<void> {
    const { configuration, issuers, strategies } = this.runtime();
    const audit = this.moduleRef.get(AccessAudit);
    const table = audit.table(configuration);
    const doubts = auditAccess(table, configuration);
    this.runtime().routes.use(table);
    this.moduleRef.get(ResourceMetadataEndpoint).scopes = table.handlers.flatMap(({ scopes }) => scopes?.names ?? []);
    for (const warning of [...configuration.warnings, ...doubts, ...audit.openConnections(table)]) {
      this.logger.warn(warning);
    }
    audit.watchMicroservices(configuration, (warning) => this.logger.warn(warning));
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
    for (const { name } of configuration.clients.clients.filter((client) => isRetired(client, now))) {
      this.logger.warn(`client "${name}" is past its sunset: its tokens are refused (client_retired)`);
    }
    if (configuration.strictStart) {
      const required = configuration.clients.clients.filter((client) => client.isRequired && !isRetired(client, now));
      await issuers.warmUp(new Set(required.map(({ issuer }) => issuer)));
      this.assertKeys();
    }
    // Nothing is asked of issuers whose clients are all refused by now.
    const live = configuration.clients.clients.filter((client) => !isRetired(client, now));
    void issuers.warmUp(new Set(live.map(({ issuer }) => issuer)));
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
    this.moduleRef.get(AccessAudit).stop();
    this.registry.unregister();
    this.runtime().issuers.close();
  }

  private runtime(): OidcRuntime {
    return this.moduleRef.get(OidcRuntime);
  }
}
