import { RoleHierarchy, type RoleImplications } from '../core/principal/role-hierarchy';
import { REALM } from '../core/refusal/challenge-characters';
import { COOKIE_NAME } from '../core/token/cookie';
import { HEADER_NAME } from '../core/token/bearer';
import type { JsonObject } from '../core/token/json-object';
import { addUnknown } from './check-client';
import type { Faults } from './configuration-error';
import {
  DISPATCHER,
  defineField,
  flag,
  functionField,
  number,
  objectOf,
  oneOf,
  refined,
  roleNames,
  textLike,
  type FieldCheck,
  type FieldFault,
} from './field-check';
import type { JsonSchema } from './json-schema';
import { CACHE_BYTES, FRESH_FOR } from '../core/limits';
import type { OidcMultiAuthOptions, OidcTokenSources } from './options';
import { checkOrigins, POSSESSION } from './possession-fields';
import { RESOURCE_FIELDS } from './resource-fields';
import { REVOCATION } from './revocation-fields';

/** The defaults of the module's options. */
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

const ROUTES: JsonSchema = { type: 'array', items: { type: 'string', pattern: ROUTE.source } };

function isGuardClass(guard: unknown): boolean {
  const methods: unknown = typeof guard === 'function' ? guard.prototype : undefined;
  return typeof methods === 'object' && methods !== null && 'canActivate' in methods;
}

/** What each source of tokens must be. */
const SOURCE_FIELDS: Readonly<Record<keyof OidcTokenSources, FieldCheck>> = {
  authorization: flag,
  header: defineField({ type: 'string', pattern: HEADER_NAME.source }, (value) => {
    const remedy = 'give the name of a header (RFC 9110 section 5.1), such as "x-goog-iap-jwt-assertion"';
    if (typeof value !== 'string' || !HEADER_NAME.test(value)) {
      return ['is not the name of a header', remedy];
    }
    return /^(?:authorization|cookie)$/i.test(value)
      ? [`${JSON.stringify(value)} is a source of its own`, 'use authorization or cookie, or give another header']
      : undefined;
  }),
  cookie: textLike(
    COOKIE_NAME,
    'is not the name of a cookie',
    'give a token of RFC 6265 section 4.1.1, such as "__Host-access-token"',
  ),
  query: flag,
  body: flag,
  custom: functionField('give a function of a request'),
};

const SOURCES = objectOf(
  SOURCE_FIELDS,
  'give { authorization, header, cookie, query, body, custom }, those that are wanted',
);

/** That some source of tokens is left, as far as JSON can hold one. */
const ANY_SOURCE: JsonSchema = {
  anyOf: [
    { type: 'object', properties: { authorization: { const: true } } },
    { type: 'object', properties: { header: {} }, required: ['header'] },
    { type: 'object', properties: { cookie: {} }, required: ['cookie'] },
    { type: 'object', properties: { query: { const: true } }, required: ['query'] },
    { type: 'object', properties: { body: { const: true } }, required: ['body'] },
  ],
};

/** What the size of the cache must be. */
const CACHE = objectOf(
  { maxBytes: number({ ...CACHE_BYTES, unit: 'bytes' }) },
  'give false, or { maxBytes }, or leave it out',
);

/** An option of the module that is checked by itself. */
type ModuleField = Exclude<keyof OidcMultiAuthOptions, 'clients' | 'defaults'>;

/** What each option of the module must be by itself. `clients` and `defaults` are checked client by client. */
export const MODULE_FIELDS: Readonly<Record<ModuleField, FieldCheck>> = {
  maxTokenBytes: number({ minimum: 256, maximum: 1_048_576, unit: 'bytes' }),
  tokenSources: refined(SOURCES, sourcesFault, ANY_SOURCE),
  verificationCache: defineField({ anyOf: [{ const: false }, CACHE.schema ?? {}] }, (value) =>
    value === false ? undefined : CACHE(value),
  ),
  freshFor: number({ ...FRESH_FOR, unit: 'seconds' }),
  maxStale: number({ minimum: 1, maximum: 604_800, unit: 'seconds' }),
  fetchTimeout: number({ minimum: 0.1, maximum: 60, unit: 'seconds' }),
  strictStart: flag,
  dispatcher: DISPATCHER,
  realm: textLike(REALM, 'is not printable ASCII', 'give a name such as "mines"'),
  refusalDetail: oneOf(['none', 'code', 'description'], 'give "description", "code" or "none", or leave it out'),
  onDecision: functionField('give a function of a decision event'),
  openTelemetry: flag,
  resourceMetadata: objectOf(
    RESOURCE_FIELDS,
    'give { resource }, the https URL of the API as callers see it',
    'resource',
  ),
  proofOfPossession: POSSESSION,
  revocation: REVOCATION,
  roleHierarchy: refined(
    roleNames('give an object from each role to the role, or roles, that it implies'),
    hierarchyFault,
  ),
  requireExplicitAccess: flag,
  unenforcedAccess: oneOf(['refuse', 'warn'], 'give "refuse" or "warn", or leave it out'),
  unguardedRoutes: defineField(ROUTES, (value) =>
    Array.isArray(value) && value.every((route) => typeof route === 'string' && ROUTE.test(route))
      ? undefined
      : ['is not an array of routes', 'list routes such as "GET /health", "/metrics" or "/docs/*"'],
  ),
  authenticatingGuards: defineField(undefined, (value) =>
    Array.isArray(value) && value.every(isGuardClass)
      ? undefined
      : ['is not an array of guard classes', 'list the classes themselves, such as [ApiKeyGuard]'],
  ),
};

/** Reports each option of the module that is unknown or not what it must be. */
export function checkModuleOptions(options: JsonObject, faults: Faults): void {
  for (const [field, value] of Object.entries(options)) {
    if (field === 'isGlobal' || field === 'globalGuards' || field === 'clientSource') {
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
      addUnknown(faults, undefined, field, ['clients', 'defaults', ...Object.keys(MODULE_FIELDS)]);
    }
  }
  if (options['proofOfPossession'] !== undefined) {
    checkOrigins(options, faults);
  }
  const { freshFor, maxStale } = options;
  if (typeof freshFor === 'number' && typeof maxStale === 'number' && maxStale < freshFor) {
    faults.add(undefined, 'maxStale', `is less than freshFor (${freshFor} s)`, 'give at least as many seconds');
  }
}

function isModuleField(field: string): field is keyof typeof MODULE_FIELDS {
  return Object.hasOwn(MODULE_FIELDS, field);
}

/** Whether no source of tokens is left. */
function sourcesFault(value: unknown): FieldFault | undefined {
  const { authorization, ...others } = value as OidcTokenSources;
  const isAny = Object.values(others).some((source) => source !== undefined && source !== false);
  return authorization === false && !isAny
    ? ['turns the Authorization header off and leaves no other source', 'name the source of tokens, such as header']
    : undefined;
}

function hierarchyFault(value: unknown): FieldFault | undefined {
  const { circle } = new RoleHierarchy(value as RoleImplications);
  return circle === undefined
    ? undefined
    : [
        `goes in a circle: ${circle.map((role) => JSON.stringify(role)).join(' implies ')}`,
        'let the higher role imply the lower one only, or make them one role',
      ];
}
