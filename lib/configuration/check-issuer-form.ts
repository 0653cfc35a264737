import { matchesForm, shownForm } from './presets/issuer-pattern';
import { PRESETS } from './presets/presets';
import type { Faults } from './configuration-error';
import type { OidcClientOptions } from './options';
import { isLoopback, issuersOf, parseUrl, withoutFinalSlash } from '../core/url';

/**
 * Checks that a client's issuer has the form that issuers of its preset's provider have. One on localhost may have any: it is
 * that of a test, or of an emulator.
 */
export function checkIssuerForm(
  label: string,
  { preset, issuer, discoveryUrl = '' }: OidcClientOptions,
  faults: Faults,
): void {
  const { provider, issuerForms } = preset === undefined ? { provider: '', issuerForms: undefined } : PRESETS[preset];
  const possible = issuer === undefined ? (issuersOf(discoveryUrl) ?? []) : [issuer];
  if (issuerForms === undefined || possible.some(isLocal)) {
    return;
  }
  const hasForm = (candidate: string): boolean =>
    issuerForms.some((form) => matchesForm(candidate.replace(/^http:/, 'https:'), form));
  if (possible.some(hasForm)) {
    return;
  }
  const [found = ''] = possible;
  const base = withoutFinalSlash(found);
  const meant = [base, `${base}/`].find(hasForm);
  const forms = issuerForms.map(shownForm).join(' or ');
  faults.add(
    label,
    issuer === undefined ? 'discoveryUrl' : 'issuer',
    `${JSON.stringify(issuer ?? discoveryUrl)} is not of ${provider} (preset ${JSON.stringify(preset)})`,
    meant === undefined
      ? `give the exact "iss" of its tokens, which has the form ${forms}, or another preset, or none (one under defaults is every client's)`
      : `give ${JSON.stringify(meant)}: the final slash matters`,
  );
}

function isLocal(issuer: string): boolean {
  const url = parseUrl(issuer);
  return url !== undefined && isLoopback(url);
}
