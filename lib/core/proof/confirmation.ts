import { isJsonObject, own, type JsonObject } from '../token/json-object';

/**
 * What a token is bound to: the methods of its `cnf` that are known here (RFC 7800 section 3.1).
 *
 * @internal
 */
export interface Confirmation {
  /** `jkt`: the thumbprint of the key that must sign a DPoP proof (RFC 9449 section 6.1). */
  readonly keyThumbprint?: string;
  /** `x5t#S256`: the thumbprint of the certificate of the TLS connection (RFC 8705 section 3.1). */
  readonly certificateThumbprint?: string;
}

/**
 * The claim that binds a token to its sender, if one does: `cnf`, or Keycloak's body `typ` of a DPoP token. Where proofs of
 * possession cannot be checked, such a token is refused, because it is never accepted as a plain bearer token (RFC 9449
 * section 7.2, RFC 8705 section 3).
 *
 * @internal
 */
export function findBinding(claims: JsonObject): 'cnf' | 'typ' | undefined {
  if (Object.hasOwn(claims, 'cnf')) {
    return 'cnf';
  }
  return own(claims, 'typ') === 'DPoP' ? 'typ' : undefined;
}

/**
 * The claim that binds a token to its sender in a way that cannot be checked: a `cnf` that is no object, has no known method or
 * a malformed one, or a body `typ` of DPoP without a key. Unknown members beside a known method are ignored: Keycloak has some.
 *
 * @internal
 */
export function findUnknownBinding(claims: JsonObject): 'cnf' | 'typ' | undefined {
  const confirmation = own(claims, 'cnf');
  if (Object.hasOwn(claims, 'cnf')) {
    const isKnown =
      isJsonObject(confirmation) &&
      (Object.hasOwn(confirmation, 'jkt') || Object.hasOwn(confirmation, 'x5t#S256')) &&
      [own(confirmation, 'jkt') ?? 'none', own(confirmation, 'x5t#S256') ?? 'none'].every(isThumbprint) &&
      confirmation['jkt'] !== null &&
      confirmation['x5t#S256'] !== null;
    if (!isKnown) {
      return 'cnf';
    }
  }
  const isOfKey = isJsonObject(confirmation) && Object.hasOwn(confirmation, 'jkt');
  return own(claims, 'typ') === 'DPoP' && !isOfKey ? 'typ' : undefined;
}

/**
 * What a token is bound to, of claims in which `findUnknownBinding` found nothing; undefined for one that is not bound.
 *
 * @internal
 */
export function confirmationOf(claims: JsonObject): Confirmation | undefined {
  const confirmation = own(claims, 'cnf');
  if (!isJsonObject(confirmation)) {
    return undefined;
  }
  const keyThumbprint = own(confirmation, 'jkt');
  const certificateThumbprint = own(confirmation, 'x5t#S256');
  return {
    ...(typeof keyThumbprint === 'string' && { keyThumbprint }),
    ...(typeof certificateThumbprint === 'string' && { certificateThumbprint }),
  };
}

function isThumbprint(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
