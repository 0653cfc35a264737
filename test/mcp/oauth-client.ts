import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import type { OAuthClientProvider } from '@modelcontextprotocol/client';

const REDIRECT = 'http://127.0.0.1:9/callback';

/** A user of the official client, who logs in without a browser. */
export class OAuthUser {
  /** The authorization requests that the client sent its user to. */
  readonly authorizations: URL[] = [];
  readonly registrations: unknown[] = [];
  readonly #cookies = new Map<string, string>();
  readonly #saved = new Map<string, unknown>();
  readonly provider: OAuthClientProvider;

  constructor(
    private readonly name: string,
    private readonly url: string,
  ) {
    const saved = this.#saved;
    const provider = {
      redirectUrl: REDIRECT,
      clientMetadata: {
        client_name: 'test',
        redirect_uris: [REDIRECT],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      },
      clientInformation: () => saved.get('client'),
      saveClientInformation: (information: unknown) => {
        this.registrations.push(information);
        saved.set('client', information);
      },
      tokens: () => saved.get('tokens'),
      saveTokens: (tokens: unknown) => void saved.set('tokens', tokens),
      redirectToAuthorization: (authorization: URL) => void this.authorizations.push(authorization),
      saveCodeVerifier: (verifier: string) => void saved.set('verifier', verifier),
      codeVerifier: () => saved.get('verifier'),
      saveDiscoveryState: (state: unknown) => void saved.set('discovery', state),
      discoveryState: () => saved.get('discovery'),
    };
    this.provider = provider as unknown as OAuthClientProvider;
  }

  get accessToken(): string {
    return (this.#saved.get('tokens') as { access_token: string }).access_token;
  }

  transport(): StreamableHTTPClientTransport {
    return new StreamableHTTPClientTransport(new URL(this.url), { authProvider: this.provider });
  }

  /** Connects: at first the server asks for a token, and then the user logs in. */
  async connect(): Promise<Client> {
    const first = this.transport();
    await this.#client()
      .connect(first)
      .then(
        () => Promise.reject(new Error('the server asked for no token')),
        (error: unknown) => {
          if (this.authorizations.length === 0) {
            throw error;
          }
        },
      );
    await first.finishAuth(await this.logIn());
    const client = this.#client();
    await client.connect(this.transport());
    return client;
  }

  #client(): Client {
    return new Client({ name: 'test', version: '1' });
  }

  /** Follows the last authorization request as a browser would. */
  async logIn(): Promise<URLSearchParams> {
    let location = this.authorizations.at(-1);
    for (let hop = 0; location !== undefined && hop < 10; hop += 1) {
      if (location.href.startsWith(REDIRECT)) {
        return location.searchParams;
      }
      const isLogin = location.pathname.startsWith('/login/');
      const response: Response = await fetch(location, {
        redirect: 'manual',
        headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(isLogin && { method: 'POST', body: new URLSearchParams({ user: this.name }) }),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [pair = ''] = cookie.split(';');
        const [name = '', value = ''] = pair.split(/=(.*)/s);
        this.#cookies.set(name, value);
      }
      const next = response.headers.get('location');
      if (next === null) {
        throw new Error(`${location.href} answered ${response.status}: ${await response.text()}`);
      }
      location = new URL(next, location);
    }
    throw new Error('the login led nowhere');
  }
}

export { UnauthorizedError };
