import { matchesForm, matchesHost, shownForm } from './presets/issuer-pattern';
import type { PresetName } from './presets/preset-name';
import { PRESET_NAMES, PRESETS } from './presets/presets';
import type { Faults } from './configuration-error';
import type { OidcClientOptions } from './options';
import { isLoopback, issuersOf, parseUrl, withoutFinalSlash } from '../core/url';

/**
 * Checks that a client's issuer has a form that issuers of its preset's provider have. An issuer on localhost may have any: it is
 * that of a test or an emulator.
 */
export function checkIssuerForm(
  label: string,
  { preset, issuer, discoveryUrl = '' }: OidcClientOptions,
  faults: Faults,
): void {
  const possible = issuer === undefined ? (issuersOf(discoveryUrl) ?? []) : [issuer];
  if (preset === undefined || possible.some(isLocal)) {
    return;
  }
  const remedy = remedyFor(preset, possible);
  if (remedy === undefined) {
    return;
  }
  const [field, value, what] =
    issuer === undefined
      ? (['discoveryUrl', discoveryUrl, 'leads to no issuer'] as const)
      : (['issuer', issuer, 'is not'] as const);
  faults.add(
    label,
    field,
    `${JSON.stringify(value)} ${what} of ${PRESETS[preset].provider} (preset ${JSON.stringify(preset)})`,
    remedy,
  );
}

/** What to write instead of an issuer that does not fit a preset; undefined where it fits. */
function remedyFor(preset: PresetName, possible: readonly string[]): string | undefined {
  const [found = ''] = possible;
  const base = withoutFinalSlash(found);
  const spellings = [base, `${base}/`];
  const owners = possible.map(ownerOf);
  if (owners.includes(preset)) {
    return undefined;
  }
  // Hosts are certain, the form of a preset is not: it allows any host.
  const hosted = spellings.find((spelling) => ownerOf(spelling) !== undefined);
  const owner = hosted === undefined ? undefined : ownerOf(hosted);
  if (owner !== undefined && owner !== preset) {
    const use = `use preset ${JSON.stringify(owner)}: this is an issuer of ${PRESETS[owner].provider}`;
    return owners.includes(owner) ? use : `give ${JSON.stringify(hosted)} and ${use}`;
  }
  const forms = formsOf(preset, possible);
  if (forms === undefined || fitsAny(possible, forms)) {
    return undefined;
  }
  const sibling = owner === preset ? undefined : siblingOf(preset, possible);
  const alternative =
    sibling === undefined
      ? ''
      : `, or use preset ${JSON.stringify(sibling)} if it is an issuer of ${PRESETS[sibling].provider}`;
  const repaired = spellings.find((spelling) => hasForm(spelling, forms));
  return repaired === undefined
    ? `give the exact "iss" of its tokens, which has the form ${forms.map(shownForm).join(' or ')}${alternative || ', or another preset'}, or none (one under defaults is every client's)`
    : `give ${JSON.stringify(repaired)}: the final slash matters${alternative}`;
}

/** The forms that an issuer under a preset must have; undefined where it may have any. */
function formsOf(preset: PresetName, possible: readonly string[]): readonly string[] | undefined {
  const { issuerForms, hostedForms = [] } = PRESETS[preset];
  const isOnHost = possible.some((issuer) => hostedForms.some((form) => matchesHost(secure(issuer), form)));
  return issuerForms ?? (isOnHost ? hostedForms : undefined);
}

/** Another product of the same maker whose issuers may have this form. */
function siblingOf(preset: PresetName, possible: readonly string[]): PresetName | undefined {
  const { maker } = PRESETS[preset];
  return PRESET_NAMES.find(
    (name) =>
      name !== preset &&
      maker !== undefined &&
      PRESETS[name].maker === maker &&
      fitsAny(possible, PRESETS[name].issuerForms ?? []),
  );
}

/** The preset of the one product that has issuers like this one on its own hosts. */
function ownerOf(issuer: string): PresetName | undefined {
  return PRESET_NAMES.find((name) => hasForm(issuer, PRESETS[name].hostedForms ?? []));
}

function fitsAny(possible: readonly string[], forms: readonly string[]): boolean {
  return possible.some((issuer) => hasForm(issuer, forms));
}

function hasForm(issuer: string, forms: readonly string[]): boolean {
  return forms.some((form) => matchesForm(secure(issuer), form));
}

/** Forms are written with https. The scheme is checked elsewhere. */
function secure(issuer: string): string {
  return issuer.replace(/^http:/, 'https:');
}

function isLocal(issuer: string): boolean {
  const url = parseUrl(issuer);
  return url !== undefined && isLoopback(url);
}
