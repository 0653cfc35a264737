import type { Client, Deprecation, IssuerConfiguration, NamesReader } from '../core/client/client';
import { DEFAULT_ALGORITHMS, namesOfAlgorithm } from '../core/key/algorithm';
import { importSecret } from '../core/key/verification-key';
import { segmentsOf } from '../core/principal/claim-path';
import { readDefaultScopes, readerOfFunction, readerOfPaths, readNothing } from '../core/principal/names';
import { completionOf, readerOfOwnRoles, type RoleCompletion } from '../core/principal/own-roles';
import type { RoleHierarchy } from '../core/principal/role-hierarchy';
import type { JsonObject } from '../core/token/json-object';
import { isNameList, namesInPath, type RequiredClaim } from '../core/checks/required-claims';
import type { ClaimValues } from '../core/checks/claim-values';
import { FAPI_ALGORITHMS, type Strictness } from '../core/checks/strictness';
import { enforcesFapi, FAPI_TOLERANCE } from './check-sender-constraint';
import { secondsOf } from './client-rules';
import { enrichmentOf } from './enrichment-field';
import { PLACES } from './inherit';
import type { OidcClientDeprecation, OidcClientOptions, OidcClientRules, OidcClientStrictness } from './options';

/**
 * Makes clients of their options, free of faults and with what presets settle, as what decisions are taken by: defaults filled
 * in. Clients that are given the very same value have what becomes of it in common, for there may be thousands of one preset.
 */
export function clientBuilder(
  hierarchy: RoleHierarchy,
  checksPossession: boolean,
): (options: OidcClientOptions, issuer: IssuerConfiguration) => Client {
  const setOf = shared((names: readonly string[]): ReadonlySet<string> => new Set(names));
  const algorithmsOf = shared((names: readonly string[]) => new Set(names.flatMap(namesOfAlgorithm)));
  const claimValues = shared(claimValuesOf);
  const requiredClaims = shared(requiredClaimsOf);
  const enrichment = shared(enrichmentOf);
  const roleReaderOf = shared((roles: OidcClientRules['roles']) => readerOf(roles, readNothing));
  const scopeReaderOf = shared((scopes: OidcClientRules['scopes']) => readerOf(scopes, readDefaultScopes));
  const completionFor = shared((granted: OidcClientOptions['grantedRoles']) => completionOf(granted ?? [], hierarchy));
  const ownRoleReaderOf = shared(
    (
      read: NamesReader,
      complete: RoleCompletion,
      mapping: OidcClientOptions['roleMapping'],
      keepUnmapped: boolean,
    ): NamesReader => readerOfOwnRoles(read, { mapping, keepUnmapped }, complete),
  );

  return (options, issuer) => {
    const { roles, secret } = options;
    const isFapi = enforcesFapi(options);
    const completeRoles = completionFor(options.grantedRoles);
    const readProviderRoles = roleReaderOf(roles);
    return {
      name: options.name,
      issuer,
      audiences: new Set([options.audience].flat()),
      audienceClaim: options.audienceClaim ?? 'aud',
      ignoreAudience: options.ignoreAudience ?? false,
      authorizedParties: options.authorizedParties && setOf(options.authorizedParties),
      authorizedPartyClaim: options.authorizedPartyClaim,
      algorithms: algorithmsOf(
        options.algorithms ?? (isFapi ? FAPI_ALGORITHMS : defaultAlgorithms(secret !== undefined, usesKeySet(options))),
      ),
      clockTolerance: options.clockTolerance ?? (isFapi ? FAPI_TOLERANCE.minimum : 30),
      requiredClaims: requiredClaims(options.requiredClaims),
      acceptIdTokens: options.acceptIdTokens ?? false,
      accessTokenClaims: claimValues(options.accessTokenClaims),
      refusedClaims: claimValues(options.refusedClaims),
      validate: options.validate as Client['validate'],
      strictness: options.strictness && strictnessOf(options.strictness, options.audienceClaim ?? 'aud'),
      checksPossession,
      requireSenderConstraint: isFapi || (options.requireSenderConstraint ?? false),
      proofAlgorithms: isFapi ? FAPI_PROOF_ALGORITHMS : undefined,
      deprecation: options.deprecated && deprecationOf(options.deprecated),
      readRoles: ownRoleReaderOf(
        readProviderRoles,
        completeRoles,
        options.roleMapping,
        options.keepUnmappedRoles ?? false,
      ),
      readProviderRoles,
      completeRoles,
      readScopes: scopeReaderOf(options.scopes),
      enrichment: options.enrich && enrichment(options.enrich),
      hasFunctions: [options.validate, options.strictness?.validate, options.roles, options.scopes].some(
        (given) => typeof given === 'function',
      ),
      hasRoles: roles !== undefined || (options.grantedRoles ?? []).length > 0,
      isRequired: options.required ?? true,
      secret: secret === undefined ? undefined : importSecret(Buffer.from(secret)),
      usesKeySet: usesKeySet(options),
    };
  };
}

const FAPI_PROOF_ALGORITHMS: ReadonlySet<string> = new Set(FAPI_ALGORITHMS);

/** What a client with a shared secret accepts by default. */
const DEFAULT_SECRET_ALGORITHMS: readonly string[] = ['HS256'];

/** What a client with a secret and keys beside it accepts by default: it is on its way from one to the other. */
const DEFAULT_ALGORITHMS_OF_BOTH: readonly string[] = [...DEFAULT_SECRET_ALGORITHMS, ...DEFAULT_ALGORITHMS];

function defaultAlgorithms(hasSecret: boolean, hasKeySet: boolean): readonly string[] {
  if (!hasSecret) {
    return DEFAULT_ALGORITHMS;
  }
  return hasKeySet ? DEFAULT_ALGORITHMS_OF_BOTH : DEFAULT_SECRET_ALGORITHMS;
}

/** Whether a key set verifies tokens of a client: with a secret, only where it says itself where the keys are. */
export function usesKeySet(client: OidcClientRules): boolean {
  return client.secret === undefined || PLACES.some((place) => client[place] !== undefined);
}

/** The same function, that answers the very same values, in the same order, with what it answered before. */
function shared<Given extends readonly unknown[], Made>(make: (...given: Given) => Made): (...given: Given) => Made {
  const made = new Map<unknown, unknown>();
  return (...given) => {
    let level = made;
    for (const value of given) {
      const next = level.get(value) ?? new Map<unknown, unknown>();
      level.set(value, next);
      level = next as Map<unknown, unknown>;
    }
    // No value is this function, so it can stand for the end.
    if (!level.has(make)) {
      level.set(make, make(...given));
    }
    return level.get(make) as Made;
  };
}

/** Names of a list stand for themselves. Keys of an object are paths. */
function requiredClaimsOf(options: OidcClientRules['requiredClaims'] = []): readonly RequiredClaim[] {
  return isNameList(options)
    ? options.map((name) => ({ name, path: [name], values: undefined }))
    : Object.entries(options).map(([name, values]) => ({
        name,
        path: namesInPath(name),
        values: values === true ? undefined : new Set([values].flat()),
      }));
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
    fapi2: options.profile === 'fapi2',
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
