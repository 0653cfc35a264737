import { RoleHierarchy } from '../principal/role-hierarchy';
import { REALM } from '../refusal/challenge';
import type { JsonObject } from '../token/json-object';
import { addUnknown } from './check-client';
import type { Faults } from './configuration-error';
import { flag, numberOf, roleNames, type FieldCheck } from './field-check';
import { FRESH_FOR } from './limits';
import type { OidcMultiAuthOptions } from './options';

/** What holds where an option of the module is left out. */
export const DEFAULTS = {
  maxTokenBytes: 16_384,
  freshFor: 600,
  maxStale: 3600,
  fetchTimeout: 3,
  realm: 'api',
  strictStart: false,
  requireExplicitAccess: false,
  authenticatingGuards: [],
} as const;

/** What each option of the module must be by itself. `clients` and `defaults` are checked client by client. */
const MODULE_FIELDS: Readonly<Record<Exclude<keyof OidcMultiAuthOptions, 'clients' | 'defaults'>, FieldCheck>> = {
  maxTokenBytes: numberOf('bytes', 256, 1_048_576),
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
      : ['is not printable ASCII without quote and backslash', 'give a name such as "mines"'],
  roleHierarchy: checkRoleHierarchy,
  requireExplicitAccess: flag,
  authenticatingGuards: (value) =>
    Array.isArray(value) && value.every((guard) => typeof guard === 'function')
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
  const circle = RoleHierarchy.circleIn(value as Parameters<typeof RoleHierarchy.circleIn>[0]);
  return circle === undefined
    ? undefined
    : [
        `goes in a circle: ${circle.map((role) => JSON.stringify(role)).join(' implies ')}`,
        'let the higher role imply the lower one only, or make them one role',
      ];
}
