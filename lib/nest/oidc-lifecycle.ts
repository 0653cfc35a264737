import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ApplicationConfig, ModuleRef, ModulesContainer } from '@nestjs/core';
import { StrategyRegistry } from '../passport/strategy-registry';
import { findUnenforced } from './enforcement';
import { MultiJwtGuard } from './multi-jwt.guard';
import { OidcHealthIndicator } from './oidc-health.indicator';
import { OidcRuntime } from './oidc-runtime';
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
    const guards = {
      authenticating: this.moduleRef.get(MultiJwtGuard),
      authorizing: this.moduleRef.get(RolesGuard),
    };
    const unenforced = findUnenforced(this.modules, this.application, guards, configuration.clients);
    for (const warning of [...configuration.warnings, ...unenforced]) {
      this.logger.warn(warning);
    }
    for (const name of this.registry.register(strategies)) {
      this.logger.warn(
        `the Passport strategy "${name}" was another application's in this process and is this one's now; ` +
          'give clients names of their own, or use MultiJwtGuard, which does not share strategies',
      );
    }
    if (configuration.strictStart) {
      const required = configuration.clients.clients.filter(({ isRequired }) => isRequired);
      await issuers.warmUp(new Set(required.map(({ issuer }) => issuer)));
      this.assertKeys();
    }
    void issuers.warmUp();
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
    this.registry.unregister();
    this.runtime().issuers.close();
  }

  private runtime(): OidcRuntime {
    return this.moduleRef.get(OidcRuntime);
  }
}
