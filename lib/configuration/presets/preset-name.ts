/** The name of a provider whose tokens this library knows how to read. */
export type PresetName =
  | 'auth0'
  | 'authentik'
  | 'clerk'
  | 'cognito'
  | 'dex'
  | 'entra-v1'
  | 'entra-v2'
  | 'fusionauth'
  | 'gold-sso'
  | 'google'
  | 'keycloak'
  | 'okta'
  | 'ory-hydra'
  | 'pingone'
  | 'supabase'
  | 'zitadel';
