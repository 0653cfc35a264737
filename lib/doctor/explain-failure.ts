import { parseUrl, withoutFinalSlash } from '../core/url';
import { WrongIssuerError } from '../issuer/discovery';
import type { FetchError, FetchFailure } from '../issuer/fetch-json';
import { finding, type Finding, type FindingCode, type FindingSubject } from './finding';
import { quote } from '../issuer/quote';

/** Error codes of Node.js for certificates that it does not accept. */
const CERTIFICATE_CODES =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_|INVALID_|PATH_LENGTH_|ERR_TLS_CERT)/;

const FAILURES: Readonly<Record<FetchFailure, readonly [code: FindingCode, remedy: string]>> = {
  connection: [
    'unreachable',
    'check the address, and that this machine may connect there (name, port, firewall, proxy)',
  ],
  timeout: ['timeout', 'look for what is slow there or on the way; as a last resort raise fetchTimeout'],
  redirect: ['redirected', 'give the URL where the document is itself'],
  not_there: ['not_found', 'give the issuer exactly as its tokens say it, or discoveryUrl, or jwksUri'],
  unauthorized: [
    'unauthorized',
    '401 and 403 mean that it wants credentials or permission: let this machine read it without (in Kubernetes: the role ' +
      'system:service-account-issuer-discovery), give the client jwks or publicKey, or add credentials by a dispatcher. Some servers ' +
      'answer so where nothing is: check the URL too',
  ],
  status: ['http_error', 'look for the reason there; until then its tokens get 503, unless keys are cached'],
  content_type: ['wrong_content_type', 'check that the URL is that of the document; if it is, have it sent as JSON'],
  too_large: ['too_large', 'check that the URL is that of the document'],
  not_json: ['not_json', 'check that the URL is that of the document'],
  not_allowed: ['url_not_allowed', 'use https; in a private network, allowInsecureHttp: true'],
  wrong_issuer: ['wrong_issuer', 'give the issuer exactly as its tokens say it'],
  no_jwks_uri: ['no_jwks_uri', 'have the document mended, or give issuer and jwksUri'],
  no_key_set: ['no_key_set', 'give the URL of a JWK set (RFC 7517 section 5)'],
  no_usable_key: ['no_usable_key', 'have the issuer publish a key for signatures'],
  no_place: ['not_found', 'give issuer, discoveryUrl or jwksUri'],
};

/** Where a fetch failed. The remedy depends on it. */
export interface FailurePlace extends FindingSubject {
  /** Where a redirect points to. */
  readonly location?: string | undefined;
  /** Whether the document was found and named this key set, which is at another host. */
  readonly isKeySetElsewhere: boolean;
}

/** The finding for a failed fetch of an issuer's documents. */
export function explainFailure(error: FetchError, place: FailurePlace): Finding {
  const subject = { issuer: place.issuer };
  if (error instanceof WrongIssuerError) {
    return explainWrongIssuer(error, subject);
  }
  const [code, remedy] = FAILURES[error.failure];
  const elsewhere = place.isKeySetElsewhere
    ? '; the document was found under another host: if the keys are there too, say so by jwksUriOrigin'
    : '';
  if (error.systemCode !== undefined && CERTIFICATE_CODES.test(error.systemCode)) {
    return finding(
      'certificate_invalid',
      subject,
      `${error.message}: its certificate is not accepted`,
      'have it renewed or issued for that host, or name its authority to Node.js by NODE_EXTRA_CA_CERTS; never switch the check off',
    );
  }
  switch (error.failure) {
    case 'redirect':
      return finding(code, subject, `${error.message}${targetOf(place.location)}`, remedy);
    default:
      return finding(code, subject, error.message, remedy + elsewhere);
  }
}

/** Without its query, which may contain secrets. */
function targetOf(location: string | undefined): string {
  const url = location === undefined ? undefined : parseUrl(location);
  return url === undefined ? '' : `; it points to ${quote(url.origin + url.pathname)}`;
}

function explainWrongIssuer(
  { message, url, actual, expected, accessTokenIssuer }: WrongIssuerError,
  subject: FindingSubject,
): Finding {
  if (typeof actual !== 'string') {
    return finding('wrong_issuer', subject, message, 'check that the URL is that of a discovery document');
  }
  if (actual.includes('{')) {
    const remedy =
      'the issuer is a template for many tenants: give discoveryUrl or issuer of the one tenant, or tenants';
    return finding('wrong_issuer', subject, message, remedy);
  }
  const said = quote(actual);
  const asTokensSay = `if tokens say ${said} in "iss", give issuer: ${said} and discoveryUrl: ${quote(url)}`;
  const forAccessTokens =
    accessTokenIssuer === undefined || accessTokenIssuer === actual
      ? ''
      : `; the document also says that access tokens have iss ${quote(accessTokenIssuer)} (access_token_issuer): for these ` +
        settingsOf(accessTokenIssuer, url, actual);
  if (expected.some((issuer) => withoutFinalSlash(issuer) === withoutFinalSlash(actual))) {
    return finding(
      'issuer_slash',
      subject,
      `${message}: they differ by the final slash`,
      asTokensSay + forAccessTokens,
    );
  }
  if (expected.some((issuer) => isSamePath(issuer, actual))) {
    return finding(
      'issuer_host',
      subject,
      `${message}: the same path under another scheme, host or port`,
      `${asTokensSay}; if only the document says so here, add discoveryIssuer: ${said}${forAccessTokens}`,
    );
  }
  const remedy = `${asTokensSay}; else give the discoveryUrl of the issuer that is meant${forAccessTokens}`;
  return finding('wrong_issuer', subject, message, remedy);
}

/** The settings for tokens with another `iss` than the document has (AD FS). */
export function settingsOf(issuer: string, discoveryUrl: string, discoveryIssuer: string): string {
  return `give issuer: ${quote(issuer)}, discoveryUrl: ${quote(discoveryUrl)} and discoveryIssuer: ${quote(discoveryIssuer)}`;
}

function isSamePath(one: string, other: string): boolean {
  const [first, second] = [parseUrl(one), parseUrl(other)];
  return first !== undefined && second !== undefined && first.pathname === second.pathname;
}
