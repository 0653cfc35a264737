import type { ModulesContainer } from '@nestjs/core';
import { OidcConfigurationError } from '../../configuration/configuration-error';
import { OIDC_CLIENT_SOURCE } from '../directory/tokens';
import { OIDC_MULTI_AUTH_OPTIONS } from '../runtime/options-token';

/**
 * With two of these modules in one application, the order of imports would decide which clients a guard has.
 *
 * @throws OidcConfigurationError if there are two.
 */
export function assertSingleModule(modules: ModulesContainer): void {
  const configured = [...modules.values()].filter((module) => module.providers.has(OIDC_MULTI_AUTH_OPTIONS));
  if (configured.length > 1) {
    throw new OidcConfigurationError([
      {
        field: 'forRoot',
        problem: `OidcMultiAuthModule is configured ${configured.length} times in one application`,
        remedy: 'call forRoot or forRootAsync once, with all clients',
      },
    ]);
  }
}

/**
 * Request-scoped options would rebuild everything, with its caches, for each request.
 *
 * @throws OidcConfigurationError if they are request-scoped.
 */
export function assertStaticOptions(modules: ModulesContainer): void {
  for (const module of modules.values()) {
    const options = module.providers.get(OIDC_MULTI_AUTH_OPTIONS);
    const source = module.providers.get(OIDC_CLIENT_SOURCE);
    if (source?.isDependencyTreeStatic() === false) {
      throw new OidcConfigurationError([
        {
          field: 'clientSource',
          problem: 'depends on a request-scoped provider',
          remedy: 'inject nothing request-scoped: the clients are the same for every request',
        },
      ]);
    }
    if (options !== undefined && !options.isDependencyTreeStatic()) {
      throw new OidcConfigurationError([
        {
          field: 'forRootAsync',
          problem: 'the options depend on a request-scoped provider',
          remedy: 'inject nothing request-scoped: the clients are the same for every request',
        },
      ]);
    }
  }
}

/** Whether a source says who the clients are. */
export function hasClientSource(modules: ModulesContainer): boolean {
  return [...modules.values()].some(({ providers }) => providers.has(OIDC_CLIENT_SOURCE));
}
