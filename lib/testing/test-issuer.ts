import { systemClock } from '../core/clock';
import { inherit } from '../configuration/inherit';
import type { OidcClientOptions } from '../configuration/options';
import type { AsymmetricAlgorithm } from '../core/key/algorithm';
import { eventClaims, logoutClaims, type TestLogoutTokenOptions, type TestSecurityEventOptions } from './event-tokens';
import { IssuerServer, type TestIssuerOutage } from './issuer-server';
import { isAsymmetric, signJwt, signWithSecret } from './signing-key';
import { SigningKeys } from './signing-keys';
import { TestIntrospection } from './test-introspection';
import type { TestIssuerOptions, TestOutageOptions, TestSignOptions } from './test-issuer-options';
import { claimsFor, type TestTokenOptions } from './token-claims';

/**
 * A local issuer for tests, over real HTTP on 127.0.0.1: it has a discovery document and a key set, signs any token,
 * rotates its keys and fails on demand. It also issues opaque tokens and answers introspection. Not to be had in production.
 *
 * @example
 * ```ts
 * const issuer = await TestIssuer.start();
 * const token = await issuer.tokenFor('mds-bcmi-4587', { roles: ['core_view_all'] });
 * await issuer.stop();
 * ```
 */
export class TestIssuer {
  /** How often each document was asked for. */
  readonly requests: { discovery: number; jwks: number } = { discovery: 0, jwks: 0 };

  /** What its tokens say in `iss`. */
  readonly issuer: string;

  /** Its introspection endpoint (RFC 7662): what it was asked, and how it fails. */
  readonly introspection: TestIntrospection;

  /**
   * How far its clock is ahead, in seconds; negative: behind. Shifts the times in tokens of `tokenFor` and
   * `tokenForClient`, and the `Date` header of its answers.
   */
  clockSkew: number;

  readonly #server: IssuerServer;
  readonly #path: string;
  readonly #algorithm: AsymmetricAlgorithm;
  readonly #keys = new SigningKeys();
  readonly #clients = new Map<string, OidcClientOptions>();

  private constructor(server: IssuerServer, options: TestIssuerOptions) {
    const { algorithm = 'RS256', path = '/auth/realms/standard', clockSkew = 0 } = options;
    this.#server = server;
    this.#path = path;
    this.#algorithm = algorithm;
    this.clockSkew = clockSkew;
    this.issuer = `${server.origin}${path}`;
    this.introspection = new TestIntrospection({
      issuer: this.issuer,
      now: () => this.#now(),
      hasSigned: (token) => this.#keys.haveSigned(token),
      sign: (claims, typ) => this.sign(claims, { header: { typ } }),
    });
    server.serve({
      documentAt: (at) => this.#documentAt(at),
      replyTo: (posted) => this.introspection.reply(posted),
      now: () => this.#now() * 1000,
    });
  }

  /** Starts an issuer on a free port. Stop it with `stop()`; it keeps no process alive. */
  static async start(options: TestIssuerOptions = {}): Promise<TestIssuer> {
    const server = new IssuerServer();
    await server.start(options.port ?? 0);
    const issuer = new TestIssuer(server, options);
    await issuer.#keys.signing(issuer.#algorithm);
    const { clients = [], defaults = {} } = options;
    await issuer.addClients(clients.map((client) => inherit(client, defaults)));
    return issuer;
  }

  /** URL of its discovery document. */
  get discoveryUrl(): string {
    return `${this.issuer}/.well-known/openid-configuration`;
  }

  /** URL of its key set. */
  get jwksUri(): string {
    return `${this.issuer}/protocol/openid-connect/certs`;
  }

  /** Its key set as published. */
  get jwks(): { readonly keys: readonly object[] } {
    return this.#keys.jwks;
  }

  /**
   * An access token that a client accepts: for an audience alone in the form of Gold SSO, for a client's options in the
   * form that these ask for, with a text for each required claim that would be missing. Only a client's own `validate`
   * may want more, which `claims` can give. With `format: 'opaque'`, introspection answers with the claims.
   *
   * @throws TypeError for roles (or scopes) where the client reads them by a function or not at all.
   */
  async tokenFor(client: string | OidcClientOptions, options: TestTokenOptions = {}): Promise<string> {
    const claims = claimsFor(this.issuer, client, options, Math.floor(this.#now()));
    if (options.format === 'opaque') {
      const { tokenPrefix = '' } = (typeof client === 'string' ? undefined : client.introspection) ?? {};
      return this.introspection.issue(claims, tokenPrefix);
    }
    if (typeof client === 'string') {
      return this.sign(claims);
    }
    return client.secret === undefined
      ? this.sign(claims, { algorithm: this.#algorithmFor(client) })
      : signWithSecret(claims, client.algorithms?.[0] ?? 'HS256', client.secret);
  }

  /**
   * `tokenFor` a client known by its name: one of `TestIssuer.start({ clients })`, or of an application that
   * `withTestIssuer` turned to this issuer.
   *
   * @throws TypeError naming the clients it knows, if there is none of that name.
   * @example
   * ```ts
   * const token = await issuer.tokenForClient('bcmi', { roles: ['core_view_all'], expiresIn: 60 });
   * ```
   */
  async tokenForClient(name: string, options: TestTokenOptions = {}): Promise<string> {
    const client = this.#clients.get(name);
    if (client === undefined) {
      const known = [...this.#clients.keys()].map((other) => JSON.stringify(other));
      throw new TypeError(
        `this issuer knows no client ${JSON.stringify(name)}; it knows ${known.length > 0 ? known.join(', ') : 'none'}. ` +
          'Give clients to TestIssuer.start(), or compile a module with withTestIssuer() first',
      );
    }
    return this.tokenFor(client, options);
  }

  /** Signs any claims with any header, well formed or not, with a key it publishes. */
  async sign(claims: Readonly<Record<string, unknown>>, options: TestSignOptions = {}): Promise<string> {
    const key = await this.#keys.signing(options.algorithm ?? this.#algorithm);
    const header = { alg: key.algorithm, typ: 'JWT', kid: key.keyId, ...options.header };
    return signJwt(header, claims, key.algorithm, key.privateKey);
  }

  /**
   * A logout token (OpenID Connect Back-Channel Logout 1.0), good unless `claims` or `header` say otherwise.
   *
   * @example
   * ```ts
   * const body = new URLSearchParams({ logout_token: await issuer.logoutToken({ audience: 'web', sid: 's' }) });
   * await fetch('http://127.0.0.1:3000/oidc/backchannel-logout', { method: 'POST', body });
   * ```
   */
  logoutToken(options: TestLogoutTokenOptions): Promise<string> {
    const claims = logoutClaims(this.issuer, options, Math.floor(this.#now()));
    return this.sign(claims, { header: { typ: 'logout+jwt', ...options.header } });
  }

  /** A security event token (RFC 8417) of this issuer as a transmitter, good unless `claims` or `header` say otherwise. */
  securityEvent(options: TestSecurityEventOptions): Promise<string> {
    const claims = eventClaims(this.issuer, options, Math.floor(this.#now()));
    return this.sign(claims, { header: { typ: 'secevent+jwt', ...options.header } });
  }

  /**
   * Signs with new keys from now on. The old ones stay published, unless they are removed at once.
   *
   * @param removeOld default: false; later, `removeOldKeys` removes them.
   */
  async rotateKeys({ removeOld = false }: { readonly removeOld?: boolean } = {}): Promise<void> {
    await this.#keys.rotate(removeOld);
  }

  /** Unpublishes every key but those that sign now. */
  removeOldKeys(): void {
    this.#keys.removeOld();
  }

  /** Puts new keys under the ids of the old ones, which are gone. */
  async replaceKeys(): Promise<void> {
    await this.#keys.replace();
  }

  /**
   * Starts to fail, in one of several ways, or with `undefined` stops to. What requests are answered with changes at
   * once; only for `down`, and for its end on the same port, is there anything to wait for.
   *
   * @example
   * ```ts
   * await issuer.fail('down');
   * await issuer.fail('slow', { delay: 5000 });
   * await issuer.fail(undefined);
   * ```
   */
  fail(outage: TestIssuerOutage | undefined, { delay = 1000 }: TestOutageOptions = {}): Promise<void> {
    return this.#server.fail(outage, delay);
  }

  /** Revokes a token: from now on, introspection answers that it is not active. */
  revoke(token: string): void {
    this.introspection.revoke(token);
  }

  /** Stops the server and closes its connections. */
  async stop(): Promise<void> {
    await this.#server.stop();
  }

  /**
   * Gets to know clients, and publishes the keys that sign their tokens, so that an application finds them all when it
   * first asks for the key set.
   *
   * @internal
   */
  async addClients(clients: readonly OidcClientOptions[]): Promise<void> {
    for (const client of clients) {
      this.#clients.set(client.name, client);
    }
    this.introspection.add(clients);
    const algorithms = clients.filter(({ secret }) => secret === undefined).map((client) => this.#algorithmFor(client));
    await Promise.all(algorithms.map((algorithm) => this.#keys.signing(algorithm)));
  }

  /** The issuer's own algorithm if a client accepts it, else the first that it does. */
  #algorithmFor({ algorithms }: OidcClientOptions): AsymmetricAlgorithm {
    const accepted = algorithms?.filter(isAsymmetric) ?? [];
    return accepted.includes(this.#algorithm) ? this.#algorithm : (accepted[0] ?? this.#algorithm);
  }

  /** What the issuer believes the time is, in seconds since the epoch. */
  #now(): number {
    return systemClock.now() + this.clockSkew;
  }

  #documentAt(url: string): object | undefined {
    switch (url.startsWith(this.#path) ? url.slice(this.#path.length) : undefined) {
      case '/.well-known/openid-configuration':
        this.requests.discovery += 1;
        return {
          issuer: this.issuer,
          jwks_uri: this.jwksUri,
          introspection_endpoint: this.introspection.endpoint,
        };
      case '/protocol/openid-connect/certs':
        this.requests.jwks += 1;
        return this.jwks;
      default:
        return undefined;
    }
  }
}
