import { generateKeyPair, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { answerRealm, type Answer, type Jwk, type OidcProvider } from './realm';
import { CLIENTS, REALMS, SECRET, type RealmName, type SampleClient, type SampleUser } from './realms';

/** One realm: an issuer with keys of its own. */
interface Realm {
  readonly issuer: string;
  keys: Jwk[];
  answer: Answer;
}

/**
 * An OIDC provider for the sample, on loopback: the certified `oidc-provider` in the URL layout and token shape of Gold
 * SSO. It has two realms, `standard` with most clients and `partners` with one, and so two issuers.
 */
export class EmbeddedProvider {
  readonly #server: Server;
  readonly #oidcProvider: OidcProvider;
  readonly #realms = new Map<RealmName, Realm>();

  private constructor(server: Server, oidcProvider: OidcProvider) {
    this.#server = server;
    this.#oidcProvider = oidcProvider;
  }

  static async start(port: number): Promise<EmbeddedProvider> {
    const oidcProvider = await import('oidc-provider');
    const server = createServer();
    const provider = new EmbeddedProvider(server, oidcProvider);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    for (const name of REALMS) {
      const keys = [await createKey()];
      const issuer = `${provider.url}/auth/realms/${name}`;
      provider.#realms.set(name, { issuer, keys, answer: answerRealm(oidcProvider, name, issuer, keys) });
    }
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      provider.#answer(request, response).catch(() => response.writeHead(500).end());
    });
    return provider;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The environment variables that point the sample at this provider, as they would at a real one. */
  get environment(): Record<string, string> {
    const wellKnown = (name: RealmName): string => `${this.#realm(name).issuer}/.well-known/openid-configuration`;
    const environment: Record<string, string> = {
      JWT_OIDC_WELL_KNOWN_CONFIG: wellKnown('standard'),
      JWT_OIDC_WELL_KNOWN_CONFIG_PARTNER: wellKnown('partners'),
    };
    for (const { name, clientId } of CLIENTS) {
      if (name !== undefined) {
        environment[`JWT_OIDC_AUDIENCE_${name.toUpperCase().replaceAll('-', '_')}`] = clientId;
      }
    }
    return environment;
  }

  /** The token endpoint of a client's realm. */
  tokenEndpoint({ realm }: SampleClient): string {
    return `${this.#realm(realm).issuer}/protocol/openid-connect/token`;
  }

  /** Gets an access token as the client itself would: by client credentials (RFC 6749 section 4.4). */
  async clientCredentials(client: SampleClient): Promise<string> {
    const response = await fetch(this.tokenEndpoint(client), {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client.clientId}:${SECRET}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const answer: unknown = await response.json();
    if (typeof answer !== 'object' || answer === null || !('access_token' in answer)) {
      throw new Error(`the embedded provider gave no token: ${JSON.stringify(answer)}`);
    }
    return String(answer.access_token);
  }

  /**
   * Signs what a user of a client gets who logs in at it in a browser.
   *
   * @param issuedAt seconds since 1970. Default: now.
   */
  async userToken(
    { realm, clientId }: SampleClient,
    user: SampleUser,
    issuedAt: number = Math.floor(Date.now() / 1000),
  ): Promise<string> {
    const ofClient = { aud: clientId, azp: clientId, typ: 'Bearer', iat: issuedAt, exp: issuedAt + 300 };
    const { username, name, roles } = user;
    return this.sign(realm, { ...ofClient, sub: username, preferred_username: username, name, client_roles: roles });
  }

  /** Signs what no endpoint would give out, such as a token that expired an hour ago, with the realm's own key. */
  async sign(realm: RealmName, claims: Record<string, unknown>): Promise<string> {
    const { SignJWT, importJWK } = await import('jose');
    const { issuer, keys } = this.#realm(realm);
    const [key] = keys;
    if (key === undefined) {
      throw new Error(`the realm ${realm} has no key`);
    }
    return new SignJWT({ iss: issuer, ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid })
      .sign(await importJWK({ ...key, alg: 'RS256' }));
  }

  /** Signs with a new key from now on; the one before stays published. */
  async rotateKeys(): Promise<void> {
    for (const [name, realm] of this.#realms) {
      realm.keys = [await createKey(), ...realm.keys.slice(0, 1)];
      realm.answer = answerRealm(this.#oidcProvider, name, realm.issuer, realm.keys);
    }
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    if (request.method === 'POST' && url === '/rotate-keys') {
      await this.rotateKeys();
      response.writeHead(200, { 'content-type': 'text/plain' }).end('rotated\n');
      return;
    }
    const name = REALMS.find((candidate) => url.startsWith(`/auth/realms/${candidate}/`));
    if (name === undefined) {
      response.writeHead(404).end();
      return;
    }
    // The realm is mounted below its path, as it would be by Express.
    Object.assign(request, { originalUrl: url });
    request.url = url.slice(`/auth/realms/${name}`.length);
    await this.#realm(name).answer(request, response);
  }

  #realm(name: RealmName): Realm {
    const realm = this.#realms.get(name);
    if (realm === undefined) {
      throw new Error(`there is no realm ${name}`);
    }
    return realm;
  }
}

async function createKey(): Promise<Jwk> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}
