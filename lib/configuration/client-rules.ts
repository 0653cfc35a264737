import { ERROR_DESCRIPTION } from '../core/refusal/challenge';
import { isJsonObject } from '../core/token/json-object';
import type { OidcClientDeprecation, OidcClientStrictness } from './options';
import { flag, numberOf, objectOf, type FieldCheck } from './field-check';
import { urlProblem } from '../core/url';

const isFunction: FieldCheck = (value) =>
  typeof value === 'function'
    ? undefined
    : ['is not a function', 'give a synchronous function of the claims that returns true to accept'];

/** What each rule of a client's strictness must be. */
const STRICTNESS_FIELDS: Readonly<Record<keyof OidcClientStrictness, FieldCheck>> = {
  mode: (value) =>
    value === 'enforce' || value === 'report'
      ? undefined
      : [`is ${JSON.stringify(value)}`, 'give "enforce" or "report", or leave it out'],
  singleAudience: flag,
  accessTokenType: flag,
  profile: (value) =>
    value === 'rfc9068' ? undefined : [`is ${JSON.stringify(value)}`, 'give "rfc9068", or leave it out'],
  maxLifetime: numberOf('seconds', 1, 604_800),
  validate: isFunction,
};

/** What each part of a client's deprecation must be. */
const DEPRECATION_FIELDS: Readonly<Record<keyof OidcClientDeprecation, FieldCheck>> = {
  since: isDate,
  sunset: isDate,
  link: (value) => {
    const problem = typeof value === 'string' ? urlProblem(value, true) : 'is not a URL';
    return problem === undefined ? undefined : [problem, 'give the https URL of a page about it'];
  },
  message: (value) =>
    typeof value === 'string' && ERROR_DESCRIPTION.test(value)
      ? undefined
      : ['is not printable ASCII without quote and backslash', 'say what callers can do instead, such as whom to ask'],
};

const checkStrictnessFields = objectOf(
  STRICTNESS_FIELDS,
  'give an object of added rules, such as { maxLifetime: 3600 }',
);

/** Checks `strictness`: only rules that exist, for a misspelled one would silently not hold. */
export function checkStrictness(value: unknown): ReturnType<FieldCheck> {
  const fault = checkStrictnessFields(value);
  if (fault !== undefined || !isJsonObject(value)) {
    return fault;
  }
  const { mode: _mode, ...rules } = value;
  return Object.values(rules).some((rule) => rule !== undefined && rule !== false)
    ? undefined
    : ['has no rule', 'add one, such as accessTokenType: true, or leave it out'];
}

const WHEN = 'give { since } and, once decided, { sunset }, as ISO 8601 dates';
const checkDeprecationFields = objectOf(DEPRECATION_FIELDS, WHEN, 'since');

/** Checks `deprecated`. */
export function checkDeprecation(value: unknown): ReturnType<FieldCheck> {
  const fault = checkDeprecationFields(value);
  if (fault !== undefined || !isJsonObject(value)) {
    return fault;
  }
  const { since, sunset } = value;
  return sunset !== undefined && secondsOf(sunset) < secondsOf(since)
    ? ['ends before it begins: sunset is before since', WHEN]
    : undefined;
}

/** A date as configured, in seconds since the epoch. */
export function secondsOf(date: unknown): number {
  return (date instanceof Date ? date : new Date(String(date))).getTime() / 1000;
}

/** A day, which begins at midnight UTC, or a day with a time and its offset from UTC. */
const ISO_8601 = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function isDate(value: unknown): ReturnType<FieldCheck> {
  const day = typeof value === 'string' ? ISO_8601.exec(value)?.[1] : undefined;
  // There is no 31st of February: the parser would make it a day of March.
  const isDay = day !== undefined && Number.isFinite(secondsOf(day)) && new Date(day).toISOString().startsWith(day);
  return (isDay || value instanceof Date) && Number.isFinite(secondsOf(value))
    ? undefined
    : ['is not a date', 'give an ISO 8601 date, such as "2027-01-31" or "2027-01-31T08:00:00Z", or a Date'];
}
