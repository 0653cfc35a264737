import type { VerifiedToken } from '../checks/verification';
import { own, type JsonObject } from '../token/json-object';

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

  private constructor(properties: OidcPrincipalProperties) {
    this.client = properties.client;
    this.issuer = properties.issuer;
    this.subject = properties.subject;
    this.roles = [...(properties.roles ?? [])];
    this.scopes = [...(properties.scopes ?? [])];
    this.#claimsText = properties.claimsText;
  }

  /**
   * Makes a principal from verified properties. The only way to make one.
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

/**
 * The principal of a verified token, by the rules of the token's own client.
 *
 * @internal
 */
export function createPrincipal(token: VerifiedToken): OidcPrincipal {
  return OidcPrincipal.of(propertiesOf(token));
}

/**
 * The properties of a verified token's principals. Each principal copies them.
 *
 * @internal
 */
export function propertiesOf({ client, claims, claimsText, audiences }: VerifiedToken): OidcPrincipalProperties {
  const configured = audiences.filter((audience) => client.audiences.has(audience));
  const subject = own(claims, 'sub');
  return {
    client: client.name,
    issuer: String(own(claims, 'iss')),
    subject: typeof subject === 'string' ? subject : undefined,
    roles: client.readRoles(claims, configured),
    scopes: client.readScopes(claims, configured),
    claimsText,
  };
}
