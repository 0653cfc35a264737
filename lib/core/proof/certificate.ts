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
  if (der.toString('base64') !== base64) {
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

/** In one pass, linear in the length of the value. */
function parseForwarded(value: string): Pair[][] | undefined {
  const elements: Pair[][] = [];
  let element: Pair[] = [];
  let at = 0;
  const skipBlanks = (): void => {
    while (value[at] === ' ' || value[at] === '\t') {
      at += 1;
    }
  };
  for (;;) {
    skipBlanks();
    const nameEnd = value.indexOf('=', at);
    const name = value.slice(at, Math.max(at, nameEnd));
    if (!/^[A-Za-z]+$/.test(name)) {
      return undefined;
    }
    const pair = valueAt(value, nameEnd + 1);
    at = pair.end;
    skipBlanks();
    const separator = value[at] ?? '';
    if (pair.text === undefined || !['', ',', ';'].includes(separator)) {
      return undefined;
    }
    element.push([name.toLowerCase(), pair.text]);
    at += 1;
    if (separator !== ';') {
      elements.push(element);
      element = [];
    }
    if (separator === '') {
      return elements;
    }
  }
}

/** A value, quoted or not, and where it ends; no text for a quote that is not closed. */
function valueAt(value: string, start: number): { readonly text: string | undefined; readonly end: number } {
  let end = start;
  if (value[start] !== '"') {
    while (end < value.length && !'",; \t'.includes(value.charAt(end))) {
      end += 1;
    }
    return { text: value.slice(start, end), end };
  }
  const characters: string[] = [];
  for (end += 1; end < value.length && value[end] !== '"'; end += 1) {
    end += value[end] === '\\' ? 1 : 0;
    characters.push(value.charAt(end));
  }
  return { text: end < value.length ? characters.join('') : undefined, end: end + 1 };
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
