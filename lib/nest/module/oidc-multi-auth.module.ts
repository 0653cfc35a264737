import { Inject, Logger, Module, Optional, type DynamicModule, type NestModule } from '@nestjs/common';
import { APP_FILTER, ModuleRef, ModulesContainer } from '@nestjs/core';
import type {
  OidcClientSourceExtra,
  OidcMultiAuthModuleExtras,
  OidcMultiAuthOptions,
  OidcSourcedOptions,
} from '../../configuration/options';
import type { OidcMultiAuthAsyncOptions, OidcSourcedAsyncOptions } from './async-options';
import { ApplicationAccess } from '../access-table/application-access';
import { AuthorizeRules } from '../access/authorize-rules';
import { ConfigurableModuleCls } from './module-definition';
import { MultiJwtGuard } from '../guards/multi-jwt.guard';
import { OidcAuthService } from './oidc-auth.service';
import { ClientDirectory } from '../directory/client-directory';
import { SourceFollower } from '../directory/source-follower';
import { sourceIn } from './client-source-provider';
import { OidcClients } from './oidc-clients.service';
import { OidcHealthIndicator } from './oidc-health.indicator';
import { OidcLifecycle } from './oidc-lifecycle';
import { OidcRevocations } from './oidc-revocations.service';
import { OidcRuntime } from '../runtime/oidc-runtime';
import { ResourceMetadataEndpoint } from './resource-metadata.endpoint';
import { RevocationEndpoints } from './revocation.endpoints';
import { RolesGuard } from '../guards/roles.guard';
import { StepUpFilter } from '../guards/step-up.filter';
import { assertSingleModule, hasClientSource } from './single-module';
import { OIDC_MULTI_AUTH_OPTIONS } from '../runtime/options-token';

/**
 * Registers one Passport JWT strategy per client, the guards and `OidcAuthService`. Imported once in an application.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     OidcMultiAuthModule.forRoot({
 *       clients: [{ name: 'bcmi', audience: 'mds-bcmi-4587', issuer: 'https://sso.example/auth/realms/standard' }],
 *       globalGuards: true,
 *     }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({})
export class OidcMultiAuthModule extends ConfigurableModuleCls implements NestModule {
  /**
   * @param endpoint absent in a bare import of the class, which provides nothing.
   * @param access likewise.
   *
   * @internal
   */
  constructor(
    @Optional()
    @Inject(ResourceMetadataEndpoint)
    private readonly endpoint: ResourceMetadataEndpoint | undefined,
    @Optional()
    @Inject(ApplicationAccess)
    private readonly access: ApplicationAccess | undefined,
  ) {
    super();
  }

  /** Adds the module's own routes before those of the application. Called by Nest, just before it binds guards to routes. */
  configure(): void {
    this.endpoint?.addRoutes();
    this.access?.bindRoutes();
  }

  /**
   * @param options the options, with those that shape the module.
   * @throws OidcConfigurationError when the module starts, with every fault of the options at once.
   */
  static override forRoot(options: OidcMultiAuthOptions & OidcMultiAuthModuleExtras): DynamicModule;
  /**
   * @param options the options, with those that shape the module and the source of clients.
   * @throws OidcConfigurationError when the module starts, with every fault of the options at once.
   */
  static override forRoot(
    options: OidcSourcedOptions & OidcMultiAuthModuleExtras & OidcClientSourceExtra,
  ): DynamicModule;
  static override forRoot(options: OidcSourcedOptions & OidcMultiAuthModuleExtras): DynamicModule {
    // Without options, the fault is reported when the module starts.
    return complete(super.forRoot((options ?? {}) as OidcMultiAuthOptions));
  }

  /**
   * @param options how to get the options, with those that shape the module.
   * @throws OidcConfigurationError when the module starts, with every fault of the options at once.
   */
  static override forRootAsync(options: OidcMultiAuthAsyncOptions): DynamicModule;
  /**
   * @param options how to get the options, with those that shape the module and the source of clients.
   * @throws OidcConfigurationError when the module starts, with every fault of the options at once.
   */
  static override forRootAsync(options: OidcSourcedAsyncOptions): DynamicModule;
  static override forRootAsync(options: OidcMultiAuthAsyncOptions | OidcSourcedAsyncOptions): DynamicModule {
    return complete(super.forRootAsync(options as OidcMultiAuthAsyncOptions));
  }
}

/** A bare import of the class has no options and provides nothing. */
function complete(definition: DynamicModule): DynamicModule {
  const provided = [
    OidcRuntime,
    AuthorizeRules,
    OidcAuthService,
    OidcHealthIndicator,
    OidcRevocations,
    OidcClients,
    MultiJwtGuard,
    RolesGuard,
  ];
  return {
    ...definition,
    providers: [
      ...(definition.providers ?? []),
      {
        provide: OidcRuntime,
        inject: [OIDC_MULTI_AUTH_OPTIONS, ModulesContainer],
        useFactory: (options: unknown, modules: ModulesContainer): OidcRuntime => {
          assertSingleModule(modules);
          const hasSource = hasClientSource(modules);
          return new OidcRuntime(options, new Logger('OidcMultiAuthModule'), undefined, { hasSource });
        },
      },
      {
        provide: ClientDirectory,
        inject: [OidcRuntime],
        useFactory: (runtime: OidcRuntime): ClientDirectory =>
          new ClientDirectory(runtime, new Logger('OidcMultiAuthModule')),
      },
      {
        provide: SourceFollower,
        inject: [ClientDirectory, ModuleRef],
        useFactory: (directory: ClientDirectory, moduleRef: ModuleRef): SourceFollower =>
          new SourceFollower(() => sourceIn(moduleRef), directory, new Logger('OidcMultiAuthModule')),
      },
      OidcClients,
      AuthorizeRules,
      OidcAuthService,
      OidcHealthIndicator,
      OidcRevocations,
      MultiJwtGuard,
      RolesGuard,
      ApplicationAccess,
      ResourceMetadataEndpoint,
      RevocationEndpoints,
      OidcLifecycle,
      { provide: APP_FILTER, useClass: StepUpFilter },
    ],
    exports: [...(definition.exports ?? []), ...provided],
  };
}
