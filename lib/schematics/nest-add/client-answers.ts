import type { OidcClientOptions } from '../../configuration/options';
import { resolveConfiguration } from '../../configuration/resolve-configuration';
import { issuersOf } from '../../core/url';

/** What is asked of a client. An answer that was not given may be missing or empty. */
export interface ClientAnswers {
  readonly name?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly preset?: string;
}

/**
 * Makes the options of a client of the answers. Checks them as the module does at start.
 *
 * @throws OidcConfigurationError with all faults at once.
 */
export function checkedClient({ name, issuer, audience, preset }: ClientAnswers): OidcClientOptions {
  const isDocument = issuer !== undefined && issuersOf(issuer) !== undefined;
  const answers: Record<string, string | undefined> = {
    name,
    audience,
    [isDocument ? 'discoveryUrl' : 'issuer']: issuer,
    preset,
  };
  const client = Object.fromEntries(Object.entries(answers).filter(([, answer]) => (answer ?? '') !== ''));
  resolveConfiguration({ clients: [client] });
  // It has no faults, so it has this type.
  return client as unknown as OidcClientOptions;
}

/** The fields of a client as TypeScript, each as it stands in an object. */
export function fieldsText(client: OidcClientOptions): readonly string[] {
  return Object.entries(client).map(([field, value]) => `${field}: ${literal(String(value))}`);
}

/** A string literal: in single quotes, unless it has some itself or what must be escaped. */
function literal(text: string): string {
  const escaped = JSON.stringify(text);
  return /['"\\\u2028\u2029]/.test(escaped.slice(1, -1)) ? escaped : `'${text}'`;
}
