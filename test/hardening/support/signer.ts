import { constants, generateKeyPair, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/** The algorithms that tokens are signed with here. */
export type SignerAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA';

/** Anything that a part of a token may be made of: what `JSON.stringify` makes of it, or octets as they are. */
export type Part = Readonly<Record<string, unknown>> | string | Buffer;

/**
 * Signs tokens that no issuer would: whatever the header and the claims are, down to the octet. Its own, and not the
 * library's, so that the two cannot be wrong in the same way.
 */
export class Signer {
  private constructor(
    readonly algorithm: SignerAlgorithm,
    readonly keyId: string,
    private readonly privateKey: KeyObject,
    /** The public half as an issuer publishes it. */
    readonly jwk: Readonly<Record<string, unknown>>,
  ) {}

  static async create(algorithm: SignerAlgorithm, keyId: string): Promise<Signer> {
    const { publicKey, privateKey } = await pairFor(algorithm);
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, alg: algorithm, use: 'sig' };
    return new Signer(algorithm, keyId, privateKey, jwk);
  }

  /** The header of an ordinary token. */
  get header(): Readonly<Record<string, unknown>> {
    return { alg: this.algorithm, typ: 'JWT', kid: this.keyId };
  }

  /** A token in compact serialization. */
  sign(claims: Part, header: Part = this.header): string {
    return this.signInput(`${base64url(header)}.${base64url(claims)}`);
  }

  /** Signs two parts that are spelled already, well or not. */
  signInput(input: string): string {
    return `${input}.${this.signatureOf(Buffer.from(input)).toString('base64url')}`;
  }

  signatureOf(input: Buffer): Buffer {
    switch (this.algorithm) {
      case 'RS256':
        return sign('sha256', input, this.privateKey);
      case 'PS256':
        return sign('sha256', input, {
          key: this.privateKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: 32,
        });
      case 'EdDSA':
        return sign(null, input, this.privateKey);
      case 'ES256':
      case 'ES384':
      case 'ES512':
        return sign(`sha${this.algorithm.slice(2)}`, input, { key: this.privateKey, dsaEncoding: 'ieee-p1363' });
    }
  }
}

/** The base64url of a part. */
export function base64url(part: Part): string {
  const octets = typeof part === 'string' || Buffer.isBuffer(part) ? part : JSON.stringify(part);
  return Buffer.from(octets).toString('base64url');
}

// Asynchronously: a JWK straight after synchronous generation is not reliable on every version of Node.js.
function pairFor(algorithm: SignerAlgorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  switch (algorithm) {
    case 'RS256':
    case 'PS256':
      return generate('rsa', { modulusLength: 2048 });
    case 'ES256':
      return generate('ec', { namedCurve: 'P-256' });
    case 'ES384':
      return generate('ec', { namedCurve: 'P-384' });
    case 'ES512':
      return generate('ec', { namedCurve: 'P-521' });
    case 'EdDSA':
      return generate('ed25519');
  }
}
