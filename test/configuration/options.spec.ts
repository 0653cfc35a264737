import { generateKeyPairSync } from 'node:crypto';
import { OidcConfigurationError } from '../../lib/configuration/configuration-error';
import { resolveConfiguration } from '../../lib/configuration/resolve-configuration';
import { createSigningKey } from '../../lib/testing/signing-key';

const ISSUER = 'https://sso.example/auth/realms/standard';
const GOOD = { name: 'a', audience: 'aud-a', issuer: ISSUER };
const OTHER = { name: 'b', audience: 'aud-b', issuer: ISSUER };

const pem = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
const PRIVATE_PEM = pem(2048).privateKey.export({ type: 'pkcs8', format: 'pem' });
const WEAK_PEM = pem(1024).publicKey.export({ type: 'spki', format: 'pem' });

/** The faults of some options: client, field, problem and remedy of each. */
function faultsOf(options: unknown): string[] {
  try {
    resolveConfiguration(options);
  } catch (error) {
    if (error instanceof OidcConfigurationError) {
      return error.faults.map(
        ({ client = '-', field, problem, remedy }) => `${client} ${field}: ${problem}; ${remedy}`,
      );
    }
    throw error;
  }
  return [];
}

const faultsOfClient = (client: object): string[] => faultsOf({ clients: [{ ...GOOD, ...client }] });

describe('options without fault', () => {
  it.each<[string, object]>([
    ['an issuer', {}],
    ['several audiences', { audience: ['x', 'y'] }],
    ['an issuer on localhost', { issuer: 'http://localhost:8080/auth' }],
    ['an issuer on 127.0.0.0/8', { issuer: 'http://127.9.8.7/auth' }],
    ['an issuer on [::1]', { issuer: 'http://[::1]:8080/auth' }],
    ['a discovery URL alone', { issuer: undefined, discoveryUrl: `${ISSUER}/.well-known/openid-configuration` }],
    [
      'RFC 8414 metadata alone',
      { issuer: undefined, discoveryUrl: `${ISSUER}/.well-known/oauth-authorization-server` },
    ],
    [
      'a discovery URL under another host',
      { discoveryUrl: 'https://keycloak.internal/x?y', discoveryIssuer: 'https://z' },
    ],
    ['a key set URL', { issuer: 'acme.com', jwksUri: 'https://sso.example/jwks' }],
    ['http where it is allowed', { issuer: 'http://keycloak:8080/auth', allowInsecureHttp: true }],
    ['a secret', { issuer: 'acme.com', secret: 'x'.repeat(32) }],
    ['a long secret for a long hash', { secret: Buffer.alloc(64, 1), algorithms: ['HS512', 'HS256'] }],
    ['claim paths', { roles: ['a.b', ['https://x/y', 'z']], scopes: 'scp' }],
    ['roles by other names', { roles: 'r', roleMapping: { boss: 'admin', b: ['c', 'd'] }, keepUnmappedRoles: true }],
    ['roles of its own', { grantedRoles: ['batch'] }],
    ['added rules', { strictness: { mode: 'report', profile: 'rfc9068', maxLifetime: 600, validate: () => true } }],
    [
      'an end',
      { deprecated: { since: new Date(0), sunset: '2027-01-31', link: 'https://a.example/x', message: 'Gone.' } },
    ],
    ['functions', { roles: () => [], scopes: () => [], validate: () => true }],
    [
      'everything else',
      {
        preset: 'keycloak',
        algorithms: ['EdDSA'],
        clockTolerance: 0,
        requiredClaims: ['sub'],
        acceptIdTokens: true,
        audienceClaim: 'client_id',
        authorizedParties: ['p'],
        authorizedPartyClaim: 'cid',
      },
    ],
    ['marks of access tokens', { accessTokenClaims: { token_use: 'access', typ: ['Bearer', null], uid: true } }],
    ['refused values', { refusedClaims: { sts: 'pending', env: ['test', 'dev'] } }],
    ['tenants', { issuer: 'https://login.example/{tenantid}/v2.0', tenants: ['a1', 'b.c-d_e'] }],
    ['tenants in the host', { issuer: 'https://{tenantid}.id.example/{tenantid}', tenants: ['a1', 'b2'] }],
    [
      'tenants with documents elsewhere',
      {
        issuer: 'https://sts.example/{tenantid}/',
        discoveryUrl: 'https://login.example/{tenantid}/.well-known/openid-configuration',
        tenants: ['a1'],
      },
    ],
  ])('%s', (_name, client) => {
    expect(faultsOfClient(client)).toEqual([]);
  });

  it('LIB-05 several audiences of one issuer', () => {
    expect(faultsOf({ clients: [GOOD, OTHER] })).toEqual([]);
    expect(resolveConfiguration({ clients: [GOOD, OTHER] }).issuers.size).toBe(1);
  });

  it('does not change what it is given', () => {
    const options = Object.freeze({
      clients: Object.freeze([Object.freeze({ ...GOOD })]),
      defaults: Object.freeze({ preset: 'keycloak' }),
    });
    expect(() => resolveConfiguration(options)).not.toThrow();
  });
});

describe('faults of the module', () => {
  it.each<[unknown, string]>([
    [undefined, '- options: are not an object'],
    [{}, '- clients: is not an array; give at least one client'],
    [{ clients: [] }, '- clients: is empty; give at least one client'],
    [{ clients: [1] }, 'clients[0] options: are not an object'],
    [{ clients: [GOOD], maxTokenByte: 1 }, '- maxTokenByte: is not an option; did you mean maxTokenBytes?'],
    [{ clients: [GOOD], maxTokenBytes: '1' }, '- maxTokenBytes: is not a number of bytes from 256'],
    [{ clients: [GOOD], verificationCache: true }, '- verificationCache: is not a plain object'],
    [{ clients: [GOOD], verificationCache: { maxBytes: 1 } }, 'is not a number of bytes from 65536 to 1073741824'],
    [{ clients: [GOOD], verificationCache: { maxSize: 1e6 } }, '- verificationCache: maxSize is none of its options'],
    [{ clients: [GOOD], freshFor: 0 }, '- freshFor: is not a number of seconds from 1'],
    [{ clients: [GOOD], maxStale: Number.NaN }, '- maxStale: is not a number of seconds'],
    [{ clients: [GOOD], freshFor: 600, maxStale: 60 }, '- maxStale: is less than freshFor (600 s)'],
    [{ clients: [GOOD], fetchTimeout: 3000 }, '- fetchTimeout: is not a number of seconds from 0.1 to 60'],
    [{ clients: [GOOD], realm: 'é' }, '- realm: is not printable ASCII'],
    [{ clients: [GOOD], realm: 'a\r\nb' }, '- realm: is not printable ASCII'],
    [{ clients: [GOOD], strictStart: 1 }, '- strictStart: is not a boolean'],
    [{ clients: [GOOD], dispatcher: {} }, '- dispatcher: is not an undici dispatcher'],
    [{ clients: [GOOD], requireExplicitAccess: 'yes' }, '- requireExplicitAccess: is not a boolean'],
    [{ clients: [GOOD], unenforcedAccess: 'ignore' }, '- unenforcedAccess: is "ignore"; give "refuse" or "warn"'],
    [
      { clients: [GOOD], unguardedRoutes: ['health'] },
      '- unguardedRoutes: is not an array of routes; list routes such',
    ],
    [
      { clients: [GOOD], authenticatingGuards: ['ApiKeyGuard'] },
      '- authenticatingGuards: is not an array of guard classes',
    ],
    [
      { clients: [GOOD], roleHierarchy: ['a'] },
      '- roleHierarchy: is not a plain object; give an object from each role',
    ],
    [
      { clients: [GOOD], roleHierarchy: { a: [] } },
      '- roleHierarchy: what "a" stands for, or that role itself, is empty',
    ],
    [{ clients: [GOOD], roleHierarchy: { a: 'a' } }, '- roleHierarchy: goes in a circle: "a" implies "a"'],
    [
      { clients: [GOOD], roleHierarchy: { x: 'a', a: ['y', 'b'], b: 'c', c: ['z', 'a'] } },
      '- roleHierarchy: goes in a circle: "a" implies "b" implies "c" implies "a"',
    ],
    [
      { clients: [GOOD], defaults: { grantedRoles: ['x'] } },
      '- defaults.grantedRoles: cannot be shared by all clients',
    ],
    [{ clients: [GOOD], refusalDetail: 'all' }, '- refusalDetail: is "all"; give "description", "code" or "none"'],
    [{ clients: [GOOD], resourceMetadata: 'x' }, '- resourceMetadata: is not a plain object; give { resource }'],
    [{ clients: [GOOD], resourceMetadata: {} }, '- resourceMetadata: resource is missing'],
    [{ clients: [GOOD], resourceMetadata: { resource: [] } }, '- resourceMetadata: resource is empty'],
    [
      { clients: [GOOD], resourceMetadata: { resource: 'http://api.example' } },
      '- resourceMetadata: resource is http to',
    ],
    [
      { clients: [GOOD], resourceMetadata: { resource: 'https://a.example/#x' } },
      '- resourceMetadata: resource has more',
    ],
    [
      { clients: [GOOD], resourceMetadata: { resource: 'https://a.example/:x' } },
      '- resourceMetadata: resource has more',
    ],
    ...[
      'https://a.example?x=1',
      'https://a.exa\nmple',
      ' https://a.example',
      'https://a.example/a/../b',
      'https://a"b.example',
    ].map((resource): [object, string] => [
      { clients: [GOOD], resourceMetadata: { resource } },
      '- resourceMetadata: resource ',
    ]),
    [
      { clients: [GOOD], resourceMetadata: { resource: ['https://a.example/x', 'https://a.example/X/'] } },
      '- resourceMetadata: resource has two of one path',
    ],
    [{ clients: [GOOD], roleHierarchy: new Map() }, '- roleHierarchy: is not a plain object'],
    [
      { clients: [GOOD], authenticatingGuards: [() => true] },
      '- authenticatingGuards: is not an array of guard classes',
    ],
    [{ clients: [GOOD], onDecision: 'log' }, '- onDecision: is not a function'],
    [{ clients: [GOOD], openTelemetry: 'yes' }, '- openTelemetry: is not a boolean'],
    [
      { clients: [GOOD], resourceMetadata: { resource: ['https://a.example/x', 'https://b.example/x'] } },
      '- resourceMetadata: resource has two of one path',
    ],
    [
      { clients: [GOOD], resourceMetadata: { resource: 'https://a.example', scopesSupported: ['a b'] } },
      '- resourceMetadata: scopesSupported is not an array of scopes',
    ],
    [
      { clients: [GOOD], resourceMetadata: { resource: 'https://a.example', ressourceName: 'x' } },
      '- resourceMetadata: ressourceName is none of its options',
    ],
    [{ clients: [GOOD], isGlobal: true }, '- isGlobal: shapes the module and comes too late'],
    [{ clients: [GOOD], globalGuards: true }, '- globalGuards: shapes the module and comes too late'],
    [{ clients: [GOOD], defaults: 1 }, '- defaults: is not an object'],
    [{ clients: [GOOD], defaults: { audience: 'x' } }, '- defaults.audience: cannot be shared by all clients'],
    [{ clients: [GOOD], defaults: { prefix: 'x' } }, '- defaults.prefix: is not an option'],
  ])('%j', (options, fault) => {
    expect(faultsOf(options)).toEqual([expect.stringContaining(fault)]);
  });
});

it('R9728-10 R9728-11 a resource identifier is an https URL in its one spelling, so that nothing is left to normalize', () => {
  const faults = (resource: string) => faultsOf({ clients: [GOOD], resourceMetadata: { resource } });
  expect(faults('https://api.example/mines')).toEqual([]);
  for (const other of [
    'http://api.example/mines',
    'https://api.example/m\u00efnes',
    'https://api.example/mi\u0308nes',
    'https://b\u00fccher.example',
    'https://API.example/mines',
    'https://api.example:443/mines',
  ]) {
    expect([other, faults(other)]).toEqual([other, [expect.stringContaining('- resourceMetadata: resource ')]]);
  }
});

describe('faults of one client', () => {
  it.each<[object, string]>([
    [{ name: undefined }, 'clients[0] name: is missing; give each client a name'],
    [{ name: '' }, 'clients[0] name: is empty'],
    [{ strictness: true }, '"a" strictness: is not a plain object'],
    [{ strictness: {} }, '"a" strictness: has no rule; add one'],
    [{ strictness: { mode: 'report' } }, '"a" strictness: has no rule; add one'],
    [
      { strictness: { mode: 'warn', accessTokenType: true } },
      '"a" strictness: mode is "warn"; give "enforce" or "report"',
    ],
    [{ strictness: { signature: false } }, '"a" strictness: signature is none of its options; give some of mode,'],
    [{ strictness: { exp: 'report' } }, '"a" strictness: exp is none of its options'],
    [{ strictness: { maxLifetime: '1h' } }, '"a" strictness: maxLifetime is not a number of seconds from 1 to 604800'],
    [{ strictness: { profile: 'at+jwt' } }, '"a" strictness: profile is "at+jwt"; give "rfc9068"'],
    [{ deprecated: true }, '"a" deprecated: is not a plain object; give { since }'],
    [{ deprecated: { sunset: '2027-01-01' } }, '"a" deprecated: since is missing'],
    [{ deprecated: { since: 'soon' } }, '"a" deprecated: since is not a date; give an ISO 8601 date'],
    [{ deprecated: { since: '2027-02-30T99:00Z' } }, '"a" deprecated: since is not a date'],
    [{ deprecated: { since: '2027-02-31' } }, '"a" deprecated: since is not a date'],
    [{ deprecated: { since: '2027-01-31T08:00' } }, '"a" deprecated: since is not a date'],
    [{ deprecated: { since: '2027-01-31 (maybe)' } }, '"a" deprecated: since is not a date'],
    [{ strictness: Object.create({ mode: 'report' }) }, '"a" strictness: is not a plain object'],
    [{ roleMapping: new Map([['a', 'b']]) }, '"a" roleMapping: is not a plain object'],
    [{ deprecated: { since: '2027-01-02', sunset: '2027-01-01' } }, '"a" deprecated: ends before it begins'],
    [{ deprecated: { since: '2027-01-02', link: 'javascript:1' } }, '"a" deprecated: link is not an https URL'],
    [{ deprecated: { since: '2027-01-02', message: 'a "b"' } }, '"a" deprecated: message is not printable ASCII'],
    [{ roleMapping: 'x' }, '"a" roleMapping: is not a plain object; give an object from each role of the provider'],
    [{ roleMapping: { boss: 1 } }, '"a" roleMapping: what "boss" stands for, or that role itself, is not a string'],
    [{ roleMapping: { boss: ['core_admin', ' '] } }, '"a" roleMapping: what "boss" stands for'],
    [{ keepUnmappedRoles: true }, '"a" keepUnmappedRoles: has no effect without roleMapping'],
    [{ grantedRoles: 'core_admin' }, '"a" grantedRoles: is not an array'],
    [{ name: 'a\nb' }, '"a\\nb" name: has white space at an end, or a control character'],
    [{ audience: undefined }, '"a" audience: is missing; give the exact value that "aud" has'],
    [{ audience: '' }, '"a" audience: is empty'],
    [{ audience: [] }, '"a" audience: is empty'],
    [{ audience: ['x', ''] }, '"a" audience: is empty'],
    [{ audience: null }, '"a" audience: is not a string'],
    [{ audience: ' x' }, '"a" audience: has white space at an end'],
    [{ issuer: undefined }, '"a" issuer: neither issuer nor discoveryUrl is given; give the exact "iss"'],
    [{ issuer: 'sso.example' }, '"a" issuer: is not a URL; say where its keys are by discoveryUrl'],
    [{ issuer: 'http://sso.example' }, '"a" issuer: is http to another host than localhost; use https'],
    [{ issuer: 'http://localhost.evil.example' }, '"a" issuer: is http to another host than localhost'],
    [{ issuer: 'http://127.0.0.1.evil.example' }, '"a" issuer: is http to another host than localhost'],
    [{ issuer: 'ftp://sso.example' }, '"a" issuer: is not an https URL'],
    [{ issuer: 'https://user:pass@sso.example' }, '"a" issuer: contains credentials'],
    [{ issuer: 'https://sso.example?x=1' }, '"a" issuer: has a query or a fragment'],
    [
      { issuer: `${ISSUER}/.well-known/openid-configuration` },
      '"a" issuer: is the URL of a discovery document; give it as discoveryUrl',
    ],
    [{ issuer: 1 }, '"a" issuer: is not a string'],
    [{ discoveryUrl: 'nonsense' }, '"a" discoveryUrl: is not a URL; give a URL'],
    [{ discoveryUrl: 'http://keycloak:8080/x' }, '"a" discoveryUrl: is http to another host than localhost'],
    [
      { issuer: undefined, discoveryUrl: 'https://sso.example/metadata' },
      '"a" issuer: cannot be told from a discoveryUrl',
    ],
    [
      { issuer: undefined, discoveryUrl: 'https://sso.example/.well-known/openid-configuration?p=x' },
      '"a" issuer: cannot be told from a discoveryUrl',
    ],
    [
      { issuer: undefined, discoveryUrl: `${ISSUER}/.well-known/openid-configuration`, discoveryIssuer: 'https://x' },
      '"a" discoveryIssuer: says that the document names another issuer',
    ],
    [
      { jwksUri: 'https://x/jwks', discoveryIssuer: 'https://x' },
      '"a" discoveryIssuer: is of no use without discovery',
    ],
    [{ jwksUri: 'https://x/jwks', discoveryUrl: 'https://x/d' }, '"a" jwksUri: given beside discoveryUrl'],
    [{ jwksUri: 'http://x/jwks' }, '"a" jwksUri: is http to another host than localhost'],
    [{ jwks: { keys: [] } }, '"a" jwks: has no key that may verify signatures'],
    [{ jwks: { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }] } }, '"a" jwks: has no key that may verify signatures'],
    [{ jwks: [] }, '"a" jwks: is not a JWK set'],
    [{ jwksUri: 'https://x/jwks', jwksUriOrigin: 'https://y' }, '"a" jwksUriOrigin: is of no use without discovery'],
    [{ jwksUriOrigin: 'https://y/path' }, '"a" jwksUriOrigin: is not a URL of scheme, host and port alone'],
    [{ jwksUriOrigin: 'http://keycloak:8080' }, '"a" jwksUriOrigin: is http to another host than localhost'],
    [{ publicKey: 'nonsense' }, '"a" publicKey: is not a public key that may verify'],
    [{ publicKey: [] }, '"a" publicKey: is not PEM text'],
    [{ publicKey: PRIVATE_PEM }, '"a" publicKey: is not a public key that may verify'],
    [{ publicKey: WEAK_PEM }, '"a" publicKey: is not a public key that may verify'],
    [{ required: 'yes' }, '"a" required: is not a boolean'],
    [{ preset: 'gold' }, '"a" preset: "gold" is not the name of a preset; give one of "adfs", "auth0", '],
    [{ preset: 'constructor' }, '"a" preset: "constructor" is not the name of a preset'],
    [{ roles: 'gold-sso' }, '"a" roles: "gold-sso" is the name of a preset; give preset: "gold-sso" instead'],
    [{ algorithms: [] }, '"a" algorithms: is not an array with anything in it'],
    [{ algorithms: ['none'] }, '"a" algorithms: "none" would accept tokens that nobody signed'],
    [{ algorithms: ['NONE'] }, '"a" algorithms: "none" would accept tokens that nobody signed'],
    [{ algorithms: ['RS265'] }, '"a" algorithms: "RS265" is not an algorithm; list some of RS256'],
    [{ algorithms: ['HS256'] }, '"a" algorithms: HS256 is symmetric, and this client has no secret; leave it out'],
    [{ secret: 'x'.repeat(31) }, '"a" secret: has 31 bytes, too few for HS256; give at least 32 bytes'],
    [{ secret: 'x'.repeat(32), algorithms: ['RS256'] }, '"a" algorithms: RS256 is verified with public keys'],
    [{ secret: '' }, '"a" secret: is not a string or Uint8Array with anything in it'],
    [{ clockTolerance: -1 }, '"a" clockTolerance: is not a number of seconds from 0 to 300'],
    [{ clockTolerance: 301 }, '"a" clockTolerance: is not a number of seconds from 0 to 300'],
    [{ clockTolerance: Number.NaN }, '"a" clockTolerance: is not a number of seconds'],
    [{ requiredClaims: 'sub' }, '"a" requiredClaims: is not an array'],
    [{ requiredClaims: [] }, '"a" requiredClaims: is empty'],
    [{ requiredClaims: {} }, '"a" requiredClaims: is empty; give an array of names of claims'],
    [{ requiredClaims: { ref: [] } }, '"a" requiredClaims: what "ref" must be is empty'],
    [{ requiredClaims: { ref: null } }, 'what "ref" must be is neither a string, a number nor a boolean'],
    [{ requiredClaims: { ref: { id: 1 } } }, 'what "ref" must be is neither a string, a number nor a boolean'],
    [{ requiredClaims: { ref: [['x']] } }, 'what "ref" must be is neither a string, a number nor a boolean'],
    [{ requiredClaims: { ref: [undefined] } }, 'what "ref" must be is neither a string, a number nor a boolean'],
    [
      { requiredClaims: { ref: 2 ** 53 } },
      'what "ref" must be is neither a string, a number nor a boolean that JSON holds',
    ],
    [{ requiredClaims: { ref: Number.NaN } }, 'what "ref" must be is neither a string, a number nor a boolean'],
    [{ requiredClaims: { ref: 'main ' } }, 'what "ref" must be is neither a string'],
    [{ requiredClaims: { 'a..b': true } }, '"a" requiredClaims: the path "a..b" has an empty name'],
    [{ requiredClaims: { '': true } }, '"a" requiredClaims: the claim "" is empty'],
    [{ requiredClaims: new Map([['ref', 'main']]) }, '"a" requiredClaims: is not an array'],
    [{ authorizedParties: [] }, '"a" authorizedParties: is empty'],
    [
      { roles: 'https://example.org/roles' },
      'give the claim\'s name as one segment, roles: [["https://example.org/roles"]]',
    ],
    [{ scopes: ['scope', 'https://x.org/s'] }, 'scopes: [["https://x.org/s"]]'],
    [{ roles: 'a..b' }, '"a" roles: "a..b" is not a claim path'],
    [{ roles: [] }, '"a" roles: is empty'],
    [{ roles: [[]] }, '"a" roles: [] is not a claim path'],
    [{ roles: 1 }, '"a" roles: 1 is not a claim path'],
    [{ accessTokenClaims: {} }, '"a" accessTokenClaims: is not a plain object with anything in it'],
    [{ accessTokenClaims: ['typ'] }, '"a" accessTokenClaims: is not a plain object'],
    [{ accessTokenClaims: { typ: 1 } }, 'what "typ" must be, or that name itself, is not a string'],
    [{ accessTokenClaims: { typ: false } }, 'what "typ" must be, or that name itself, is not a string'],
    [{ accessTokenClaims: { typ: [] } }, 'what "typ" must be, or that name itself, is empty'],
    [{ accessTokenClaims: { typ: [null] } }, 'what "typ" must be, or that name itself, is empty'],
    [{ refusedClaims: { sts: ['a', null] } }, 'what "sts" must be, or that name itself, is not a string'],
    [{ accessTokenClaims: { '': true } }, 'what "" must be, or that name itself, is empty'],
    [{ refusedClaims: { sts: true } }, '"a" refusedClaims: what "sts" must be, or that name itself, is not a string'],
    [{ authorizedPartyClaim: '' }, '"a" authorizedPartyClaim: is empty; give the name of the claim'],
    [{ tenants: [] }, '"a" tenants: is empty; list the identifiers of the tenants'],
    [{ tenants: 'a1' }, '"a" tenants: is not an array'],
    [{ tenants: ['a/../b'] }, '"a" tenants: "a/../b" is not of letters, digits and ._- alone'],
    [{ tenants: ['..'] }, '"a" tenants: ".." is not of letters'],
    [{ tenants: ['*'] }, '"a" tenants: "*" is not of letters'],
    [{ tenants: ['{tenantid}'] }, '"a" tenants: "{tenantid}" is not of letters'],
    [{ tenants: ['a1', 'a1'] }, '"a" tenants: names a tenant twice'],
    [{ tenants: ['a1'] }, '"a" issuer: has no place for a tenant, and tenants are given; write {tenantid}'],
    [{ issuer: 'https://x/{tenantid}' }, '"a" tenants: is missing: issuer has the place {tenantid}; list the tenants'],
    [{ validate: true }, '"a" validate: is not a function'],
    [{ acceptIdTokens: 'yes' }, '"a" acceptIdTokens: is not a boolean'],
    [{ allowInsecureHttp: 1 }, '"a" allowInsecureHttp: is not a boolean'],
    [{ audiences: ['x'] }, '"a" audiences: is not an option; did you mean audience?'],
  ])('%j', (client, fault) => {
    expect(faultsOfClient(client)).toEqual([expect.stringContaining(fault)]);
  });

  it('LIB-25 never repeat a secret', () => {
    expect(faultsOfClient({ secret: 'hunter2' }).join()).not.toContain('hunter2');
  });

  it('are faults of what a client inherits too', () => {
    expect(faultsOf({ clients: [GOOD], defaults: { clockTolerance: 900 } })).toEqual([
      expect.stringContaining('"a" clockTolerance: is not a number of seconds from 0 to 300'),
    ]);
  });
});

describe('faults between clients', () => {
  it('two of one name', () => {
    expect(faultsOf({ clients: [GOOD, { ...OTHER, name: 'a' }] })).toEqual([
      '"a" name: clients[0] and clients[1] have it; give each a name of its own',
    ]);
  });

  it.each<[string, object, object]>([
    ['the same issuer and audience', {}, {}],
    ['one of several audiences', { audience: ['x', 'aud-a'] }, {}],
    ['issuers that differ by a final slash', { issuer: `${ISSUER}/` }, {}],
    [
      'an issuer and its discovery URL',
      { issuer: undefined, discoveryUrl: `${ISSUER}/.well-known/openid-configuration` },
      {},
    ],
    ['parties of one client only', { authorizedParties: ['p'] }, {}],
    ['parties in common', { authorizedParties: ['p', 'q'] }, { authorizedParties: ['q'] }],
  ])('LIB-04 %s twice, naming both', (_name, one, other) => {
    const faults = faultsOf({
      clients: [
        { ...GOOD, ...one, name: 'one' },
        { ...GOOD, ...other, name: 'other' },
      ],
    });
    expect(faults).toEqual([
      expect.stringMatching(/^"other" audience: "aud-a" at the same issuer .* of client "one" too;/),
    ]);
  });

  it('LIB-04 not the same issuer and audience with disjoint parties, or another claim', () => {
    const parties = (authorizedParties: string[], name: string) => ({ ...GOOD, name, authorizedParties });
    expect(faultsOf({ clients: [parties(['p'], 'one'), parties(['q', 'r'], 'other')] })).toEqual([]);
    expect(faultsOf({ clients: [GOOD, { ...GOOD, name: 'b', audienceClaim: 'client_id' }] })).toEqual([]);
  });

  it('KEY-1 clients of one issuer may name different sources of keys, and none is left to guess', async () => {
    const jwks = { keys: [(await createSigningKey('ES256', 'k')).jwk] };
    const discoveryUrl = `${ISSUER}/.well-known/openid-configuration`;
    const disagree = (...clients: readonly object[]): string[] =>
      faultsOf({
        clients: clients.map((client, index) => ({ ...GOOD, name: `c${index}`, audience: `aud-${index}`, ...client })),
      });
    expect(disagree({ jwksUri: 'https://x/1' }, { jwksUri: 'https://x/2' })).toEqual([]);
    expect(disagree({ discoveryUrl }, { discoveryUrl: 'https://x/d' }, { discoveryUrl })).toEqual([]);
    expect(disagree({ jwks }, { jwks: { keys: [{ ...jwks.keys[0], kid: 'l' }] } })).toEqual([]);
    expect(disagree({ discoveryUrl }, { jwksUri: 'https://x/1' })).toEqual([]);
    expect(disagree({ jwksUri: 'https://x/1' }, {})).toEqual([]);
    expect(disagree({ jwks }, { jwks: structuredClone(jwks) })).toEqual([]);
    expect(disagree({ discoveryUrl }, { discoveryUrl, issuer: undefined })).toEqual([]);
    expect(disagree({ jwksUri: 'https://x/1' }, { jwksUri: 'https://x/2' }, {})).toEqual([
      expect.stringContaining(
        '"c2" discoveryUrl: is missing: clients "c0" and "c1" of the same issuer name different sources of keys',
      ),
    ]);
    // A secret needs no source.
    expect(
      disagree({ jwksUri: 'https://x/1' }, { jwksUri: 'https://x/2' }, { secret: 'a secret of at least 32 octets!!' }),
    ).toEqual([]);
  });

  it('clients of one source of keys that disagree on how it is fetched', () => {
    const discoveryUrl = `${ISSUER}/.well-known/openid-configuration`;
    const disagree = (one: object, other: object): string[] =>
      faultsOf({
        clients: [
          { ...GOOD, ...one },
          { ...OTHER, ...other },
        ],
      });
    expect(
      disagree({ discoveryUrl, discoveryIssuer: 'https://x' }, { discoveryUrl, discoveryIssuer: 'https://y' }),
    ).toEqual([expect.stringContaining('"b" discoveryIssuer: differs')]);
    expect(disagree({ fetchHeaders: { a: '1' } }, { fetchHeaders: { a: '2' } })).toEqual([
      expect.stringContaining('"b" fetchHeaders: differs from that of client "a", which has the same source of keys'),
    ]);
    expect(disagree({ fetchHeaders: () => ({}) }, { fetchHeaders: () => ({}) })).toHaveLength(1);
    expect(disagree({ fetchHeaders: { a: '1' } }, { fetchHeaders: { a: '1' } })).toEqual([]);
    expect(disagree({ fetchHeaders: { a: '1' } }, {})).toEqual([]);
    expect(disagree({ jwksUri: 'https://x/1' }, { jwksUriOrigin: 'https://y' })).toEqual([
      expect.stringContaining('"b" jwksUriOrigin: is of no use'),
    ]);
    expect(disagree({ jwksUri: 'https://x/1' }, { discoveryIssuer: 'https://y' })).toEqual([
      expect.stringContaining('"b" discoveryIssuer: is of no use'),
    ]);
  });

  it.each([
    [{}, 'is not an object with anything in it'],
    ['authorization: x', 'is not an object with anything in it'],
    [{ authorization: 1 }, 'has a header that cannot be sent'],
    [{ 'a b': 'x' }, 'has a header that cannot be sent'],
    [{ authorization: 'SECRET\r\nx: y' }, 'has a header that cannot be sent'],
  ])('KEY-4 fetchHeaders %j, whose values are not repeated', (fetchHeaders, problem) => {
    const faults = faultsOf({ clients: [{ ...GOOD, fetchHeaders }] });
    expect(faults).toEqual([expect.stringContaining(`"a" fetchHeaders: ${problem}`)]);
    expect(faults.join()).not.toContain('SECRET');
  });

  it('a discovery URL that could stand for either of two configured issuers', () => {
    const discovered = { name: 'c', audience: 'c', discoveryUrl: `${ISSUER}/.well-known/openid-configuration` };
    expect(faultsOf({ clients: [GOOD, { ...OTHER, issuer: `${ISSUER}/` }, discovered] })).toEqual([
      expect.stringContaining('"c" discoveryUrl: could stand for either of two configured issuers'),
    ]);
  });
});

describe('all faults are reported at once', () => {
  it('one to a line', () => {
    const options = {
      clients: [
        { name: 'a', issuer: 'nonsense', audience: 'x' },
        { name: 'a', audience: '', clockTolerance: 'x' },
      ],
      realm: '',
    };
    expect(faultsOf(options)).toEqual([
      expect.stringMatching(/^- realm: /),
      expect.stringMatching(/^"a" issuer: is not a URL/),
      expect.stringMatching(/^"a" name: /),
      expect.stringMatching(/^"a" audience: is empty/),
      expect.stringMatching(/^"a" clockTolerance: /),
      expect.stringMatching(/^"a" issuer: neither issuer nor discoveryUrl/),
    ]);
    expect(() => resolveConfiguration(options)).toThrow(
      /6 faults in the configuration:\n {2}- realm: .*\n {2}- client "a": issuer: /,
    );
  });

  it('whatever else is wrong with the client', () => {
    expect(faultsOfClient({ clockTolerance: -1, issuer: 'http://evil.example', algorithms: ['HS256'] })).toHaveLength(
      3,
    );
    expect(faultsOf({ clients: [GOOD, { ...GOOD, name: 'b', clockTolerance: -1 }] })).toEqual([
      expect.stringContaining('"b" clockTolerance'),
      expect.stringContaining('"b" audience: "aud-a" at the same issuer'),
    ]);
  });

  it('and none that is not one', () => {
    const { issuer, ...rest } = GOOD;
    expect(faultsOf({ clients: [rest], defaults: { issuer, prefix: 'x' } })).toEqual([
      '- defaults.prefix: is not an option; check its spelling, or leave it out',
    ]);
    expect(faultsOfClient({ issuer: 1 })).toEqual([expect.stringContaining('"a" issuer: is not a string')]);
  });
});

describe('what clients inherit', () => {
  const built = (defaults: object, ...clients: object[]) => resolveConfiguration({ clients, defaults }).clients;

  it('is what they leave open', () => {
    const clients = built(
      { clockTolerance: 5, issuer: ISSUER },
      { name: 'a', audience: 'a' },
      { name: 'b', audience: 'b', clockTolerance: 7 },
    );
    expect(clients.client('a')).toMatchObject({ clockTolerance: 5, issuer: { issuer: ISSUER } });
    expect(clients.client('b')?.clockTolerance).toBe(7);
  });

  it('is how documents are read, where that was said of none in particular', () => {
    const discoveryUrl = 'http://keycloak:8080/.well-known/openid-configuration';
    const defaults = { jwksUriOrigin: 'http://keycloak:8080', allowInsecureHttp: true };
    const clients = built(defaults, { name: 'a', audience: 'a', issuer: ISSUER, discoveryUrl });
    expect(clients.client('a')?.issuer.keySource).toMatchObject({
      urls: [discoveryUrl],
      jwksUriOrigin: 'http://keycloak:8080',
    });
  });

  it('is never credentials for the documents of another issuer', () => {
    const fetchHeaders = { authorization: 'Bearer x' };
    const elsewhere = 'https://other.example/.well-known/openid-configuration';
    const headersWith = (base: object, client: object) =>
      built({ ...base, fetchHeaders }, { name: 'a', audience: 'a', ...client }).client('a')?.issuer.fetchHeaders;
    const discoveryUrl = `${ISSUER}/.well-known/openid-configuration`;
    expect(headersWith({ issuer: ISSUER }, {})).toBe(fetchHeaders);
    expect(headersWith({ issuer: ISSUER }, { discoveryUrl })).toBe(fetchHeaders);
    expect(headersWith({}, { issuer: 'https://other.example' })).toBe(fetchHeaders);
    expect(headersWith({ issuer: ISSUER }, { discoveryUrl: elsewhere })).toBeUndefined();
    expect(headersWith({ issuer: ISSUER }, { issuer: 'https://other.example' })).toBeUndefined();
    expect(headersWith({ discoveryUrl }, { discoveryUrl: elsewhere })).toBeUndefined();
    expect(headersWith({ issuer: ISSUER }, { jwksUri: 'https://other.example/keys' })).toBeUndefined();
  });

  it('is not where the keys of another issuer are', () => {
    const jwksUri = 'https://sso.example/jwks';
    const clients = built(
      { issuer: ISSUER, jwksUri },
      { name: 'a', audience: 'a' },
      { name: 'b', audience: 'b', issuer: 'https://other.example' },
    );
    expect(clients.client('a')?.issuer.keySource).toEqual({ kind: 'jwksUri', url: jwksUri });
    expect(clients.client('b')?.issuer.keySource).toMatchObject({
      kind: 'discovery',
      urls: [
        'https://other.example/.well-known/openid-configuration',
        'https://other.example/.well-known/oauth-authorization-server',
      ],
    });
  });
});

describe('issuers', () => {
  const issuersOf = (...clients: object[]) => [...resolveConfiguration({ clients }).issuers];

  it('LIB-03 are fetched as the client allows that says where their keys are', () => {
    const jwksUri = 'http://keycloak:8080/jwks';
    const [issuer] = issuersOf({ ...GOOD, jwksUri, allowInsecureHttp: true }, OTHER);
    expect(issuer?.allowInsecureHttp).toBe(true);
    expect(issuersOf({ ...GOOD, allowInsecureHttp: true }, OTHER)[0]?.allowInsecureHttp).toBe(false);
    const jwksUriOrigin = 'http://keycloak:8080';
    expect(issuersOf({ ...GOOD, jwksUriOrigin, allowInsecureHttp: true }, OTHER)[0]?.allowInsecureHttp).toBe(true);
  });

  it('LIB-05 are one object for clients that name one and that give its discovery URL', () => {
    const discoveryUrl = `${ISSUER}/.well-known/openid-configuration`;
    const issuers = issuersOf({ name: 'c', audience: 'c', discoveryUrl }, GOOD, OTHER);
    expect(issuers).toHaveLength(1);
    expect(issuers[0]).toMatchObject({
      issuer: ISSUER,
      possibleIssuers: [ISSUER],
      keySource: { documentIssuer: ISSUER },
    });
  });

  it('known by a discovery URL alone may have either form', () => {
    expect(
      issuersOf({ name: 'c', audience: 'c', discoveryUrl: 'https://x.example/.well-known/openid-configuration' }),
    ).toMatchObject([{ issuer: undefined, possibleIssuers: ['https://x.example', 'https://x.example/'] }]);
  });

  it('R8414-02 have their document below them, whether they end in a slash or not', () => {
    for (const issuer of ['https://x.example/a', 'https://x.example/a/']) {
      expect(issuersOf({ ...GOOD, issuer })[0]?.keySource).toMatchObject({
        kind: 'discovery',
        urls: [
          'https://x.example/a/.well-known/openid-configuration',
          'https://x.example/.well-known/oauth-authorization-server/a',
          'https://x.example/a/.well-known/oauth-authorization-server',
        ],
        documentIssuer: issuer,
      });
    }
  });

  it('whose clients all have secrets have no network', () => {
    expect(issuersOf({ ...GOOD, secret: 'x'.repeat(32) })[0]?.keySource).toEqual({ kind: 'none' });
    expect(issuersOf({ ...GOOD, secret: 'x'.repeat(32) }, OTHER)[0]?.keySource.kind).toBe('discovery');
  });
});

describe('ages of key sets', () => {
  const agesOf = (options: object) => {
    const { freshFor, maxStale, warnings } = resolveConfiguration({ clients: [GOOD], ...options });
    return [freshFor, maxStale, warnings.length];
  };

  it('LIB-13 leave time to refresh before keys go stale', () => {
    expect(agesOf({})).toEqual([600, 3600, 0]);
    expect(agesOf({ freshFor: 300 })).toEqual([300, 3600, 0]);
    expect(agesOf({ freshFor: 7200 })).toEqual([7200, 14_400, 0]);
    expect(agesOf({ maxStale: 60 })).toEqual([30, 60, 0]);
    expect(agesOf({ freshFor: 600, maxStale: 600 })).toEqual([300, 600, 0]);
  });

  it('are warned about where an issuer cannot be asked so often', () => {
    expect(agesOf({ freshFor: 5 })).toEqual([5, 3600, 1]);
    expect(agesOf({ maxStale: 4 })).toEqual([2, 4, 1]);
  });
});

describe('warnings', () => {
  it('R7519-07 of a large clock tolerance', () => {
    expect(resolveConfiguration({ clients: [{ ...GOOD, clockTolerance: 61 }] }).warnings).toEqual([
      expect.stringContaining('61 s'),
    ]);
    expect(resolveConfiguration({ clients: [{ ...GOOD, clockTolerance: 60 }] }).warnings).toEqual([]);
  });

  it('R6750-15 of an issuer that is not https', () => {
    const client = { ...GOOD, issuer: 'http://sso.example', jwksUri: 'https://sso.example/jwks' };
    expect(resolveConfiguration({ clients: [client] }).warnings).toEqual([expect.stringContaining('is not https')]);
  });
});
