import type { Algorithm } from '../key/algorithm';
import type { ClaimPath } from '../principal/claim-path';
import type { VerifiedClaims } from '../principal/oidc-principal';
import type { PresetName } from '../principal/presets';

/** A set of public keys (RFC 7517 section 5). */
export interface JsonWebKeySet {
  readonly keys: readonly object[];
}

/** What may be said of one client, or of all of them under `defaults`. */
export interface OidcClientRules {
  /**
   * The exact `iss` of the client's tokens. Its discovery document is looked for below it, unless `discoveryUrl`,
   * `jwksUri` or `jwks` says where the keys are. At least one of `issuer` and `discoveryUrl` is needed.
   */
  readonly issuer?: string;
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
  /** URL of the issuer's key set, instead of discovery. Needs `issuer`. */
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
   * Whether the application is not well without this client's keys: what `OidcHealthIndicator` and `strictStart` ask.
   * Default: true.
   */
  readonly required?: boolean;
  /**
   * A secret shared with the issuer, for HS256, HS384 or HS512: it replaces the issuer's key set for this client. At
   * least as many octets as the algorithm's hash has (RFC 7518 section 3.2): 32, 48 or 64.
   */
  readonly secret?: string | Uint8Array;
  /** What is known of the provider: supplies `roles` and `scopes`; the client's own settings win. */
  readonly preset?: PresetName;
  /**
   * Signature algorithms accepted (RFC 8725 section 3.1). Default: RS, PS and ES with 256, 384 and 512 bits, and EdDSA;
   * for a client with a `secret`: HS256.
   */
  readonly algorithms?: readonly Algorithm[];
  /** Leeway for `exp`, `nbf` and `iat`, in seconds, from 0 to 300. Default: 30. */
  readonly clockTolerance?: number;
  /** Names of claims that must be there and not be null. */
  readonly requiredClaims?: readonly string[];
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
  /** Accept ID tokens too: for providers whose access token is one, such as Dex or Google. Default: false. */
  readonly acceptIdTokens?: boolean;
  /**
   * The claim that names the audience, for issuers whose access tokens carry no `aud` (Amazon Cognito: `client_id`).
   * Default: `aud`.
   */
  readonly audienceClaim?: string;
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
}

/** The options of the module: what `forRoot` takes and what a `forRootAsync` factory returns. */
export interface OidcMultiAuthOptions {
  /** At least one; their order never matters. */
  readonly clients: readonly OidcClientOptions[];
  /** What holds for every client that does not say otherwise. */
  readonly defaults?: OidcClientRules;
  /**
   * Which roles of the application imply which: `{ core_admin: 'core_edit_mines', core_edit_mines: 'core_view_all' }`. Who
   * has one has all that it implies, and what those imply, whichever client the token is of. Default: none.
   */
  readonly roleHierarchy?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * Whether the application refuses to start if a route does not say who may call it, nothing enforces what it says, or
   * it contradicts itself. Default: false, all but the first is warned about.
   */
  readonly requireExplicitAccess?: boolean;
  /**
   * Guards of the application's own that authenticate callers: routes behind them count as guarded. `MultiJwtGuard` and
   * those of `@nestjs/passport` are known. Default: none.
   */
  readonly authenticatingGuards?: readonly (abstract new (...injected: never[]) => unknown)[];
  /** The longest token accepted, in bytes of the token alone. Default: 16,384. */
  readonly maxTokenBytes?: number;
  /** How long a key set is fresh, in seconds, from 1 to 86,400. Default: 600, or half of
   * `maxStale` if that is less. */
  readonly freshFor?: number;
  /**
   * How long the last good key set serves while its issuer does not answer, in seconds since that answer; also how long
   * an unused issuer is kept fresh. Default: 3,600, or twice `freshFor` if that is more.
   */
  readonly maxStale?: number;
  /** How long an issuer may take for its document and its key set together, headers and bodies, in seconds, from 0.1 to 60. Default: 3. */
  readonly fetchTimeout?: number;
  /**
   * Whether the start fails if the keys of a required client cannot be had. Default: false, it never does, and keys are
   * fetched when their provider is there.
   */
  readonly strictStart?: boolean;
  /**
   * An undici dispatcher for the fetches of discovery documents and key sets, such as a `ProxyAgent`. Default: that of
   * Node.js, which knows `NODE_EXTRA_CA_CERTS`.
   */
  readonly dispatcher?: object;
  /** The protection space named in challenges (RFC 9110 section 11.5). Default: `api`. */
  readonly realm?: string;
}

/** What stands beside the options, or beside `useFactory`: it shapes the module itself. */
export interface OidcMultiAuthModuleExtras {
  /** Whether guards resolve in every module without importing this one there. Default: true. */
  readonly isGlobal?: boolean;
  /** Whether `MultiJwtGuard`, then `RolesGuard`, stand before every route. Default: false. */
  readonly globalGuards?: boolean;
}

/** What a class given as `useClass` or `useExisting` implements. */
export interface OidcMultiAuthOptionsFactory {
  createOidcMultiAuthOptions(): Promise<OidcMultiAuthOptions> | OidcMultiAuthOptions;
}
