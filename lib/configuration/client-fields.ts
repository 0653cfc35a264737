import { types } from 'node:util';
import { ALGORITHMS } from '../core/key/algorithm';
import { KeySet } from '../core/key/key-set';
import { importPem, pemBlocks } from '../core/key/verification-key';
import { isPresetName, PRESET_NAMES } from './presets/presets';
import { HEADER_NAME } from '../core/token/bearer';
import { segmentsOf } from '../core/principal/claim-path';
import { isJsonObject } from '../core/token/json-object';
import type { OidcClientOptions } from './options';
import { DEPRECATION, STRICTNESS } from './client-rules';
import {
  DISPATCHER,
  claimValues,
  defineField,
  flag,
  functionField,
  isText,
  list,
  number,
  oneOf,
  refined,
  roleNames,
  text,
  textOrList,
  webUrl,
  type FieldCheck,
  type FieldFault,
} from './field-check';
import { ENRICH } from './enrichment-field';
import { INTROSPECTION } from './introspection-fields';
import { arrayOf, oneOrMore, type JsonSchema } from './json-schema';
import { REQUIRED_CLAIMS } from './required-claims-field';
import { TENANTS } from './tenants';
import { parseUrl } from '../core/url';

/** Scheme, host and port alone. */
const ORIGIN: JsonSchema = { type: 'string', minLength: 1, pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#@]+/?$' };

const ORIGIN_REMEDY = 'give one, such as "https://keycloak.internal:8443"';

/** The text of a PEM file. What its blocks hold is checked when it is read. */
const PEM: JsonSchema = { type: 'string', pattern: '-----BEGIN [A-Z ]+-----' };

/** A JWK set (RFC 7517 section 5), which may have other members. What a key holds is checked when it is read. */
const JWK_SET: JsonSchema = {
  type: 'object',
  properties: { keys: arrayOf({ type: 'object' }) },
  required: ['keys'],
  additionalProperties: true,
};

/** A dotted path: no URL, which would be cut at its dots, no brackets without a name, and no name of a preset. */
const DOTTED: JsonSchema = {
  type: 'string',
  pattern: '^(?!.*://)(?!(.*\\.)?\\[\\](\\.|$))[^.]+(\\.[^.]+)*$',
  not: { enum: PRESET_NAMES },
};
const SEGMENTS = arrayOf({ type: 'string', minLength: 1 });
const CLAIM_PATHS: JsonSchema = { anyOf: [DOTTED, arrayOf({ anyOf: [DOTTED, SEGMENTS] })] };

/** The value of a header: visible ASCII, with spaces between (RFC 9110 section 5.5). */
const HEADER_VALUE = /^[\x21-\x7E](?:[\x20-\x7E]*[\x21-\x7E])?$/;

const HEADERS: JsonSchema = {
  type: 'object',
  minProperties: 1,
  propertyNames: { pattern: HEADER_NAME.source },
  additionalProperties: { type: 'string', pattern: HEADER_VALUE.source },
};

/** The options that every client must have itself. */
export const REQUIRED_FIELDS = ['name', 'audience'] as const;

/** What each option of a client must be by itself. An option that is not in this table is unknown. */
export const CLIENT_FIELDS: Readonly<Record<keyof OidcClientOptions, FieldCheck>> = {
  name: text('give each client a name of its own, such as "core-web"'),
  audience: textOrList('give the exact value that "aud" has in this client\'s tokens, or an array of such values'),
  authorizedParties: list('give an array of the "azp" or "client_id" values whose tokens are this client\'s'),
  issuer: text('give the exact value that "iss" has in this client\'s tokens'),
  tenants: TENANTS,
  discoveryUrl: webUrl(
    'give the URL of the discovery document, which usually ends in /.well-known/openid-configuration',
  ),
  discoveryIssuer: text('give the exact "issuer" of the document at discoveryUrl'),
  jwksUri: webUrl("give the URL of the issuer's key set"),
  jwks: defineField(JWK_SET, jwksFault),
  publicKey: defineField(oneOrMore(PEM), pemFault),
  jwksUriOrigin: refined(
    webUrl(ORIGIN_REMEDY),
    (value) => {
      const url = parseUrl(String(value));
      return url?.href === `${url?.origin}/`
        ? undefined
        : ['is not a URL of scheme, host and port alone', ORIGIN_REMEDY];
    },
    ORIGIN,
  ),
  fetchHeaders: defineField(HEADERS, headersFault),
  dispatcher: DISPATCHER,
  introspection: INTROSPECTION,
  required: flag,
  secret: defineField({ type: 'string', minLength: 1 }, (value) =>
    isText(value) || (types.isUint8Array(value) && value.byteLength > 0)
      ? undefined
      : ['is not a string or Uint8Array with anything in it', 'give the shared secret, or leave it out'],
  ),
  preset: oneOf(
    PRESET_NAMES,
    `give one of ${quoted(PRESET_NAMES)}, or leave it out`,
    (value) => `${JSON.stringify(value)} is not the name of a preset`,
  ),
  algorithms: defineField(arrayOf({ enum: [...ALGORITHMS.keys()] }), algorithmsFault),
  clockTolerance: number(
    { minimum: 0, maximum: 300, unit: 'seconds' },
    'give the few seconds that clocks may differ, such as 30',
  ),
  requiredClaims: REQUIRED_CLAIMS,
  accessTokenClaims: claimValues(
    'give an object from each claim that marks an access token to the value it has there, or to true for any',
    true,
  ),
  refusedClaims: claimValues('give an object from each claim to the value, or values, that are refused', false),
  roles: defineField(CLAIM_PATHS, (value) => namesFault('roles', value)),
  roleMapping: roleNames('give an object from each role of the provider to the name, or names, it has here'),
  keepUnmappedRoles: flag,
  grantedRoles: list('give an array of roles, by the names they have in this application'),
  scopes: defineField(CLAIM_PATHS, (value) => namesFault('scopes', value)),
  validate: functionField('give a synchronous function of the claims that returns true to accept'),
  enrich: ENRICH,
  strictness: STRICTNESS,
  deprecated: DEPRECATION,
  requireSenderConstraint: flag,
  acceptIdTokens: flag,
  audienceClaim: text('give the name of the claim that stands in for "aud", such as "client_id"'),
  ignoreAudience: flag,
  authorizedPartyClaim: text('give the name of the claim that stands in for "azp", such as "cid"'),
  allowInsecureHttp: flag,
};

/** Whether there is such an option. */
export function isClientField(field: string): field is keyof OidcClientOptions {
  return Object.hasOwn(CLIENT_FIELDS, field);
}

/** Values are credentials: no message repeats them. */
function headersFault(value: unknown): FieldFault | undefined {
  if (typeof value === 'function') {
    return undefined;
  }
  const remedy = 'give an object from names of headers to values, or a function that returns one';
  if (!isJsonObject(value) || Object.keys(value).length === 0) {
    return ['is not an object with anything in it', remedy];
  }
  const isHeader = ([header, content]: [string, unknown]): boolean =>
    HEADER_NAME.test(header) && typeof content === 'string' && HEADER_VALUE.test(content);
  return Object.entries(value).every(isHeader) ? undefined : ['has a header that cannot be sent', remedy];
}

function algorithmsFault(value: unknown): FieldFault | undefined {
  const remedy = `list some of ${[...ALGORITHMS.keys()].join(', ')}`;
  if (!Array.isArray(value) || value.length === 0) {
    return ['is not an array with anything in it', remedy];
  }
  const wrong: unknown = value.find((algorithm) => typeof algorithm !== 'string' || !ALGORITHMS.has(algorithm));
  if (wrong === undefined) {
    return undefined;
  }
  return typeof wrong === 'string' && wrong.toLowerCase() === 'none'
    ? ['"none" would accept tokens that nobody signed', remedy]
    : [`${JSON.stringify(wrong)} is not an algorithm`, remedy];
}

function jwksFault(value: unknown): FieldFault | undefined {
  const remedy = 'give a JWK set, { keys: [...] }, with at least one public key for signatures';
  const keys = isJsonObject(value) ? value['keys'] : undefined;
  if (!Array.isArray(keys)) {
    return ['is not a JWK set', remedy];
  }
  return KeySet.fromJwks(keys).size > 0 ? undefined : ['has no key that may verify signatures', remedy];
}

function pemFault(value: unknown): FieldFault | undefined {
  const remedy = 'give a public key for signatures as PEM text ("-----BEGIN PUBLIC KEY-----..."), or several';
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (texts.length === 0 || !texts.every(isText)) {
    return ['is not PEM text', remedy];
  }
  return texts.flatMap(pemBlocks).every((pem) => importPem(pem) !== undefined)
    ? undefined
    : ['is not a public key that may verify', remedy];
}

/** Claim paths of roles or scopes, or a function. */
function namesFault(field: string, value: unknown): FieldFault | undefined {
  const remedy = 'give a dotted claim path, an array of claim paths, or a function of the claims';
  if (typeof value === 'function') {
    return undefined;
  }
  const paths: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (paths.length === 0) {
    return ['is empty', remedy];
  }
  for (const path of paths) {
    const segments: readonly unknown[] = typeof path === 'string' ? segmentsOf(path) : Array.isArray(path) ? path : [];
    if (typeof path === 'string' && path.includes('://')) {
      return [
        `the dotted path ${JSON.stringify(path)} would be cut at the dots of a URL`,
        `give the claim's name as one segment, ${field}: [[${JSON.stringify(path)}]]`,
      ];
    }
    if (segments.length === 0 || !segments.every(isText)) {
      return [`${JSON.stringify(path)} is not a claim path`, remedy];
    }
    if (isPresetName(path)) {
      return [`${JSON.stringify(path)} is the name of a preset`, `give preset: ${JSON.stringify(path)} instead`];
    }
  }
  return undefined;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
