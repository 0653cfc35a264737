import { RoleHierarchy, type RoleImplications } from '../core/principal/role-hierarchy';
import { REALM, SCOPE_TOKEN } from '../core/refusal/challenge';
import { COOKIE_NAME } from '../core/token/cookie';
import type { JsonObject } from '../core/token/json-object';
import { addUnknown } from './check-client';
import type { Faults } from './configuration-error';
import { flag, numberOf, objectOf, roleNames, text, type FieldCheck } from './field-check';
import { CACHE_BYTES, FRESH_FOR } from '../core/limits';
import type { OidcMultiAuthOptions, OidcResourceMetadata, OidcTokenSources } from './options';
import { parseUrl, urlProblem, withoutFinalSlash } from '../core/url';

/** What holds where an option of the module is left out. */
export const DEFAULTS = {
  maxTokenBytes: 16_384,
  freshFor: 600,
  maxStale: 3600,
  fetchTimeout: 3,
  realm: 'api',
  refusalDetail: 'description',
  openTelemetry: false,
  strictStart: false,
  requireExplicitAccess: false,
  unenforcedAccess: 'refuse',
  authenticatingGuards: [],
  unguardedRoutes: [],
  tokenSources: {},
} as const;

/** `GET /health`, `/health` or `/docs/*`. `USE` is middleware on a path. */
const ROUTE = /^(?:[A-Z]+ )?\/\S*$/;

function isGuardClass(guard: unknown): boolean {
  const methods: unknown = typeof guard === 'function' ? guard.prototype : undefined;
  return typeof methods === 'object' && methods !== null && 'canActivate' in methods;
}

/** An absolute URL that may be given to anybody. */
const pageUrl: FieldCheck = (value) => {
  const problem = typeof value === 'string' ? urlProblem(value, false) : 'is not a URL';
  return problem === undefined ? undefined : [problem, 'give the https URL of a page'];
};

/** A resource identifier (RFC 9728 section 1.2): an https URL without fragment, and here without query too. */
const resource: FieldCheck = (value) => {
  const remedy = 'give the https URL of the API as callers see it, such as "https://api.example/mines"';
  const problem = typeof value === 'string' ? urlProblem(value, false) : 'is not a URL';
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  // As the parser spells it, give or take a final slash; what else a path may contain means something to a router.
  const isPlain =
    url !== undefined &&
    withoutFinalSlash(url.href) === withoutFinalSlash(String(value)) &&
    /^[\w.:[\]-]+$/.test(url.host) &&
    /^[\w./~-]*$/.test(url.pathname) &&
    url.search === '' &&
    url.hash === '';
  return problem === undefined && isPlain
    ? undefined
    : [problem ?? 'has more than host and path, or a path that is not of letters, digits and -._~ alone', remedy];
};

/** What each part of the protected resource metadata must be. */
const RESOURCE_FIELDS: Readonly<Record<keyof OidcResourceMetadata, FieldCheck>> = {
  resource: (value) => {
    const members: readonly unknown[] = Array.isArray(value) ? value : [value];
    const fault = members.map(resource).find((found) => found !== undefined);
    if (members.length === 0 || fault !== undefined) {
      return fault ?? ['is empty', 'give at least one'];
    }
    // Routers may take no notice of case, nor of a final slash.
    const paths = new Set(members.map((member) => withoutFinalSlash(new URL(String(member)).pathname).toLowerCase()));
    return paths.size === members.length
      ? undefined
      : ['has two of one path, and so one place for two documents', 'give each resource a path of its own'];
  },
  scopesSupported: (value) =>
    Array.isArray(value) && value.every((scope) => typeof scope === 'string' && SCOPE_TOKEN.test(scope))
      ? undefined
      : ['is not an array of scopes', 'list scope tokens (RFC 6749 section 3.3), or leave it out'],
  resourceName: text('give a name for people'),
  resourceDocumentation: pageUrl,
  resourcePolicyUri: pageUrl,
  resourceTosUri: pageUrl,
};

/** What each source of tokens must be. */
const SOURCE_FIELDS: Readonly<Record<keyof OidcTokenSources, FieldCheck>> = {
  cookie: (value) =>
    typeof value === 'string' && COOKIE_NAME.test(value)
      ? undefined
      : ['is not the name of a cookie', 'give a token of RFC 6265 section 4.1.1, such as "__Host-access-token"'],
  query: flag,
  body: flag,
  custom: (value) => (typeof value === 'function' ? undefined : ['is not a function', 'give a function of a request']),
};

/** An option of the module that is checked by itself. */
type ModuleField = Exclude<keyof OidcMultiAuthOptions, 'clients' | 'defaults'>;

/** What each option of the module must be by itself. `clients` and `defaults` are checked client by client. */
export const MODULE_FIELDS: Readonly<Record<ModuleField, FieldCheck>> = {
  maxTokenBytes: numberOf('bytes', 256, 1_048_576),
  tokenSources: objectOf(SOURCE_FIELDS, 'give { cookie, query, body, custom }, those that are wanted'),
  verificationCache: (value) =>
    value === false
      ? undefined
      : objectOf(
          { maxBytes: numberOf('bytes', CACHE_BYTES.minimum, CACHE_BYTES.maximum) },
          'give false, or { maxBytes }, or leave it out',
        )(value),
  freshFor: numberOf('seconds', FRESH_FOR.minimum, FRESH_FOR.maximum),
  maxStale: numberOf('seconds', 1, 604_800),
  fetchTimeout: numberOf('seconds', 0.1, 60),
  strictStart: flag,
  dispatcher: (value) =>
    typeof value === 'object' && value !== null && 'dispatch' in value
      ? undefined
      : ['is not an undici dispatcher', 'give one, such as new ProxyAgent(...)'],
  realm: (value) =>
    typeof value === 'string' && REALM.test(value)
      ? undefined
      : ['is not printable ASCII', 'give a name such as "mines"'],
  refusalDetail: (value) =>
    value === 'none' || value === 'code' || value === 'description'
      ? undefined
      : [`is ${JSON.stringify(value)}`, 'give "description", "code" or "none", or leave it out'],
  onDecision: (value) =>
    typeof value === 'function' ? undefined : ['is not a function', 'give a function of a decision event'],
  openTelemetry: flag,
  resourceMetadata: objectOf(
    RESOURCE_FIELDS,
    'give { resource }, the https URL of the API as callers see it',
    'resource',
  ),
  roleHierarchy: checkRoleHierarchy,
  requireExplicitAccess: flag,
  unenforcedAccess: (value) =>
    value === 'refuse' || value === 'warn'
      ? undefined
      : [`is ${JSON.stringify(value)}`, 'give "refuse" or "warn", or leave it out'],
  unguardedRoutes: (value) =>
    Array.isArray(value) && value.every((route) => typeof route === 'string' && ROUTE.test(route))
      ? undefined
      : ['is not an array of routes', 'list routes such as "GET /health", "/metrics" or "/docs/*"'],
  authenticatingGuards: (value) =>
    Array.isArray(value) && value.every(isGuardClass)
      ? undefined
      : ['is not an array of guard classes', 'list the classes themselves, such as [ApiKeyGuard]'],
};

/** Reports each option of the module that is unknown or not what it must be. */
export function checkModuleOptions(options: JsonObject, faults: Faults): void {
  for (const [field, value] of Object.entries(options)) {
    if (field === 'isGlobal' || field === 'globalGuards') {
      faults.add(
        undefined,
        field,
        'shapes the module and comes too late in what a factory returns',
        'give it beside useFactory, useClass or useExisting',
      );
    } else if (isModuleField(field)) {
      const [problem, remedy] = (value === undefined ? undefined : MODULE_FIELDS[field](value)) ?? [];
      if (problem !== undefined && remedy !== undefined) {
        faults.add(undefined, field, problem, remedy);
      }
    } else if (field !== 'clients' && field !== 'defaults') {
      addUnknown(faults, undefined, field);
    }
  }
  const { freshFor, maxStale } = options;
  if (typeof freshFor === 'number' && typeof maxStale === 'number' && maxStale < freshFor) {
    faults.add(undefined, 'maxStale', `is less than freshFor (${freshFor} s)`, 'give at least as many seconds');
  }
}

function isModuleField(field: string): field is keyof typeof MODULE_FIELDS {
  return Object.hasOwn(MODULE_FIELDS, field);
}

function checkRoleHierarchy(value: unknown): ReturnType<FieldCheck> {
  const remedy = 'give an object from each role to the role, or roles, that it implies';
  const fault = roleNames(remedy)(value);
  if (fault !== undefined) {
    return fault;
  }
  const { circle } = new RoleHierarchy(value as RoleImplications);
  return circle === undefined
    ? undefined
    : [
        `goes in a circle: ${circle.map((role) => JSON.stringify(role)).join(' implies ')}`,
        'let the higher role imply the lower one only, or make them one role',
      ];
}
