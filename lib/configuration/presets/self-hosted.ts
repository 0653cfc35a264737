import type { Preset } from './preset';

/**
 * What Keycloak writes into the body's `typ` of access tokens. A token that says `DPoP` is one too, and is refused later because it
 * is bound to its sender. Stand-ins for Keycloak may write nothing.
 */
const KEYCLOAK_ACCESS_TOKEN = { typ: ['Bearer', 'DPoP', null] } as const;

const KEYCLOAK_ISSUER = 'https://{host}/{path*}/realms/{realm}';

/** Presets of products that people run themselves. A form is given only where the product builds the issuer itself. */
export const SELF_HOSTED: Readonly<
  Record<
    | 'authentik'
    | 'casdoor'
    | 'dex'
    | 'fusionauth'
    | 'gold-sso'
    | 'keycloak'
    | 'ory-hydra'
    | 'pingam'
    | 'rauthy'
    | 'zitadel',
    Preset
  >
> = {
  authentik: {
    provider: 'authentik',
    issuerForms: ['https://{host}/{path*}/application/o/{slug}/', 'https://{host}/{path*}/'],
    // Nothing else tells its access tokens from its ID tokens.
    settings: { roles: ['groups'], accessTokenClaims: { uid: true } },
  },
  casdoor: {
    provider: 'Casdoor',
    // Refresh tokens have the same keys, issuer and audience.
    settings: { accessTokenClaims: { tokenType: 'access-token' }, scopes: ['scope'] },
  },
  dex: {
    provider: 'Dex',
    // Its access tokens are ID tokens.
    settings: { acceptIdTokens: true, roles: ['groups'] },
  },
  fusionauth: {
    provider: 'FusionAuth',
    // ID tokens lost this claim in version 1.24.0. `at_hash` is absent where no access token was issued beside them.
    settings: { accessTokenClaims: { applicationId: true }, roles: ['roles'], scopes: ['scope'] },
  },
  'gold-sso': {
    provider: 'Gold SSO',
    issuerForms: [KEYCLOAK_ISSUER],
    settings: { accessTokenClaims: KEYCLOAK_ACCESS_TOKEN, roles: ['client_roles'] },
  },
  keycloak: {
    provider: 'Keycloak',
    issuerForms: [KEYCLOAK_ISSUER],
    settings: {
      accessTokenClaims: KEYCLOAK_ACCESS_TOKEN,
      roles: ['realm_access.roles', 'resource_access.<audience>.roles'],
    },
  },
  'ory-hydra': {
    provider: 'Ory Hydra',
    settings: { accessTokenClaims: { client_id: true }, scopes: ['scp', 'scope'] },
  },
  pingam: {
    provider: 'PingAM',
    // ID tokens have the same issuer and audience, and another name.
    settings: { accessTokenClaims: { tokenName: 'access_token' }, scopes: ['scope'] },
  },
  rauthy: {
    provider: 'Rauthy',
    // ID tokens say `Id`, and refresh tokens `Refresh`.
    settings: { accessTokenClaims: { typ: 'Bearer' }, roles: ['roles'], scopes: ['scope'] },
  },
  zitadel: {
    provider: 'Zitadel',
    issuerForms: ['https://{host}'],
    settings: {
      accessTokenClaims: { jti: true },
      // Not `urn:zitadel:iam:org:project:roles`: those are roles in the project of whoever requested the token.
      roles: ['urn:zitadel:iam:org:project:<audience>:roles'],
    },
  },
};
