/** The certified `oidc-provider`, from npm. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Browser } from '../support/browser.mjs';
import { authorizationCode, clientCredentials, decodeToken, discover, REDIRECT_URI } from '../support/oauth.mjs';
import { decide } from '../support/decide.mjs';
import { ServerProcess, freePort } from '../support/server-process.mjs';

const WEB = 'mines-digital-services-mds-public-client-4414';
const SERVER = fileURLToPath(new URL('oidc-provider-server.mjs', import.meta.url));
const MANIFEST = new URL('../../../node_modules/oidc-provider/package.json', import.meta.url);

export const oidcProvider = {
  name: 'oidc-provider',
  missing: () => [],
  async start(folder) {
    const provider = new OidcProvider(folder, await freePort());
    await provider.restart();
    return provider;
  },
};

class OidcProvider {
  version = JSON.parse(readFileSync(MANIFEST, 'utf8')).version;
  expected = {
    serviceRoles: ['core_view_all'],
    // Its audience is the client, not the API.
    idToken: 'unknown_audience',
    // It is no JWT.
    refreshToken: 'malformed_token',
    oldKey: 'kept',
  };

  #folder;
  #port;
  #server;

  constructor(folder, port) {
    this.#folder = folder;
    this.#port = port;
  }

  get #issuer() {
    return `http://127.0.0.1:${this.#port}`;
  }

  get #discoveryUrl() {
    return `${this.#issuer}/.well-known/openid-configuration`;
  }

  get environment() {
    return {
      JWT_OIDC_ISSUER: this.#issuer,
      JWT_OIDC_AUDIENCE_CORE_WEB: `urn:mines:${WEB}`,
      JWT_OIDC_AUDIENCE_BCMI: 'urn:mines:mds-bcmi-4587',
    };
  }

  async serviceToken(id = 'mds-bcmi-4587') {
    return clientCredentials(await discover(this.#discoveryUrl), { id, secret: 'sample-secret' });
  }

  strangersToken() {
    return this.serviceToken('mds-bcmi-4587-evil');
  }

  /** Its own pages: one to log in, one to consent. */
  async logIn(user) {
    const client = { id: WEB, scope: 'openid offline_access', parameters: { prompt: 'consent' } };
    return authorizationCode(await discover(this.#discoveryUrl), client, async (url) => {
      const browser = new Browser();
      const page = await browser.open(url, REDIRECT_URI);
      const consent = await browser.submit(page, 'login', { login: user, password: user }, REDIRECT_URI);
      return browser.submit(consent, 'prompt', {}, REDIRECT_URI);
    });
  }

  rotateKeys() {
    return fetch(`${this.#issuer}/rotate-keys`, { method: 'POST' });
  }

  removeOldestKey() {
    return fetch(`${this.#issuer}/remove-oldest-key`, { method: 'POST' });
  }

  stop() {
    return this.#server.stop();
  }

  async restart() {
    this.#server = new ServerProcess({
      command: process.execPath,
      args: [SERVER, String(this.#port), `${this.#folder}/keys.json`],
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
      log: `${this.#folder}/oidc-provider.log`,
    });
    await this.#server.answers(this.#discoveryUrl);
  }

  async particulars() {
    const tokens = await this.logIn('alice');
    const [access, id] = [tokens.access_token, tokens.id_token].map(decodeToken);
    const client = { name: 'web', audience: [WEB, access.claims.aud], issuer: this.#issuer };
    const strict = { ...client, strictness: { accessTokenType: true } };
    return [
      ['access tokens with `typ` `at+jwt` (RFC 9068)', access.header.typ === 'at+jwt'],
      ['refresh tokens that are no JWTs', !tokens.refresh_token.includes('.')],
      ['ID tokens without `typ` and `at_hash`', id.header.typ === undefined && id.claims.at_hash === undefined],
      [
        '... where a client has the audience of both: refused with `strictness: { accessTokenType: true }`',
        (await decide(strict, tokens.id_token)) === 'wrong_token_type' &&
          (await decide(strict, tokens.access_token)) === 'accepted',
      ],
    ];
  }
}
