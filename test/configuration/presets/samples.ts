import type { OidcClientOptions, PresetName } from '../../../lib';
import type { RefusalCode } from '../../../lib/core/refusal/refusal-code';

/** A token as a provider would make it: times are added, and the issuer unless it is given. */
export interface SampleToken {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A token that no API may be called with, and the code that it is refused with. */
export type OtherToken = SampleToken & { readonly becomes: RefusalCode | 'accepted' };

/** What a provider's tokens look like, and what must become of them. */
export interface Sample {
  /** The client as the documentation says to write it. */
  readonly client: Omit<OidcClientOptions, 'name' | 'preset' | 'issuer'> & { readonly issuer: string };
  readonly accessToken: SampleToken;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** The ID token of the same login; `accepted` where APIs are called with ID tokens. */
  readonly idToken: OtherToken;
  /** The refresh token, where the provider is known to make JWTs of them. */
  readonly refreshToken?: OtherToken;
  /** Other issuers that the provider has. */
  readonly otherIssuers?: readonly string[];
  /** Issuers that the provider does not have, each with a part of the advice. */
  readonly wrongIssuers: readonly (readonly [issuer: string, remedy: string])[];
}

const TENANT = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const API = '6a1b2c3d-0000-4444-8888-121212121212';
const APP = '7b2c3d4e-1111-4444-8888-343434343434';
const NO_TYPE = { typ: undefined };

export const SAMPLES: Readonly<Record<PresetName, Sample>> = {
  'gold-sso': {
    client: { audience: 'mds-bcmi-4587', issuer: 'https://dev.loginproxy.gov.bc.ca/auth/realms/standard' },
    accessToken: {
      claims: {
        aud: 'mds-bcmi-4587',
        azp: 'mds-bcmi-4587',
        sub: '584861aa34e546f8bda6a7004dc9c6c9@idir',
        typ: 'Bearer',
        nonce: 'n-0S6',
        session_state: '0d7a',
        scope: 'openid idir email profile',
        client_roles: ['core_view_all', 'core_edit_mines'],
        identity_provider: 'idir',
      },
    },
    roles: ['core_view_all', 'core_edit_mines'],
    scopes: ['openid', 'idir', 'email', 'profile'],
    idToken: {
      claims: { aud: 'mds-bcmi-4587', azp: 'mds-bcmi-4587', sub: 'x@idir', typ: 'ID', client_roles: ['core_view_all'] },
      becomes: 'wrong_token_type',
    },
    refreshToken: { claims: { aud: 'mds-bcmi-4587', sub: 'x@idir', typ: 'Refresh' }, becomes: 'wrong_token_type' },
    wrongIssuers: [
      [
        'https://loginproxy.gov.bc.ca/auth/realms/standard/',
        'give "https://loginproxy.gov.bc.ca/auth/realms/standard": the final slash matters',
      ],
      ['https://loginproxy.gov.bc.ca/auth', 'which has the form https://{host}/realms/{realm}'],
    ],
  },
  keycloak: {
    client: { audience: 'mines-api', issuer: 'https://keycloak.example/realms/mines' },
    accessToken: {
      claims: {
        aud: ['mines-api', 'account'],
        azp: 'web',
        sub: 'a1',
        typ: 'Bearer',
        sid: 's1',
        acr: '1',
        realm_access: { roles: ['offline_access'] },
        resource_access: { 'mines-api': { roles: ['view'] }, account: { roles: ['manage-account'] } },
        scope: 'openid profile',
      },
    },
    roles: ['offline_access', 'view'],
    scopes: ['openid', 'profile'],
    idToken: { claims: { aud: 'mines-api', azp: 'mines-api', sub: 'a1', typ: 'ID' }, becomes: 'wrong_token_type' },
    refreshToken: { claims: { aud: 'mines-api', sub: 'a1', typ: 'Offline' }, becomes: 'wrong_token_type' },
    otherIssuers: ['https://keycloak.example/auth/realms/mines'],
    wrongIssuers: [['https://keycloak.example/auth', 'which has the form https://{host}/realms/{realm}']],
  },
  auth0: {
    client: { audience: 'https://mines.example/api', issuer: 'https://mines.ca.auth0.com/' },
    accessToken: {
      claims: {
        aud: ['https://mines.example/api', 'https://mines.ca.auth0.com/userinfo'],
        azp: 'K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja',
        sub: 'auth0|6553da60a54af58e29493993',
        scope: 'openid profile read:mines',
        permissions: ['read:mines', 'close:mines'],
      },
    },
    roles: ['read:mines', 'close:mines'],
    scopes: ['openid', 'profile', 'read:mines'],
    idToken: {
      claims: { aud: 'K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja', sub: 'auth0|6553da60a54af58e29493993', nonce: 'n', sid: 's' },
      becomes: 'unknown_audience',
    },
    wrongIssuers: [
      ['https://mines.ca.auth0.com', 'give "https://mines.ca.auth0.com/": the final slash matters'],
      ['https://mines.ca.auth0.com/oauth/', 'which has the form https://{host}/,'],
    ],
  },
  okta: {
    client: { audience: 'api://default', issuer: 'https://mines.okta.com/oauth2/default', authorizedParties: ['0oa1'] },
    accessToken: {
      header: NO_TYPE,
      claims: {
        ver: 1,
        jti: 'AT.MNAoEQ',
        aud: 'api://default',
        cid: '0oa1',
        uid: '00u1',
        scp: ['openid', 'mines.read'],
        auth_time: 1,
        sub: 'alice@mines.example',
        groups: ['inspectors'],
      },
    },
    roles: ['inspectors'],
    scopes: ['openid', 'mines.read'],
    idToken: {
      header: NO_TYPE,
      claims: { ver: 1, jti: 'ID.radCQ', aud: '0oa1', sub: '00u1', amr: ['pwd'], idp: '00o1', at_hash: 'fPls' },
      becomes: 'unknown_audience',
    },
    wrongIssuers: [
      ['https://mines.okta.com', 'which has the form https://{host}/oauth2/{authorizationServer}'],
      ['https://mines.okta.com/oauth2/default/', 'give "https://mines.okta.com/oauth2/default"'],
    ],
  },
  'entra-v2': {
    client: { audience: API, issuer: `https://login.microsoftonline.com/${TENANT}/v2.0` },
    accessToken: {
      claims: {
        aud: API,
        azp: APP,
        azpacr: '1',
        oid: 'o1',
        rh: 'rh',
        scp: 'access_as_user Mines.Read',
        roles: ['Data.Read.All'],
        sub: 'pairwise',
        tid: TENANT,
        uti: 'u',
        ver: '2.0',
      },
    },
    roles: ['Data.Read.All'],
    scopes: ['access_as_user', 'Mines.Read'],
    // API and application may be one registration: then nothing but azp tells the tokens apart.
    idToken: {
      claims: { aud: API, oid: 'o1', rh: 'rh', roles: ['Data.Read.All'], sub: 'p', tid: TENANT, uti: 'u', ver: '2.0' },
      becomes: 'wrong_token_type',
    },
    otherIssuers: [
      `https://login.microsoftonline.us/${TENANT}/v2.0`,
      // External ID.
      `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
    ],
    wrongIssuers: [
      [`https://login.microsoftonline.com/${TENANT}/v2.0/`, `v2.0": the final slash matters`],
      [`https://sts.windows.net/${TENANT}/`, 'use preset "entra-v1": this is an issuer of Microsoft Entra ID (v1.0'],
      [
        `https://sts.windows.net/${TENANT}`,
        `give "https://sts.windows.net/${TENANT}/" and use preset "entra-v1": this is an issuer of`,
      ],
      [`https://mines.b2clogin.com/${TENANT}/v2.0/`, 'use preset "azure-ad-b2c": this is an issuer of Azure AD B2C'],
      [
        `https://mines.b2clogin.com/${TENANT}/v2.0`,
        `give "https://mines.b2clogin.com/${TENANT}/v2.0/" and use preset "azure-ad-b2c"`,
      ],
      [
        `https://login.mines.example/${TENANT}/v2.0/`,
        'the final slash matters, or use preset "azure-ad-b2c" if it is an issuer of Azure AD B2C',
      ],
      ['https://login.microsoftonline.com/common/v2.0', 'which has the form https://{host}/{guid}/v2.0'],
      [`https://login.microsoftonline.com/${TENANT.toUpperCase()}/v2.0`, 'which has the form'],
    ],
  },
  'entra-v1': {
    client: {
      audience: `api://${API}`,
      issuer: `https://sts.windows.net/${TENANT}/`,
      authorizedParties: [APP],
    },
    accessToken: {
      claims: {
        aud: `api://${API}`,
        appid: APP,
        appidacr: '0',
        scp: 'access_as_user',
        roles: ['Mines.Inspect'],
        sub: 'pairwise',
        tid: TENANT,
        unique_name: 'alice@mines.example',
        ver: '1.0',
      },
    },
    roles: ['Mines.Inspect'],
    scopes: ['access_as_user'],
    idToken: {
      claims: { aud: APP, sub: 'pairwise', tid: TENANT, unique_name: 'alice@mines.example', ver: '1.0' },
      becomes: 'unknown_audience',
    },
    wrongIssuers: [
      [`https://sts.windows.net/${TENANT}`, `give "https://sts.windows.net/${TENANT}/": the final slash matters`],
      [
        `https://login.microsoftonline.com/${TENANT}/v2.0`,
        'use preset "entra-v2": this is an issuer of Microsoft Entra ID',
      ],
      [
        `https://login.mines.example/${TENANT}/v2.0`,
        'which has the form https://{host}/{guid}/, or use preset "entra-v2" if it is an issuer of',
      ],
    ],
  },
  cognito: {
    client: {
      audience: '1example23456789',
      issuer: 'https://cognito-idp.ca-central-1.amazonaws.com/ca-central-1_Example',
    },
    accessToken: {
      header: NO_TYPE,
      claims: {
        sub: 'aaaa-bbbb',
        'cognito:groups': ['core_view_all'],
        client_id: '1example23456789',
        origin_jti: 'o',
        event_id: 'e',
        token_use: 'access',
        scope: 'mines/read aws.cognito.signin.user.admin',
        auth_time: 1,
        version: 2,
        jti: 'j',
        username: 'alice',
      },
    },
    roles: ['core_view_all'],
    scopes: ['mines/read', 'aws.cognito.signin.user.admin'],
    // Its audience is where access tokens have none: it does not even get so far as to be the wrong kind.
    idToken: {
      header: NO_TYPE,
      claims: { sub: 'aaaa-bbbb', 'cognito:groups': ['x'], aud: '1example23456789', token_use: 'id', auth_time: 1 },
      becomes: 'unknown_audience',
    },
    otherIssuers: [
      'https://issuer-cognito-idp.ca-central-1.amazonaws.com/ca-central-1_Example',
      'https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Example',
    ],
    wrongIssuers: [
      ['https://cognito-idp.ca-central-1.amazonaws.com', 'which has the form https://{host}/{userPoolId}'],
      ['https://cognito-idp.ca-central-1.amazonaws.com/ca-central-1_Example/', 'the final slash matters'],
    ],
  },
  google: {
    client: { audience: '1234-abc.apps.googleusercontent.com', issuer: 'https://accounts.google.com' },
    accessToken: {
      claims: {
        aud: '1234-abc.apps.googleusercontent.com',
        azp: '1234-web.apps.googleusercontent.com',
        sub: '110169484474386276334',
        at_hash: 'HK6E',
        hd: 'mines.example',
        email: 'alice@mines.example',
        email_verified: true,
      },
    },
    roles: [],
    scopes: [],
    idToken: {
      claims: { aud: '1234-abc.apps.googleusercontent.com', sub: '110169484474386276334', at_hash: 'x', nonce: 'n' },
      becomes: 'accepted',
    },
    wrongIssuers: [
      ['https://accounts.google.com/', 'give "https://accounts.google.com": the final slash matters'],
      ['https://www.googleapis.com', 'which has the form https://accounts.google.com or accounts.google.com'],
    ],
  },
  zitadel: {
    client: { audience: '69234237810729019', issuer: 'https://mines-x1y2.ca1.zitadel.cloud' },
    accessToken: {
      claims: {
        aud: ['182900001@web', '182900002', '69234237810729019'],
        client_id: '182900001@web',
        sub: '77776025198584418',
        jti: 'at_1',
        // The project of the application that asked for the token, which is another than the API's.
        'urn:zitadel:iam:org:project:roles': { owner: { '1': 'other.example' } },
        'urn:zitadel:iam:org:project:182900002:roles': { owner: { '1': 'other.example' } },
        'urn:zitadel:iam:org:project:69234237810729019:roles': { inspector: { '1': 'mines.example' }, clerk: {} },
      },
    },
    roles: ['inspector', 'clerk'],
    scopes: [],
    idToken: {
      claims: { aud: ['182900001@web', '69234237810729019'], azp: '182900001@web', sub: '7777', amr: ['pwd'] },
      becomes: 'wrong_token_type',
    },
    wrongIssuers: [['https://mines-x1y2.ca1.zitadel.cloud/', 'the final slash matters']],
  },
  authentik: {
    client: { audience: 'mines-api', issuer: 'https://id.mines.example/application/o/mines/' },
    accessToken: {
      claims: {
        aud: 'mines-api',
        azp: 'mines-api',
        uid: 'r4nd0m',
        sub: 'hashed',
        auth_time: 1,
        acr: 'goauthentik.io/providers/oauth2/default',
        nonce: 'n',
        groups: ['authentik Admins', 'inspectors'],
      },
    },
    roles: ['authentik Admins', 'inspectors'],
    scopes: [],
    idToken: {
      claims: { aud: 'mines-api', sub: 'hashed', auth_time: 1, acr: 'goauthentik.io/x', nonce: 'n', groups: ['x'] },
      becomes: 'wrong_token_type',
    },
    wrongIssuers: [
      ['https://id.mines.example/application/o/mines', 'give "https://id.mines.example/application/o/mines/"'],
      ['https://id.mines.example', 'give "https://id.mines.example/": the final slash matters'],
    ],
  },
  'ory-hydra': {
    client: { audience: 'https://api.mines.example', issuer: 'https://hydra.mines.example/' },
    accessToken: {
      claims: {
        aud: ['https://api.mines.example'],
        client_id: 'web',
        ext: { department: 'mines' },
        jti: 'j',
        scp: ['mines.read', 'offline'],
        sub: 'alice',
      },
    },
    roles: [],
    scopes: ['mines.read', 'offline'],
    idToken: {
      claims: { aud: ['web', 'https://api.mines.example'], at_hash: 'x', rat: 1, sid: 's', jti: 'j', sub: 'alice' },
      becomes: 'wrong_token_type',
    },
    wrongIssuers: [],
  },
  dex: {
    client: { audience: 'mines', issuer: 'https://dex.mines.example/dex' },
    accessToken: {
      header: NO_TYPE,
      claims: { aud: 'mines', at_hash: 'x', sub: 'Cg1', email: 'alice@mines.example', groups: ['inspectors'] },
    },
    roles: ['inspectors'],
    scopes: [],
    idToken: { header: NO_TYPE, claims: { aud: 'mines', at_hash: 'y', c_hash: 'z', sub: 'Cg1' }, becomes: 'accepted' },
    wrongIssuers: [],
  },
  clerk: {
    client: { audience: 'https://app.mines.example', issuer: 'https://clerk.mines.example' },
    accessToken: {
      claims: {
        azp: 'https://app.mines.example',
        sid: 'sess_123',
        sub: 'user_123',
        sts: 'active',
        v: 2,
        fva: [7, -1],
        fea: 'o:dashboard,o:teams',
        o: { id: 'org_123', slg: 'mines', rol: 'admin', per: 'manage,read', fpm: '3,2' },
      },
    },
    roles: ['admin'],
    scopes: [],
    // A token by a template of the instance's own; it has no ID tokens.
    idToken: {
      claims: { azp: 'https://app.mines.example', sub: 'user_123', email: 'alice@mines.example' },
      becomes: 'wrong_token_type',
    },
    wrongIssuers: [['https://clerk.mines.example/', 'give "https://clerk.mines.example": the final slash matters']],
  },
  supabase: {
    client: { audience: 'authenticated', issuer: 'https://abcdefgh.supabase.co/auth/v1' },
    accessToken: {
      claims: {
        aud: 'authenticated',
        sub: '123e4567-e89b-12d3-a456-426614174000',
        email: 'alice@mines.example',
        app_metadata: { provider: 'email' },
        user_metadata: { role: 'owner' },
        role: 'authenticated',
        aal: 'aal1',
        session_id: 's',
        is_anonymous: false,
      },
    },
    roles: ['authenticated'],
    scopes: [],
    idToken: { claims: { aud: 'oauth-client', sub: '123e', nonce: 'n' }, becomes: 'unknown_audience' },
    // Whoever runs it sets any issuer, or leaves out what says where it is.
    otherIssuers: ['https://api.mines.example/auth/v1', 'https://auth.mines.example', 'supabase'],
    wrongIssuers: [
      ['https://abcdefgh.supabase.co', 'which has the form https://{project}.supabase.co/auth/v1'],
      ['https://abcdefgh.supabase.co/auth/v1/', 'the final slash matters'],
    ],
  },
  fusionauth: {
    client: {
      audience: 'e9fdb985-9173-4e01-9d73-ac2d60d1dc8e',
      issuer: 'acme.com',
      jwksUri: 'https://auth.mines.example/.well-known/jwks.json',
    },
    accessToken: {
      claims: {
        aud: 'e9fdb985-9173-4e01-9d73-ac2d60d1dc8e',
        applicationId: 'e9fdb985-9173-4e01-9d73-ac2d60d1dc8e',
        authenticationType: 'PASSWORD',
        roles: ['inspector'],
        scope: 'offline_access openid',
        sid: 's',
        sub: '00000000-0000-0000-0000-111111111111',
        tid: 'd7d09513-a3f5-401c-9685-34ab6c552453',
      },
    },
    roles: ['inspector'],
    scopes: ['offline_access', 'openid'],
    // Without an access token beside it there is no at_hash.
    idToken: {
      claims: { aud: 'e9fdb985-9173-4e01-9d73-ac2d60d1dc8e', sub: '0000', scope: 'openid', email: 'a@mines.example' },
      becomes: 'wrong_token_type',
    },
    wrongIssuers: [],
  },
  pingone: {
    client: { audience: 'https://api.mines.example', issuer: `https://auth.pingone.ca/${TENANT}/as` },
    accessToken: {
      claims: {
        aud: ['https://api.mines.example'],
        client_id: APP,
        sub: 'u1',
        sid: 's',
        scope: 'openid mines:read',
        'p1.permissions': ['mines:close'],
      },
    },
    roles: ['mines:close'],
    scopes: ['openid', 'mines:read'],
    idToken: { claims: { aud: APP, sub: 'u1', sid: 's', at_hash: 'x' }, becomes: 'unknown_audience' },
    wrongIssuers: [[`https://auth.pingone.ca/${TENANT}/as/`, 'the final slash matters']],
  },
  'azure-ad-b2c': {
    client: {
      audience: API,
      issuer: `https://mines.b2clogin.com/${TENANT}/v2.0/`,
      jwksUri: 'https://mines.b2clogin.com/mines.onmicrosoft.com/b2c_1_signin/discovery/v2.0/keys',
    },
    accessToken: {
      claims: { aud: API, azp: APP, scp: 'mines.read mines.write', sub: 'u1', tfp: 'B2C_1_signin', ver: '1.0' },
    },
    roles: [],
    scopes: ['mines.read', 'mines.write'],
    idToken: { claims: { aud: API, sub: 'u1', tfp: 'B2C_1_signin', ver: '1.0' }, becomes: 'wrong_token_type' },
    otherIssuers: [
      `https://mines.b2clogin.com/tfp/${TENANT}/b2c_1_signin/v2.0/`,
      `https://login.mines.example/${TENANT}/v2.0/`,
    ],
    wrongIssuers: [
      [
        `https://mines.b2clogin.com/${TENANT}/v2.0`,
        `give "https://mines.b2clogin.com/${TENANT}/v2.0/": the final slash`,
      ],
      [`https://login.microsoftonline.com/${TENANT}/v2.0`, 'use preset "entra-v2": this is an issuer of Microsoft'],
      [`https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`, 'use preset "entra-v2"'],
    ],
  },
  adfs: {
    client: {
      audience: 'https://api.mines.example',
      issuer: 'http://fs.mines.example/adfs/services/trust',
      jwksUri: 'https://fs.mines.example/adfs/discovery/keys',
      authorizedParties: [APP],
    },
    accessToken: {
      claims: {
        aud: 'https://api.mines.example',
        apptype: 'Confidential',
        appid: APP,
        authmethod: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
        auth_time: '2026-02-13T08:27:46.918Z',
        ver: '1.0',
        scp: 'openid mines.read',
        sub: 'xBZpMT9z',
      },
    },
    roles: [],
    scopes: ['openid', 'mines.read'],
    idToken: {
      claims: { aud: 'https://api.mines.example', auth_time: 1, sub: 'xBZpMT9z', upn: 'alice@mines.example' },
      becomes: 'invalid_claims',
    },
    otherIssuers: ['https://fs.mines.example/adfs', 'urn:mines:federation'],
    wrongIssuers: [],
  },
  casdoor: {
    client: { audience: 'mines-client-id', issuer: 'https://door.mines.example' },
    accessToken: {
      claims: {
        aud: ['mines-client-id'],
        azp: 'mines-client-id',
        sub: 'user-1',
        jti: 'admin/1',
        name: 'alice',
        owner: 'mines',
        roles: [{ owner: 'mines', name: 'inspector' }],
        scope: 'openid profile',
        tokenType: 'access-token',
      },
    },
    roles: [],
    scopes: ['openid', 'profile'],
    // They are the same token.
    idToken: {
      claims: { aud: ['mines-client-id'], sub: 'user-1', tokenType: 'access-token' },
      becomes: 'accepted',
    },
    refreshToken: {
      claims: { aud: ['mines-client-id'], azp: 'mines-client-id', sub: 'user-1', tokenType: 'refresh-token' },
      becomes: 'wrong_token_type',
    },
    wrongIssuers: [],
  },
  'cloudflare-access': {
    client: {
      audience: '32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228',
      issuer: 'https://mines.cloudflareaccess.com',
      jwksUri: 'https://mines.cloudflareaccess.com/cdn-cgi/access/certs',
    },
    accessToken: {
      claims: {
        aud: ['32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228'],
        email: 'alice@mines.example',
        type: 'app',
        identity_nonce: '6ei69kaw',
        sub: '7335d417-61da-459d-899c-0a01c76a2f94',
        country: 'CA',
      },
    },
    roles: [],
    scopes: [],
    // The token of the organization's session.
    idToken: {
      claims: { aud: ['32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228'], type: 'org', sub: 'u1' },
      becomes: 'wrong_token_type',
    },
    wrongIssuers: [
      ['https://mines.cloudflareaccess.com/', 'give "https://mines.cloudflareaccess.com": the final slash'],
    ],
  },
  descope: {
    client: {
      audience: 'https://api.descope.com/v1/apps/P2abcdef',
      issuer: 'https://api.descope.com/v1/apps/P2abcdef',
    },
    accessToken: {
      claims: {
        amr: ['oauth'],
        drn: 'DS',
        permissions: ['User Admin'],
        rexp: '2026-12-01T00:00:00Z',
        roles: ['Tenant Admin'],
        sub: 'U2abcdef',
        tenants: {},
      },
    },
    roles: ['Tenant Admin'],
    scopes: [],
    // What ID tokens say is not documented. Without drn they are refused.
    idToken: {
      claims: { aud: ['P2abcdef'], sub: 'U2abcdef', email: 'alice@mines.example' },
      becomes: 'unknown_audience',
    },
    refreshToken: { claims: { drn: 'DSR', sub: 'U2abcdef', roles: ['Tenant Admin'] }, becomes: 'wrong_token_type' },
    otherIssuers: ['P2abcdef', 'https://api.descope.com/P2abcdef', 'https://auth.mines.example/v1/apps/P2abcdef'],
    wrongIssuers: [],
  },
  kinde: {
    client: { audience: 'mines:prod-api', issuer: 'https://mines.kinde.com' },
    accessToken: {
      claims: {
        aud: ['mines:prod-api'],
        azp: 'dee7f3c57b3c47e8b96edde2c7ecab7d',
        feature_flags: {},
        jti: 'fbb6bc62',
        org_code: 'org_1',
        permissions: ['view:mines', 'close:mines'],
        scp: ['openid', 'profile'],
        sub: 'kp_1',
      },
    },
    roles: ['view:mines', 'close:mines'],
    scopes: ['openid', 'profile'],
    idToken: {
      claims: {
        aud: ['https://mines.kinde.com'],
        at_hash: 'VZ6c',
        azp: 'dee7f3c57b3c',
        sub: 'kp_1',
        org_codes: ['org_1'],
      },
      becomes: 'unknown_audience',
    },
    otherIssuers: ['https://auth.mines.example'],
    wrongIssuers: [['https://mines.kinde.com/', 'give "https://mines.kinde.com": the final slash matters']],
  },
  'oracle-iam': {
    client: {
      audience: 'https://api.mines.example/',
      issuer: 'https://identity.oraclecloud.com/',
      discoveryUrl: 'https://idcs-1234.identity.oraclecloud.com/.well-known/openid-configuration',
    },
    accessToken: {
      claims: {
        aud: 'https://api.mines.example/',
        client_id: '1bf4d3e5',
        client_name: 'mines-web',
        scope: 'read write',
        sub: 'alice',
        sub_type: 'user',
        tenant: 'idcs-1234',
        tok_type: 'AT',
      },
    },
    roles: [],
    scopes: ['read', 'write'],
    idToken: {
      claims: {
        aud: ['https://api.mines.example/', 'https://identity.oraclecloud.com/'],
        sub: 'alice',
        tok_type: 'IT',
      },
      becomes: 'wrong_token_type',
    },
    otherIssuers: ['https://idcs-1234.identity.oraclecloud.com:443'],
    wrongIssuers: [],
  },
  pingam: {
    client: { audience: 'mines-client', issuer: 'https://am.mines.example:443/am/oauth2/alpha' },
    accessToken: {
      claims: {
        aud: 'mines-client',
        client_id: 'mines-client',
        cts: 'OAUTH2_STATELESS_GRANT',
        auditTrackingId: 'c961',
        subname: 'alice',
        tokenName: 'access_token',
        token_type: 'Bearer',
        grant_type: 'authorization_code',
        scope: ['openid', 'profile'],
        realm: '/alpha',
        sub: 'alice',
        expires_in: 3600,
      },
    },
    roles: [],
    scopes: ['openid', 'profile'],
    idToken: {
      claims: { aud: 'mines-client', azp: 'mines-client', sub: 'alice', tokenName: 'id_token', tokenType: 'JWTToken' },
      becomes: 'wrong_token_type',
    },
    otherIssuers: ['https://am.mines.example/am/oauth2/realms/root/realms/alpha', 'akana'],
    wrongIssuers: [],
  },
  rauthy: {
    client: { audience: 'mines', issuer: 'https://iam.mines.example/auth/v1' },
    accessToken: {
      claims: {
        aud: 'mines',
        azp: 'mines',
        typ: 'Bearer',
        scope: 'openid groups',
        preferred_username: 'alice@mines.example',
        roles: ['inspector'],
        groups: ['north'],
        sub: 'u1',
      },
    },
    roles: ['inspector'],
    scopes: ['openid', 'groups'],
    idToken: {
      claims: { aud: 'mines', azp: 'mines', typ: 'Id', amr: ['pwd'], roles: ['inspector'], sub: 'u1' },
      becomes: 'wrong_token_type',
    },
    refreshToken: { claims: { aud: 'mines', azp: 'mines', typ: 'Refresh', uid: 'u1' }, becomes: 'wrong_token_type' },
    wrongIssuers: [],
  },
  workos: {
    client: {
      audience: 'https://api.workos.com/user_management/client_01ABC',
      issuer: 'https://api.workos.com/user_management/client_01ABC',
      jwksUri: 'https://api.workos.com/sso/jwks/client_01ABC',
    },
    accessToken: {
      claims: {
        sub: 'user_01HBEQKA',
        org_id: 'org_01HRDMC6',
        role: 'member',
        roles: ['member', 'inspector'],
        permissions: ['mines:read'],
        sid: 'session_01HQSXZG',
        jti: '01HQSXZX',
      },
    },
    roles: ['member', 'inspector'],
    scopes: [],
    // Sessions have no ID token. A token of something else has no session.
    idToken: { claims: { sub: 'user_01HBEQKA', aud: 'client_02', org_id: 'org_1' }, becomes: 'unknown_audience' },
    otherIssuers: ['https://api.workos.com', 'https://auth.mines.example'],
    wrongIssuers: [],
  },
};
