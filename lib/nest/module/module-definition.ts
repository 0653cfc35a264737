import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleHost,
  type DynamicModule,
  type Provider,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { OidcMultiAuthModuleExtras, OidcMultiAuthOptions } from '../../configuration/options';
import { MultiJwtGuard } from '../guards/multi-jwt.guard';
import { RolesGuard } from '../guards/roles.guard';
import { OIDC_MULTI_AUTH_OPTIONS } from '../runtime/options-token';

const host: ConfigurableModuleHost<
  OidcMultiAuthOptions,
  'forRoot',
  'createOidcMultiAuthOptions',
  Required<OidcMultiAuthModuleExtras>
> = new ConfigurableModuleBuilder<OidcMultiAuthOptions>({ optionsInjectionToken: OIDC_MULTI_AUTH_OPTIONS })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createOidcMultiAuthOptions')
  .setExtras<Required<OidcMultiAuthModuleExtras>>({ isGlobal: true, globalGuards: false }, shapeModule)
  .build();

/** The base class of the module, with `forRoot` and `forRootAsync` as Nest makes them. */
export const ConfigurableModuleCls: typeof host.ConfigurableModuleClass = host.ConfigurableModuleClass;

/** `useExisting` rather than `useClass`, so that a test can override the global guards. */
const GLOBAL_GUARDS: readonly Provider[] = [
  { provide: APP_GUARD, useExisting: MultiJwtGuard },
  { provide: APP_GUARD, useExisting: RolesGuard },
];

function shapeModule(
  definition: DynamicModule,
  { isGlobal, globalGuards }: Required<OidcMultiAuthModuleExtras>,
): DynamicModule {
  return {
    ...definition,
    global: isGlobal,
    providers: [...(definition.providers ?? []), ...(globalGuards ? GLOBAL_GUARDS : [])],
  };
}
