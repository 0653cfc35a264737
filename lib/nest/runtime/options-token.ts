/** Where the options are injected. A fixed string, so that two copies of this package know each other's. */
export const OIDC_MULTI_AUTH_OPTIONS = 'nestjs-oidc-multi-auth:options';
