import type { Client, IssuerConfiguration } from '../core/client/client';
import { ClientIndex } from '../core/client/client-index';
import { RoleHierarchy, type RoleImplications } from '../core/principal/role-hierarchy';
import { applyPreset } from './presets/apply-preset';
import type { RevocationSettings } from '../core/revocation/revocation-settings';
import type { RefusalDetail } from '../core/refusal/refusal-style';
import { isJsonObject, type JsonObject } from '../core/token/json-object';
import type { PossessionSettings } from '../core/proof/possession-settings';
import { checkSenderConstraint } from './check-sender-constraint';
import { clientBuilder } from './build-client';
import { checkClient, checkDefaults } from './check-client';
import { Faults } from './configuration-error';
import { inherit } from './inherit';
import { CACHE_BYTES, SECONDS_PER_FETCH } from '../core/limits';
import { checkModuleOptions, DEFAULTS } from './module-fields';
import type {
  OidcClientOptions,
  OidcClientRules,
  OidcMultiAuthOptions,
  OidcResourceMetadata,
  OidcTokenSources,
} from './options';
import { checkPrefixes } from './introspection-fields';
import { resolvePossession } from './resolve-possession';
import { resolveIssuers, type CheckedClient } from './resolve-issuers';
import { checkTransmitters } from './revocation-fields';
import { resolveRevocation } from './resolve-revocation';
import { expandTenants } from './tenants';
import { isLoopback, parseUrl, withoutFinalSlash } from '../core/url';

/**
 * The options, checked and complete.
 *
 * @internal
 */
export interface Configuration {
  readonly clients: ClientIndex;
  readonly issuers: ReadonlySet<IssuerConfiguration>;
  readonly maxTokenBytes: number;
  readonly tokenSources: OidcTokenSources;
  /** The most memory that remembered verifications may take, in bytes; 0 where none are. */
  readonly cacheBytes: number;
  /** Seconds. */
  readonly freshFor: number;
  /** Seconds. */
  readonly maxStale: number;
  /** Seconds. */
  readonly fetchTimeout: number;
  readonly realm: string;
  readonly refusalDetail: RefusalDetail;
  readonly onDecision?: OidcMultiAuthOptions['onDecision'];
  readonly openTelemetry: boolean;
  /** How proofs of possession are checked; undefined where they are not. */
  readonly possession: PossessionSettings | undefined;
  /** Absent where the API says nothing of itself as a protected resource. */
  readonly resourceMetadata?: OidcResourceMetadata;
  /** Absent where tokens are not revoked. */
  readonly revocation?: RevocationSettings | undefined;
  readonly strictStart: boolean;
  readonly requireExplicitAccess: boolean;
  readonly unenforcedAccess: 'refuse' | 'warn';
  readonly authenticatingGuards: readonly Function[];
  readonly unguardedRoutes: readonly string[];
  readonly roleHierarchy?: RoleImplications;
  readonly dispatcher?: object;
  /** What is allowed and still deserves a word at start. */
  readonly warnings: readonly string[];
}

/** From here on a clock tolerance is worth a warning (RFC 7519 section 4.1.4: no more than a few minutes). */
const LARGE_CLOCK_TOLERANCE = 60;

/**
 * Checks the options as a whole and makes them what decisions are taken by. The options themselves are not changed.
 *
 * @throws OidcConfigurationError with every fault at once.
 */
export function resolveConfiguration(options: unknown): Configuration {
  const faults = new Faults();
  if (!isJsonObject(options)) {
    faults.add(undefined, 'options', 'are not an object', 'give { clients: [...] }');
    faults.throwIfAny();
    throw new TypeError('unreachable');
  }
  checkModuleOptions(options, faults);
  const checked = checkClients(options, faults);
  const issuers = resolveIssuers(checked, faults);
  checkDuplicates(checked, issuers, faults);
  checkTransmitters(options, new Set([...issuers.values()].flatMap(({ possibleIssuers }) => possibleIssuers)), faults);
  checkPrefixes(checked, faults);
  faults.throwIfAny();

  // Every fault has been thrown: from here on the options are what their type says.
  const sound = options as unknown as OidcMultiAuthOptions;
  const {
    clients: _clients,
    defaults: _defaults,
    verificationCache,
    proofOfPossession: _proofOfPossession,
    revocation,
    ...settings
  } = sound;
  const build = clientBuilder(
    new RoleHierarchy(settings.roleHierarchy ?? {}),
    options['proofOfPossession'] !== undefined,
  );
  const built = checked.map(({ options: client }) => build(client, issuerOf(client, issuers)));
  const ages = agesOf(settings);
  return {
    ...DEFAULTS,
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
    ...ages,
    cacheBytes: verificationCache === false ? 0 : (verificationCache?.maxBytes ?? CACHE_BYTES.default),
    ...(revocation !== undefined && { revocation: resolveRevocation(revocation) }),
    clients: new ClientIndex(built),
    possession: resolvePossession(sound, built),
    issuers: new Set(built.map((client) => client.issuer)),
    warnings: [...warningsOf(built), ...warningsOfAges(ages)],
  };
}

function checkClients(options: JsonObject, faults: Faults): CheckedClient[] {
  const { clients, defaults } = options;
  if (!Array.isArray(clients) || clients.length === 0) {
    faults.add(
      undefined,
      'clients',
      Array.isArray(clients) ? 'is empty' : 'is not an array',
      'give at least one client, such as { name: "core-web", audience: "...", issuer: "https://..." }',
    );
    return [];
  }
  const shared: OidcClientRules = defaults === undefined ? {} : checkDefaults(defaults, faults);
  const names = new Map<string, number>();
  const checked: CheckedClient[] = [];
  for (const [index, client] of clients.entries()) {
    if (!isJsonObject(client)) {
      faults.add(`clients[${index}]`, 'options', 'are not an object', 'give { name, audience, issuer }');
      continue;
    }
    const { name } = client;
    const label = typeof name === 'string' && name !== '' ? JSON.stringify(name) : `clients[${index}]`;
    const merged: JsonObject = { ...applyPreset(inherit(client, shared)) };
    if (typeof name === 'string') {
      const namesake = names.get(name);
      if (namesake !== undefined) {
        faults.add(label, 'name', `clients[${namesake}] and clients[${index}] have it`, 'give each a name of its own');
      }
      names.set(name, index);
    }
    checkSenderConstraint(label, merged, options['proofOfPossession'] !== undefined, faults);
    const comparable = checkClient(label, merged, faults, client);
    if (comparable !== undefined) {
      checked.push(...expandTenants(comparable).map((each) => ({ label, options: each })));
    }
  }
  return checked;
}

/** The same issuer and audience twice, unless all who share them have `authorizedParties`, and none in common. */
function checkDuplicates(
  clients: readonly CheckedClient[],
  issuers: ReadonlyMap<OidcClientOptions, IssuerConfiguration>,
  faults: Faults,
): void {
  const seen = new Map<string, CheckedClient[]>();
  for (const client of clients) {
    const [issuer = ''] = issuerOf(client.options, issuers).possibleIssuers;
    for (const audience of new Set([client.options.audience].flat())) {
      const key = JSON.stringify([withoutFinalSlash(issuer), client.options.audienceClaim ?? 'aud', audience]);
      const others = seen.get(key) ?? [];
      for (const other of others) {
        // Two of one name are a fault already.
        if (client.options.name !== other.options.name && !isToldApart(client.options, other.options)) {
          faults.add(
            client.label,
            'audience',
            `${JSON.stringify(audience)} at the same issuer is an audience of client ${other.label} too`,
            'give both authorizedParties that have none in common, or make them one client',
          );
        }
      }
      seen.set(key, [...others, client]);
    }
  }
}

function isToldApart(one: OidcClientOptions, other: OidcClientOptions): boolean {
  const parties = new Set(one.authorizedParties);
  return (
    one.authorizedParties !== undefined &&
    other.authorizedParties !== undefined &&
    one.authorizedPartyClaim === other.authorizedPartyClaim &&
    !other.authorizedParties.some((party) => parties.has(party))
  );
}

function issuerOf(
  client: OidcClientOptions,
  issuers: ReadonlyMap<OidcClientOptions, IssuerConfiguration>,
): IssuerConfiguration {
  const issuer = issuers.get(client);
  if (issuer === undefined) {
    throw new Error(`client ${JSON.stringify(client.name)} has no issuer`);
  }
  return issuer;
}

/**
 * How long key sets are fresh and how long they serve at most. They are refreshed well before they go stale, jitter and
 * a failed attempt included: when half of that time has passed, at the latest.
 */
function agesOf({ freshFor = DEFAULTS.freshFor, maxStale }: Pick<OidcMultiAuthOptions, 'freshFor' | 'maxStale'>): {
  freshFor: number;
  maxStale: number;
} {
  const stale = maxStale ?? Math.max(DEFAULTS.maxStale, 2 * freshFor);
  return { freshFor: Math.min(freshFor, stale / 2), maxStale: stale };
}

function warningsOfAges({ freshFor, maxStale }: { freshFor: number; maxStale: number }): string[] {
  return freshFor < SECONDS_PER_FETCH
    ? [
        `key sets are to be refreshed every ${freshFor} s (freshFor, or half of maxStale), and an issuer is asked once in ` +
          `${SECONDS_PER_FETCH} s at most${maxStale < 2 * SECONDS_PER_FETCH ? ': good tokens may get 503 meanwhile' : ''}`,
      ]
    : [];
}

function warningsOf(clients: readonly Client[]): string[] {
  const warnings: string[] = [];
  for (const { name, clockTolerance } of clients) {
    if (clockTolerance > LARGE_CLOCK_TOLERANCE) {
      warnings.push(`client "${name}" accepts tokens for ${clockTolerance} s after they expired (clockTolerance)`);
    }
  }
  for (const issuer of new Set(clients.map((client) => client.issuer))) {
    for (const identifier of issuer.possibleIssuers.slice(0, 1)) {
      const url = parseUrl(identifier);
      if (url?.protocol === 'http:' && !isLoopback(url)) {
        warnings.push(`issuer ${identifier} is not https: whoever is on the way can forge its tokens`);
      }
    }
  }
  return [...new Set(warnings)];
}
