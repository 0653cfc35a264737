import { SCOPE_TOKEN } from '../core/refusal/challenge-characters';
import { parseUrl, urlProblem, withoutFinalSlash } from '../core/url';
import { defineField, refined, text, webUrl, type FieldCheck, type FieldFault } from './field-check';
import { oneOrMore, type JsonSchema } from './json-schema';
import type { OidcResourceMetadata } from './options';

const RESOURCE_REMEDY = 'give the https URL of the API as callers see it, such as "https://api.example/mines"';

const PAGE_REMEDY = 'give the https URL of a page';

/** An absolute URL that may be given to anybody. */
const PAGE_URL: FieldCheck = refined(webUrl(PAGE_REMEDY), (value) => {
  const problem = urlProblem(String(value), false);
  return problem === undefined ? undefined : [problem, PAGE_REMEDY];
});

/** The part of `resourceFault` that a pattern can say. */
export const RESOURCE: JsonSchema = { type: 'string', pattern: '^https?://[a-z0-9_.:[\\]-]+(/[\\w./~-]*)?$' };

/** A resource identifier (RFC 9728 section 1.2): an https URL without fragment, and here without query too. */
export function resourceFault(value: unknown): FieldFault | undefined {
  const remedy = RESOURCE_REMEDY;
  const problem = typeof value === 'string' ? urlProblem(value, false) : 'is not a URL';
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  // As the parser spells it, except for a final slash. Other characters in a path mean something to a router.
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
}

/** One resource identifier, or several of different paths. */
function resourcesFault(value: unknown): FieldFault | undefined {
  const members: readonly unknown[] = Array.isArray(value) ? value : [value];
  const fault = members.map(resourceFault).find((found) => found !== undefined);
  if (members.length === 0 || fault !== undefined) {
    return fault ?? ['is empty', 'give at least one'];
  }
  // Routers may ignore case and a final slash.
  const paths = new Set(members.map((member) => withoutFinalSlash(new URL(String(member)).pathname).toLowerCase()));
  return paths.size === members.length
    ? undefined
    : ['has two of one path, and so one place for two documents', 'give each resource a path of its own'];
}

/** What each part of the protected resource metadata must be. */
export const RESOURCE_FIELDS: Readonly<Record<keyof OidcResourceMetadata, FieldCheck>> = {
  resource: defineField(oneOrMore(RESOURCE), resourcesFault),
  scopesSupported: defineField({ type: 'array', items: { type: 'string', pattern: SCOPE_TOKEN.source } }, (value) =>
    Array.isArray(value) && value.every((scope) => typeof scope === 'string' && SCOPE_TOKEN.test(scope))
      ? undefined
      : ['is not an array of scopes', 'list scope tokens (RFC 6749 section 3.3), or leave it out'],
  ),
  resourceName: text('give a name for people'),
  resourceDocumentation: PAGE_URL,
  resourcePolicyUri: PAGE_URL,
  resourceTosUri: PAGE_URL,
};
