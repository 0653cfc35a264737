import type { JsonObject } from '../token/json-object';

/** Verified claims: a JSON object, with the types that verification has established for registered claims. */
export interface VerifiedClaims extends JsonObject {
  /** The issuer: that of the client. */
  readonly iss: string;
  /** When the token expires, in seconds since the epoch. A JWT has it; an issuer may leave it out of what it says of an opaque token. */
  readonly exp?: number;
  /** The audiences: one of the client's is among them, unless it reads its audience from another claim. */
  readonly aud?: string | readonly string[];
  /** Who the token speaks for, unique within the issuer. */
  readonly sub?: string;
  /** The party that it was issued to (OpenID Connect Core 1.0 section 2). */
  readonly azp?: string;
  /** The party that it was issued to (RFC 9068 section 2.2). */
  readonly client_id?: string;
  /** The id of the token. */
  readonly jti?: string;
  /** When it was issued, in seconds since the epoch. */
  readonly iat?: number;
  /** When it starts to be valid, in seconds since the epoch. */
  readonly nbf?: number;
}

/** What `OidcPrincipal.from` makes a principal of. */
export interface OidcPrincipalInit {
  /** How the caller authenticated, as a name of its own: what `@Clients()` and `@Roles({ client })` compare. */
  readonly client: string;
  /** Who vouches for the subject. With `subject` it identifies the caller. */
  readonly issuer: string;
  /** Who the caller is. Default: nobody in particular. */
  readonly subject?: string;
  /** The caller's roles, by the names of the application. Implied roles are not added. Default: none. */
  readonly roles?: readonly string[];
  /** The caller's scopes. Default: none. */
  readonly scopes?: readonly string[];
  /** What else is known of the caller, as JSON values: `acr` and `auth_time` for step-up, for example. Default: `iss` and `sub`. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Anything of the application: see `OidcPrincipal.details`. Default: undefined. */
  readonly details?: unknown;
}

/**
 * What a principal is made of.
 *
 * @internal
 */
export interface OidcPrincipalProperties {
  readonly client: string;
  readonly issuer: string;
  readonly subject?: string | undefined;
  readonly roles?: readonly string[];
  readonly scopes?: readonly string[];
  /** The JSON text of the claims. */
  readonly claimsText: string;
  readonly details?: unknown;
}

/**
 * The caller: what a verified token becomes, on `request.user`. Each request has its own. Identify a user by `issuer` and
 * `subject` together, because two issuers may use the same `sub` for different people.
 *
 * @example
 * ```ts
 * @Get('me')
 * me(@CurrentUser() user: OidcPrincipal) {
 *   return { from: user.client, who: user.subject, mayEdit: user.hasRole('core_edit_mines') };
 * }
 * ```
 */
export class OidcPrincipal {
  /** The name of the configured client whose token this is. */
  readonly client: string;
  /** The token's `iss` (RFC 7519 section 4.1.1). */
  readonly issuer: string;
  /** The token's `sub` (RFC 7519 section 4.1.2); undefined where it has none, as for some service accounts. */
  readonly subject: string | undefined;
  /** The caller's roles, read by the rules of its own client. */
  readonly roles: readonly string[];
  /** The scopes of the token, read by the rules of its own client. */
  readonly scopes: readonly string[];

  readonly #claimsText: string;
  #claims: VerifiedClaims | undefined;
  readonly #details: unknown;

  private constructor(properties: OidcPrincipalProperties) {
    this.client = properties.client;
    this.issuer = properties.issuer;
    this.subject = properties.subject;
    this.roles = [...(properties.roles ?? [])];
    this.scopes = [...(properties.scopes ?? [])];
    this.#claimsText = properties.claimsText;
    this.#details = properties.details;
  }

  /**
   * Makes the principal of a caller whom the application authenticated itself, by an API key or a session for example, so
   * that the access decorators, `RolesGuard` and `@CurrentUser()` hold for it. Nothing is verified here. Set it on `request.user`
   * in a guard that runs before `RolesGuard`.
   *
   * @throws TypeError if a value has the wrong type, or if `claims` cannot be written as JSON.
   *
   * @example
   * ```ts
   * const user = OidcPrincipal.from({ client: 'api-key', issuer: 'mines', subject: 'nightly-import', roles: ['core_view'] });
   * ```
   */
  static from({ client, issuer, subject, roles = [], scopes = [], claims, details }: OidcPrincipalInit): OidcPrincipal {
    const texts = { client, issuer, ...(subject !== undefined && { subject }) };
    for (const [name, value] of Object.entries<unknown>(texts)) {
      if (typeof value !== 'string' || value === '') {
        throw new TypeError(`OidcPrincipal.from: ${name} is not a string with anything in it`);
      }
    }
    for (const [name, values] of Object.entries<unknown>({ roles, scopes })) {
      if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
        throw new TypeError(`OidcPrincipal.from: ${name} is not an array of strings`);
      }
    }
    // Claims never contradict the members of the principal.
    const claimsText = JSON.stringify({ ...claims, iss: issuer, sub: subject });
    return new OidcPrincipal({ client, issuer, subject, roles, scopes, claimsText, details });
  }

  /**
   * Makes a principal from verified properties.
   *
   * @internal
   */
  static of(properties: OidcPrincipalProperties): OidcPrincipal {
    return new OidcPrincipal(properties);
  }

  /**
   * The verified claims, as a private copy made when first read. `JSON.stringify` and loggers do not show them, because
   * claims may be personal.
   */
  get claims(): VerifiedClaims {
    this.#claims ??= JSON.parse(this.#claimsText) as VerifiedClaims;
    return this.#claims;
  }

  /**
   * What the application knows of the caller: what `enrich` of the client returned as `details`, such as the user's record.
   * Undefined without it. `JSON.stringify` and loggers do not show it.
   */
  get details(): unknown {
    return this.#details;
  }

  /**
   * The same caller with what the application adds.
   *
   * @internal
   */
  with(roles: readonly string[], scopes: readonly string[], details: unknown): OidcPrincipal {
    const { client, issuer, subject } = this;
    return new OidcPrincipal({ client, issuer, subject, roles, scopes, claimsText: this.#claimsText, details });
  }

  /** Whether the caller has this role. */
  hasRole(role: string): boolean {
    return this.roles.includes(role);
  }

  /** Whether the caller has at least one of these roles. */
  hasAnyRole(...roles: readonly string[]): boolean {
    return roles.some((role) => this.roles.includes(role));
  }

  /** Whether the caller has every one of these roles. False without a role. */
  hasAllRoles(...roles: readonly string[]): boolean {
    return roles.length > 0 && roles.every((role) => this.roles.includes(role));
  }
}
