/**
 * The npm package `oidc-provider` as a program of its own: on loopback, with its own pages to log in and to consent, and
 * access tokens as it writes them (`typ` `at+jwt`). `POST /rotate-keys` and `POST /remove-oldest-key` change its keys, which
 * are kept in a file from one start to the next.
 *
 * Arguments: the port, and that file.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { createJwk } from '../support/jwk.mjs';

const [, , port, file] = process.argv;
const issuer = `http://127.0.0.1:${port}`;

const ROLES = {
  alice: ['core_view_all', 'core_edit_mines'],
  bob: ['core_view_all'],
  'mds-bcmi-4587': ['core_view_all'],
};
const SERVICES = ['mds-bcmi-4587', 'mds-bcmi-4587-evil'];

const configuration = {
  clients: [
    ...SERVICES.map((id) => ({
      client_id: id,
      client_secret: 'sample-secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    {
      client_id: 'mines-digital-services-mds-public-client-4414',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['http://127.0.0.1:3000/callback'],
    },
  ],
  cookies: { keys: ['interoperability'] },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  features: {
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_context, client) => `urn:mines:${client.clientId}`,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context, resource) => ({
        scope: 'openid offline_access',
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 300,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  extraTokenClaims: (_context, token) => ({ client_roles: ROLES[token.accountId ?? token.clientId] ?? [] }),
  ttl: { ClientCredentials: 300, AccessToken: 300, IdToken: 300, Grant: 3600, Session: 3600, RefreshToken: 3600 },
};

/** Its keys are copied when it is made, so that other keys are another provider at the same place. */
let keys = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [await createJwk()];
let answer;
function useKeys(changed) {
  keys = changed;
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  answer = new Provider(issuer, { ...configuration, jwks: { keys } }).callback();
}
useKeys(keys);

async function rotateKeys() {
  useKeys([await createJwk(), ...keys]);
}

createServer((request, response) => {
  if (request.method === 'POST' && request.url === '/rotate-keys') {
    void rotateKeys().then(() => response.end());
  } else if (request.method === 'POST' && request.url === '/remove-oldest-key') {
    useKeys(keys.slice(0, -1));
    response.end();
  } else {
    void answer(request, response);
  }
}).listen(Number(port), '127.0.0.1');
