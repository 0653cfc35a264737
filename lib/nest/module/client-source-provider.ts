import type { Provider } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { OidcConfigurationError } from '../../configuration/configuration-error';
import type { OidcClientSource, OidcClientSourceOption } from '../../configuration/client-source';
import { OIDC_CLIENT_SOURCE } from '../directory/tokens';

/** The provider of a source of clients. */
export function sourceProvider(option: OidcClientSourceOption): Provider {
  const provide = OIDC_CLIENT_SOURCE;
  if (typeof option === 'function') {
    return { provide, useClass: option };
  }
  if (typeof option === 'object' && option !== null) {
    if ('useExisting' in option) {
      return { provide, useExisting: option.useExisting };
    }
    if ('useFactory' in option) {
      return { provide, useFactory: option.useFactory, inject: option.inject ?? [] };
    }
  }
  return { provide, useValue: option };
}

/**
 * The source of clients of an application.
 *
 * @throws OidcConfigurationError if what was provided is no source.
 */
export function sourceIn(moduleRef: ModuleRef): OidcClientSource {
  const source = moduleRef.get<OidcClientSource>(OIDC_CLIENT_SOURCE);
  const load: unknown =
    typeof source === 'object' && (source ?? undefined) !== undefined ? Reflect.get(source, 'load') : undefined;
  if (typeof load !== 'function') {
    throw new OidcConfigurationError([
      {
        field: 'clientSource',
        problem: 'has no method load()',
        remedy: 'give a class, an object or a provider of an OidcClientSource',
      },
    ]);
  }
  return source;
}
