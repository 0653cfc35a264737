import type { Preset } from './preset';

/** Presets of providers that run as a service. */
export const SERVICES: Readonly<
  Record<
    | 'auth0'
    | 'clerk'
    | 'cloudflare-access'
    | 'cognito'
    | 'descope'
    | 'google'
    | 'kinde'
    | 'okta'
    | 'oracle-iam'
    | 'pingone'
    | 'supabase'
    | 'workos',
    Preset
  >
> = {
  auth0: {
    provider: 'Auth0',
    issuerForms: ['https://{host}/'],
    settings: { roles: ['permissions'], scopes: ['scope'] },
  },
  clerk: {
    provider: 'Clerk',
    issuerForms: ['https://{host}/{path*}'],
    settings: {
      audienceClaim: 'azp',
      // Tokens made from a template have no session.
      accessTokenClaims: { sid: true },
      refusedClaims: { sts: 'pending' },
      roles: ['o.rol'],
    },
  },
  'cloudflare-access': {
    provider: 'Cloudflare Access',
    issuerForms: ['https://{host}'],
    // The token of the whole organization's session says `org`.
    settings: { accessTokenClaims: { type: 'app' } },
  },
  cognito: {
    provider: 'Amazon Cognito',
    issuerForms: ['https://{host}/{userPoolId}'],
    hostedForms: [
      'https://cognito-idp.{region}.amazonaws.com/{userPoolId}',
      'https://issuer-cognito-idp.{region}.amazonaws.com/{userPoolId}',
    ],
    settings: {
      audienceClaim: 'client_id',
      accessTokenClaims: { token_use: 'access' },
      roles: ['cognito:groups'],
      scopes: ['scope'],
    },
  },
  descope: {
    provider: 'Descope',
    // No forms: some projects have their id for an issuer, others a URL.
    settings: { audienceClaim: 'iss', accessTokenClaims: { drn: 'DS' }, roles: ['roles'] },
  },
  google: {
    provider: 'Google',
    issuerForms: ['https://accounts.google.com', 'accounts.google.com'],
    // Its access tokens are not JWTs. APIs are called with its ID tokens.
    settings: { acceptIdTokens: true },
  },
  kinde: {
    provider: 'Kinde',
    issuerForms: ['https://{host}'],
    settings: { roles: ['permissions'], scopes: ['scp'] },
  },
  okta: {
    provider: 'Okta',
    // Only Okta can validate tokens of the organization's own authorization server.
    issuerForms: ['https://{host}/oauth2/{authorizationServer}'],
    settings: {
      authorizedPartyClaim: 'cid',
      accessTokenClaims: { cid: true },
      roles: ['groups'],
      scopes: ['scp'],
    },
  },
  'oracle-iam': {
    provider: 'Oracle IAM identity domains',
    // No forms: the issuer is the one that all domains share, or the URL of the domain.
    settings: { accessTokenClaims: { tok_type: 'AT' }, scopes: ['scope'] },
  },
  pingone: {
    provider: 'PingOne',
    issuerForms: ['https://{host}/{environmentId}/as', 'https://{host}/as'],
    settings: { roles: [['p1.permissions']], scopes: ['scope'] },
  },
  supabase: {
    provider: 'Supabase Auth',
    // No forms: a self-hosted installation sets any issuer.
    hostedForms: ['https://{project}.supabase.co/auth/v1'],
    settings: { roles: ['role'] },
  },
  workos: {
    provider: 'WorkOS AuthKit',
    // No forms: the issuer depends on the age of the environment, and a custom domain changes it.
    settings: { audienceClaim: 'iss', accessTokenClaims: { sid: true }, roles: ['role', 'roles'] },
  },
};
