/** The injection token of the source of clients. A fixed string, as that of the options. */
export const OIDC_CLIENT_SOURCE = 'nestjs-oidc-multi-auth:client-source';
