import type { Preset } from './preset';
import type { PresetName } from './preset-name';

/**
 * What Keycloak writes into the body's `typ` of access tokens. `DPoP` is one, too, and is refused for what it is: bound to its
 * sender. Stand-ins for Keycloak, which write none, are told by what holds for every provider.
 */
const KEYCLOAK_ACCESS_TOKEN = { typ: ['Bearer', 'DPoP', null] } as const;

const KEYCLOAK_ISSUER = 'https://{host}/{path*}/realms/{realm}';

/**
 * Presets are data: what is written here could be written in a client's own options. Their sources are in docs/providers.md.
 *
 * @internal
 */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  auth0: {
    provider: 'Auth0',
    issuerForms: ['https://{host}/'],
    settings: { roles: ['permissions'], scopes: ['scope'] },
  },
  authentik: {
    provider: 'authentik',
    issuerForms: ['https://{host}/{path*}/application/o/{slug}/', 'https://{host}/{path*}/'],
    // ID tokens are alike in everything else.
    settings: { roles: ['groups'], accessTokenClaims: { uid: true } },
  },
  clerk: {
    provider: 'Clerk',
    issuerForms: ['https://{host}/{path*}'],
    settings: {
      audienceClaim: 'azp',
      // Other tokens that an instance makes by templates have no session.
      accessTokenClaims: { sid: true },
      refusedClaims: { sts: 'pending' },
      roles: ['o.rol'],
    },
  },
  cognito: {
    provider: 'Amazon Cognito',
    issuerForms: ['https://{host}/{userPoolId}'],
    settings: {
      audienceClaim: 'client_id',
      accessTokenClaims: { token_use: 'access' },
      roles: ['cognito:groups'],
      scopes: ['scope'],
    },
  },
  dex: {
    provider: 'Dex',
    // Its access tokens are ID tokens.
    settings: { acceptIdTokens: true, roles: ['groups'] },
  },
  'entra-v1': {
    provider: 'Microsoft Entra ID (v1.0 tokens)',
    issuerForms: ['https://{host}/{guid}/'],
    settings: {
      authorizedPartyClaim: 'appid',
      accessTokenClaims: { ver: '1.0', appid: true },
      roles: ['roles'],
      scopes: ['scp'],
    },
  },
  'entra-v2': {
    provider: 'Microsoft Entra ID (v2.0 tokens)',
    issuerForms: ['https://{host}/{guid}/v2.0'],
    settings: { accessTokenClaims: { ver: '2.0', azp: true }, roles: ['roles'], scopes: ['scp'] },
  },
  fusionauth: {
    provider: 'FusionAuth',
    settings: { roles: ['roles'], scopes: ['scope'] },
  },
  'gold-sso': {
    provider: 'Gold SSO',
    issuerForms: [KEYCLOAK_ISSUER],
    settings: { accessTokenClaims: KEYCLOAK_ACCESS_TOKEN, roles: ['client_roles'] },
  },
  google: {
    provider: 'Google',
    issuerForms: ['https://accounts.google.com', 'accounts.google.com'],
    // Its access tokens are no JWTs, and its ID tokens are what APIs are called with.
    settings: { acceptIdTokens: true },
  },
  keycloak: {
    provider: 'Keycloak',
    issuerForms: [KEYCLOAK_ISSUER],
    settings: {
      accessTokenClaims: KEYCLOAK_ACCESS_TOKEN,
      roles: ['realm_access.roles', 'resource_access.<audience>.roles'],
    },
  },
  okta: {
    provider: 'Okta',
    // Tokens of the organization's own authorization server are for Okta alone.
    issuerForms: ['https://{host}/oauth2/{authorizationServer}'],
    settings: {
      authorizedPartyClaim: 'cid',
      accessTokenClaims: { cid: true },
      roles: ['groups'],
      scopes: ['scp'],
    },
  },
  'ory-hydra': {
    provider: 'Ory Hydra',
    settings: { accessTokenClaims: { client_id: true }, scopes: ['scp', 'scope'] },
  },
  pingone: {
    provider: 'PingOne',
    issuerForms: ['https://{host}/{environmentId}/as', 'https://{host}/as'],
    settings: { roles: [['p1.permissions']], scopes: ['scope'] },
  },
  supabase: {
    provider: 'Supabase Auth',
    issuerForms: ['https://{host}/{path*}/auth/v1'],
    settings: { roles: ['role'] },
  },
  zitadel: {
    provider: 'Zitadel',
    issuerForms: ['https://{host}'],
    settings: {
      accessTokenClaims: { jti: true },
      // Not `urn:zitadel:iam:org:project:roles`: these are roles in the project of whoever asked for the token.
      roles: ['urn:zitadel:iam:org:project:<audience>:roles'],
    },
  },
};
