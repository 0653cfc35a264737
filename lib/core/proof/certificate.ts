import { createHash, X509Certificate } from 'node:crypto';

/** How a proxy writes the certificate of its client into a header. */
export type CertificateFormat = 'rfc9440' | 'pem' | 'xfcc';

/**
 * The SHA-256 thumbprint of a certificate (RFC 8705 section 3.1), in base64url without padding.
 *
 * @param certificate as DER.
 *
 * @internal
 */
export function certificateThumbprint(certificate: Uint8Array): string {
  return createHash('sha256').update(certificate).digest('base64url');
}

/**
 * Reads the one certificate in a header.
 *
 * @returns it as DER; undefined if the value is malformed or has another number of certificates than one.
 *
 * @internal
 */
export function readCertificate(value: string, format: CertificateFormat): Buffer | undefined {
  switch (format) {
    case 'rfc9440':
      return readByteSequence(value);
    case 'pem':
      return readPem(value);
    case 'xfcc':
      return readForwarded(value);
  }
}

/** A byte sequence of Structured Fields (RFC 9440 section 2.1). */
function readByteSequence(value: string): Buffer | undefined {
  const [, base64] = /^ *:([A-Za-z0-9+/]+={0,2}): *$/.exec(value) ?? [];
  return base64 === undefined ? undefined : readDer(base64);
}

/** One certificate as PEM text, as it is or percent-encoded, its lines ended by any white space or none (nginx). */
function readPem(value: string): Buffer | undefined {
  const text = value.includes('%') ? decoded(value) : value;
  const [, base64] =
    /^\s*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(text ?? '') ?? [];
  return base64 === undefined ? undefined : readDer(base64.replaceAll(/\s/g, ''));
}

function readDer(base64: string): Buffer | undefined {
  const der = Buffer.from(base64, 'base64');
  if (der.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) {
    return undefined;
  }
  try {
    // The parser ignores what follows a certificate.
    return new X509Certificate(der).raw.equals(der) ? der : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Envoy's `x-forwarded-client-cert`: elements separated by commas, of pairs separated by semicolons, whose values may be quoted.
 * Exactly one element may have a `Cert`. Its `Hash` must be the hash of that, where there is one.
 */
function readForwarded(value: string): Buffer | undefined {
  const elements = parseForwarded(value)?.filter((element) => element.some(([name]) => name === 'cert'));
  const [element = []] = elements?.length === 1 ? elements : [];
  const valuesOf = (wanted: string): string[] => element.filter(([name]) => name === wanted).map(([, text]) => text);
  const [pem, ...more] = valuesOf('cert');
  const certificate = pem === undefined || more.length > 0 ? undefined : readPem(pem);
  if (certificate === undefined) {
    return undefined;
  }
  const hash = createHash('sha256').update(certificate).digest('hex');
  return valuesOf('hash').every((said) => said.toLowerCase() === hash) ? certificate : undefined;
}

type Pair = readonly [name: string, text: string];

/** One pair, and what ends it. */
const PAIR = /[ \t]*([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;\s]*))[ \t]*(,|;|$)/y;

function parseForwarded(value: string): Pair[][] | undefined {
  const elements: Pair[][] = [];
  let element: Pair[] = [];
  let at = 0;
  for (;;) {
    PAIR.lastIndex = at;
    const [pair = '', name = '', quoted, plain = '', separator = ''] = PAIR.exec(value) ?? [];
    if (name === '') {
      return undefined;
    }
    element.push([name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain]);
    at += pair.length;
    if (separator !== ';') {
      elements.push(element);
      element = [];
    }
    if (separator === '') {
      return elements;
    }
  }
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
