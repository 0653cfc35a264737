import { own, type JsonObject } from '../token/json-object';

/**
 * The claim that binds a token to its sender, if one does: `cnf` (RFC 7800 section 3.1), or Keycloak's body `typ` of a DPoP
 * token. Such a token is never accepted as a plain bearer token (RFC 9449 section 7.2, RFC 8705 section 3).
 *
 * @internal
 */
export function findBinding(claims: JsonObject): 'cnf' | 'typ' | undefined {
  if (Object.hasOwn(claims, 'cnf')) {
    return 'cnf';
  }
  return own(claims, 'typ') === 'DPoP' ? 'typ' : undefined;
}
