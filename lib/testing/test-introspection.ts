import { randomBytes } from 'node:crypto';
import type { OidcClientOptions } from '../configuration/options';
import { isJsonObject, own } from '../core/token/json-object';
import { parseToken } from '../core/token/unverified-token';
import { alteredBy, replyOf, type TestIntrospectionFault } from './introspection-fault';
import type { PostedForm, ServerReply } from './issuer-server';
import { ResourceServers } from './resource-servers';

const INACTIVE = { active: false };

/** The most characters of a JWT that is asked about. */
const MOST_CHARACTERS = 65_536;

/** What introspection needs of its issuer. */
export interface IntrospectionServices {
  readonly issuer: string;
  /** Seconds since the epoch. */
  now(): number;
  /** Whether the issuer has signed a JWT. */
  hasSigned(token: string): boolean;
  /** Signs an answer (RFC 9701). */
  sign(claims: Readonly<Record<string, unknown>>, type: string): Promise<string>;
}

/** A request for introspection. */
export interface TestIntrospectionRequest {
  /** The token that was asked about. */
  readonly token: string;
  /** The client that asked; undefined where its authentication was refused. */
  readonly clientId: string | undefined;
}

/** The introspection endpoint of a test issuer (RFC 7662), with the opaque tokens that it knows. */
export class TestIntrospection {
  /** Every request so far, the first one first. */
  readonly requests: TestIntrospectionRequest[] = [];

  /** The URL of the endpoint. The discovery document names it. */
  readonly endpoint: string;

  readonly #callers = new ResourceServers();
  readonly #claims = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #revoked = new Set<string>();
  readonly #services: IntrospectionServices;
  #fault: TestIntrospectionFault | undefined;

  /** @internal */
  constructor(services: IntrospectionServices) {
    this.#services = services;
    this.endpoint = `${services.issuer}/protocol/openid-connect/token/introspect`;
  }

  /**
   * Makes the endpoint fail or lie, in one of several ways, or with `undefined` stops it. Everything else of the issuer goes on.
   *
   * @example
   * ```ts
   * issuer.introspection.fail('hang');
   * issuer.introspection.fail(undefined);
   * ```
   */
  fail(fault: TestIntrospectionFault | undefined): void {
    this.#fault = fault;
  }

  /** @internal */
  add(clients: readonly OidcClientOptions[]): void {
    for (const client of clients) {
      this.#callers.add(client);
    }
  }

  /**
   * A new opaque token with these claims.
   *
   * @internal
   */
  issue(claims: Readonly<Record<string, unknown>>, prefix: string): string {
    const token = `${prefix}${randomBytes(24).toString('base64url')}`;
    this.#claims.set(token, claims);
    return token;
  }

  /** @internal */
  revoke(token: string): void {
    this.#revoked.add(token);
  }

  /**
   * @returns undefined for another path; null for a request that is never replied to.
   * @internal
   */
  reply(posted: PostedForm): Promise<ServerReply | null> | undefined {
    return posted.path === new URL(this.endpoint).pathname ? this.#reply(posted) : undefined;
  }

  async #reply({ form, headers }: PostedForm): Promise<ServerReply | null> {
    const token = form.get('token') ?? '';
    const audiences = [this.#services.issuer, this.endpoint];
    const clientId = this.#callers.authenticate(headers.authorization, form, audiences, this.#services.now());
    this.requests.push({ token, clientId });
    const answer = alteredBy(this.#fault, this.#answer(token));
    const failing = replyOf(this.#fault, answer);
    if (failing !== undefined) {
      return failing;
    }
    if (clientId === undefined) {
      return json({ error: 'invalid_client' }, 401);
    }
    return String(headers.accept).includes('application/token-introspection+jwt')
      ? this.#signed(answer, clientId)
      : json(answer, 200);
  }

  #answer(token: string): object {
    const claims = this.#claims.get(token) ?? this.#claimsOfJwt(token);
    const expiry = claims === undefined ? undefined : own(claims, 'exp');
    const isOver = typeof expiry === 'number' && expiry <= this.#services.now();
    return claims === undefined || this.#revoked.has(token) || isOver ? INACTIVE : { active: true, ...claims };
  }

  #claimsOfJwt(token: string): Readonly<Record<string, unknown>> | undefined {
    const claims = this.#services.hasSigned(token) ? parseToken(token, MOST_CHARACTERS)?.unverifiedClaims : undefined;
    return isJsonObject(claims) ? claims : undefined;
  }

  /** RFC 9701 section 5. */
  async #signed(answer: object, clientId: string): Promise<ServerReply> {
    const claims = {
      iss: this.#services.issuer,
      aud: clientId,
      iat: Math.floor(this.#services.now()),
      token_introspection: answer,
    };
    const body = await this.#services.sign(claims, 'token-introspection+jwt');
    return { status: 200, headers: { 'content-type': 'application/token-introspection+jwt' }, body };
  }
}

function json(body: object, status: number): ServerReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
