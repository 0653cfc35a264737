import type { IssuerConfiguration } from '../core/client/client';
import { environmentWords } from '../core/environment';
import { parseUrl, withoutFinalSlash } from '../core/url';
import { own, type JsonObject } from '../core/token/json-object';
import type { DocumentNames } from '../issuer/discovery';
import type { ExplanationHint, ExplanationHintCode } from './explanation';
import { hint } from './hint';
import { issuerFormsOf, type Inquiry } from './inquiry';
import { entraHints } from './microsoft-near-misses';
import { listed, shown } from './wording';

/** How `iss` may differ from an issuer, in the order of asking. */
const MISSES: readonly (readonly [ExplanationHintCode, (iss: string, issuer: string) => boolean, string, string])[] = [
  [
    'issuer_final_slash',
    (iss, issuer) => withoutFinalSlash(iss) === withoutFinalSlash(issuer),
    'only a final slash is different',
    'configure issuer exactly as tokens say it',
  ],
  [
    'issuer_case',
    (iss, issuer) => iss.toLowerCase() === issuer.toLowerCase(),
    'only the case of letters is different',
    'configure issuer exactly as tokens say it',
  ],
  [
    'issuer_scheme',
    (iss, issuer) => /^https?:/i.test(iss) && withoutScheme(iss) === withoutScheme(issuer),
    'only http and https are different',
    'set the public URL at the provider (behind a proxy it has to be told), or configure issuer as tokens say it',
  ],
];

/** Possible causes where the issuer of a token is not configured. */
export function issuerHints(
  claims: JsonObject,
  inquiry: Pick<Inquiry, 'configuration' | 'issuers'>,
): ExplanationHint[] {
  const iss = own(claims, 'iss');
  if (typeof iss !== 'string') {
    return [
      hint(
        'issuer_missing',
        `iss is ${shown(iss)}`,
        'the provider must name itself there, with one string (RFC 7519 section 4.1.1)',
      ),
    ];
  }
  const { configuration, issuers } = inquiry;
  const all = [...configuration.issuers];
  return [
    ...entraHints(
      claims,
      all.flatMap((configured) => issuerFormsOf(configured, issuers)),
    ),
    ...all.flatMap((configured) => hintsOfOne(iss, configured, inquiry)),
  ];
}

function hintsOfOne(
  iss: string,
  configured: IssuerConfiguration,
  { issuers }: Pick<Inquiry, 'issuers'>,
): ExplanationHint[] {
  const forms = issuerFormsOf(configured, issuers);
  const inDocument = documentHints(iss, configured, issuers.of(configured).notes.document);
  if (inDocument.length > 0) {
    return inDocument;
  }
  const found = MISSES.flatMap(([code, misses, difference, remedy]) =>
    forms
      .filter((issuer) => misses(iss, issuer))
      .map((issuer) => hint(code, `${against(iss, issuer)}: ${difference}`, remedy)),
  ).slice(0, 1);
  if (found.length > 0) {
    return found;
  }
  const elsewhere = forms.flatMap((issuer) => environmentHints(iss, issuer)).slice(0, 1);
  return [...elsewhere, ...discoveryHostHints(iss, configured)];
}

/** That the document names the issuer of the token, as its own or as that of its access tokens. */
function documentHints(
  iss: string,
  { issuer, keySource }: IssuerConfiguration,
  document: DocumentNames | undefined,
): ExplanationHint[] {
  if (
    document === undefined ||
    keySource.kind !== 'discovery' ||
    ![document.issuer, document.accessTokenIssuer].includes(iss)
  ) {
    return [];
  }
  const { url } = document;
  const isOwn = document.issuer === iss;
  const claim = isOwn ? 'issuer' : 'access_token_issuer';
  const documentIssuer = isOwn ? '' : ` and discoveryIssuer: ${shown(document.issuer)}`;
  return [
    hint(
      'issuer_in_document',
      `iss is ${shown(iss)}, and the discovery document at ${url} names it as its ${claim}; the client has ` +
        (issuer === undefined ? 'discoveryUrl alone, which stands for another issuer' : `issuer ${shown(issuer)}`),
      `give the client issuer: ${shown(iss)}, with discoveryUrl: ${shown(url)}${documentIssuer}`,
    ),
  ];
}

function environmentHints(iss: string, issuer: string): ExplanationHint[] {
  const words = environmentWords(iss, issuer);
  return words === undefined
    ? []
    : [
        hint(
          'issuer_environment',
          `${against(iss, issuer)}: the names differ only in the environment, ${listed([words.one ?? 'none', words.other ?? 'none'], 'and')}`,
          'get the token from the environment that this API runs in, or configure this issuer',
        ),
      ];
}

/** That a token names the host at which the discovery document is reached, and not the one that is configured. */
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
        hint(
          'issuer_discovery_host',
          `iss is ${shown(iss)}, and issuer is ${listed(possibleIssuers)}: the token names the host at which this API reaches the provider`,
          'get tokens at the host of issuer, or give the provider one fixed host name; if all tokens have this iss, configure it as issuer',
        ),
      ]
    : [];
}

function against(iss: string, issuer: string): string {
  return `iss is ${shown(iss)}, and issuer is ${shown(issuer)}`;
}

function withoutScheme(url: string): string {
  return withoutFinalSlash(url.replace(/^https?:/i, ''));
}

/** The host of a URL, with its port; undefined where there is none. */
export function hostOf(url: string | undefined): string | undefined {
  const host = url === undefined ? undefined : parseUrl(url)?.host;
  return host === '' ? undefined : host;
}
