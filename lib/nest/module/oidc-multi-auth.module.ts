import {
  Inject,
  Logger,
  Module,
  Optional,
  type DynamicModule,
  type InjectionToken,
  type ModuleMetadata,
  type NestModule,
  type OptionalFactoryDependency,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, ModulesContainer } from '@nestjs/core';
import type {
  OidcMultiAuthModuleExtras,
  OidcMultiAuthOptions,
  OidcMultiAuthOptionsFactory,
} from '../../configuration/options';
import { ApplicationAccess } from '../access-table/application-access';
import { AuthorizeRules } from '../access/authorize-rules';
import { ConfigurableModuleCls } from './module-definition';
import { MultiJwtGuard } from '../guards/multi-jwt.guard';
import { OidcAuthService } from './oidc-auth.service';
import { OidcHealthIndicator } from './oidc-health.indicator';
import { OidcLifecycle } from './oidc-lifecycle';
import { OidcRevocations } from './oidc-revocations.service';
import { OidcRuntime } from '../runtime/oidc-runtime';
import { ResourceMetadataEndpoint } from './resource-metadata.endpoint';
import { RevocationEndpoints } from './revocation.endpoints';
import { RolesGuard } from '../guards/roles.guard';
import { StepUpFilter } from '../guards/step-up.filter';
import { assertSingleModule } from './single-module';
import { OIDC_MULTI_AUTH_OPTIONS } from '../runtime/options-token';

/** How `forRootAsync` gets the options: by one of `useFactory`, `useClass` and `useExisting`. */
export interface OidcMultiAuthAsyncOptions extends OidcMultiAuthModuleExtras {
  /** Modules that export what `inject`, `useClass` or `useExisting` need. */
  readonly imports?: ModuleMetadata['imports'] | undefined;
  /** What `useFactory` is called with, in this order. */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
  /** Makes the options. */
  // What is injected is the user's choice, and only the user knows its types.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly useFactory?: ((...injected: any[]) => Promise<OidcMultiAuthOptions> | OidcMultiAuthOptions) | undefined;
  /** A class that makes the options; instantiated here. */
  readonly useClass?: Type<OidcMultiAuthOptionsFactory> | undefined;
  /** A provider that makes the options; found among `imports`. */
  readonly useExisting?: Type<OidcMultiAuthOptionsFactory> | undefined;
}

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
  static override forRoot(options: OidcMultiAuthOptions & OidcMultiAuthModuleExtras): DynamicModule {
    // Without options, the fault is reported when the module starts.
    return complete(super.forRoot(options ?? {}));
  }

  /**
   * @param options how to get the options, with those that shape the module.
   * @throws OidcConfigurationError when the module starts, with every fault of the options at once.
   */
  static override forRootAsync(options: OidcMultiAuthAsyncOptions): DynamicModule {
    return complete(super.forRootAsync(options));
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
          return new OidcRuntime(options, new Logger('OidcMultiAuthModule'));
        },
      },
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
