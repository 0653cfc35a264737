import { ERROR_DESCRIPTION } from '../core/refusal/challenge-characters';
import { isJsonObject } from '../core/token/json-object';
import type { OidcClientDeprecation, OidcClientStrictness } from './options';
import {
  defineField,
  flag,
  functionField,
  number,
  objectOf,
  oneOf,
  refined,
  textLike,
  webUrl,
  type FieldCheck,
  type FieldFault,
} from './field-check';
import type { JsonSchema } from './json-schema';
import { urlProblem } from '../core/url';

/** What each rule of a client's strictness must be. */
const STRICTNESS_FIELDS: Readonly<Record<keyof OidcClientStrictness, FieldCheck>> = {
  mode: oneOf(['enforce', 'report'], 'give "enforce" or "report", or leave it out'),
  singleAudience: flag,
  accessTokenType: flag,
  profile: oneOf(['rfc9068'], 'give "rfc9068", or leave it out'),
  maxLifetime: number({ minimum: 1, maximum: 604_800, unit: 'seconds' }),
  validate: functionField('give a synchronous function of the claims that returns true to accept'),
};

/** That there is a rule, as far as JSON can hold one. */
const ANY_RULE: JsonSchema = {
  anyOf: [
    { type: 'object', properties: { singleAudience: { const: true } }, required: ['singleAudience'] },
    { type: 'object', properties: { accessTokenType: { const: true } }, required: ['accessTokenType'] },
    { type: 'object', properties: { profile: {} }, required: ['profile'] },
    { type: 'object', properties: { maxLifetime: {} }, required: ['maxLifetime'] },
  ],
};

/** What `strictness` must be: rules that exist, and at least one of them. */
export const STRICTNESS: FieldCheck = refined(
  objectOf(STRICTNESS_FIELDS, 'give an object of added rules, such as { maxLifetime: 3600 }'),
  (value) => {
    const { mode: _mode, ...rules } = isJsonObject(value) ? value : {};
    return Object.values(rules).some((rule) => rule !== undefined && rule !== false)
      ? undefined
      : ['has no rule', 'add one, such as accessTokenType: true, or leave it out'];
  },
  ANY_RULE,
);

/** A day, which begins at midnight UTC, or a day with a time and its offset from UTC. */
const ISO_8601 = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

const DATE: FieldCheck = defineField({ type: 'string', pattern: ISO_8601.source }, dateFault);

const LINK_REMEDY = 'give the https URL of a page about it';

/** What each part of a client's deprecation must be. */
const DEPRECATION_FIELDS: Readonly<Record<keyof OidcClientDeprecation, FieldCheck>> = {
  since: DATE,
  sunset: DATE,
  link: refined(webUrl(LINK_REMEDY), (value) => {
    const problem = urlProblem(String(value), true);
    return problem === undefined ? undefined : [problem, LINK_REMEDY];
  }),
  message: textLike(
    ERROR_DESCRIPTION,
    'is not printable ASCII without quote and backslash',
    'say what callers can do instead, such as whom to ask',
  ),
};

const WHEN = 'give { since } and, once decided, { sunset }, as ISO 8601 dates';

/** What `deprecated` must be: a beginning, and no end before it. */
export const DEPRECATION: FieldCheck = refined(objectOf(DEPRECATION_FIELDS, WHEN, 'since'), (value) => {
  const { since, sunset } = isJsonObject(value) ? value : {};
  return sunset !== undefined && secondsOf(sunset) < secondsOf(since)
    ? ['ends before it begins: sunset is before since', WHEN]
    : undefined;
});

/** A date as configured, in seconds since the epoch. */
export function secondsOf(date: unknown): number {
  return (date instanceof Date ? date : new Date(String(date))).getTime() / 1000;
}

function dateFault(value: unknown): FieldFault | undefined {
  const day = typeof value === 'string' ? ISO_8601.exec(value)?.[1] : undefined;
  // There is no 31st of February: the parser would make it a day of March.
  const isDay = day !== undefined && Number.isFinite(secondsOf(day)) && new Date(day).toISOString().startsWith(day);
  return (isDay || value instanceof Date) && Number.isFinite(secondsOf(value))
    ? undefined
    : ['is not a date', 'give an ISO 8601 date, such as "2027-01-31" or "2027-01-31T08:00:00Z", or a Date'];
}
