import { probablyMeant } from '../core/nearest';
import { isJsonObject, type JsonObject } from '../core/token/json-object';
import { checkContradictions } from './check-contradictions';
import { CLIENT_FIELDS, isClientField, REQUIRED_FIELDS } from './client-fields';
import type { Faults } from './configuration-error';
import type { OidcClientOptions, OidcClientRules } from './options';
import { checkKeys } from './check-keys';
import { checkIntrospection } from './introspection-fields';
import { PLACES } from './inherit';
import { checkIssuerForm } from './check-issuer-form';
import { checkTenants, expandTenants } from './tenants';
import { issuersOf, parseUrl, urlProblem } from '../core/url';

const CLIENT_NAMES: readonly string[] = Object.keys(CLIENT_FIELDS);

const REQUIRED: ReadonlySet<string> = new Set(REQUIRED_FIELDS);

/** Fields that together say where a client's tokens come from. */
const ISSUER_FIELDS = [
  'issuer',
  ...PLACES,
  'discoveryIssuer',
  'jwksUriOrigin',
  'fetchHeaders',
  'dispatcher',
  'allowInsecureHttp',
  'tenants',
  'introspection',
] as const;

/** Fields that are compared between clients. */
const COMPARED_FIELDS = ['name', 'audience', 'audienceClaim', 'authorizedParties', 'authorizedPartyClaim'] as const;

/** Fields that make a client what it is and cannot be shared through `defaults`. */
export const OWN_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'audience',
  'authorizedParties',
  'grantedRoles',
  'deprecated',
]);

/**
 * Reports each option of `defaults` that is unknown or cannot be a default. Their values are checked in each client.
 *
 * @returns the options that can be.
 */
export function checkDefaults(defaults: unknown, faults: Faults): OidcClientRules {
  if (!isJsonObject(defaults)) {
    faults.add(undefined, 'defaults', 'is not an object', 'give the options that hold for every client');
    return {};
  }
  for (const field of Object.keys(defaults)) {
    if (OWN_FIELDS.has(field)) {
      faults.add(undefined, `defaults.${field}`, 'cannot be shared by all clients', 'give it to each client');
    } else if (!Object.hasOwn(CLIENT_FIELDS, field)) {
      addUnknown(faults, undefined, field, CLIENT_NAMES, 'defaults.');
    }
  }
  return Object.fromEntries(
    Object.entries(defaults).filter(([field]) => isClientField(field) && !OWN_FIELDS.has(field)),
  );
}

/**
 * Checks one client by itself, with what it inherits: each field, then what they must be together.
 *
 * @param own what the client itself says, without what it inherits. Default: all of it.
 * @returns the client's options without fault, to compare with other clients; undefined if a fault concerns its audience or
 *   its issuer.
 */
export function checkClient(
  label: string,
  client: Readonly<Record<string, unknown>>,
  faults: Faults,
  own: JsonObject = client,
): OidcClientOptions | undefined {
  const sound: Record<string, unknown> = {};
  const faulty = new Set<string>();
  for (const field of new Set([...REQUIRED_FIELDS, ...Object.keys(client)])) {
    if (!isClientField(field)) {
      addUnknown(faults, label, field, CLIENT_NAMES);
      continue;
    }
    const value = client[field];
    if (value === undefined && !REQUIRED.has(field)) {
      continue;
    }
    const [problem, remedy] = CLIENT_FIELDS[field](value) ?? [];
    if (problem === undefined || remedy === undefined) {
      sound[field] = value;
    } else {
      faults.add(label, field, value === undefined ? 'is missing' : problem, remedy);
      faulty.add(field);
    }
  }
  const options = sound as unknown as OidcClientOptions;
  const before = faults.count;
  if (!ISSUER_FIELDS.some((field) => faulty.has(field))) {
    checkTenants(label, options, faults);
    const [one = options, ...others] = expandTenants(options);
    // Tenants differ in nothing that is checked here.
    checkIssuer(label, one, faults);
    if (faults.count === before) {
      for (const each of [one, ...others]) {
        checkIssuerForm(label, each, faults);
      }
    }
  }
  if (faulty.size === 0) {
    checkContradictions(label, own, options, faults);
  }
  if (!faulty.has('secret') && !faulty.has('algorithms')) {
    checkKeys(label, options, faults);
  }
  if (!faulty.has('introspection')) {
    checkIntrospection(label, options, faults);
  }
  const isComparable =
    faults.count === before && ![...COMPARED_FIELDS, ...ISSUER_FIELDS].some((field) => faulty.has(field));
  return isComparable ? options : undefined;
}

/** Adds the fault of an unknown option. A misspelled rule must not be silently ignored. */
export function addUnknown(
  faults: Faults,
  client: string | undefined,
  field: string,
  names: readonly string[],
  place = '',
): void {
  const meant = probablyMeant(field, names);
  const remedy = meant === undefined ? 'check its spelling, or leave it out' : `did you mean ${place}${meant}?`;
  faults.add(client, `${place}${field}`, 'is not an option', remedy);
}

function checkIssuer(label: string, client: OidcClientOptions, faults: Faults): void {
  const { issuer, discoveryUrl, discoveryIssuer, jwksUri, jwksUriOrigin, allowInsecureHttp = false } = client;
  if (issuer === undefined && discoveryUrl === undefined) {
    faults.add(
      label,
      'issuer',
      'neither issuer nor discoveryUrl is given',
      'give the exact "iss" of its tokens as issuer, or the URL of its discovery document as discoveryUrl',
    );
    return;
  }
  if (issuer === undefined && discoveryUrl !== undefined) {
    const url = parseUrl(discoveryUrl);
    if (url !== undefined && (issuersOf(discoveryUrl) === undefined || url.search !== '' || url.hash !== '')) {
      faults.add(
        label,
        'issuer',
        'cannot be told from a discoveryUrl that does not end in a known well-known part',
        'give the exact "iss" of its tokens as issuer',
      );
    }
    if (discoveryIssuer !== undefined) {
      faults.add(
        label,
        'discoveryIssuer',
        'says that the document names another issuer than the tokens, and no issuer says what those name',
        'give issuer as well, or leave discoveryIssuer out',
      );
    }
  }
  const places = PLACES.filter((place) => client[place] !== undefined);
  if (places.length > 1) {
    faults.add(label, places[1] ?? '', `given beside ${places[0]}`, 'say in one way where the keys are');
  }
  for (const [field, value] of Object.entries({ discoveryIssuer, jwksUriOrigin })) {
    if (value !== undefined && places.some((place) => place !== 'discoveryUrl')) {
      faults.add(label, field, 'is of no use without discovery', 'leave it out');
    }
  }
  for (const [field, url] of Object.entries({ discoveryUrl, jwksUri, jwksUriOrigin })) {
    if (url !== undefined) {
      addUrlProblem(faults, label, field, url, allowInsecureHttp);
    }
  }
  if (issuer !== undefined && issuersOf(issuer) !== undefined) {
    faults.add(
      label,
      'issuer',
      'is the URL of a discovery document',
      'give it as discoveryUrl, or the exact "iss" as issuer',
    );
  }
  const discoversFromIssuer = places.length === 0 && client.secret === undefined;
  if (issuer !== undefined && discoversFromIssuer) {
    addUrlProblem(faults, label, 'issuer', issuer, allowInsecureHttp);
    if (/[?#]/.test(issuer)) {
      faults.add(label, 'issuer', 'has a query or a fragment', 'give discoveryUrl as well, to say where its keys are');
    }
  }
}

function addUrlProblem(faults: Faults, label: string, field: string, url: string, allowInsecureHttp: boolean): void {
  const problem = urlProblem(url, allowInsecureHttp);
  if (problem === undefined) {
    return;
  }
  const example = `https://sso.example/${field === 'issuer' ? '.well-known/openid-configuration' : '...'}`;
  const remedy =
    field === 'issuer' && parseUrl(url) === undefined
      ? `say where its keys are by discoveryUrl, such as ${example}, or jwksUri`
      : 'use https, or for tests on a private network allowInsecureHttp: true';
  faults.add(
    label,
    field,
    problem,
    problem === 'is not a URL' && field !== 'issuer' ? `give a URL, ${example}` : remedy,
  );
}
