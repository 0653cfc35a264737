import type { Client, Deprecation, IssuerConfiguration, NamesReader } from '../client/client';
import { DEFAULT_ALGORITHMS } from '../key/algorithm';
import { importSecret } from '../key/verification-key';
import { segmentsOf } from '../principal/claim-path';
import { readDefaultScopes, readerOfFunction, readerOfPaths, readNothing } from '../principal/names';
import { PRESETS } from '../principal/presets';
import { completionOf, readerOfOwnRoles } from '../principal/own-roles';
import type { RoleHierarchy } from '../principal/role-hierarchy';
import type { JsonObject } from '../token/json-object';
import type { Strictness } from '../verification/strictness';
import { secondsOf } from './client-rules';
import type { OidcClientDeprecation, OidcClientOptions, OidcClientRules, OidcClientStrictness } from './options';

/** A client's options, free of faults, as what decisions are taken by: presets and defaults filled in. */
export function buildClient(options: OidcClientOptions, issuer: IssuerConfiguration, hierarchy: RoleHierarchy): Client {
  const preset = options.preset === undefined ? undefined : PRESETS[options.preset];
  const roles = options.roles ?? preset?.roles;
  const completeRoles = completionOf(options.grantedRoles ?? [], hierarchy);
  const readProviderRoles = readerOf(roles, readNothing);
  const { secret } = options;
  return {
    name: options.name,
    issuer,
    audiences: new Set([options.audience].flat()),
    audienceClaim: options.audienceClaim ?? 'aud',
    authorizedParties: options.authorizedParties && new Set(options.authorizedParties),
    algorithms: new Set(options.algorithms ?? (secret === undefined ? DEFAULT_ALGORITHMS : ['HS256'])),
    clockTolerance: options.clockTolerance ?? 30,
    requiredClaims: [...(options.requiredClaims ?? [])],
    acceptIdTokens: options.acceptIdTokens ?? false,
    validate: options.validate as Client['validate'],
    strictness: options.strictness && strictnessOf(options.strictness, options.audienceClaim ?? 'aud'),
    deprecation: options.deprecated && deprecationOf(options.deprecated),
    readRoles: readerOfOwnRoles(
      readProviderRoles,
      { mapping: options.roleMapping, keepUnmapped: options.keepUnmappedRoles ?? false },
      completeRoles,
    ),
    readProviderRoles,
    completeRoles,
    readScopes: readerOf(options.scopes ?? preset?.scopes, readDefaultScopes),
    hasFunctions: [options.validate, options.strictness?.validate, options.roles, options.scopes].some(
      (given) => typeof given === 'function',
    ),
    hasRoles: roles !== undefined || (options.grantedRoles ?? []).length > 0,
    isRequired: options.required ?? true,
    secret: secret === undefined ? undefined : importSecret(Buffer.from(secret)),
  };
}

function strictnessOf(options: OidcClientStrictness, audienceClaim: string): Strictness {
  return {
    isReportOnly: options.mode === 'report',
    singleAudience: options.singleAudience === true ? audienceClaim : undefined,
    accessTokenType: options.accessTokenType ?? false,
    rfc9068: options.profile === 'rfc9068',
    maxLifetime: options.maxLifetime,
    validate: options.validate as Strictness['validate'],
  };
}

function deprecationOf({ since, sunset, link, message }: OidcClientDeprecation): Deprecation {
  return {
    since: secondsOf(since),
    sunset: sunset === undefined ? undefined : secondsOf(sunset),
    // As the parser spells it, it can stand in a header.
    link: link === undefined ? undefined : new URL(link).href,
    message,
  };
}

function readerOf(names: OidcClientRules['roles'], otherwise: NamesReader): NamesReader {
  if (names === undefined) {
    return otherwise;
  }
  if (typeof names === 'function') {
    return readerOfFunction(names as (claims: JsonObject) => unknown);
  }
  return readerOfPaths((typeof names === 'string' ? [names] : names).map(segmentsOf));
}
