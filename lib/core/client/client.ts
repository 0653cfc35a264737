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
      /** Where the document may be, in the order of asking. */
      readonly urls: readonly string[];
      /** What the document must say its `issuer` is; absent where one of the possible issuers is meant. */
      readonly documentIssuer?: string | undefined;
      /** The scheme, host and port to ask for the key set at, instead of those the document names. */
      readonly jwksUriOrigin?: string | undefined;
    }
  | { readonly kind: 'jwksUri'; readonly url: string }
  | {
      readonly kind: 'static';
      readonly keys: KeySet;
      /** The members of the key set as given, usable or not; absent where the keys were given as PEM text. */
      readonly members?: readonly unknown[];
    }
  | { readonly kind: 'none' };

/** Headers of the requests for an issuer's documents, or a function that is asked for them at each request. */
export type FetchHeaders =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/**
 * The issuer of a client's tokens, with the source of the keys that verify them. Clients of one issuer that name the same
 * source share one; those that name different sources have one each (Entra ID: keys of an application).
 *
 * @internal
 */
export interface IssuerConfiguration {
  /** What `iss` must be, code point by code point; absent as long as only the discovery document can say it. */
  readonly issuer: string | undefined;
  /** What `iss` may turn out to be: the issuer itself, or the two forms that a discovery URL leaves open. */
  readonly possibleIssuers: readonly string[];
  readonly keySource: KeySource;
  /** Whether its documents may be fetched over http from other hosts than localhost. */
  readonly allowInsecureHttp: boolean;
  /** For the document and the key set of this source, and for nothing else. */
  readonly fetchHeaders?: FetchHeaders | undefined;
  /** An undici dispatcher for them; absent where that of the module is used. */
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
 * That a client is to go, and when.
 *
 * @internal
 */
export interface Deprecation {
  /** When it was deprecated, in seconds since the epoch. */
  readonly since: number;
  /** From when on its tokens are refused, in seconds since the epoch; undefined while that is not decided. */
  readonly sunset: number | undefined;
  /** Where to read about it. */
  readonly link: string | undefined;
  /** What its callers are told once it is refused. */
  readonly message: string | undefined;
}

/**
 * One client as configured: everything that is needed to decide on its tokens.
 *
 * @internal
 */
export interface Client {
  readonly name: string;
  readonly issuer: IssuerConfiguration;
  readonly audiences: ReadonlySet<string>;
  /** The claim that names the audience: `aud`, unless the issuer's access tokens have none. */
  readonly audienceClaim: string;
  /** The parties whose tokens are this client's; absent where any party's are. */
  readonly authorizedParties: ReadonlySet<string> | undefined;
  /** The claim that names the party; undefined for `azp`, else `client_id`. */
  readonly authorizedPartyClaim: string | undefined;
  readonly algorithms: ReadonlySet<string>;
  /** Seconds. */
  readonly clockTolerance: number;
  readonly requiredClaims: readonly string[];
  readonly acceptIdTokens: boolean;
  /** What marks an access token: a token without is of another kind. */
  readonly accessTokenClaims: ClaimValues;
  /** What a token is refused for. */
  readonly refusedClaims: ClaimValues;
  /** The client's own rule; accepts by returning `true` and by nothing else. */
  readonly validate: ((claims: JsonObject) => unknown) | undefined;
  /** What it adds to what holds for every token. */
  readonly strictness: Strictness | undefined;
  readonly deprecation: Deprecation | undefined;
  readonly readRoles: NamesReader;
  /** The roles of a token under the names that the provider has for them. */
  readonly readProviderRoles: NamesReader;
  /** Adds what the client has as such, and all that is implied, to roles by the application's names. */
  readonly completeRoles: (roles: readonly string[]) => string[];
  readonly readScopes: NamesReader;
  /** Whether functions of the application read its tokens: its own rules, or where roles or scopes are. */
  readonly hasFunctions: boolean;
  /** Whether anything says where this client's roles are. */
  readonly hasRoles: boolean;
  /** Whether the application is not well without this client's keys. */
  readonly isRequired: boolean;
  /** The client's shared secret, for tokens that are signed with it; undefined where it has none. */
  readonly secret: VerificationKey | undefined;
  /** Whether keys of its issuer verify its tokens: beside a secret, only those that are not signed with that. */
  readonly usesKeySet: boolean;
}

/**
 * Whether the tokens of a client are refused because its time is over.
 *
 * @param now seconds since the epoch.
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
 * The secret that a token of a client must be signed with, where its algorithm is symmetric. Secret and key set are strictly
 * apart by `alg`: no public key ever verifies a symmetric signature (RFC 8725 section 3.1).
 *
 * @internal
 */
export function secretFor({ secret, usesKeySet }: Client, algorithm: string): VerificationKey | undefined {
  return secret !== undefined && (!usesKeySet || isSymmetric(algorithm)) ? secret : undefined;
}
