import type { VerifiedToken } from '../checks/verification';
import { own } from '../token/json-object';
import { OidcPrincipal, type OidcPrincipalProperties } from './oidc-principal';

/**
 * The principal of a verified token, by the rules of the token's own client.
 *
 * @internal
 */
export function createPrincipal(token: VerifiedToken): OidcPrincipal {
  return OidcPrincipal.of(propertiesOf(token));
}

/**
 * The properties of a verified token's principals. Each principal copies them.
 *
 * @internal
 */
export function propertiesOf({ client, claims, claimsText, audiences }: VerifiedToken): OidcPrincipalProperties {
  const configured = audiences.filter((audience) => client.audiences.has(audience));
  const subject = own(claims, 'sub');
  return {
    client: client.name,
    issuer: String(own(claims, 'iss')),
    subject: typeof subject === 'string' ? subject : undefined,
    roles: client.readRoles(claims, configured),
    scopes: client.readScopes(claims, configured),
    claimsText,
  };
}
