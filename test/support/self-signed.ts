import { generateKeyPairSync, sign } from 'node:crypto';

/** DER of a value: tag, length, contents (X.690 section 8.1). */
function der(tag: number, ...contents: readonly (Buffer | readonly number[])[]): Buffer {
  const content = Buffer.concat(contents.map((part) => Buffer.from(part)));
  const { length } = content;
  const octets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...octets]), content]);
}

const sequence = (...parts: readonly (Buffer | readonly number[])[]): Buffer => der(0x30, ...parts);
const identifier = (...octets: readonly number[]): Buffer => der(0x06, octets);
const DAY = 86_400_000;
const day = (offset: number): Buffer => {
  const text = new Date(Date.now() + offset * DAY).toISOString().replaceAll(/[-:T]/g, '');
  return der(0x17, Buffer.from(`${text.slice(2, 14)}Z`));
};

const ECDSA_WITH_SHA256 = sequence(identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const NAME = sequence(der(0x31, sequence(identifier(0x55, 0x04, 0x03), der(0x0c, Buffer.from('a provider')))));

/**
 * A certificate for 127.0.0.1 that nobody but itself vouches for (RFC 5280 section 4.1): Node.js reads certificates and
 * makes none, and one that is kept in a file expires.
 *
 * @param days how long it is good from now on. Default: 1.
 * @returns certificate and private key as PEM text.
 */
export function selfSigned(days: number = 1): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const extensions = sequence(
    // basicConstraints: it may vouch for itself where somebody trusts it. subjectAltName: 127.0.0.1.
    sequence(identifier(0x55, 0x1d, 0x13), der(0x01, [0xff]), der(0x04, sequence(der(0x01, [0xff])))),
    sequence(identifier(0x55, 0x1d, 0x11), der(0x04, sequence(der(0x87, [127, 0, 0, 1])))),
  );
  const toBeSigned = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    ECDSA_WITH_SHA256,
    NAME,
    sequence(day(-60), day(days)),
    NAME,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, extensions),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, der(0x03, [0], signature));
  const lines = certificate.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
  };
}
