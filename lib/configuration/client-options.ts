import type { FetchHeaders } from '../core/client/client';
import type { Enrich } from '../core/client/enrichment';
import type { Algorithm } from '../core/key/algorithm';
import type { ClaimScalar } from '../core/checks/required-claims';
import type { ClaimPath } from '../core/principal/claim-path';
import type { VerifiedClaims } from '../core/principal/oidc-principal';
import type { OidcClientEnrichment } from './enrichment-options';
import type { OidcClientIntrospection } from './introspection-options';
import type { PresetName } from './presets/preset-name';

/** A set of public keys (RFC 7517 section 5). */
export interface JsonWebKeySet {
  /** JSON Web Keys (RFC 7517 section 4). Those that may not verify signatures are ignored. */
  readonly keys: readonly object[];
}

/**
 * Rules that a client adds to what holds for every token. Signature, issuer, audience, `exp`, `nbf` and algorithm are not
 * among them: those are never optional, and never only reported.
 */
export interface OidcClientStrictness {
  /**
   * Whether a token that breaks one of these rules is refused, or accepted and reported (in events, usage and the log): to
   * see whom a rule would hit before it does. Default: `enforce`.
   */
  readonly mode?: 'enforce' | 'report';
  /** `aud` names this one audience and no other. Default: false. */
  readonly singleAudience?: boolean;
  /** The header's `typ` is `at+jwt` or `application/at+jwt` (RFC 9068 section 2.1). Default: false. */
  readonly accessTokenType?: boolean;
  /**
   * `rfc9068`: the profile for JWT access tokens, that `typ` and every claim that it requires. `fapi2`: the FAPI 2.0 Security
   * Profile, section 5.3.4: tokens are bound to their sender and in the `Authorization` header, tokens and proofs are signed
   * with PS256, ES256 or EdDSA, and `clockTolerance` is 10 unless it says more, up to 60. Default: none.
   */
  readonly profile?: 'rfc9068' | 'fapi2';
  /** The longest time between `iat` and `exp`, in seconds, from 1 to 604,800; `iat` must be there. Default: any. */
  readonly maxLifetime?: number;
  /** A rule over verified claims, as `validate` of the client, beside that. Default: none. */
  readonly validate?: (claims: VerifiedClaims) => boolean;
}

/**
 * That a client is to go, and when. Dates are `Date`s or ISO 8601 strings: a day, which begins at midnight UTC, or a day with a
 * time and `Z` or an offset.
 */
export interface OidcClientDeprecation {
  /** When it was deprecated, or will be: the `Deprecation` header of its answers (RFC 9745). */
  readonly since: string | Date;
  /**
   * From when on its tokens are refused with 401 `client_retired`, without cryptography or network: the `Sunset` header
   * until then (RFC 8594). Not before `since`. Default: not decided.
   */
  readonly sunset?: string | Date;
  /** URL of a page about it: the `Link` header with relations `deprecation` and `sunset`. Default: none. */
  readonly link?: string;
  /**
   * What callers are told once it is refused: printable ASCII without quote and backslash (RFC 6750 section 3). Default:
   * the message of `client_retired`.
   */
  readonly message?: string;
}

/** What may be said of one client, or of all of them under `defaults`. */
export interface OidcClientRules {
  /**
   * The exact `iss` of the client's tokens. Its discovery document is looked for below it, unless `discoveryUrl`,
   * `jwksUri` or `jwks` says where the keys are. At least one of `issuer` and `discoveryUrl` is needed.
   */
  readonly issuer?: string;
  /**
   * The tenants whose tokens are the client's, where each has an issuer of its own: `issuer`, `discoveryUrl`,
   * `discoveryIssuer` and `jwksUri`, those that are given, have the place `{tenantid}` for them. When the application starts,
   * each tenant becomes one exact issuer with a document and keys of its own; no token is compared with a pattern. Default:
   * none.
   */
  readonly tenants?: readonly string[];
  /**
   * URL of the discovery document (OpenID Connect Discovery 1.0 section 4). Without `issuer`, the issuer is what the
   * document says, which must be this URL without its well-known part. With `issuer`, the document may be reached under
   * another host, as from inside a cluster.
   */
  readonly discoveryUrl?: string;
  /**
   * What the document at `discoveryUrl` says its issuer is, where that is not `issuer`: for a provider that names itself
   * otherwise inside the network. Needs `issuer`.
   */
  readonly discoveryIssuer?: string;
  /**
   * URL of a key set, instead of discovery. Needs `issuer`. Clients of one issuer may name different sources of keys, and a
   * client's tokens are verified with keys of its own source only; a client that names none uses the one that others name.
   */
  readonly jwksUri?: string;
  /** The issuer's key set itself, instead of fetching one. Needs `issuer`. */
  readonly jwks?: JsonWebKeySet;
  /** The issuer's public key, or several, as PEM text, instead of fetching a key set. Needs `issuer`. */
  readonly publicKey?: string | readonly string[];
  /**
   * Scheme, host and port to ask for the key set at, instead of those that the discovery document names: for a provider
   * whose document names its public host and that is reached under another.
   */
  readonly jwksUriOrigin?: string;
  /**
   * Headers for the requests to this client's discovery document and key set, and to nothing else: for a key set that wants
   * credentials. A function is called at each request, so that it can read a token that changes; one that throws or rejects
   * is a failed fetch. Never logged. Default: none.
   */
  readonly fetchHeaders?: FetchHeaders;
  /**
   * An undici dispatcher for this client's discovery document and key set, such as an `Agent` that trusts a certificate
   * authority of your own. Default: `dispatcher` of the module.
   */
  readonly dispatcher?: object;
  /**
   * Whether the application is not well without this client's keys: what `OidcHealthIndicator` and `strictStart` ask.
   * Default: true.
   */
  readonly required?: boolean;
  /**
   * A secret shared with the issuer, for HS256, HS384 or HS512. At least as many octets as the algorithm's hash has (RFC 7518
   * section 3.2): 32, 48 or 64. It replaces the issuer's key set for this client, unless the client says itself where its keys
   * are: then tokens with HS algorithms are verified with the secret, all others with the keys, for the time of a migration.
   */
  readonly secret?: string | Uint8Array;
  /**
   * Ask the issuer about tokens (RFC 7662): for opaque tokens, and with `jwts` for JWTs. It holds for all clients of the issuer.
   * Default: only JWTs that are verified here are accepted.
   */
  readonly introspection?: OidcClientIntrospection;
  /**
   * What is known of the provider: which tokens are access tokens, which claim names the audience, where roles and scopes
   * are, and what form its issuer has, which is checked when the application starts (except of issuers on localhost). What
   * the client says itself, or inherits from `defaults`, wins. Default: none.
   */
  readonly preset?: PresetName;
  /**
   * Signature algorithms accepted (RFC 8725 section 3.1). `EdDSA` and `Ed25519` are one. Default: RS, PS and ES with 256, 384
   * and 512 bits, and EdDSA; for a client with a `secret`: HS256; with a `secret` and keys: all of these.
   */
  readonly algorithms?: readonly Algorithm[];
  /** Leeway for `exp`, `nbf` and `iat`, in seconds, from 0 to 300. Default: 30. */
  readonly clockTolerance?: number;
  /**
   * Claims that a token must have: a list of their names, or an object from claim paths to the accepted value, several of
   * which one suffices, or `true` for any value but null. Values are compared exactly, type included. Of an array in the token,
   * one member suffices. In a path, dots separate names: write a dot of a name as `\\.`; a URI (with `://`) is one name.
   * Otherwise the token is refused with `invalid_claims`. Default: none.
   */
  readonly requiredClaims?: readonly string[] | Readonly<Record<string, true | ClaimScalar | readonly ClaimScalar[]>>;
  /**
   * Claims by which the issuer marks its access tokens, each with the value that it has there, with several of which one
   * suffices (`null` among them: the claim may be absent), or with `true` for any value but null. A token without is
   * `wrong_token_type`. Default: none.
   */
  readonly accessTokenClaims?: Readonly<Record<string, true | string | readonly (string | null)[]>>;
  /** Claims with the value, or the values, for which a token is refused with `invalid_claims`. Default: none. */
  readonly refusedClaims?: Readonly<Record<string, string | readonly string[]>>;
  /** Where roles are: one claim path, several, or a function of the verified claims. */
  readonly roles?: string | readonly ClaimPath[] | ((claims: VerifiedClaims) => readonly string[]);
  /**
   * What the provider's roles are called in this application: to the name of each the application's name, or several.
   * What the mapping does not list is no role here, unless `keepUnmappedRoles` says otherwise. Default: roles are called
   * as the provider calls them.
   */
  readonly roleMapping?: Readonly<Record<string, string | readonly string[]>>;
  /** Whether roles that `roleMapping` does not list are kept under their own names. Default: false. */
  readonly keepUnmappedRoles?: boolean;
  /** Where scopes are: one claim path, several, or a function of the verified claims. Default: `scope`, else `scp`. */
  readonly scopes?: string | readonly ClaimPath[] | ((claims: VerifiedClaims) => readonly string[]);
  /**
   * The client's own rule over verified claims: synchronous, and nothing but literal `true` accepts. Everything else,
   * a promise or a throw included, refuses with `invalid_claims`.
   */
  readonly validate?: (claims: VerifiedClaims) => boolean;
  /**
   * Adds to the principal what the application knows of the caller, such as roles from a database: an asynchronous function, or an
   * object that also says how answers are remembered. Called for accepted tokens only. Default: none.
   */
  readonly enrich?: Enrich | OidcClientEnrichment;
  /** Rules added to what holds for every token. Default: none. */
  readonly strictness?: OidcClientStrictness;
  /**
   * Whether tokens that are not bound to a key or a certificate of their sender are refused, with `unbound_token`. Needs
   * `proofOfPossession`. Default: false.
   */
  readonly requireSenderConstraint?: boolean;
  /** Accept ID tokens too: for providers whose access token is one, such as Dex or Google. Default: false. */
  readonly acceptIdTokens?: boolean;
  /**
   * The claim that names the audience, for issuers whose access tokens carry no `aud` (Amazon Cognito: `client_id`). If a token
   * has `aud` as well, that must name one of the client's audiences too. Default: `aud`.
   */
  readonly audienceClaim?: string;
  /**
   * Whether `aud` says nothing in this provider's tokens. Only beside an `audienceClaim` other than `aud`. Otherwise an `aud` that
   * is present must name one of the client's audiences too (RFC 7519 section 4.1.3). Default: false.
   */
  readonly ignoreAudience?: boolean;
  /**
   * The claim that names the party a token was issued to, for issuers that have it neither in `azp` nor in `client_id` (Okta:
   * `cid`). What `authorizedParties` are compared with. Default: `azp`, else `client_id`.
   */
  readonly authorizedPartyClaim?: string;
  /** Fetch documents over http from other hosts than localhost. Default: false. */
  readonly allowInsecureHttp?: boolean;
}

/** One integration whose tokens the API accepts: a name, an audience at an issuer, and its rules. */
export interface OidcClientOptions extends OidcClientRules {
  /** What the client is called here: in `request.user.client`, `@Clients()`, the strategy `oidc:<name>` and the log. */
  readonly name: string;
  /** The value of `aud` in this client's tokens, or several of which one suffices (RFC 7519 section 4.1.3). */
  readonly audience: string | readonly string[];
  /**
   * The parties (`azp`, else `client_id`) whose tokens are this client's. Default: those of any party. Tells clients
   * apart that share issuer and audience.
   */
  readonly authorizedParties?: readonly string[];
  /**
   * Roles, by the application's names, that every token of this client has beside those it carries: for a service account
   * whose tokens carry none. Where users log in at this client, they all have them. Default: none.
   */
  readonly grantedRoles?: readonly string[];
  /** That the client is to go, and when. Default: it is not. */
  readonly deprecated?: OidcClientDeprecation;
}
