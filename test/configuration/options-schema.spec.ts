import { Ajv, type AnySchemaObject } from 'ajv';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { CLIENT_FIELDS } from '../../lib/configuration/client-fields';
import { OidcConfigurationError } from '../../lib/configuration/configuration-error';
import { DEFAULTS, MODULE_FIELDS } from '../../lib/configuration/module-fields';
import { resolveConfiguration } from '../../lib/configuration/resolve-configuration';
import schema from '../../lib/options.schema.json';

const ROOT = join(__dirname, '../..');
const GOOD = { name: 'a', audience: 'aud-a', issuer: 'https://sso.example/auth/realms/standard' };

/** What only a running application can give: functions, classes and an undici dispatcher. */
const NOT_JSON = {
  client: ['validate', 'dispatcher', 'enrich'],
  module: ['onDecision', 'authenticatingGuards', 'dispatcher'],
};

// Strict: an unknown keyword, or one that does not fit its type, is an error.
const accepts = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);

const isAccepted = (options: unknown): boolean => {
  try {
    resolveConfiguration(options);
    return true;
  } catch (error) {
    if (error instanceof OidcConfigurationError) {
      return false;
    }
    throw error;
  }
};

const verdicts = (options: unknown) => ({ schema: accepts(options), library: isAccepted(options) });

const withClient = (client: object): object => ({ clients: [{ ...GOOD, ...client }] });

it('is what the types and their documentation say ("npm run docs:options-schema" writes it)', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/write-options-schema.mjs'), '--check'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}, 60_000);

describe('the fields', () => {
  const { OidcClientOptions: client, OidcClientRules: rules } = schema.definitions;
  const without = (fields: object, ...left: readonly string[]): string[] =>
    Object.keys(fields)
      .filter((field) => !left.includes(field))
      .sort();

  it('are those that the library knows, but for what JSON cannot say', () => {
    expect(Object.keys(client.properties).sort()).toEqual(without(CLIENT_FIELDS, ...NOT_JSON.client));
    expect(without(schema.properties, '$schema', 'clients', 'defaults')).toEqual(
      without(MODULE_FIELDS, ...NOT_JSON.module),
    );
    expect(client.required).toEqual(['name', 'audience']);
  });

  it.each(Object.keys(client.properties))('%s of a client can be a default if the library takes it as one', (field) => {
    const isOwn = ['name', 'audience', 'authorizedParties', 'grantedRoles', 'deprecated'].includes(field);
    expect([field, field in rules.properties]).toEqual([field, !isOwn]);
    expect(faultsOfDefault(field)).toEqual(isOwn ? [expect.stringContaining('cannot be shared')] : []);
  });

  it('are described, each of them', () => {
    const undescribed = everyProperty(schema).filter(([, { description = '' }]) => !/^[A-Z`].+[.)]$/.test(description));
    expect(undescribed).toEqual([]);
  });

  it('have the defaults of the library', () => {
    const told = Object.entries(schema.properties).flatMap(([field, property]) =>
      'default' in property ? [[field, property.default]] : [],
    );
    const { authenticatingGuards: _guards, unguardedRoutes: _routes, tokenSources: _sources, ...defaults } = DEFAULTS;
    expect(Object.fromEntries(told)).toEqual(defaults);
    const { clockTolerance, audienceClaim, required, acceptIdTokens } = rules.properties;
    const [built] = resolveConfiguration({ clients: [GOOD] }).clients.clients;
    expect(built).toMatchObject({
      clockTolerance: clockTolerance.default,
      audienceClaim: audienceClaim.default,
      isRequired: required.default,
      acceptIdTokens: acceptIdTokens.default,
    });
  });

  it('that are numbers have the bounds of the library', () => {
    const numbers = everyProperty(schema).filter(([, { type }]) => type === 'number');
    expect(numbers.map(([path]) => path).sort()).toEqual([
      'OidcClientIntrospection.cacheFor',
      'OidcClientIntrospection.negativeCacheFor',
      'OidcClientRules.clockTolerance',
      'OidcClientStrictness.maxLifetime',
      'OidcProofNonce.lifetime',
      'OidcProofOfPossession.maxProofAge',
      'OidcProofOfPossession.maxReplayBytes',
      'OidcRevocationOptions.maxLag',
      'OidcRevocationOptions.maxTokenLifetime',
      'OidcVerificationCacheOptions.maxBytes',
      'fetchTimeout',
      'freshFor',
      'maxStale',
      'maxTokenBytes',
    ]);
    for (const [path, { minimum = Number.NaN, maximum = Number.NaN }] of numbers) {
      for (const value of [minimum, maximum]) {
        expect([path, value, verdicts(placed(path, value))]).toEqual([path, value, { schema: true, library: true }]);
      }
      for (const value of [minimum - 0.01, maximum + 1, String(minimum)]) {
        expect([path, value, verdicts(placed(path, value))]).toEqual([path, value, { schema: false, library: false }]);
      }
    }
  });
});

describe('what the library accepts, the schema accepts', () => {
  // RFC 8037 appendix A.2.
  const publicJwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

  it.each<[string, object]>([
    ['a client', { clients: [GOOD] }],
    ['several audiences', withClient({ audience: ['x', 'y'] })],
    [
      'a discovery URL',
      withClient({ issuer: undefined, discoveryUrl: `${GOOD.issuer}/.well-known/openid-configuration` }),
    ],
    ['a key set URL', withClient({ issuer: 'acme.com', jwksUri: 'HTTPS://sso.example/jwks' })],
    ['keys', withClient({ jwks: { keys: [publicJwk], more: 1 } })],
    ['a key set elsewhere', withClient({ jwksUriOrigin: 'https://keycloak.internal:8443' })],
    ['a secret with white space', withClient({ secret: ` ${'x'.repeat(32)} `, algorithms: ['HS256'] })],
    ['claim paths', withClient({ roles: ['a.b', ['https://x/y', 'z']], scopes: 'scp' })],
    ['claim paths into arrays', withClient({ roles: ['roles[].name', 'a[].b[].c', 'a[]'] })],
    [
      'other names of roles',
      withClient({ roles: 'r', roleMapping: { boss: 'admin', b: ['c'] }, keepUnmappedRoles: true }),
    ],
    ['added rules', withClient({ strictness: { mode: 'report', profile: 'rfc9068' } })],
    [
      'an end',
      withClient({ deprecated: { since: '2026-01-31', sunset: '2027-01-31T08:00:00.5+01:00', message: 'Gone.' } }),
    ],
    ['defaults', { clients: [{ name: 'a', audience: 'x' }], defaults: { issuer: GOOD.issuer, preset: 'keycloak' } }],
    ['implied roles', { clients: [GOOD], roleHierarchy: { admin: ['editor'], editor: 'reader' } }],
    [
      'marked claims',
      withClient({ accessTokenClaims: { a: true, b: 'x', c: ['y', null] }, refusedClaims: { d: ['z'] } }),
    ],
    ['tenants', withClient({ tenants: ['a-1', 'b'], issuer: 'https://sso.example/{tenantid}/v2.0' })],
    ['a preset', withClient({ preset: 'keycloak' })],
    ['sources of tokens', { clients: [GOOD], tokenSources: { cookie: '__Host-token', query: false, body: true } }],
    [
      'a header instead of Authorization',
      { clients: [GOOD], tokenSources: { authorization: false, header: 'x-token' } },
    ],
    ['metadata', { clients: [GOOD], resourceMetadata: { resource: ['https://a.example/x'], scopesSupported: [] } }],
    ['required claims with values', withClient({ requiredClaims: { a: true, 'b.c': 'x', d: [1, false, 'y'] } })],
    ['a name and a claim with any letters', withClient({ name: 'мины 1', requiredClaims: ['https://x/y z'] })],
  ])('%s', (_what, options) => {
    // As a file has it: without what is undefined.
    const read: unknown = JSON.parse(JSON.stringify(options));
    expect({ ...verdicts(read), errors: accepts.errors }).toEqual({ schema: true, library: true, errors: null });
  });
});

describe('what the schema refuses, the library refuses', () => {
  it.each<[string, unknown]>([
    ['no options', {}],
    ['a list', [GOOD]],
    ['no clients', { clients: [] }],
    ['an unknown option', { clients: [GOOD], client: [] }],
    ['an unknown option of a client', withClient({ audiences: ['x'] })],
    ['an unknown default', { clients: [GOOD], defaults: { rolse: 'r' } }],
    ['an audience for all', { clients: [GOOD], defaults: { audience: 'x' } }],
    ['what shapes the module', { clients: [GOOD], globalGuards: true }],
    ['no name', { clients: [{ audience: 'x', issuer: GOOD.issuer }] }],
    ['no audience', { clients: [{ name: 'a', issuer: GOOD.issuer }] }],
    ['an empty audience', withClient({ audience: '' })],
    ['audiences with nothing in them', withClient({ audience: [] })],
    ['an audience with white space at an end', withClient({ audience: 'x\u00a0' })],
    ['an audience with a control character', withClient({ audience: 'x\u0085y' })],
    ['an audience that is null', withClient({ audience: null })],
    ['parties that are no list', withClient({ authorizedParties: 'p' })],
    ['no scheme', withClient({ discoveryUrl: 'sso.example/.well-known/openid-configuration' })],
    ['another scheme', withClient({ jwksUri: 'file:///keys.json' })],
    ['a key set origin with a path', withClient({ jwksUriOrigin: 'https://a.example/x' })],
    ['a key set without keys', withClient({ jwks: { keys: [] } })],
    ['a key that is none', withClient({ publicKey: 'abc' })],
    ['an algorithm that is none', withClient({ algorithms: ['none'] })],
    ['no algorithm', withClient({ algorithms: [] })],
    ['an unknown preset', withClient({ preset: 'gold' })],
    ['a claim path of brackets alone', withClient({ roles: 'a.[].b' })],
    ['a claim path that would be cut', withClient({ roles: 'https://x.example/roles' })],
    ['a claim path with an empty segment', withClient({ roles: 'a..b' })],
    ['an empty claim path', withClient({ scopes: [[]] })],
    ['a function as text', withClient({ validate: 'claims => true' })],
    ['an unknown rule', withClient({ strictness: { signature: 'report' } })],
    ['an unknown mode', withClient({ strictness: { mode: 'off', profile: 'rfc9068' } })],
    ['an end without beginning', withClient({ deprecated: { sunset: '2027-01-31' } })],
    ['a date of people', withClient({ deprecated: { since: '31.1.2027' } })],
    ['a quote in a message', withClient({ deprecated: { since: '2027-01-31', message: 'a "b"' } })],
    ['a flag as text', withClient({ acceptIdTokens: 'true' })],
    ['a role that implies nothing', { clients: [GOOD], roleHierarchy: { admin: [] } }],
    ['a role without name', { clients: [GOOD], roleHierarchy: { '': 'a' } }],
    ['a realm that is not ASCII', { clients: [GOOD], realm: 'é' }],
    ['an unknown detail', { clients: [GOOD], refusalDetail: 'all' }],
    ['a required claim that is null', withClient({ requiredClaims: { a: null } })],
    ['no required claim', withClient({ requiredClaims: {} })],
    ['no mark', withClient({ accessTokenClaims: {} })],
    ['a mark that is false', withClient({ accessTokenClaims: { a: false } })],
    ['a value that is null, refused', withClient({ refusedClaims: { a: [null] } })],
    ['a tenant twice', withClient({ tenants: ['a', 'a'], issuer: 'https://sso.example/{tenantid}' })],
    ['a tenant that goes elsewhere', withClient({ tenants: ['../a'], issuer: 'https://sso.example/{tenantid}' })],
    ['no source of tokens', { clients: [GOOD], tokenSources: { authorization: false, query: false } }],
    ['a cookie without name', { clients: [GOOD], tokenSources: { cookie: '' } }],
    ['the name of a cookie with a space', { clients: [GOOD], tokenSources: { cookie: 'a b' } }],
    ['an extractor as text', { clients: [GOOD], tokenSources: { custom: '(request) => undefined' } }],
    ['a resource with a fragment', { clients: [GOOD], resourceMetadata: { resource: 'https://a.example/#x' } }],
    ['no resource', { clients: [GOOD], resourceMetadata: { resourceName: 'a' } }],
    [
      'a scope with a space',
      { clients: [GOOD], resourceMetadata: { resource: 'https://a.example', scopesSupported: ['a b'] } },
    ],
  ])('%s', (_what, options) => {
    expect(verdicts(options)).toEqual({ schema: false, library: false });
  });
});

interface Property {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Every option of the module, and as `Interface.option` every option of what those are made of; once where it is said for clients and defaults. */
function everyProperty({ properties, definitions }: AnySchemaObject): [path: string, property: Property][] {
  const own: [string, Property][] = Object.entries(properties);
  return [
    ...own,
    ...Object.entries<AnySchemaObject>(definitions).flatMap(([name, definition]) =>
      Object.entries<Property>(definition.properties)
        .filter(([, { $ref }]) => $ref?.startsWith('#/definitions/OidcClientRules/properties/') !== true)
        .map(([field, property]): [string, Property] => [`${name}.${field}`, property]),
    ),
  ];
}

/** Options with a value in a place, and all else good. */
function placed(path: string, value: unknown): object {
  const [name = '', field = ''] = path.split('.');
  switch (name) {
    case 'OidcClientRules':
      return { clients: [GOOD], defaults: { [field]: value } };
    case 'OidcClientStrictness':
      return withClient({ strictness: { [field]: value } });
    case 'OidcProofOfPossession':
      return { clients: [GOOD], proofOfPossession: { origins: ['https://api.example'], [field]: value } };
    case 'OidcProofNonce': {
      const nonce = { secrets: ['x'.repeat(32)], [field]: value };
      return { clients: [GOOD], proofOfPossession: { origins: ['https://api.example'], nonce } };
    }
    case 'OidcClientIntrospection': {
      const introspection = { clientId: 'api', clientSecret: 'secret', [field]: value };
      return withClient({ introspection });
    }
    case 'OidcRevocationOptions':
      return { clients: [GOOD], revocation: { [field]: value } };
    case 'OidcVerificationCacheOptions':
      return { clients: [GOOD], verificationCache: { [field]: value } };
    default:
      // `maxStale` may not be less than `freshFor`.
      return { clients: [GOOD], ...(name === 'maxStale' ? { freshFor: 1 } : {}), [name]: value };
  }
}

/** What the library says of an option under `defaults`, whatever its value. */
function faultsOfDefault(field: string): string[] {
  try {
    resolveConfiguration({ clients: [GOOD], defaults: { [field]: 1 } });
  } catch (error) {
    if (error instanceof OidcConfigurationError) {
      return error.faults.filter((fault) => fault.field === `defaults.${field}`).map(({ problem }) => problem);
    }
  }
  return [];
}
