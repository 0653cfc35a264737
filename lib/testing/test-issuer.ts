import { createSecretKey, randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OidcClientOptions } from '../configuration/options';
import { ALGORITHMS, type Algorithm, type AsymmetricAlgorithm } from '../key/algorithm';
import { createSigningKey, signJwt, type SigningKey } from './signing-key';
import { claimsFor, type TestTokenOptions } from './token-claims';

export type { TestTokenOptions } from './token-claims';

/** How a test issuer is set up. */
export interface TestIssuerOptions {
  /** What it signs with unless told otherwise. Default: RS256. */
  readonly algorithm?: AsymmetricAlgorithm;
  /** The path of its issuer identifier. Default: `/auth/realms/standard`, the layout of Gold SSO. */
  readonly path?: string;
}

/** What a test token is signed with. */
export interface TestSignOptions {
  /** Default: the issuer's algorithm. */
  readonly algorithm?: AsymmetricAlgorithm;
  /** Header members to add or replace; one that is `undefined` here is left out. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** How a test issuer fails: it refuses connections' requests with 500, never answers, or answers with no JSON. */
export type TestIssuerOutage = 'error' | 'hang' | 'garbage';

/**
 * A local issuer for tests, over real HTTP on 127.0.0.1: it has a discovery document and a key set, signs any token,
 * rotates its keys and fails on demand. Not to be had in production.
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

  readonly #server: Server;
  readonly #path: string;
  readonly #algorithm: AsymmetricAlgorithm;
  readonly #signing = new Map<AsymmetricAlgorithm, SigningKey>();
  #published: SigningKey[] = [];
  #outage: TestIssuerOutage | undefined;

  private constructor(server: Server, path: string, algorithm: AsymmetricAlgorithm) {
    this.#server = server;
    this.#path = path;
    this.#algorithm = algorithm;
    const { port } = server.address() as AddressInfo;
    this.issuer = `http://127.0.0.1:${port}${path}`;
    server.on('request', ({ url }, response) => this.#answer(url ?? '', response));
  }

  /** Starts an issuer on a free port. Stop it with `stop()`; it keeps no process alive. */
  static async start(options: TestIssuerOptions = {}): Promise<TestIssuer> {
    const { algorithm = 'RS256', path = '/auth/realms/standard' } = options;
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    // A test that forgets to stop it does not keep the process alive.
    server.unref();
    const issuer = new TestIssuer(server, path, algorithm);
    await issuer.#signingKey(algorithm);
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
    return { keys: this.#published.map(({ jwk }) => jwk) };
  }

  /**
   * An access token that a client accepts: for an audience alone in the form of Gold SSO, for a client's options in the
   * form that these ask for.
   */
  async tokenFor(client: string | OidcClientOptions, options: TestTokenOptions = {}): Promise<string> {
    const claims = claimsFor(this.issuer, client, options);
    if (typeof client === 'string') {
      return this.sign(claims);
    }
    const [first] = client.algorithms ?? [];
    if (client.secret !== undefined) {
      const algorithm: Algorithm = first ?? 'HS256';
      const header = { alg: algorithm, typ: 'JWT' };
      return signJwt(header, claims, algorithm, createSecretKey(Buffer.from(client.secret)));
    }
    const accepted = client.algorithms?.includes(this.#algorithm) ?? true;
    return this.sign(claims, { algorithm: accepted || !isAsymmetric(first) ? this.#algorithm : first });
  }

  /** Signs any claims with any header, well formed or not, with a key it publishes. */
  async sign(claims: Readonly<Record<string, unknown>>, options: TestSignOptions = {}): Promise<string> {
    const key = await this.#signingKey(options.algorithm ?? this.#algorithm);
    const header = { alg: key.algorithm, typ: 'JWT', kid: key.keyId, ...options.header };
    return signJwt(header, claims, key.algorithm, key.privateKey);
  }

  /**
   * Signs with new keys from now on. The old ones stay published, unless they are removed at once.
   *
   * @param removeOld default: false.
   */
  async rotateKeys({ removeOld = false }: { readonly removeOld?: boolean } = {}): Promise<void> {
    const keys = await Promise.all(
      [...this.#signing.keys()].map((algorithm) => createSigningKey(algorithm, randomUUID())),
    );
    // The set is replaced at once: nobody ever sees it without a key.
    this.#published = [...(removeOld ? [] : this.#published), ...keys];
    for (const key of keys) {
      this.#signing.set(key.algorithm, key);
    }
  }

  /** Puts new keys under the ids of the old ones, which are gone. */
  async replaceKeys(): Promise<void> {
    const keys = await Promise.all(
      [...this.#signing.values()].map(({ algorithm, keyId }) => createSigningKey(algorithm, keyId)),
    );
    this.#published = keys;
    for (const key of keys) {
      this.#signing.set(key.algorithm, key);
    }
  }

  /** Starts to fail, in one of several ways, or with `undefined` stops to. */
  fail(outage: TestIssuerOutage | undefined): void {
    this.#outage = outage;
  }

  /** Stops the server and closes its connections. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #signingKey(algorithm: AsymmetricAlgorithm): Promise<SigningKey> {
    let key = this.#signing.get(algorithm);
    if (key === undefined) {
      key = await createSigningKey(algorithm, randomUUID());
      this.#signing.set(algorithm, key);
      this.#published.push(key);
    }
    return key;
  }

  #answer(url: string, response: ServerResponse): void {
    const document = this.#document(url);
    if (this.#outage === 'hang') {
      return;
    }
    if (this.#outage === 'error' || document === undefined) {
      response.writeHead(document === undefined ? 404 : 500).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
    response.end(this.#outage === 'garbage' ? '<!doctype html>' : JSON.stringify(document));
  }

  #document(url: string): object | undefined {
    switch (url.startsWith(this.#path) ? url.slice(this.#path.length) : undefined) {
      case '/.well-known/openid-configuration':
        this.requests.discovery += 1;
        return { issuer: this.issuer, jwks_uri: this.jwksUri };
      case '/protocol/openid-connect/certs':
        this.requests.jwks += 1;
        return this.jwks;
      default:
        return undefined;
    }
  }
}

function isAsymmetric(algorithm: Algorithm | undefined): algorithm is AsymmetricAlgorithm {
  return algorithm !== undefined && ALGORITHMS.get(algorithm)?.family !== 'HMAC';
}
