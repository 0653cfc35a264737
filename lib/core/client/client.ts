import type { RequiredClaim } from '../checks/required-claims';
import type { EnrichmentSettings } from './enrichment';
import type { IntrospectionSettings } from '../introspection/settings';
import { isSymmetric } from '../key/algorithm';
import type { KeySet } from '../key/key-set';
import type { VerificationKey } from '../key/verification-key';
import type { JsonObject } from '../token/json-object';
import type { ClaimValues } from '../checks/claim-values';
import type { Strictness } from '../checks/strictness';

/**
 * Where the keys of an issuer are.
 *
 * @internal
 */
export type KeySource =
  | {
      readonly kind: 'discovery';
      /** Possible URLs of the document, in the order in which they are tried. */
      readonly urls: readonly string[];
      /** The `issuer` that the document must have; absent if it must be one of the possible issuers. */
      readonly documentIssuer?: string | undefined;
      /** Scheme, host and port that replace those of the document's `jwks_uri`. */
      readonly jwksUriOrigin?: string | undefined;
    }
  | { readonly kind: 'jwksUri'; readonly url: string }
  | {
      readonly kind: 'static';
      readonly keys: KeySet;
      /** The members of the key set as given, usable or not; absent for keys given as PEM text. */
      readonly members?: readonly unknown[];
    }
  | { readonly kind: 'none' };

/** Headers for the requests for an issuer's documents, or a function that returns them for each request. */
export type FetchHeaders =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/**
 * The issuer of a client's tokens, with the source of the keys that verify them. Clients of one issuer share a source if
 * they name the same one. Entra ID, for example, has keys for each application.
 *
 * @internal
 */
export interface IssuerConfiguration {
  /** The exact `iss`; absent while only the discovery document can tell it. */
  readonly issuer: string | undefined;
  /** The possible values of `iss`: the issuer itself, or the two forms that a discovery URL leaves open. */
  readonly possibleIssuers: readonly string[];
  readonly keySource: KeySource;
  /** Whether its documents may be fetched over http from other hosts than localhost. */
  readonly allowInsecureHttp: boolean;
  /** How the issuer is asked about tokens; absent where it is not. */
  readonly introspection?: IntrospectionSettings | undefined;
  /** For the document and the key set of this source only. */
  readonly fetchHeaders?: FetchHeaders | undefined;
  /** An undici dispatcher for them; absent to use the module's. */
  readonly dispatcher?: object | undefined;
}

/**
 * Reads roles or scopes from verified claims.
 *
 * @param audiences the configured audiences of the client that are in the token.
 * @internal
 */
export type NamesReader = (claims: JsonObject, audiences: readonly string[]) => string[];

/**
 * The deprecation of a client.
 *
 * @internal
 */
export interface Deprecation {
  /** When it was deprecated, in seconds since the epoch. */
  readonly since: number;
  /** When its tokens start to be refused, in seconds since the epoch; undefined if that is not decided. */
  readonly sunset: number | undefined;
  /** URL of a page about it. */
  readonly link: string | undefined;
  /** The message for its callers after the sunset. */
  readonly message: string | undefined;
}

/**
 * One client as configured: all that a decision on its tokens needs.
 *
 * @internal
 */
export interface Client {
  readonly name: string;
  readonly issuer: IssuerConfiguration;
  readonly audiences: ReadonlySet<string>;
  /** The claim that names the audience: `aud`, unless the issuer's access tokens have none. */
  readonly audienceClaim: string;
  /** Whether `aud` means nothing in tokens whose audience is in another claim. */
  readonly ignoreAudience: boolean;
  /** The parties whose tokens belong to the client; absent if those of any party do. */
  readonly authorizedParties: ReadonlySet<string> | undefined;
  /** The claim that names the party; undefined for `azp`, else `client_id`. */
  readonly authorizedPartyClaim: string | undefined;
  readonly algorithms: ReadonlySet<string>;
  /** Seconds. */
  readonly clockTolerance: number;
  readonly requiredClaims: readonly RequiredClaim[];
  readonly acceptIdTokens: boolean;
  /** Claims that mark an access token. A token without them is of another kind. */
  readonly accessTokenClaims: ClaimValues;
  /** Claims for which a token is refused. */
  readonly refusedClaims: ClaimValues;
  /** The client's own rule. Only `true` accepts. */
  readonly validate: ((claims: JsonObject) => unknown) | undefined;
  /** Rules that it adds to those that apply to every token. */
  readonly strictness: Strictness | undefined;
  /** Whether proofs of possession can be checked. Otherwise tokens that are bound to their sender are refused. */
  readonly checksPossession: boolean;
  /** Whether tokens that are not bound to their sender are refused. */
  readonly requireSenderConstraint: boolean;
  /** The algorithms that proofs may be signed with, where the client narrows those of the module. */
  readonly proofAlgorithms: ReadonlySet<string> | undefined;
  readonly deprecation: Deprecation | undefined;
  readonly readRoles: NamesReader;
  /** Reads the roles of a token, with the names that the provider uses. */
  readonly readProviderRoles: NamesReader;
  /** Adds the roles that the client is granted, and all that are implied, to roles of the application. */
  readonly completeRoles: (roles: readonly string[]) => string[];
  readonly readScopes: NamesReader;
  /** How its principals are enriched; undefined where they are what the token says. */
  readonly enrichment: EnrichmentSettings | undefined;
  /** Whether functions of the application read its tokens: rules, roles or scopes. */
  readonly hasFunctions: boolean;
  /** Whether it is configured where its roles are. */
  readonly hasRoles: boolean;
  /** Whether the application is unhealthy without this client's keys. */
  readonly isRequired: boolean;
  /** The client's shared secret, for tokens that are signed with it; undefined where it has none. */
  readonly secret: VerificationKey | undefined;
  /** Whether keys of its issuer verify its tokens. Besides a secret, only those that the secret does not sign. */
  readonly usesKeySet: boolean;
}

/**
 * Whether a client is past its sunset, so that its tokens are refused.
 *
 * @param now seconds since the epoch.
 *
 * @internal
 */
export function isRetired({ deprecation }: Client, now: number): boolean {
  return deprecation?.sunset !== undefined && now >= deprecation.sunset;
}

/**
 * The headers of answers to a deprecated client: when it was deprecated (RFC 9745), when it ends (RFC 8594), and where to
 * read about it (RFC 8288).
 *
 * @internal
 */
export function deprecationHeaders({ since, sunset, link }: Deprecation): readonly (readonly [string, string])[] {
  const relations = sunset === undefined ? 'deprecation' : 'deprecation sunset';
  return [
    ['Deprecation', `@${Math.floor(since)}`],
    ...(sunset === undefined ? [] : ([['Sunset', new Date(sunset * 1000).toUTCString()]] as const)),
    ...(link === undefined ? [] : ([['Link', `<${link}>; rel="${relations}"; type="text/html"`]] as const)),
  ];
}

/**
 * The secret for a token with a symmetric algorithm; undefined for any other token. A public key never verifies a symmetric
 * signature (RFC 8725 section 3.1).
 *
 * @internal
 */
export function secretFor(
  { secret, usesKeySet }: Pick<Client, 'secret' | 'usesKeySet'>,
  algorithm: string,
): VerificationKey | undefined {
  return secret !== undefined && (!usesKeySet || isSymmetric(algorithm)) ? secret : undefined;
}
