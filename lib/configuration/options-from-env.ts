import { Logger } from '@nestjs/common';
import type { Algorithm } from '../core/key/algorithm';
import { Faults } from './configuration-error';
import { inherit } from './inherit';
import { FRESH_FOR } from '../core/limits';
import type { OidcClientOptions, OidcMultiAuthOptions } from './options';

const PREFIX = 'JWT_OIDC_';

/** What a client is made of, plain or with its suffix. */
const CLIENT_VARIABLES = {
  WELL_KNOWN_CONFIG: 'discoveryUrl',
  AUDIENCE: 'audience',
  ISSUER: 'issuer',
  JWKS_URI: 'jwksUri',
  ALGORITHMS: 'algorithms',
  DISCOVERY_ISSUER: 'discoveryIssuer',
  REQUIRED_CLAIMS: 'requiredClaims',
} as const;

/** What holds for the module as a whole and has no suffix. */
const MODULE_VARIABLES: ReadonlySet<string> = new Set(['JWKS_CACHE_TIMEOUT', 'AUTH_COOKIE_NAME']);

/** What flask_jwt_oidc knew and this library does without. */
const UNUSED_VARIABLES: ReadonlySet<string> = new Set(['CLIENT_SECRET', 'CACHING_ENABLED']);

const OFF = /^(?:false|0|no|off)$/i;

type ClientField = (typeof CLIENT_VARIABLES)[keyof typeof CLIENT_VARIABLES];
type ClientSettings = { -readonly [Field in ClientField]?: OidcClientOptions[Field] };

/** The variables of one client: the plain ones have the empty suffix. */
interface ClientFromEnv {
  readonly suffix: string;
  readonly name: string;
  readonly settings: ClientSettings;
}

/**
 * Reads the options from environment variables, those of flask_jwt_oidc: each plain and with a suffix per client.
 * `JWT_OIDC_AUDIENCE_BCMI` is the audience of the client `bcmi`, `JWT_OIDC_AUDIENCE_CORE_WEB` of `core-web`, the plain
 * `JWT_OIDC_AUDIENCE` of `default`. Clients inherit what only the plain variables say, but for the audience.
 *
 * - `JWT_OIDC_WELL_KNOWN_CONFIG`: `discoveryUrl`; `JWT_OIDC_JWKS_URI` beside it is ignored, with a warning
 * - `JWT_OIDC_AUDIENCE`, `JWT_OIDC_ISSUER`, `JWT_OIDC_JWKS_URI`, `JWT_OIDC_DISCOVERY_ISSUER`
 * - `JWT_OIDC_ALGORITHMS`: separated by commas
 * - `JWT_OIDC_REQUIRED_CLAIMS`: names separated by commas, or a JSON object from claims to values
 * - `JWT_OIDC_JWKS_CACHE_TIMEOUT`: `freshFor`, in seconds; of the module, without suffix
 * - `JWT_OIDC_AUTH_COOKIE_NAME`: `tokenSources.cookie`; of the module, without suffix
 *
 * Unknown `JWT_OIDC_` variables and `JWT_OIDC_CACHING_ENABLED=false` are warned about and ignored. Client secrets are not
 * needed to verify and are not read.
 *
 * @param env the environment, such as `process.env`. Empty variables count as absent.
 * @throws OidcConfigurationError naming each variable at fault: a client without audience or issuer, a module setting
 *   with a suffix, a cache time that is no number, anything that would turn on a test mode.
 * @example
 * ```ts
 * OidcMultiAuthModule.forRoot({ ...optionsFromEnv(process.env), defaults: { preset: 'gold-sso' } });
 * ```
 */
export function optionsFromEnv(env: Readonly<Record<string, string | undefined>>): OidcMultiAuthOptions {
  const faults = new Faults();
  const logger = new Logger('OidcMultiAuthModule');
  const clients = new Map<string, ClientFromEnv>();
  let freshFor: number | undefined;
  let cookie: string | undefined;

  for (const [variable, text] of Object.entries(env)) {
    const value = text?.trim() ?? '';
    if (!variable.startsWith(PREFIX) || value === '') {
      continue;
    }
    const { base, suffix } = split(variable.slice(PREFIX.length));
    if (isClientVariable(base)) {
      set(clientOf(clients, suffix), CLIENT_VARIABLES[base], variable, value, faults);
    } else if (MODULE_VARIABLES.has(base) && suffix !== '') {
      const remedy = `set ${PREFIX}${base} for all, or leave it out`;
      faults.add(nameOf(suffix), variable, 'is a setting of the module, not of one client', remedy);
    } else if (base === 'JWKS_CACHE_TIMEOUT') {
      freshFor = readSeconds(variable, value, faults);
    } else if (base === 'AUTH_COOKIE_NAME') {
      cookie = value;
    } else if (base === 'CACHING_ENABLED' && OFF.test(value)) {
      logger.warn(`${variable}=${value} is ignored: key sets are always cached`);
    } else if (variable.startsWith(`${PREFIX}TEST_`)) {
      refuseTestMode(variable, value, faults);
    } else if (!UNUSED_VARIABLES.has(base)) {
      logger.warn(`${variable} is ignored: it is not known`);
    }
  }
  const options = { clients: completeClients([...clients.values()], faults, logger) };
  faults.throwIfAny();
  return {
    ...options,
    ...(freshFor === undefined ? {} : { freshFor }),
    ...(cookie === undefined ? {} : { tokenSources: { cookie } }),
  };
}

/** `AUDIENCE_CORE_WEB` is `AUDIENCE` of `CORE_WEB`. No known variable begins with another one's name. */
function split(variable: string): { base: string; suffix: string } {
  const known = [...Object.keys(CLIENT_VARIABLES), ...MODULE_VARIABLES, ...UNUSED_VARIABLES];
  const isOf = (base: string): boolean => variable.startsWith(`${base}_`) && variable.length > base.length + 1;
  const base = known.find((candidate) => variable === candidate || isOf(candidate)) ?? variable;
  return { base, suffix: variable.slice(base.length + 1) };
}

function isClientVariable(base: string): base is keyof typeof CLIENT_VARIABLES {
  return Object.hasOwn(CLIENT_VARIABLES, base);
}

function nameOf(suffix: string): string {
  return suffix === '' ? 'default' : suffix.toLowerCase().replaceAll('_', '-');
}

function clientOf(clients: Map<string, ClientFromEnv>, suffix: string): ClientFromEnv {
  const client = clients.get(suffix) ?? { suffix, name: nameOf(suffix), settings: {} };
  clients.set(suffix, client);
  return client;
}

function set(
  { settings, name }: ClientFromEnv,
  field: ClientField,
  variable: string,
  value: string,
  faults: Faults,
): void {
  // What the values must be is checked with the other options when the module starts.
  if (field === 'algorithms') {
    settings.algorithms = splitList(value) as Algorithm[];
  } else if (field === 'requiredClaims') {
    try {
      settings.requiredClaims = value.startsWith('{')
        ? (JSON.parse(value) as NonNullable<OidcClientOptions['requiredClaims']>)
        : splitList(value);
    } catch {
      faults.add(
        name,
        variable,
        'is not a JSON object',
        'give names separated by commas, or an object such as {"sub": true}',
      );
    }
  } else {
    settings[field] = value;
  }
}

function splitList(value: string): string[] {
  return value.split(/[\s,]+/).filter((member) => member !== '');
}

function readSeconds(variable: string, value: string, faults: Faults): number | undefined {
  const seconds = Number(value);
  const { minimum, maximum } = FRESH_FOR;
  if (seconds >= minimum && seconds <= maximum) {
    return seconds;
  }
  const problem = `${JSON.stringify(value)} is not a number of seconds from ${minimum} to ${maximum}`;
  faults.add(undefined, variable, problem, 'give one, such as 300');
  return undefined;
}

function refuseTestMode(variable: string, value: string, faults: Faults): void {
  if (variable === `${PREFIX}TEST_MODE` && OFF.test(value)) {
    return;
  }
  faults.add(
    undefined,
    variable,
    'there is no test mode: an environment variable must not make a test key acceptable',
    'unset it, and in tests use TestIssuer from nestjs-oidc-multi-auth/testing',
  );
}

function saysWhere({ discoveryUrl, jwksUri }: ClientSettings): boolean {
  return discoveryUrl !== undefined || jwksUri !== undefined;
}

/** Each client with what it inherits from the plain variables. */
function completeClients(clients: readonly ClientFromEnv[], faults: Faults, logger: Logger): OidcClientOptions[] {
  const plain = clients.find(({ suffix }) => suffix === '');
  // The audience is what makes a client: it is nobody else's.
  const { audience: _own, ...shared } = plain?.settings ?? {};
  const suffixed = clients.filter(({ suffix }) => suffix !== '');
  const placeIsShared = suffixed.some(({ settings }) => !saysWhere(settings));
  const isOnlyShared =
    plain?.settings.audience === undefined && suffixed.length > 0 && (placeIsShared || !saysWhere(shared));

  const complete: OidcClientOptions[] = [];
  const names = new Map<string, string>();
  for (const { suffix, name, settings } of clients) {
    if (suffix === '' && isOnlyShared) {
      continue;
    }
    const variable = (base: string): string => (suffix === '' ? `${PREFIX}${base}` : `${PREFIX}${base}_${suffix}`);
    const { audience, ...rest } = suffix === '' ? settings : inherit(settings, shared);
    const namesake = names.get(name);
    if (namesake !== undefined) {
      faults.add(
        name,
        variable('AUDIENCE'),
        `is of the same client as ${namesake}`,
        'give each client a suffix of its own',
      );
    }
    names.set(name, variable('AUDIENCE'));
    if (rest.discoveryUrl === undefined && rest.issuer === undefined) {
      faults.add(
        name,
        rest.jwksUri === undefined ? variable('WELL_KNOWN_CONFIG') : variable('ISSUER'),
        'is missing',
        'say where its tokens come from: the URL of the discovery document, or the issuer',
      );
    }
    if (audience === undefined) {
      faults.add(name, variable('AUDIENCE'), 'is missing', 'give the exact value that "aud" has in its tokens');
      continue;
    }
    if (rest.discoveryUrl !== undefined && rest.jwksUri !== undefined) {
      const own = (base: string, isOwn: boolean): string => (isOwn ? variable(base) : PREFIX + base);
      const ignored = own('JWKS_URI', settings.jwksUri !== undefined);
      const used = own('WELL_KNOWN_CONFIG', settings.discoveryUrl !== undefined);
      logger.warn(`${ignored} is ignored for client ${name}: ${used} says where the keys are`);
      delete rest.jwksUri;
    }
    complete.push({ name, audience, ...rest });
  }
  if (clients.length === 0) {
    faults.add(undefined, `${PREFIX}AUDIENCE`, 'is missing, and so is every other client', 'configure at least one');
  }
  return complete;
}
