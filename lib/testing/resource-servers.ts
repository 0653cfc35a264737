import { createPrivateKey, createPublicKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { OidcClientIntrospection, OidcClientOptions } from '../configuration/options';
import { introspectionOf } from '../configuration/introspection-fields';
import { importPem } from '../core/key/verification-key';
import { verifySignature } from '../core/key/signature';
import { isJsonObject } from '../core/token/json-object';
import { parseToken } from '../core/token/unverified-token';

/** The most characters of a client assertion. */
const MOST_CHARACTERS = 16_384;

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Who asks a test issuer about tokens, and by which method. */
interface Caller {
  readonly clientId: string;
  readonly method: NonNullable<OidcClientIntrospection['method']>;
  readonly credential: string;
}

/**
 * The clients that may ask a test issuer about tokens: those that the options of its clients name under `introspection`. As
 * long as there are none, any client that authenticates may.
 */
export class ResourceServers {
  readonly #known = new Map<string, OidcClientIntrospection>();

  add({ introspection }: OidcClientOptions): void {
    if (introspection !== undefined) {
      this.#known.set(introspection.clientId, introspection);
    }
  }

  /**
   * The client that asks, if it may (RFC 7662 section 2.1).
   *
   * @param audiences what a client assertion may have in `aud`.
   * @param now seconds since the epoch.
   */
  authenticate(
    authorization: string | undefined,
    form: URLSearchParams,
    audiences: readonly string[],
    now: number,
  ): string | undefined {
    const caller = callerOf(authorization, form);
    if (caller === undefined) {
      return undefined;
    }
    const known = this.#known.get(caller.clientId);
    if (known === undefined) {
      return this.#known.size === 0 ? caller.clientId : undefined;
    }
    const { method, clientSecret = '' } = introspectionOf(known);
    if (method !== caller.method) {
      return undefined;
    }
    switch (method) {
      case 'tls_client_auth':
        return caller.clientId;
      case 'private_key_jwt':
        return isAssertionOf(known, caller.credential, audiences, now) ? caller.clientId : undefined;
      default:
        return isSame(caller.credential, clientSecret) ? caller.clientId : undefined;
    }
  }
}

function callerOf(authorization: string | undefined, form: URLSearchParams): Caller | undefined {
  const basic = /^Basic ([\w+/=-]+)$/i.exec(authorization ?? '')?.[1];
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString();
    const colon = text.indexOf(':');
    const decode = (part: string): string => new URLSearchParams(`x=${part}`).get('x') ?? '';
    return colon < 0
      ? undefined
      : {
          clientId: decode(text.slice(0, colon)),
          method: 'client_secret_basic',
          credential: decode(text.slice(colon + 1)),
        };
  }
  const clientId = form.get('client_id');
  if (clientId === null) {
    return undefined;
  }
  const secret = form.get('client_secret');
  if (secret !== null) {
    return { clientId, method: 'client_secret_post', credential: secret };
  }
  return form.get('client_assertion_type') === ASSERTION_TYPE
    ? { clientId, method: 'private_key_jwt', credential: form.get('client_assertion') ?? '' }
    : { clientId, method: 'tls_client_auth', credential: '' };
}

/** RFC 7523 section 3. */
function isAssertionOf(
  { clientId, privateKey }: OidcClientIntrospection,
  assertion: string,
  audiences: readonly string[],
  now: number,
): boolean {
  const token = parseToken(assertion, MOST_CHARACTERS);
  const key = importPem(publicPem(privateKey));
  if (token === undefined || key === undefined) {
    return false;
  }
  const { iss, sub, aud, exp } = token.unverifiedClaims;
  return (
    iss === clientId &&
    sub === clientId &&
    [aud].flat().some((audience) => typeof audience === 'string' && audiences.includes(audience)) &&
    typeof exp === 'number' &&
    exp > now &&
    verifySignature(token.algorithm, key, token.signingInput, token.signature)
  );
}

function publicPem(privateKey: string | object | undefined): string {
  const key: KeyObject = isJsonObject(privateKey)
    ? createPrivateKey({ key: privateKey, format: 'jwk' })
    : createPrivateKey(typeof privateKey === 'string' ? privateKey : '');
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
