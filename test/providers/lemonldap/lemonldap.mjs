/** LemonLDAP::NG, in Perl, from Debian. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Browser } from '../support/browser.mjs';
import { authorizationCode, clientCredentials, decodeToken, discover, REDIRECT_URI } from '../support/oauth.mjs';
import { ServerProcess, freePort, hasCommand } from '../support/server-process.mjs';
import { SECRET, WEB, writeConfiguration } from './lemonldap-configuration.mjs';

const PORTAL = fileURLToPath(new URL('portal.psgi', import.meta.url));

/** Its own script, which its documentation has run by cron: makes a key, and forgets the one before. */
const ROTATE_KEYS = '/usr/share/lemonldap-ng/bin/rotateOidcKeys';

export const lemonldap = {
  name: 'LemonLDAP::NG',
  missing: () => [
    ...['perl', 'plackup'].filter((command) => !hasCommand(command)),
    ...[ROTATE_KEYS, '/usr/share/lemonldap-ng/portal/templates'].filter((file) => !existsSync(file)),
  ],
  async start(folder) {
    const provider = new Lemonldap(folder, await freePort());
    await provider.restart();
    return provider;
  },
};

class Lemonldap {
  version = execFileSync('perl', ['-MLemonldap::NG::Portal', '-e', 'print $Lemonldap::NG::Portal::VERSION'], {
    encoding: 'utf8',
  });
  expected = {
    serviceRoles: ['core_view_all'],
    idToken: 'wrong_token_type',
    // It is no JWT.
    refreshToken: 'malformed_token',
    oldKey: 'removed at once',
  };

  #folder;
  #port;
  #server;

  constructor(folder, port) {
    this.#folder = folder;
    this.#port = port;
    writeConfiguration(folder, port);
  }

  get #issuer() {
    return `http://127.0.0.1:${this.#port}/`;
  }

  get #discoveryUrl() {
    return `${this.#issuer}.well-known/openid-configuration`;
  }

  get environment() {
    return {
      JWT_OIDC_WELL_KNOWN_CONFIG: this.#discoveryUrl,
      JWT_OIDC_AUDIENCE_CORE_WEB: WEB,
      JWT_OIDC_AUDIENCE_BCMI: 'mds-bcmi-4587',
    };
  }

  async serviceToken(id = 'mds-bcmi-4587') {
    return clientCredentials(await discover(this.#discoveryUrl), { id, secret: SECRET, scope: 'roles' });
  }

  strangersToken() {
    return this.serviceToken('mds-bcmi-4587-evil');
  }

  async logIn(user) {
    return authorizationCode(await discover(this.#discoveryUrl), { id: WEB, scope: 'openid roles' }, async (url) => {
      const browser = new Browser();
      const page = await browser.open(url, REDIRECT_URI);
      return browser.submit(page, 'password', { user, password: user }, REDIRECT_URI);
    });
  }

  async rotateKeys() {
    await promisify(execFile)('perl', [ROTATE_KEYS], { env: this.#env });
  }

  stop() {
    return this.#server.stop();
  }

  async restart() {
    this.#server = new ServerProcess({
      command: 'plackup',
      args: ['--server', 'HTTP::Server::PSGI', '--host', '127.0.0.1', '--port', String(this.#port), PORTAL],
      env: this.#env,
      log: `${this.#folder}/lemonldap.log`,
    });
    await this.#server.answers(this.#discoveryUrl);
  }

  get #env() {
    return { ...process.env, LLNG_DEFAULTCONFFILE: `${this.#folder}/lemonldap-ng.ini` };
  }

  async particulars() {
    const { issuer, jwks_uri: uri } = await discover(this.#discoveryUrl);
    const { keys } = await (await fetch(uri)).json();
    const tokens = await this.logIn('alice');
    const [access, id] = [tokens.access_token, tokens.id_token].map(decodeToken);
    return [
      ['an issuer with a slash at its end', issuer.endsWith('/') && access.claims.iss === issuer],
      ['a key set without `alg`', keys.every(({ alg }) => alg === undefined)],
      ['old keys are removed at once: after three rotations, one key in the set', keys.length === 1],
      ['several audiences in a token', Array.isArray(access.claims.aud) && access.claims.aud.length === 2],
      [
        'ID tokens with header and audience of access tokens',
        String(access.claims.aud) === String(id.claims.aud) && access.header.kid === id.header.kid,
      ],
    ];
  }
}
