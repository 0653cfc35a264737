import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleHost,
  type DynamicModule,
  type Provider,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type {
  OidcClientSourceOption,
  OidcMultiAuthModuleExtras,
  OidcMultiAuthOptions,
} from '../../configuration/options';
import { MultiJwtGuard } from '../guards/multi-jwt.guard';
import { RolesGuard } from '../guards/roles.guard';
import { OIDC_MULTI_AUTH_OPTIONS } from '../runtime/options-token';
import { sourceProvider } from './client-source-provider';

/** The extras, all of them given. */
type ModuleExtras = Required<OidcMultiAuthModuleExtras> & {
  readonly clientSource: OidcClientSourceOption | undefined;
};

const host: ConfigurableModuleHost<OidcMultiAuthOptions, 'forRoot', 'createOidcMultiAuthOptions', ModuleExtras> =
  new ConfigurableModuleBuilder<OidcMultiAuthOptions>({ optionsInjectionToken: OIDC_MULTI_AUTH_OPTIONS })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createOidcMultiAuthOptions')
    .setExtras<ModuleExtras>({ isGlobal: true, globalGuards: false, clientSource: undefined }, shapeModule)
    .build();

/** The base class of the module, with `forRoot` and `forRootAsync` as Nest makes them. */
export const ConfigurableModuleCls: typeof host.ConfigurableModuleClass = host.ConfigurableModuleClass;

/** `useExisting` rather than `useClass`, so that a test can override the global guards. */
const GLOBAL_GUARDS: readonly Provider[] = [
  { provide: APP_GUARD, useExisting: MultiJwtGuard },
  { provide: APP_GUARD, useExisting: RolesGuard },
];

function shapeModule(definition: DynamicModule, { isGlobal, globalGuards, clientSource }: ModuleExtras): DynamicModule {
  return {
    ...definition,
    global: isGlobal,
    providers: [
      ...(definition.providers ?? []),
      ...(globalGuards ? GLOBAL_GUARDS : []),
      ...(clientSource === undefined ? [] : [sourceProvider(clientSource)]),
    ],
  };
}
