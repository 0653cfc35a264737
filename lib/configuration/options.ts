import type { DecisionEvent } from '../core/decision/decision-event';
import type { OidcRequest } from '../core/token/oidc-request';
import type { RefusalDetail } from '../core/refusal/refusal-style';
import type { OidcClientRules, OidcClientOptions } from './client-options';
import type { OidcClientSourceOption } from './client-source';
import type { OidcProofOfPossession } from './possession-options';
import type { OidcRevocationOptions } from './revocation-options';

export type { OidcClientEnrichment } from './enrichment-options';
export type { OidcClientIntrospection } from './introspection-options';
export type {
  JsonWebKeySet,
  OidcClientStrictness,
  OidcClientDeprecation,
  OidcClientRules,
  OidcClientOptions,
} from './client-options';
export type {
  OidcClientSource,
  OidcClientSourceFactory,
  OidcClientSourceOption,
  OidcExistingClientSource,
} from './client-source';
export type { OidcCertificateHeader, OidcProofNonce, OidcProofOfPossession } from './possession-options';
export type {
  OidcBackchannelLogoutOptions,
  OidcRevocationOptions,
  OidcSharedSignalsOptions,
  OidcSharedSignalsTransmitter,
} from './revocation-options';

/**
 * What the API says of itself as a protected resource (RFC 9728): one document for all clients, from which a caller that
 * knows nothing finds the authorization servers.
 */
export interface OidcResourceMetadata {
  /**
   * The resource identifier, or several: https URLs (http for localhost) without fragment, as callers reach the API from
   * outside. Each has its document at `/.well-known/oauth-protected-resource` of its host, with its path appended.
   */
  readonly resource: string | readonly string[];
  /** Scopes to name. Default: those of all `@Scopes()`, without `offline_access`. */
  readonly scopesSupported?: readonly string[];
  /** What the API is called, for people. */
  readonly resourceName?: string;
  /** URL of documentation for developers. */
  readonly resourceDocumentation?: string;
  /** URL of how data may be used. */
  readonly resourcePolicyUri?: string;
  /** URL of terms of service. */
  readonly resourceTosUri?: string;
}

/** Where an access token may come from beside the `Authorization` header (RFC 6750 section 2). Two tokens in one request are refused. */
export interface OidcTokenSources {
  /**
   * Whether the `Authorization` header is a source (RFC 6750 section 2.1). With `false` it is not looked at, for an API behind
   * a proxy that puts the token to check into a header of its own, beside another one in `Authorization`; another source is
   * needed then. Default: true.
   */
  readonly authorization?: boolean;
  /**
   * The name of a header whose value is the token alone, without `Bearer`, such as `x-goog-iap-jwt-assertion`; in any case.
   * Whoever can reach the API past the proxy can send it too: the token is verified all the same. Default: none.
   */
  readonly header?: string;
  /**
   * The name of a cookie (RFC 6265) whose value is the token. Browsers send cookies with what other sites make them ask, so
   * a cookie in a request that the browser calls cross-site (`Sec-Fetch-Site`) is not looked at; set it with `HttpOnly`,
   * `Secure` and `SameSite`. Default: none.
   */
  readonly cookie?: string;
  /**
   * Whether the query parameter `access_token` is a source (RFC 6750 section 2.3). URLs are logged and kept in many places:
   * a last resort. Default: false.
   */
  readonly query?: boolean;
  /**
   * Whether the parameter `access_token` of a form-encoded body is a source (RFC 6750 section 2.2), where a body parser has read
   * one. Default: false.
   */
  readonly body?: boolean;
  /**
   * Finds the token alone, without `Bearer`, somewhere else in a request; undefined, null or the empty string for none. It
   * is synchronous; what else it returns, and what it throws, is refused as a malformed request. Default: none.
   */
  readonly custom?: (request: OidcRequest) => string | null | undefined;
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
   * What happens at start where a handler has access decorators (`@Roles()`, `@Clients()` and so on) that no guard before it
   * enforces: `refuse` fails the start with all such handlers, `warn` logs a warning for each. Messages of gateways and
   * microservices that global guards of this library do not reach are refused in either case. Default: `refuse`.
   */
  readonly unenforcedAccess?: 'refuse' | 'warn';
  /**
   * Routes outside Nest's router that are meant to be open: `GET /health`, `/health` for any method, `/docs/*` for `/docs` and all
   * below it. `USE` is the method of middleware on a path. With `requireExplicitAccess` any other such route fails the start.
   * Default: none.
   */
  readonly unguardedRoutes?: readonly string[];
  /**
   * Guards of the application's own that authenticate callers: routes behind them count as guarded. A class stands for
   * itself and for subclasses that add nothing to it. `MultiJwtGuard`, `RolesGuard`, and `AuthGuard('oidc:<client>')` of
   * `@nestjs/passport` are known, as are subclasses that leave their decision as it is. Default: none.
   */
  readonly authenticatingGuards?: readonly (abstract new (...injected: never[]) => unknown)[];
  /** Where tokens may come from. Default: the `Authorization` header alone. */
  readonly tokenSources?: OidcTokenSources;
  /** The longest token accepted, in bytes of the token alone, from 256 to 1,048,576. Default: 16,384. */
  readonly maxTokenBytes?: number;
  /**
   * Whether the verification of accepted tokens is remembered, so that a token that comes again costs no cryptography: within
   * how many bytes of memory, or `false` for not at all. At each use the token is compared whole, and its times, its key, its
   * client and the client's own functions are asked anew. Default: `{ maxBytes: 33_554_432 }` (32 MiB).
   */
  readonly verificationCache?: false | OidcVerificationCacheOptions;
  /** How long a key set is fresh, in seconds, from 1 to 86,400. Default: 600, or half of
   * `maxStale` if that is less. */
  readonly freshFor?: number;
  /**
   * How long the last good key set serves while its issuer does not answer, in seconds since that answer, from 1 to 604,800;
   * also how long an unused issuer is kept fresh. Default: 3,600, or twice `freshFor` if that is more.
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
  /** The protection space named in challenges (RFC 9110 section 11.5): printable ASCII. Default: `api`. */
  readonly realm?: string;
  /**
   * How much a refusal says: `description` the code and what the caller can mend, `code` the code alone, `none` neither. The
   * status and the `error` of the challenge (RFC 6750) are said in any case. Default: `description`.
   */
  readonly refusalDetail?: RefusalDetail;
  /**
   * Is told of every decision, while it is taken: must be quick. What it throws, or a promise of its rejects with, is logged
   * the first time, and changes nothing. The same events are on the
   * `node:diagnostics_channel` named `nestjs-oidc-multi-auth:decision`. Default: none.
   */
  readonly onDecision?: (event: DecisionEvent) => unknown;
  /**
   * Report decisions and key sets to OpenTelemetry, by the package `@opentelemetry/api`. Default: false.
   */
  readonly openTelemetry?: boolean;
  /** Serve protected resource metadata (RFC 9728), and name it in every challenge. Default: none. */
  readonly resourceMetadata?: OidcResourceMetadata;
  /**
   * Check who presents a token that is bound to a key (DPoP, RFC 9449) or a certificate (mutual TLS, RFC 8705). Default: bound
   * tokens are refused.
   */
  readonly proofOfPossession?: OidcProofOfPossession;
  /** Revoke tokens before they expire, by `OidcRevocations`, logout tokens and security events. Default: not. */
  readonly revocation?: OidcRevocationOptions;
}

/** How much is remembered of tokens that were accepted. */
export interface OidcVerificationCacheOptions {
  /** The most memory it may take, in bytes, from 65,536 to 1,073,741,824. Default: 33,554,432 (32 MiB). */
  readonly maxBytes?: number;
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
  /** Makes the options, once, when the application starts. */
  createOidcMultiAuthOptions(): Promise<OidcMultiAuthOptions> | OidcMultiAuthOptions;
}

/** The options where a source says who the clients are. */
export type OidcSourcedOptions = Omit<OidcMultiAuthOptions, 'clients'>;

/** What stands beside `OidcSourcedOptions`, or beside their `useFactory`. */
export interface OidcClientSourceExtra {
  /**
   * Says who the clients are, while the application runs, in place of `clients`: a class, an object, `{ useExisting }` or
   * `{ useFactory, inject }`. What it injects must be known to this module: by `imports` of `forRootAsync`, or because it is
   * global. Until it has answered once, tokens get 503 `state_unavailable`; with `strictStart` the start fails.
   */
  readonly clientSource: OidcClientSourceOption;
}
