import { createPrivateKey, webcrypto } from 'node:crypto';
import { types } from 'node:util';
import type { IntrospectionSettings } from '../core/introspection/settings';
import { isJsonObject } from '../core/token/json-object';

type ClientAuthentication = (as: object, client: object, body: URLSearchParams, headers: Headers) => unknown;

/** The part of oauth4webapi that is used. Its own types would want the package from whoever uses this one. */
export interface OAuth {
  readonly customFetch: symbol;
  readonly allowInsecureRequests: symbol;
  ClientSecretBasic(secret: string): ClientAuthentication;
  ClientSecretPost(secret: string): ClientAuthentication;
  PrivateKeyJwt(key: { key: webcrypto.CryptoKey; kid?: string }): ClientAuthentication;
  TlsClientAuth(): ClientAuthentication;
  introspectionRequest(
    as: { issuer: string; introspection_endpoint: string },
    client: { client_id: string },
    authentication: ClientAuthentication,
    token: string,
    options: object,
  ): Promise<Response>;
}

/**
 * Loads oauth4webapi when an issuer is first asked: it is needed for nothing else.
 *
 * @throws UnloadableError where it is missing, or cannot be loaded.
 */
export function loadOAuth(): OAuth {
  try {
    return require('oauth4webapi') as OAuth;
  } catch (error) {
    throw new UnloadableError(
      `oauth4webapi cannot be loaded (${types.isNativeError(error) ? error.message : String(error)}). ` +
        'Introspection needs it: npm install oauth4webapi. Under Jest, let it be transformed as jose is',
    );
  }
}

/** How the API authenticates to the endpoint (RFC 7662 section 2.1; RFC 6749 section 2.3.1; RFC 7523; RFC 8705 section 2). */
export async function authenticationOf(oauth: OAuth, settings: IntrospectionSettings): Promise<ClientAuthentication> {
  const { clientSecret = '', keyId } = settings;
  switch (settings.method) {
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(clientSecret);
    case 'client_secret_post':
      return oauth.ClientSecretPost(clientSecret);
    case 'private_key_jwt':
      return oauth.PrivateKeyJwt({ key: await importPrivateKey(settings), ...(keyId !== undefined && { kid: keyId }) });
    case 'tls_client_auth':
      return oauth.TlsClientAuth();
  }
}

const HASHES: Readonly<Record<string, string>> = { '256': 'SHA-256', '384': 'SHA-384', '512': 'SHA-512' };

/**
 * The private key for `private_key_jwt`.
 *
 * @throws where it is none for its algorithm.
 */
export function importPrivateKey({
  privateKey,
  algorithm = 'RS256',
}: Pick<IntrospectionSettings, 'privateKey' | 'algorithm'>): Promise<webcrypto.CryptoKey> {
  const key = isJsonObject(privateKey)
    ? createPrivateKey({ key: privateKey, format: 'jwk' })
    : createPrivateKey(typeof privateKey === 'string' ? privateKey : '');
  const hash = HASHES[algorithm.slice(-3)] ?? 'SHA-256';
  const parameters = {
    RS: { name: 'RSASSA-PKCS1-v1_5', hash },
    PS: { name: 'RSA-PSS', hash },
    ES: { name: 'ECDSA', namedCurve: `P-${algorithm.slice(-3) === '512' ? '521' : algorithm.slice(-3)}` },
    Ed: { name: 'Ed25519' },
  }[algorithm.slice(0, 2)];
  if (parameters === undefined) {
    throw new TypeError(`${algorithm} is not an algorithm of private keys`);
  }
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, parameters, false, ['sign']);
}

/** An optional package cannot be loaded. Nothing will change that while this process runs. */
export class UnloadableError extends Error {
  override readonly name: string = 'UnloadableError';
}
