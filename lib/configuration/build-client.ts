import type { Client, Deprecation, IssuerConfiguration, NamesReader } from '../client/client';
import { DEFAULT_ALGORITHMS } from '../key/algorithm';
import { importSecret } from '../key/verification-key';
import { segmentsOf } from '../principal/claim-path';
import { readDefaultScopes, readerOfFunction, readerOfPaths, readNothing } from '../principal/names';
import { completionOf, readerOfOwnRoles } from '../principal/own-roles';
import type { RoleHierarchy } from '../principal/role-hierarchy';
import type { JsonObject } from '../token/json-object';
import type { ClaimValues } from '../verification/claim-values';
import type { Strictness } from '../verification/strictness';
import { secondsOf } from './client-rules';
import type { OidcClientDeprecation, OidcClientOptions, OidcClientRules, OidcClientStrictness } from './options';

/** A client's options, free of faults and with what its preset settles, as what decisions are taken by: defaults filled in. */
export function buildClient(options: OidcClientOptions, issuer: IssuerConfiguration, hierarchy: RoleHierarchy): Client {
  const { roles } = options;
  const completeRoles = completionOf(options.grantedRoles ?? [], hierarchy);
  const readProviderRoles = readerOf(roles, readNothing);
  const { secret } = options;
  return {
    name: options.name,
    issuer,
    audiences: new Set([options.audience].flat()),
    audienceClaim: options.audienceClaim ?? 'aud',
    authorizedParties: options.authorizedParties && new Set(options.authorizedParties),
    authorizedPartyClaim: options.authorizedPartyClaim,
    algorithms: new Set(options.algorithms ?? (secret === undefined ? DEFAULT_ALGORITHMS : ['HS256'])),
    clockTolerance: options.clockTolerance ?? 30,
    requiredClaims: [...(options.requiredClaims ?? [])],
    acceptIdTokens: options.acceptIdTokens ?? false,
    accessTokenClaims: claimValuesOf(options.accessTokenClaims),
    refusedClaims: claimValuesOf(options.refusedClaims),
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
    readScopes: readerOf(options.scopes, readDefaultScopes),
    hasFunctions: [options.validate, options.strictness?.validate, options.roles, options.scopes].some(
      (given) => typeof given === 'function',
    ),
    hasRoles: roles !== undefined || (options.grantedRoles ?? []).length > 0,
    isRequired: options.required ?? true,
    secret: secret === undefined ? undefined : importSecret(Buffer.from(secret)),
  };
}

function claimValuesOf(options: OidcClientRules['accessTokenClaims'] = {}): ClaimValues {
  return new Map(
    Object.entries(options).map(([claim, values]) => [
      claim,
      values === true
        ? undefined
        : new Set((typeof values === 'string' ? [values] : values).map((value) => value ?? undefined)),
    ]),
  );
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
