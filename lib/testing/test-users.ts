import { types } from 'node:util';
import { isRetired } from '../core/client/client';
import type { ClientIndex } from '../core/client/client-index';
import type { Clock } from '../core/clock';
import type { OidcRequest } from '../core/token/oidc-request';
import { OidcPrincipal } from '../core/principal/oidc-principal';
import { testPrincipal, type TestPrincipalOptions } from './test-principal';

/** Who calls, in a test: what a principal is made of, a principal to copy, or nobody. */
export type TestUser = TestPrincipalOptions | OidcPrincipal | undefined | null;

/** What a test may look at to say who calls: an Express or a Fastify request is one. */
export interface TestUserRequest extends OidcRequest {
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Says who calls, for each request. Declared as a method is, so that its parameter may have the type of the
 * application's own requests.
 */
export type TestUserOf = { of(request: TestUserRequest): TestUser }['of'];

/**
 * The users of a test as principals of an application's clients.
 *
 * @internal
 */
export class TestUsers {
  readonly #userOf: TestUserOf;
  readonly #clients: ClientIndex;
  readonly #clock: Clock;

  /** @throws TypeError if the user is of a client that is not configured. */
  constructor(user: TestUser | TestUserOf, clients: ClientIndex, clock: Clock) {
    this.#clients = clients;
    this.#clock = clock;
    this.#userOf = typeof user === 'function' ? user : () => user;
    if (typeof user !== 'function') {
      this.#principalOf(user);
    }
  }

  /**
   * The principal of a request, made for it alone; undefined for nobody.
   *
   * @throws TypeError if the user is of a client that is not configured.
   */
  of(request: OidcRequest): OidcPrincipal | undefined {
    return this.#principalOf(this.#userOf(request));
  }

  /** Whether the time of a user's client is over. */
  isRetired(name: string): boolean {
    const client = this.#clients.client(name);
    return client !== undefined && isRetired(client, this.#clock.now());
  }

  #principalOf(user: TestUser): OidcPrincipal | undefined {
    if (user === undefined || user === null) {
      return undefined;
    }
    // What is not a user must not pass for one about whom nothing is said.
    if (typeof user !== 'object' || types.isPromise(user)) {
      throw new TypeError('withUser: a user is an object, an OidcPrincipal, or undefined or null, and no promise');
    }
    const names = this.#clients.clients.map(({ name }) => name);
    const { client: name = names[0] ?? '' } = user;
    const client = this.#clients.client(name);
    if (client === undefined) {
      const configured = names.map((other) => JSON.stringify(other)).join(', ');
      throw new TypeError(`withUser: client ${JSON.stringify(name)} is not configured; configured: ${configured}`);
    }
    if (user instanceof OidcPrincipal) {
      const { issuer, subject, roles, scopes, claims, details } = user;
      const claimsText = JSON.stringify(claims);
      return OidcPrincipal.of({ client: name, issuer, subject, roles, scopes, claimsText, details });
    }
    const [issuer] = client.issuer.possibleIssuers;
    const [audience] = client.audiences;
    return testPrincipal({
      ...user,
      roles: client.completeRoles(user.roles ?? []),
      client: name,
      issuer: user.issuer ?? issuer,
      claims: { [client.audienceClaim]: audience, ...user.claims },
    });
  }
}
