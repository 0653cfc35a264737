import type { Client, IssuerConfiguration } from '../core/client/client';
import { ClientIndex } from '../core/client/client-index';
import { RoleHierarchy, type RoleImplications } from '../core/principal/role-hierarchy';
import { applyPreset } from './presets/apply-preset';
import type { RevocationSettings } from '../core/revocation/revocation-settings';
import type { RefusalDetail } from '../core/refusal/refusal-style';
import { takeAtOnce, type Steps } from '../core/steps';
import { isJsonObject, type JsonObject } from '../core/token/json-object';
import type { PossessionSettings } from '../core/proof/possession-settings';
import { checkSenderConstraint } from './check-sender-constraint';
import { clientBuilder } from './build-client';
import { checkDuplicates, issuerOf } from './check-duplicates';
import { checkClient, checkDefaults } from './check-client';
import { Faults } from './configuration-error';
import { inherit } from './inherit';
import { CACHE_BYTES } from '../core/limits';
import { checkModuleOptions, DEFAULTS } from './module-fields';
import type { OidcClientRules, OidcMultiAuthOptions, OidcResourceMetadata, OidcTokenSources } from './options';
import { checkPrefixes } from './introspection-fields';
import { resolvePossession } from './resolve-possession';
import { resolveIssuers, type CheckedClient } from './resolve-issuers';
import { checkTransmitters } from './revocation-fields';
import { resolveRevocation } from './resolve-revocation';
import { expandTenants } from './tenants';
import { warningsOf, warningsOfAges } from './warnings';

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

/** How the options are given. */
export interface Given {
  /** Whether a `clientSource` says the clients. The options then have none, and the configuration begins without. */
  readonly hasSource?: boolean;
}

/**
 * Checks the options as a whole and makes them what decisions are taken by. The options themselves are not changed.
 *
 * @throws OidcConfigurationError with every fault at once.
 */
export function resolveConfiguration(options: unknown, given: Given = {}): Configuration {
  return takeAtOnce(resolveInSteps(options, given));
}

/** The same, in steps: there may be very many clients. */
export function* resolveInSteps(options: unknown, { hasSource = false }: Given = {}): Steps<Configuration> {
  const faults = new Faults();
  if (!isJsonObject(options)) {
    faults.add(undefined, 'options', 'are not an object', 'give { clients: [...] }');
    faults.throwIfAny();
    throw new TypeError('unreachable');
  }
  checkModuleOptions(options, faults);
  const checked = hasSource ? checkNoClients(options, faults) : yield* checkClients(options, faults);
  const issuers = yield* resolveIssuers(checked, faults);
  yield* checkDuplicates(checked, issuers, faults);
  if (!hasSource && options['revocation'] !== undefined) {
    checkTransmitters(
      options,
      new Set([...issuers.values()].flatMap(({ possibleIssuers }) => possibleIssuers)),
      faults,
    );
  }
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
  const built: Client[] = [];
  const used = new Set<IssuerConfiguration>();
  for (const { options: client } of checked) {
    const issuer = issuerOf(client, issuers);
    built.push(build(client, issuer));
    used.add(issuer);
    yield;
  }
  const ages = agesOf(settings);
  return {
    ...DEFAULTS,
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
    ...ages,
    cacheBytes: verificationCache === false ? 0 : (verificationCache?.maxBytes ?? CACHE_BYTES.default),
    ...(revocation !== undefined && { revocation: resolveRevocation(revocation) }),
    clients: yield* ClientIndex.inSteps(built),
    possession: resolvePossession(sound, built),
    issuers: used,
    warnings: [...(yield* warningsOf(built)), ...warningsOfAges(ages)],
  };
}

/** With a source of clients, the options have none of their own: it would not be clear which hold. */
function checkNoClients(options: JsonObject, faults: Faults): CheckedClient[] {
  if (options['clients'] !== undefined) {
    faults.add(undefined, 'clients', 'are given beside clientSource', 'leave one of the two out');
  }
  if (options['defaults'] !== undefined) {
    checkDefaults(options['defaults'], faults);
  }
  return [];
}

function* checkClients(options: JsonObject, faults: Faults): Steps<CheckedClient[]> {
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
    yield;
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
