/** What Glewlwyd has to know: its OpenID Connect plugin, scopes, users and clients. */
import { createJwk } from '../support/jwk.mjs';
import { REDIRECT_URI } from '../support/oauth.mjs';

export const SECRET = 'sample-secret';

/** It wants passwords of eight characters. */
export const passwordOf = (user) => `${user}-password`;

const ROLES = { alice: 'core_view_all,core_edit_mines', bob: 'core_view_all' };
const SERVICES = ['bcmi', 'evil'];

export async function setUp(server) {
  await addUserProperty(server, 'client_roles');
  for (const name of ['core', ...SERVICES]) {
    await server.admin('POST', '/scope/', { name, display_name: name, password_required: true, scheme: {} });
  }
  await server.admin('POST', '/mod/plugin/', {
    module: 'oidc',
    name: 'oidc',
    display_name: 'OpenID Connect',
    parameters: await pluginParameters(server),
  });
  for (const [username, roles] of Object.entries(ROLES)) {
    const scope = ['openid', 'core'];
    const password = passwordOf(username);
    await server.admin('POST', '/user/', {
      username,
      password,
      name: username,
      enabled: true,
      scope,
      client_roles: roles,
    });
  }
  for (const client of [webClient(), ...SERVICES.map(serviceClient)]) {
    await server.admin('POST', '/client/', { name: client.client_id, enabled: true, ...client });
  }
}

async function addUserProperty(server, property) {
  const users = await server.admin('GET', '/mod/user/database');
  const access = { multiple: false, read: true, write: true, 'profile-read': true, 'profile-write': false };
  users.parameters['data-format'][property] = access;
  await server.admin('PUT', '/mod/user/database', users);
  await server.admin('PUT', '/mod/user/database/reset');
}

const pluginParameters = async (server) => ({
  iss: `${server.url}/api/oidc`,
  'jwt-type': 'rsa',
  'jwt-key-size': '256',
  'jwks-private': JSON.stringify({ keys: [await createJwk()] }),
  'jwks-show': true,
  'access-token-duration': 300,
  'refresh-token-duration': 3600,
  'code-duration': 60,
  'refresh-token-rolling': false,
  'allow-non-oidc': true,
  'auth-type-code-enabled': true,
  'auth-type-client-enabled': true,
  'auth-type-refresh-enabled': true,
  'auth-type-token-enabled': false,
  'auth-type-implicit-enabled': false,
  'auth-type-password-enabled': false,
  'auth-type-none-enabled': false,
  'pkce-allowed': true,
  'subject-type': 'public',
  'additional-parameters': [
    { 'user-parameter': 'client_roles', 'token-parameter': 'client_roles', 'token-changed': false },
  ],
});

const webClient = () => ({
  client_id: 'web',
  confidential: false,
  redirect_uri: [REDIRECT_URI],
  authorization_type: ['code', 'refresh_token'],
  scope: [],
});

const serviceClient = (id) => ({
  client_id: id,
  confidential: true,
  client_secret: SECRET,
  token_endpoint_auth_method: ['client_secret_basic'],
  authorization_type: ['client_credentials'],
  redirect_uri: [],
  scope: [id],
});
