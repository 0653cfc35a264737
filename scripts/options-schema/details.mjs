/** Options that no JSON can say, though their type does not tell so. */
export const LEFT_OUT = new Set(['dispatcher', 'authenticatingGuards']);

/** No white space at the ends and no control characters. */
const TEXT = { minLength: 1, pattern: '^(?!\\s)[^\\u0000-\\u001f\\u007f-\\u009f]*(?<!\\s)$' };
const ANY_TEXT = { minLength: 1 };
const WEB_URL = { pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s]+$' };
const DATE = { pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2}))?$' };

/** One dotted path, or paths that are dotted or lists of segments: no URL, which would be cut at its dots. */
const DOTTED = { type: 'string', pattern: '^(?!.*://)[^.]+(\\.[^.]+)*$' };
const SEGMENTS = { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 };
const CLAIM_PATHS = { anyOf: [DOTTED, { type: 'array', items: { anyOf: [DOTTED, SEGMENTS] }, minItems: 1 }] };

const CLIENT_RULES = {
  discoveryUrl: WEB_URL,
  jwksUri: WEB_URL,
  jwksUriOrigin: { pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#]+/?$' },
  'secret:string': ANY_TEXT,
  'publicKey:string': { pattern: '-----BEGIN [A-Z ]+-----' },
  accessTokenClaims: { minProperties: 1 },
  refusedClaims: { minProperties: 1 },
  'tenants:string': { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' },
  tenants: { uniqueItems: true },
  roles: CLAIM_PATHS,
  scopes: CLAIM_PATHS,
};

/**
 * What a type does not say: of each string (`string`), of the strings of an option (`Interface.option:string`), of an
 * option as a whole (`Interface.option`), and of an interface.
 */
export const DETAILS = {
  string: TEXT,
  JsonWebKeySet: { additionalProperties: true },
  ...of('OidcClientRules', CLIENT_RULES),
  ...of('OidcClientDeprecation', {
    'since:string': DATE,
    'sunset:string': DATE,
    'link:string': WEB_URL,
    'message:string': { pattern: '^[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]+$' },
  }),
  ...of('OidcResourceMetadata', {
    'resource:string': { pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s?#]+$' },
    'scopesSupported:string': { pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]+$' },
    scopesSupported: { minItems: 0 },
    'resourceDocumentation:string': WEB_URL,
    'resourcePolicyUri:string': WEB_URL,
    'resourceTosUri:string': WEB_URL,
  }),
  'OidcTokenSources.cookie:string': { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
  'OidcMultiAuthOptions.unguardedRoutes': { minItems: 0 },
  'OidcMultiAuthOptions.unguardedRoutes:string': { pattern: '^([A-Z]+ )?/\\S*$' },
  'OidcMultiAuthOptions.realm:string': { pattern: '^[\\x20-\\x7e]+$' },
};

function of(name, details) {
  return Object.fromEntries(Object.entries(details).map(([field, detail]) => [`${name}.${field}`, detail]));
}
