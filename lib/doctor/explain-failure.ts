import { parseUrl, withoutFinalSlash } from '../core/url';
import { WrongIssuerError } from '../issuer/discovery';
import type { FetchError, FetchFailure } from '../issuer/fetch-json';
import { finding, type Finding, type FindingCode, type FindingSubject } from './finding';
import { quote } from '../issuer/quote';

/** What Node.js calls a certificate that it does not take. */
const CERTIFICATE_CODES =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_|INVALID_|PATH_LENGTH_|ERR_TLS_CERT)/;

const FAILURES: Readonly<Record<FetchFailure, readonly [code: FindingCode, remedy: string]>> = {
  connection: [
    'unreachable',
    'check the address, and that this machine may connect there (name, port, firewall, proxy)',
  ],
  timeout: ['timeout', 'find out what is slow there; as a last resort raise fetchTimeout'],
  redirect: ['redirected', 'give the URL where the document is itself'],
  not_there: ['not_found', 'give the issuer exactly as its tokens say it, or discoveryUrl, or jwksUri'],
  unauthorized: ['unauthorized', 'give the client fetchHeaders with the credentials that it wants'],
  headers: ['headers_unavailable', 'mend the function fetchHeaders: it throws, rejects, or gives what is no header'],
  status: ['http_error', 'find out there why; tokens of this issuer get 503 meanwhile unless keys are known'],
  content_type: ['wrong_content_type', 'check that the URL is that of the document, and not of a page for people'],
  too_large: ['too_large', 'check that the URL is that of the document'],
  not_json: ['not_json', 'check that the URL is that of the document'],
  not_allowed: ['url_not_allowed', 'use https; in a private network, allowInsecureHttp: true'],
  wrong_issuer: ['wrong_issuer', 'give the issuer exactly as its tokens say it'],
  no_jwks_uri: ['no_jwks_uri', 'have the document mended, or give issuer and jwksUri'],
  no_key_set: ['no_key_set', 'give the URL of a JWK set (RFC 7517 section 5)'],
  no_usable_key: ['no_usable_key', 'have the issuer publish a key for signatures'],
  no_place: ['not_found', 'give issuer, discoveryUrl or jwksUri'],
};

/** Where a fetch failed, for what would be right there. */
export interface FailurePlace extends FindingSubject {
  /** Where the answer wanted to send whoever asked. */
  readonly location?: string | undefined;
  /** Every URL where the document was looked for. */
  readonly tried: readonly string[];
  /** Whether the document was found and named this key set, which is at another host. */
  readonly isKeySetElsewhere: boolean;
}

/** What it means that an issuer's documents could not be had. */
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
    case 'not_there':
      return place.tried.length > 1
        ? finding(code, subject, `there is no discovery document at ${place.tried.join(', ')}`, remedy)
        : finding(code, subject, error.message, remedy);
    default:
      return finding(code, subject, error.message, remedy + elsewhere);
  }
}

/** Without its query, which may carry what is nobody's business. */
function targetOf(location: string | undefined): string {
  const url = location === undefined ? undefined : parseUrl(location);
  return url === undefined ? '' : `; it points to ${quote(url.origin + url.pathname)}`;
}

function explainWrongIssuer({ message, actual, expected }: WrongIssuerError, subject: FindingSubject): Finding {
  if (typeof actual !== 'string') {
    return finding('wrong_issuer', subject, message, 'check that the URL is that of a discovery document');
  }
  const said = quote(actual);
  if (expected.some((issuer) => withoutFinalSlash(issuer) === withoutFinalSlash(actual))) {
    return finding(
      'issuer_slash',
      subject,
      `${message}: they differ by the final slash`,
      `if tokens say ${said} in "iss", give exactly that as issuer`,
    );
  }
  if (expected.some((issuer) => isSamePath(issuer, actual))) {
    return finding(
      'issuer_host',
      subject,
      `${message}: the same path under another scheme, host or port`,
      `if tokens say ${said} in "iss", give that as issuer, and discoveryUrl for where this machine reaches it; if only ` +
        `the document says so here, add discoveryIssuer: ${said}`,
    );
  }
  const remedy = actual.includes('{')
    ? 'the issuer is a template for many tenants: give discoveryUrl or issuer of the one tenant'
    : `if tokens say ${said} in "iss", give exactly that as issuer; else give the discoveryUrl of the issuer that is meant`;
  return finding('wrong_issuer', subject, message, remedy);
}

function isSamePath(one: string, other: string): boolean {
  const [first, second] = [parseUrl(one), parseUrl(other)];
  return first !== undefined && second !== undefined && first.pathname === second.pathname;
}
