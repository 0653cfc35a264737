import './refuse-production';
import { Logger } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { OidcMultiAuthOptions } from '../configuration/options';
import { resolveConfiguration } from '../configuration/resolve-configuration';
import { OidcRuntime } from '../nest/runtime/oidc-runtime';
import { assertSingleModule } from '../nest/module/single-module';
import { OIDC_MULTI_AUTH_OPTIONS } from '../nest/runtime/options-token';

/**
 * Just what is needed of a module under test: what `Test.createTestingModule()` of `@nestjs/testing` returns is one.
 */
export interface TestModuleBuilder {
  /** Begins to put a provider in the place of another. */
  overrideProvider(token: unknown): {
    useFactory(options: {
      factory: (options: unknown, modules: ModulesContainer) => unknown;
      inject?: unknown[];
    }): unknown;
  };
}

/**
 * Puts another runtime in the place of an application's own, made of the application's own options.
 *
 * @param make is given options without a fault: those with faults are told as the application itself tells them.
 * @internal
 */
export function overrideRuntime<Builder extends TestModuleBuilder>(
  builder: Builder,
  make: (options: OidcMultiAuthOptions, log: Logger) => OidcRuntime | Promise<OidcRuntime>,
): Builder {
  builder.overrideProvider(OidcRuntime).useFactory({
    inject: [OIDC_MULTI_AUTH_OPTIONS, ModulesContainer],
    factory: (options, modules) => {
      assertSingleModule(modules);
      assertFaultless(options);
      return make(options, new Logger('OidcMultiAuthModule'));
    },
  });
  return builder;
}

/** @throws OidcConfigurationError with every fault at once. */
function assertFaultless(options: unknown): asserts options is OidcMultiAuthOptions {
  resolveConfiguration(options);
}
