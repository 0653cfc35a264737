/** Keycloak, the engine of Gold SSO, with a realm shaped like that of Gold SSO. */
import { Browser } from '../support/browser.mjs';
import { authorizationCode, clientCredentials, decodeToken, discover, REDIRECT_URI } from '../support/oauth.mjs';
import { KEYCLOAK_VERSION, missingCommands } from './keycloak-distribution.mjs';
import { KeycloakServer } from './keycloak-server.mjs';

const WEB = 'mines-digital-services-mds-public-client-4414';
const SECRET = 'sample-secret';

export const keycloak = {
  name: 'Keycloak',
  missing: missingCommands,
  start: async (folder, port) => new Keycloak(await KeycloakServer.start(folder, port)),
};

class Keycloak {
  version = KEYCLOAK_VERSION;
  expected = {
    serviceRoles: ['core_view_all'],
    idToken: 'wrong_token_type',
    refreshToken: 'algorithm_not_allowed',
    oldKey: 'kept',
  };

  #server;
  #priority = 200;

  constructor(server) {
    this.#server = server;
  }

  get url() {
    return this.#server.url;
  }

  get environment() {
    return {
      JWT_OIDC_WELL_KNOWN_CONFIG: this.#server.discoveryUrl('standard'),
      JWT_OIDC_AUDIENCE_CORE_WEB: WEB,
      JWT_OIDC_AUDIENCE_BCMI: 'mds-bcmi-4587',
      // A client whose audience is what refresh tokens say, so that they are refused for what they are.
      JWT_OIDC_AUDIENCE_CARELESS: this.#server.issuer('standard'),
      JWT_OIDC_WELL_KNOWN_CONFIG_PARTNER: this.#server.discoveryUrl('partners'),
      JWT_OIDC_AUDIENCE_PARTNER: 'partner-portal',
    };
  }

  async serviceToken(id = 'mds-bcmi-4587', realm = 'standard') {
    return clientCredentials(await discover(this.#server.discoveryUrl(realm)), { id, secret: SECRET });
  }

  strangersToken() {
    return this.serviceToken('mds-bcmi-4587-evil');
  }

  async logIn(user) {
    const metadata = await discover(this.#server.discoveryUrl('standard'));
    return authorizationCode(metadata, { id: WEB, scope: 'openid' }, async (url) => {
      const browser = new Browser();
      const page = await browser.open(url, REDIRECT_URI);
      return browser.submit(page, 'username', { username: user, password: user }, REDIRECT_URI);
    });
  }

  async rotateKeys() {
    await this.#server.admin('POST', '/standard/components', {
      name: `rsa-${++this.#priority}`,
      providerId: 'rsa-generated',
      providerType: 'org.keycloak.keys.KeyProvider',
      parentId: (await this.#server.admin('GET', '/standard')).id,
      config: { priority: [String(this.#priority)], algorithm: ['RS256'], keySize: ['2048'] },
    });
  }

  async removeOldestKey() {
    const signing = (await this.#server.admin('GET', '/standard/keys')).keys
      .filter(({ algorithm, status }) => algorithm === 'RS256' && status === 'ACTIVE')
      .sort((one, other) => one.providerPriority - other.providerPriority);
    await this.#server.admin('DELETE', `/standard/components/${signing[0].providerId}`);
  }

  stop() {
    return this.#server.stop();
  }

  restart() {
    return this.#server.run();
  }

  /** What is particular to it, each as [what, whether it is so, what the sample did]. */
  async particulars(application) {
    const { jwks_uri: uri } = await discover(this.#server.discoveryUrl('standard'));
    const { keys } = await (await fetch(uri)).json();
    const partner = await application.call(
      '/partner/mines/1/status',
      await this.serviceToken('partner-portal', 'partners'),
    );
    const { header, claims } = decodeToken((await this.logIn('alice')).refresh_token);
    return [
      ['an encryption key (RSA-OAEP) in the key set', keys.some(({ use }) => use === 'enc')],
      ['ID tokens with header, key and audience of access tokens', await this.#idTokensLookAlike()],
      [
        'refresh tokens are JWTs: HS512, `typ` Refresh, for the issuer itself',
        header.alg === 'HS512' && claims.typ === 'Refresh' && claims.aud === claims.iss,
      ],
      ['a second realm with roles in `realm_access.roles`', partner.status === 200],
    ];
  }

  async #idTokensLookAlike() {
    const tokens = await this.logIn('alice');
    const [access, id] = [tokens.access_token, tokens.id_token].map(decodeToken);
    return (
      access.header.kid === id.header.kid && access.header.typ === id.header.typ && access.claims.aud === id.claims.aud
    );
  }
}
