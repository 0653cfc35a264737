import { createPrivateKey } from 'node:crypto';
import type { IssuerConfiguration } from '../core/client/client';
import type { IntrospectionMethod, IntrospectionSettings } from '../core/introspection/settings';
import { isJsonObject } from '../core/token/json-object';
import { urlProblem } from '../core/url';
import type { Faults } from './configuration-error';
import {
  defineField,
  flag,
  number,
  objectOf,
  oneOf,
  refined,
  text,
  textLike,
  webUrl,
  type FieldCheck,
  type FieldFault,
} from './field-check';
import type { JsonSchema } from './json-schema';
import type { OidcClientIntrospection, OidcClientOptions } from './options';

const METHODS: readonly IntrospectionMethod[] = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
];

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'Ed25519'];

const SECONDS = { minimum: 0, maximum: 300, unit: 'seconds' };

/** A private key as PEM text or JWK. What it holds is checked by the library. */
const PRIVATE_KEY: JsonSchema = {
  anyOf: [
    { type: 'string', pattern: '-----BEGIN [A-Z ]*PRIVATE KEY-----' },
    { type: 'object', properties: { kty: {}, d: {} }, required: ['kty', 'd'], additionalProperties: true },
  ],
};

const WITHOUT_METHOD: JsonSchema = { type: 'object', properties: { method: {} }, required: ['method'] };

/** An object with this method and these secrets. */
function needing(methods: readonly IntrospectionMethod[], ...secrets: readonly string[]): JsonSchema {
  const properties = Object.fromEntries(secrets.map((name) => [name, {}]));
  return methods.length === 0
    ? { type: 'object', properties, required: secrets, not: WITHOUT_METHOD }
    : { type: 'object', properties: { ...properties, method: { enum: methods } }, required: ['method', ...secrets] };
}

/** What each method needs. */
const NEEDED: JsonSchema = {
  anyOf: [
    needing(['private_key_jwt'], 'privateKey'),
    needing(['tls_client_auth']),
    needing(['client_secret_basic', 'client_secret_post'], 'clientSecret'),
    needing([], 'privateKey'),
    needing([], 'clientSecret'),
  ],
};

const FIELDS: Readonly<Record<keyof OidcClientIntrospection, FieldCheck>> = {
  clientId: text('give the client id of this API at the issuer'),
  clientSecret: text('give the secret of that client'),
  privateKey: defineField(PRIVATE_KEY, privateKeyFault),
  algorithm: oneOf(ALGORITHMS, `give one of ${ALGORITHMS.join(', ')}`),
  keyId: text('give the key id that the issuer knows, or leave it out'),
  method: oneOf(METHODS, `give one of ${METHODS.join(', ')}`),
  endpoint: webUrl("give the URL of the issuer's introspection endpoint"),
  tokenPrefix: textLike(
    /^[\w.~+/-]+$/,
    'is not what a token begins with',
    'give what the opaque tokens begin with, such as "ory_at_", or leave it out',
  ),
  cacheFor: number(SECONDS),
  negativeCacheFor: number(SECONDS),
  audience: oneOf(['required', 'implied'], 'give "required" or "implied", or leave it out'),
  jwts: flag,
  signedResponses: flag,
};

const REMEDY = 'give { clientId, clientSecret }, and where tokens of several issuers are opaque, tokenPrefix';

/** What `introspection` must be by itself. */
export const INTROSPECTION: FieldCheck = refined(
  objectOf(FIELDS, REMEDY, 'clientId'),
  (value) => {
    const { clientSecret, privateKey, ...rest } = isJsonObject(value) ? value : {};
    const method = rest['method'] ?? (privateKey === undefined ? 'client_secret_basic' : 'private_key_jwt');
    if (method === 'private_key_jwt') {
      return privateKey === undefined ? ['privateKey is missing', 'give the private key of that client'] : undefined;
    }
    return method !== 'tls_client_auth' && clientSecret === undefined
      ? ['clientSecret is missing', 'give the secret of that client, or another method']
      : undefined;
  },
  NEEDED,
);

/** No message repeats what the key is. */
function privateKeyFault(value: unknown): FieldFault | undefined {
  try {
    if (isJsonObject(value)) {
      createPrivateKey({ key: value, format: 'jwk' });
      return undefined;
    }
    if (typeof value === 'string') {
      createPrivateKey(value);
      return undefined;
    }
  } catch {
    // Said below.
  }
  return ['is not a private key', 'give a private JWK, or PEM text ("-----BEGIN PRIVATE KEY-----...")'];
}

/** Checks `introspection` together with what else the client says. */
export function checkIntrospection(label: string, client: OidcClientOptions, faults: Faults): void {
  const { introspection, issuer, jwksUri, jwks, publicKey, tenants, allowInsecureHttp = false } = client;
  if (introspection === undefined) {
    return;
  }
  if (issuer === undefined) {
    faults.add(label, 'issuer', 'is missing: introspection needs it', 'give the exact issuer beside discoveryUrl');
  }
  if (tenants !== undefined) {
    faults.add(label, 'introspection', 'cannot be shared by tenants', 'give each tenant a client of its own');
  }
  const { endpoint } = introspection;
  if (endpoint === undefined && [jwksUri, jwks, publicKey].some((place) => place !== undefined)) {
    const remedy = "give the URL of the issuer's introspection endpoint";
    faults.add(label, 'introspection', 'endpoint is missing, and there is no discovery document to name it', remedy);
  }
  const problem = endpoint === undefined ? undefined : urlProblem(endpoint, allowInsecureHttp);
  if (problem !== undefined) {
    faults.add(label, 'introspection', `endpoint ${problem}`, 'give an https URL');
  }
}

/** Opaque tokens of two issuers must differ in what they begin with: a token is never sent to a second issuer. */
export function checkPrefixes(
  clients: readonly { readonly label: string; readonly options: OidcClientOptions }[],
  faults: Faults,
): void {
  const byPrefix = new Map<string, { label: string; issuer: string | undefined }>();
  for (const { label, options } of clients) {
    const { introspection, issuer } = options;
    if (introspection === undefined) {
      continue;
    }
    const { tokenPrefix = '' } = introspection;
    const other = byPrefix.get(tokenPrefix);
    if (other === undefined) {
      byPrefix.set(tokenPrefix, { label, issuer });
    } else if (other.issuer !== issuer) {
      const what = tokenPrefix === '' ? 'has no tokenPrefix' : `tokenPrefix ${JSON.stringify(tokenPrefix)}`;
      faults.add(
        label,
        'introspection',
        `${what}, as that of client ${other.label} of another issuer: opaque tokens cannot be told apart`,
        'give both a tokenPrefix of their own, or one of them',
      );
    }
  }
}

/** The options with what they leave open. */
export function introspectionOf(options: OidcClientIntrospection): NonNullable<IssuerConfiguration['introspection']> {
  const { clientId, clientSecret, privateKey, algorithm, keyId, endpoint } = options;
  const settings: IntrospectionSettings = {
    clientId,
    clientSecret,
    privateKey,
    algorithm:
      algorithm ?? (isJsonObject(privateKey) && typeof privateKey['alg'] === 'string' ? privateKey['alg'] : undefined),
    keyId: keyId ?? (isJsonObject(privateKey) && typeof privateKey['kid'] === 'string' ? privateKey['kid'] : undefined),
    method: options.method ?? (privateKey === undefined ? 'client_secret_basic' : 'private_key_jwt'),
    endpoint,
    tokenPrefix: options.tokenPrefix ?? '',
    cacheFor: options.cacheFor ?? 10,
    negativeCacheFor: options.negativeCacheFor ?? 5,
    impliesAudience: options.audience === 'implied',
    jwts: options.jwts ?? false,
    signedResponses: options.signedResponses ?? false,
  };
  return settings;
}
