import type { IssuerConfiguration } from '../core/client/client';
import { parseUrl, withoutFinalSlash } from '../core/url';
import { own, type JsonObject } from '../core/token/json-object';
import { areSiblings } from './environment';
import type { ExplanationHint, ExplanationHintCode } from './explanation';
import type { Inquiry } from './inquiry';
import { listed, shown } from './wording';

/** How `iss` may miss an issuer, in the order of asking. */
const MISSES: readonly (readonly [ExplanationHintCode, (iss: string, issuer: string) => boolean, string])[] = [
  [
    'issuer_final_slash',
    (iss, issuer) => withoutFinalSlash(iss) === withoutFinalSlash(issuer),
    'only a final slash is different: configure issuer exactly as tokens say it',
  ],
  [
    'issuer_case',
    (iss, issuer) => iss.toLowerCase() === issuer.toLowerCase(),
    'only the case of letters is different: configure issuer exactly as tokens say it',
  ],
  [
    'issuer_scheme',
    (iss, issuer) => /^https?:/i.test(iss) && withoutScheme(iss) === withoutScheme(issuer),
    'only http and https are different: set the public URL at the provider (behind a proxy it has to be told), or configure issuer as tokens say it',
  ],
  [
    'issuer_environment',
    areSiblings,
    'it is the same issuer in another environment: get the token from the environment that this API runs in, or configure this one',
  ],
];

/** What is probably wrong with an issuer that is not configured. */
export function issuerHints(claims: JsonObject, { configuration, issuers }: Inquiry): ExplanationHint[] {
  const iss = own(claims, 'iss');
  if (typeof iss !== 'string') {
    return [
      {
        code: 'issuer_missing',
        text: `iss is ${shown(iss)}: the provider must say who it is (RFC 7519 section 4.1.1)`,
      },
    ];
  }
  const hints: ExplanationHint[] = [];
  for (const configured of configuration.issuers) {
    const { identifier } = issuers.of(configured);
    const forms = identifier === undefined ? configured.possibleIssuers : [identifier];
    const found = MISSES.flatMap(([code, misses, text]) =>
      forms
        .filter((issuer) => misses(iss, issuer))
        .map((issuer) => ({ code, text: `${against(iss, issuer)}: ${text}` })),
    ).slice(0, 1);
    hints.push(...(found.length > 0 ? found : discoveryHostHints(iss, configured)));
  }
  return hints;
}

/** Whether a token names the host at which the discovery document is reached, and not the one that is configured. */
function discoveryHostHints(iss: string, { possibleIssuers, keySource }: IssuerConfiguration): ExplanationHint[] {
  if (keySource.kind !== 'discovery') {
    return [];
  }
  const { urls, documentIssuer, jwksUriOrigin } = keySource;
  const host = hostOf(iss);
  const inside = new Set([...urls, documentIssuer, jwksUriOrigin].flatMap((url) => hostOf(url) ?? []));
  const isInside = host !== undefined && inside.has(host) && possibleIssuers.every((issuer) => hostOf(issuer) !== host);
  return isInside
    ? [
        {
          code: 'issuer_discovery_host',
          text:
            `iss is ${shown(iss)}, and issuer is ${listed(possibleIssuers)}: the token was got at the host at which only ` +
            'this API reaches the provider: get it at the public host, or give the provider one fixed host name',
        },
      ]
    : [];
}

function against(iss: string, issuer: string): string {
  return `iss is ${shown(iss)}, and issuer is ${shown(issuer)}`;
}

function withoutScheme(url: string): string {
  return withoutFinalSlash(url.replace(/^https?:/i, ''));
}

function hostOf(url: string | undefined): string | undefined {
  const host = url === undefined ? undefined : parseUrl(url)?.host;
  return host === '' ? undefined : host;
}
