import { Logger } from '@nestjs/common';
import { OidcConfigurationError } from '../../lib/configuration/configuration-error';
import { optionsFromEnv } from '../../lib/configuration/options-from-env';
import { resolveConfiguration } from '../../lib/configuration/resolve-configuration';

const WELL_KNOWN = 'https://sso.example/auth/realms/standard/.well-known/openid-configuration';
const OTHER_WELL_KNOWN = 'https://other.example/.well-known/openid-configuration';

let warnings: string[];
beforeEach(() => {
  warnings = [];
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((message: unknown) => void warnings.push(String(message)));
});
afterEach(() => jest.restoreAllMocks());

function faultsOf(env: Record<string, string>): string[] {
  try {
    optionsFromEnv(env);
  } catch (error) {
    if (error instanceof OidcConfigurationError) {
      return error.faults.map(({ client = '-', field, problem }) => `${client} ${field} ${problem}`);
    }
    throw error;
  }
  return [];
}

it('reads the deployment of core-api as it is: a client for each suffix, and the plain one', () => {
  const env = {
    PATH: '/usr/bin',
    JWT_OIDC_WELL_KNOWN_CONFIG: WELL_KNOWN,
    JWT_OIDC_AUDIENCE: 'mines-digital-services-mds-public-client-4414',
    JWT_OIDC_ALGORITHMS: 'RS256',
    JWT_OIDC_WELL_KNOWN_CONFIG_BCMI: WELL_KNOWN,
    JWT_OIDC_AUDIENCE_BCMI: 'mds-bcmi-4587',
    JWT_OIDC_AUDIENCE_DOCMAN_CELERY: 'mds-docman-celery-internal-4865',
  };
  const options = optionsFromEnv(env);
  expect(options).toEqual({
    clients: [
      {
        name: 'default',
        audience: 'mines-digital-services-mds-public-client-4414',
        discoveryUrl: WELL_KNOWN,
        algorithms: ['RS256'],
      },
      { name: 'bcmi', audience: 'mds-bcmi-4587', discoveryUrl: WELL_KNOWN, algorithms: ['RS256'] },
      {
        name: 'docman-celery',
        audience: 'mds-docman-celery-internal-4865',
        discoveryUrl: WELL_KNOWN,
        algorithms: ['RS256'],
      },
    ],
  });
  expect(resolveConfiguration({ ...options, defaults: { preset: 'gold-sso' } }).issuers.size).toBe(1);
  expect(warnings).toEqual([]);
});

it('reads what a provider inside the network needs', () => {
  const internal = 'http://keycloak:8080/auth/realms/standard';
  const { clients } = optionsFromEnv({
    JWT_OIDC_WELL_KNOWN_CONFIG_CYPRESS: `${internal}/.well-known/openid-configuration`,
    JWT_OIDC_ISSUER_CYPRESS: 'http://localhost:8080/auth/realms/standard',
    JWT_OIDC_DISCOVERY_ISSUER_CYPRESS: internal,
    JWT_OIDC_AUDIENCE_CYPRESS: 'account',
  });
  expect(clients).toEqual([
    {
      name: 'cypress',
      audience: 'account',
      discoveryUrl: `${internal}/.well-known/openid-configuration`,
      issuer: 'http://localhost:8080/auth/realms/standard',
      discoveryIssuer: internal,
    },
  ]);
});

it('reads an issuer with its key set', () => {
  const env = {
    JWT_OIDC_ISSUER: 'https://a',
    JWT_OIDC_JWKS_URI: 'https://a/jwks',
    JWT_OIDC_AUDIENCE: 'x',
    JWT_OIDC_ALGORITHMS: 'RS256, ES256',
  };
  expect(optionsFromEnv(env).clients).toEqual([
    { name: 'default', audience: 'x', issuer: 'https://a', jwksUri: 'https://a/jwks', algorithms: ['RS256', 'ES256'] },
  ]);
});

it('takes the plain variables as shared where they name no audience', () => {
  const { clients } = optionsFromEnv({ JWT_OIDC_WELL_KNOWN_CONFIG: WELL_KNOWN, JWT_OIDC_AUDIENCE_BCMI: 'b' });
  expect(clients).toEqual([{ name: 'bcmi', audience: 'b', discoveryUrl: WELL_KNOWN }]);
});

it('does not mix the issuer of one client with the document of another', () => {
  const { clients } = optionsFromEnv({
    JWT_OIDC_WELL_KNOWN_CONFIG: WELL_KNOWN,
    JWT_OIDC_ISSUER: 'https://public.example',
    JWT_OIDC_AUDIENCE: 'a',
    JWT_OIDC_WELL_KNOWN_CONFIG_PARTNER: OTHER_WELL_KNOWN,
    JWT_OIDC_AUDIENCE_PARTNER: 'p',
    JWT_OIDC_WELL_KNOWN_CONFIG_SAME: WELL_KNOWN,
    JWT_OIDC_AUDIENCE_SAME: 's',
  });
  expect(clients).toContainEqual({ name: 'partner', audience: 'p', discoveryUrl: OTHER_WELL_KNOWN });
  expect(clients).toContainEqual({
    name: 'same',
    audience: 's',
    discoveryUrl: WELL_KNOWN,
    issuer: 'https://public.example',
  });
});

it('reads the cache time in seconds, for the module', () => {
  const env = { JWT_OIDC_WELL_KNOWN_CONFIG: WELL_KNOWN, JWT_OIDC_AUDIENCE: 'a', JWT_OIDC_JWKS_CACHE_TIMEOUT: '6000' };
  expect(optionsFromEnv(env).freshFor).toBe(6000);
  expect(resolveConfiguration(optionsFromEnv(env))).toMatchObject({ freshFor: 6000, maxStale: 12_000 });
});

it('takes blank variables as absent and trims the others', () => {
  const env = {
    JWT_OIDC_WELL_KNOWN_CONFIG: `${WELL_KNOWN}\n`,
    JWT_OIDC_AUDIENCE: ' a ',
    JWT_OIDC_ISSUER: '',
    JWT_OIDC_TEST_MODE: ' ',
    JWT_OIDC_AUDIENCE_X: '',
  };
  expect(optionsFromEnv(env)).toEqual({ clients: [{ name: 'default', audience: 'a', discoveryUrl: WELL_KNOWN }] });
});

it('takes plain variables that only others use as theirs', () => {
  const rest = { JWT_OIDC_AUDIENCE_A: 'a', JWT_OIDC_JWKS_URI_A: 'https://a/jwks' };
  expect(optionsFromEnv({ JWT_OIDC_ISSUER: 'https://a', ...rest }).clients).toEqual([
    { name: 'a', audience: 'a', issuer: 'https://a', jwksUri: 'https://a/jwks' },
  ]);
  expect(
    optionsFromEnv({ JWT_OIDC_ALGORITHMS: 'ES256', JWT_OIDC_WELL_KNOWN_CONFIG_A: WELL_KNOWN, JWT_OIDC_AUDIENCE_A: 'a' })
      .clients,
  ).toEqual([{ name: 'a', audience: 'a', discoveryUrl: WELL_KNOWN, algorithms: ['ES256'] }]);
});

it('LIB-03 does not look for the keys of the plain client at the provider of another', () => {
  const { clients } = optionsFromEnv({
    JWT_OIDC_ISSUER: 'https://sso.example',
    JWT_OIDC_AUDIENCE: 'a',
    JWT_OIDC_WELL_KNOWN_CONFIG_X: OTHER_WELL_KNOWN,
    JWT_OIDC_AUDIENCE_X: 'x',
  });
  expect(clients).toContainEqual({ name: 'x', audience: 'x', discoveryUrl: OTHER_WELL_KNOWN });
  expect(resolveConfiguration({ clients }).issuers.size).toBe(2);
});

it('takes a variable that ends in an underscore for unknown', () => {
  const env = { JWT_OIDC_WELL_KNOWN_CONFIG: WELL_KNOWN, JWT_OIDC_AUDIENCE: 'a', JWT_OIDC_AUDIENCE_: 'z' };
  expect(optionsFromEnv(env).clients).toEqual([{ name: 'default', audience: 'a', discoveryUrl: WELL_KNOWN }]);
  expect(warnings).toEqual([expect.stringContaining('JWT_OIDC_AUDIENCE_ is ignored: it is not known')]);
});

describe('faults name the variable', () => {
  const good = { JWT_OIDC_WELL_KNOWN_CONFIG: WELL_KNOWN, JWT_OIDC_AUDIENCE: 'a' };

  it.each<[Record<string, string>, string]>([
    [{}, '- JWT_OIDC_AUDIENCE is missing'],
    [{ JWT_OIDC_WELL_KNOWN_CONFIG: WELL_KNOWN }, 'default JWT_OIDC_AUDIENCE is missing'],
    [{ ...good, JWT_OIDC_WELL_KNOWN_CONFIG_FNCS: WELL_KNOWN }, 'fncs JWT_OIDC_AUDIENCE_FNCS is missing'],
    [
      { JWT_OIDC_WELL_KNOWN_CONFIG: WELL_KNOWN, JWT_OIDC_WELL_KNOWN_CONFIG_X: WELL_KNOWN, JWT_OIDC_AUDIENCE_X: 'x' },
      'default JWT_OIDC_AUDIENCE is missing',
    ],
    [{ JWT_OIDC_AUDIENCE_BCMI: 'b' }, 'bcmi JWT_OIDC_WELL_KNOWN_CONFIG_BCMI is missing'],
    [{ JWT_OIDC_AUDIENCE: 'a', JWT_OIDC_JWKS_URI: 'https://a/jwks' }, 'default JWT_OIDC_ISSUER is missing'],
    [
      { ...good, JWT_OIDC_JWKS_CACHE_TIMEOUT: 'soon' },
      '- JWT_OIDC_JWKS_CACHE_TIMEOUT "soon" is not a number of seconds',
    ],
    [
      { ...good, JWT_OIDC_JWKS_CACHE_TIMEOUT_BCMI: '5' },
      'bcmi JWT_OIDC_JWKS_CACHE_TIMEOUT_BCMI is a setting of the module',
    ],
    [
      { ...good, JWT_OIDC_AUTH_COOKIE_NAME_BCMI: 'x' },
      'bcmi JWT_OIDC_AUTH_COOKIE_NAME_BCMI is a setting of the module',
    ],
    [
      { ...good, JWT_OIDC_AUDIENCE_DEFAULT: 'b' },
      'default JWT_OIDC_AUDIENCE_DEFAULT is of the same client as JWT_OIDC_AUDIENCE',
    ],
    [
      { ...good, JWT_OIDC_JWKS_CACHE_TIMEOUT: '100000' },
      '- JWT_OIDC_JWKS_CACHE_TIMEOUT "100000" is not a number of seconds from 1',
    ],
  ])('%j', (env, fault) => {
    expect(faultsOf(env)).toEqual([expect.stringContaining(fault)]);
  });

  it.each<[Record<string, string>, string]>([
    [{ ...good, JWT_OIDC_TEST_MODE: 'true' }, '- JWT_OIDC_TEST_MODE there is no test mode'],
    [{ ...good, JWT_OIDC_TEST_KEYS: '{}' }, '- JWT_OIDC_TEST_KEYS there is no test mode'],
    [{ ...good, JWT_OIDC_TEST_PRIVATE_KEY_PEM: 'x' }, '- JWT_OIDC_TEST_PRIVATE_KEY_PEM there is no test mode'],
  ])('LIB-26 a test mode that the environment asks for: %j', (env, fault) => {
    expect(faultsOf(env)).toEqual([expect.stringContaining(fault)]);
  });

  it('all at once', () => {
    expect(
      faultsOf({ JWT_OIDC_WELL_KNOWN_CONFIG_A: WELL_KNOWN, JWT_OIDC_AUDIENCE_B: 'b', JWT_OIDC_TEST_MODE: '1' }),
    ).toHaveLength(3);
  });

  it('points to the test kit, and takes a test mode that is off as none', () => {
    expect(() => optionsFromEnv({ ...good, JWT_OIDC_TEST_MODE: 'True' })).toThrow('nestjs-oidc-multi-auth/testing');
    expect(faultsOf({ ...good, JWT_OIDC_TEST_MODE: 'False' })).toEqual([]);
  });
});

it('takes the name of the cookie', () => {
  const env = { JWT_OIDC_WELL_KNOWN_CONFIG: WELL_KNOWN, JWT_OIDC_AUDIENCE: 'a', JWT_OIDC_AUTH_COOKIE_NAME: 'oidc-jwt' };
  expect(optionsFromEnv(env)).toMatchObject({ tokenSources: { cookie: 'oidc-jwt' } });
});

describe('warnings', () => {
  const good = { JWT_OIDC_WELL_KNOWN_CONFIG: WELL_KNOWN, JWT_OIDC_AUDIENCE: 'a' };

  it.each<[Record<string, string>, string]>([
    [{ JWT_OIDC_CACHING_ENABLED: 'False' }, 'JWT_OIDC_CACHING_ENABLED=False is ignored: key sets are always cached'],
    [{ JWT_OIDC_AUDIANCE: 'x' }, 'JWT_OIDC_AUDIANCE is ignored: it is not known'],
    [
      { JWT_OIDC_JWKS_URI: 'https://a/jwks' },
      'JWT_OIDC_JWKS_URI is ignored for client default: JWT_OIDC_WELL_KNOWN_CONFIG says where the keys are',
    ],
  ])('%j', (env, warning) => {
    expect(optionsFromEnv({ ...good, ...env })).toEqual({
      clients: [{ name: 'default', audience: 'a', discoveryUrl: WELL_KNOWN }],
    });
    expect(warnings).toEqual([expect.stringContaining(warning)]);
  });

  it('LIB-25 there are none about secrets, which are neither kept nor printed', () => {
    const options = optionsFromEnv({
      ...good,
      JWT_OIDC_CLIENT_SECRET: 'hunter2',
      JWT_OIDC_CLIENT_SECRET_BCMI: 'hunter3',
      JWT_OIDC_CACHING_ENABLED: 'True',
    });
    expect(options.clients).toHaveLength(1);
    expect(JSON.stringify([options, warnings])).not.toContain('hunter');
    expect(warnings).toEqual([]);
  });
});

it('KEY-5 reads required claims, as names or as JSON', () => {
  const env = {
    JWT_OIDC_ISSUER: 'https://token.actions.githubusercontent.com',
    JWT_OIDC_AUDIENCE_RELEASE: 'https://api.example',
    JWT_OIDC_REQUIRED_CLAIMS_RELEASE: '{ "repository_id": "123456789", "ref": ["refs/heads/main"] }',
    JWT_OIDC_AUDIENCE_OTHER: 'other',
    JWT_OIDC_REQUIRED_CLAIMS_OTHER: 'sub, email',
  };
  const { clients } = optionsFromEnv(env);
  expect(clients.map(({ name, requiredClaims }) => [name, requiredClaims])).toEqual([
    ['release', { repository_id: '123456789', ref: ['refs/heads/main'] }],
    ['other', ['sub', 'email']],
  ]);
  expect(() => resolveConfiguration({ clients })).not.toThrow();
  expect(faultsOf({ ...env, JWT_OIDC_REQUIRED_CLAIMS_RELEASE: '{ ref: main }' })).toEqual([
    'release JWT_OIDC_REQUIRED_CLAIMS_RELEASE is not a JSON object',
  ]);
});
