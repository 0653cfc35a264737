import { readCertificate } from '../core/proof/certificate';
import type { CertificateSource } from '../core/proof/possession-settings';
import { countLines } from '../core/token/bearer';
import type { Presentation } from '../core/token/presentation';

/**
 * The certificate that the caller of a request holds the key of: that of the TLS connection, or the one in the header of a
 * listed proxy. A header from any other address does not count.
 *
 * @returns it as DER; `none` where there is none; `malformed` for a header that has not exactly one.
 *
 * @internal
 */
export function certificateOf(
  presentation: Presentation,
  source: CertificateSource | undefined,
): Buffer | 'none' | 'malformed' {
  if (source === undefined) {
    return 'none';
  }
  if (source === 'tls') {
    return presentation.certificate ?? 'none';
  }
  const { peerAddress } = presentation;
  if (peerAddress === undefined || !source.isProxy(peerAddress)) {
    return 'none';
  }
  const { headers, rawHeaders = [] } = presentation.headers;
  const value = headers?.[source.header];
  if (value === undefined || value === '') {
    return 'none';
  }
  const isOneLine = typeof value === 'string' && countLines(rawHeaders, source.header) < 2;
  return (isOneLine ? readCertificate(value, source.format) : undefined) ?? 'malformed';
}
