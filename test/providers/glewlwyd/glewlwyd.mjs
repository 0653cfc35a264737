/** Glewlwyd, in C, from Debian. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createJwk } from '../support/jwk.mjs';
import { authorizationCode, clientCredentials, decodeToken, discover, REDIRECT_URI } from '../support/oauth.mjs';
import { freePort, hasCommand } from '../support/server-process.mjs';
import { passwordOf, SECRET, setUp } from './glewlwyd-clients.mjs';
import { GlewlwydServer, SCHEMA } from './glewlwyd-server.mjs';

export const glewlwyd = {
  name: 'Glewlwyd',
  missing: () => [
    ...['glewlwyd', 'sqlite3'].filter((command) => !hasCommand(command)),
    ...[SCHEMA].filter((file) => !existsSync(file)),
  ],
  async start(folder) {
    const server = await GlewlwydServer.start(folder, await freePort());
    await setUp(server);
    return new Glewlwyd(server);
  },
};

class Glewlwyd {
  version = /[\d.]+/.exec(execFileSync('glewlwyd', ['--version'], { encoding: 'utf8' }))[0];
  expected = {
    // It has properties of users, and none of clients, to write into tokens.
    serviceRoles: [],
    idToken: 'wrong_token_type',
    refreshToken: 'malformed_token',
    oldKey: 'kept',
  };

  #server;

  constructor(server) {
    this.#server = server;
  }

  get #issuer() {
    return `${this.#server.url}/api/oidc`;
  }

  get environment() {
    return {
      JWT_OIDC_ISSUER: this.#issuer,
      // All scopes of the token, joined by a space: one audience, compared whole.
      JWT_OIDC_AUDIENCE_CORE_WEB: 'openid core',
      JWT_OIDC_AUDIENCE_BCMI: 'bcmi',
      // A client whose audience is what ID tokens say, so that they are refused for what they are.
      JWT_OIDC_AUDIENCE_CARELESS: 'web',
    };
  }

  #discover() {
    return discover(`${this.#issuer}/.well-known/openid-configuration`);
  }

  async serviceToken(id = 'bcmi') {
    return clientCredentials(await this.#discover(), { id, secret: SECRET, scope: id });
  }

  strangersToken() {
    return this.serviceToken('evil');
  }

  /** What its page does: sends name and password, then the scopes that the user agrees to. */
  async logIn(user, scope = 'openid core') {
    const metadata = await this.#discover();
    const browser = await this.#server.logIn(user, passwordOf(user));
    await this.#server.send(browser, 'PUT', '/auth/grant/web', { scope });
    return authorizationCode(metadata, { id: 'web', scope }, (url) => browser.open(`${url}&g_continue`, REDIRECT_URI));
  }

  async rotateKeys() {
    const key = await createJwk();
    await this.#changeKeys((keys) => [key, ...keys]);
  }

  removeOldestKey() {
    return this.#changeKeys((keys) => keys.slice(0, -1));
  }

  async #changeKeys(change) {
    const plugin = await this.#server.admin('GET', '/mod/plugin/oidc');
    const { keys } = JSON.parse(plugin.parameters['jwks-private']);
    plugin.parameters['jwks-private'] = JSON.stringify({ keys: change(keys) });
    await this.#server.admin('PUT', '/mod/plugin/oidc', plugin);
    await this.#server.admin('PUT', '/mod/plugin/oidc/reset');
  }

  stop() {
    return this.#server.stop();
  }

  restart() {
    return this.#server.run();
  }

  async particulars(application) {
    const { header, claims } = decodeToken((await this.logIn('alice')).access_token);
    const narrow = await application.call('/me', (await this.logIn('alice', 'core')).access_token);
    return [
      ['access tokens with `typ` `at+jwt` (RFC 9068)', header.typ === 'at+jwt'],
      ['audiences joined by a space in one string, which is one audience', claims.aud === 'openid core'],
      ['... and a part of it is another: 401 `unknown_audience`', narrow.body.code === 'unknown_audience'],
      [
        'roles joined by a comma in one string, read as several',
        claims.client_roles === 'core_view_all,core_edit_mines',
      ],
    ];
  }
}
