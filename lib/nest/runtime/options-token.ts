/** The injection token of the options. A fixed string, so that two copies of this package find each other's. */
export const OIDC_MULTI_AUTH_OPTIONS = 'nestjs-oidc-multi-auth:options';
