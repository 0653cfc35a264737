import type { JsonObject } from '../core/token/json-object';
import { isJsonObject } from '../core/token/json-object';
import { urlProblem } from '../core/url';
import type { Faults } from './configuration-error';
import {
  defineField,
  list,
  number,
  objectOf,
  oneOf,
  refined,
  text,
  textLike,
  textOrList,
  webUrl,
  type FieldCheck,
} from './field-check';
import type { OidcRevocationOptions, OidcSharedSignalsTransmitter } from './revocation-options';

/** The defaults of the options for revocation. */
export const REVOCATION_DEFAULTS = {
  maxTokenLifetime: 86_400,
  whenUnavailable: 'accept',
  maxLag: 10,
  logoutPath: '/oidc/backchannel-logout',
  eventsPath: '/oidc/events',
} as const;

const PATH: FieldCheck = textLike(
  /^(?:\/[\w.~-]+)+$/,
  'is not a path of letters, digits and -._~ without a final slash',
  'give one such as "/oidc/backchannel-logout"',
);

const FETCHED_REMEDY = 'give its https URL (http for localhost)';

/** A URL that is fetched. */
const FETCHED: FieldCheck = refined(webUrl(FETCHED_REMEDY), (value) => {
  const problem = urlProblem(String(value), false);
  return problem === undefined ? undefined : [problem, FETCHED_REMEDY];
});

const TRANSMITTER_FIELDS: Readonly<Record<keyof OidcSharedSignalsTransmitter, FieldCheck>> = {
  issuer: text('give the exact iss of its security event tokens'),
  audience: textOrList('give the aud of its security event tokens, or several'),
  issuers: list('list the issuers whose subjects and sessions it may revoke'),
  jwksUri: FETCHED,
  authorization: text('give the exact value of the Authorization header that it sends'),
  pollEndpoint: FETCHED,
};

const TRANSMITTER_REMEDY = 'give { issuer, audience, issuers }';

const TRANSMITTER = refined(
  objectOf(TRANSMITTER_FIELDS, TRANSMITTER_REMEDY, 'issuer'),
  (value) => {
    const missing = ['audience', 'issuers'].find((name) => (value as JsonObject)[name] === undefined);
    return missing === undefined ? undefined : [`${missing} is missing`, TRANSMITTER_REMEDY];
  },
  { required: ['issuer', 'audience', 'issuers'] },
);

const TRANSMITTERS = defineField({ type: 'array', items: TRANSMITTER.schema ?? {}, minItems: 1 }, (value) => {
  if (!Array.isArray(value) || value.length === 0) {
    return ['is not an array of at least one transmitter', TRANSMITTER_REMEDY];
  }
  const fault = value.map((each) => TRANSMITTER(each)).find((found) => found !== undefined);
  if (fault !== undefined) {
    return fault;
  }
  const issuers = new Set(value.map(({ issuer }: OidcSharedSignalsTransmitter) => issuer));
  return issuers.size === value.length
    ? undefined
    : ['has two transmitters of one issuer', 'make them one, with all audiences and issuers'];
});

const STORE: FieldCheck = defineField(undefined, (value) =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'append') === 'function' &&
  typeof Reflect.get(value, 'read') === 'function'
    ? undefined
    : ['is not a revocation store', 'give redisStore({ client }) of nestjs-oidc-multi-auth/redis, or one of your own'],
);

const FIELDS: Readonly<Record<keyof OidcRevocationOptions, FieldCheck>> = {
  store: STORE,
  maxTokenLifetime: number({ minimum: 60, maximum: 31_536_000, unit: 'seconds' }),
  whenUnavailable: oneOf(['accept', 'refuse'], 'give "accept" or "refuse", or leave it out'),
  maxLag: number({ minimum: 1, maximum: 3600, unit: 'seconds' }),
  backchannelLogout: objectOf({ path: PATH }, 'give { path }, or {} for the default path'),
  sharedSignals: objectOf({ path: PATH, transmitters: TRANSMITTERS }, 'give { transmitters: [...] }', 'transmitters'),
};

/** What the options for revocation must be. */
export const REVOCATION: FieldCheck = refined(
  objectOf(FIELDS, 'give {} to revoke by OidcRevocations, or { backchannelLogout: {} } to receive logouts too'),
  (value) => {
    const { backchannelLogout, sharedSignals } = value as OidcRevocationOptions;
    if (backchannelLogout === undefined || sharedSignals === undefined) {
      return undefined;
    }
    const logout = backchannelLogout.path ?? REVOCATION_DEFAULTS.logoutPath;
    const events = sharedSignals.path ?? REVOCATION_DEFAULTS.eventsPath;
    return logout.toLowerCase() === events.toLowerCase()
      ? ['has one path for logout tokens and security events', 'give each a path of its own']
      : undefined;
  },
);

/** Reports transmitters whose keys cannot be found. */
export function checkTransmitters(options: JsonObject, issuers: ReadonlySet<string>, faults: Faults): void {
  const { revocation } = options;
  if (!isJsonObject(revocation) || REVOCATION(revocation) !== undefined) {
    return;
  }
  const { sharedSignals } = revocation as OidcRevocationOptions;
  for (const { issuer, jwksUri } of sharedSignals?.transmitters ?? []) {
    if (jwksUri === undefined && !issuers.has(issuer)) {
      faults.add(
        undefined,
        'revocation',
        `sharedSignals.transmitters: ${JSON.stringify(issuer)} is no issuer of a client, so its keys are not known`,
        'give its jwksUri',
      );
    }
  }
}
