import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ApplicationConfig, ModuleRef, ModulesContainer } from '@nestjs/core';
import { auditAccess } from '../access-table/startup-audit';
import { isRetired } from '../../core/client/client';
import { startTelemetry, type Telemetry } from '../../observation/telemetry';
import { StrategyRegistry } from '../../passport/strategy-registry';
import { ApplicationAccess } from '../access-table/application-access';
import { ClientDirectory } from '../directory/client-directory';
import { SourceFollower } from '../directory/source-follower';
import { sourceIn } from './client-source-provider';
import { OidcHealthIndicator } from './oidc-health.indicator';
import { openConnections } from '../connections/authenticate-connections';
import { OidcRuntime } from '../runtime/oidc-runtime';
import { ResourceMetadataEndpoint } from './resource-metadata.endpoint';
import { RevocationEndpoints } from './revocation.endpoints';
import { assertStaticOptions } from './single-module';

/**
 * Starts and stops what an application needs: registers strategies, fetches key sets in the background, logs warnings, and
 * undoes all of it at shutdown.
 *
 * Looks up its collaborators rather than having them injected, so that it can report that they cannot be injected.
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
    // A microservice has bound its guards by now.
    this.moduleRef.get(ApplicationAccess).binding.bindRoutes();
  }

  /** Not earlier, so that nothing is left in the process if another module fails to start. */
  async onApplicationBootstrap(): Promise<void> {
    await this.loadClients();
    const { configuration, current, clock, revocations } = this.runtime();
    const { clients, issuers, strategies } = current;
    const audit = this.moduleRef.get(ApplicationAccess);
    const table = audit.table(configuration);
    const doubts = auditAccess(table, configuration, (context) => audit.serves(context));
    this.runtime().routes.use(table.names);
    this.moduleRef.get(ResourceMetadataEndpoint).scopes = table.handlers.flatMap(({ scopes }) => scopes?.names ?? []);
    for (const warning of [
      ...configuration.warnings,
      ...doubts,
      ...openConnections(table, this.application.getIoAdapter()),
    ]) {
      this.logger.warn(warning);
    }
    audit.watchMicroservices(configuration, (warning) => this.logger.warn(warning));
    if (configuration.openTelemetry) {
      this.telemetry = startTelemetry(() => this.runtime().current, revocations);
      this.runtime().observer.listen(this.telemetry.listener);
    }
    for (const name of this.registry.register(strategies)) {
      this.logger.warn(
        `the Passport strategy "${name}" was another application's in this process and is this one's now; ` +
          'give clients names of their own, or use MultiJwtGuard, which does not share strategies',
      );
    }
    this.moduleRef.get(ClientDirectory).keepRegistered(this.registry);
    await revocations?.start();
    this.moduleRef.get(RevocationEndpoints).start();
    const now = clock.now();
    const retired = clients.clients.filter((client) => isRetired(client, now));
    for (const name of new Set(retired.map((client) => client.name))) {
      this.logger.warn(`client "${name}" is past its sunset: its tokens are refused (client_retired)`);
    }
    if (configuration.strictStart) {
      const required = clients.clients.filter((client) => client.isRequired && !isRetired(client, now));
      await issuers.warmUp(new Set(required.map(({ issuer }) => issuer)));
      this.assertKeys();
    }
    // Issuers whose clients are all retired are not fetched.
    const live = clients.clients.filter((client) => !isRetired(client, now));
    void issuers.warmUp(new Set(live.map(({ issuer }) => issuer)));
  }

  /** @throws Error with `strictStart`, if the source of clients does not say who they are. */
  private async loadClients(): Promise<void> {
    const { hasSource, configuration } = this.runtime();
    if (!hasSource) {
      return;
    }
    // What is no source is a fault of the options, and not an outage.
    sourceIn(this.moduleRef);
    await this.moduleRef.get(SourceFollower).start();
    const { status, lastError } = this.moduleRef.get(ClientDirectory).state.status;
    if (configuration.strictStart && status === 'down') {
      this.onApplicationShutdown();
      throw new Error(`strictStart: the source of clients does not say who they are: ${lastError}`);
    }
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
    this.moduleRef.get(SourceFollower).close();
    this.moduleRef.get(ClientDirectory).close();
    this.telemetry?.stop();
    this.moduleRef.get(ApplicationAccess).stop();
    this.registry.unregister();
    const { issuers, introspections } = this.runtime().current;
    issuers.close();
    introspections?.close();
    this.moduleRef.get(RevocationEndpoints).close();
    this.runtime().revocations?.close();
  }

  private runtime(): OidcRuntime {
    return this.moduleRef.get(OidcRuntime);
  }
}
