import type { VerifiedToken } from '../checks/verification';
import { own } from '../token/json-object';
import { OidcPrincipal, type OidcPrincipalProperties } from './oidc-principal';

/** What a verified token becomes: a principal of its own, by the rules of the token's own client. */
export function createPrincipal(token: VerifiedToken): OidcPrincipal {
  return OidcPrincipal.of(propertiesOf(token));
}

/** What principals of a verified token are made of; each copies it. */
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
