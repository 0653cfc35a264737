import { audiencesIn } from '../client/select-client';
import { own } from '../token/json-object';
import type { VerifiedToken } from '../verification/verification';
import { OidcPrincipal } from './oidc-principal';

/** What a verified token becomes: a principal of its own, by the rules of the token's own client. */
export function createPrincipal({ client, claims, claimsText }: VerifiedToken): OidcPrincipal {
  const audiences = audiencesIn(claims, client.audienceClaim).filter((audience) => client.audiences.has(audience));
  const subject = own(claims, 'sub');
  return OidcPrincipal.of({
    client: client.name,
    issuer: String(own(claims, 'iss')),
    subject: typeof subject === 'string' ? subject : undefined,
    roles: client.readRoles(claims, audiences),
    scopes: client.readScopes(claims, audiences),
    claimsText,
  });
}
