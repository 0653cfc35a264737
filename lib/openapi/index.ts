export { addOidcSecurity } from './add-oidc-security';
export type { OpenApiDocument } from './open-api-document';
export type { OidcSecurityOptions } from './options';
