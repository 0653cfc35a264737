import { constants, createHmac, createVerify, timingSafeEqual, verify } from 'node:crypto';
import { ALGORITHMS } from './algorithm';
import type { VerificationKey } from './verification-key';

/**
 * Whether a signature is valid under a key (RFC 7515 section 5.2 step 8). Returns false for anything that it cannot verify.
 * Uses a key only with an algorithm of the key (RFC 8725 section 3.1).
 *
 * @param signed the signed octets, as a buffer or as ASCII text.
 *
 * @internal
 */
export function verifySignature(
  algorithm: string,
  key: VerificationKey,
  signed: Buffer | string,
  signature: Buffer,
): boolean {
  const definition = ALGORITHMS.get(algorithm);
  if (definition === undefined || !key.algorithms.has(algorithm) || signature.length === 0) {
    return false;
  }
  const { keyObject } = key;
  // Text is hashed without a buffer of its own.
  const hashed = (hash: string) => createVerify(hash).update(signed as string, 'latin1');
  try {
    switch (definition.family) {
      case 'RSASSA-PKCS1-v1_5':
        // PKCS #1 v1.5 is the default padding for a key of type `rsa`.
        return hashed(definition.hash).verify(keyObject, signature);
      case 'RSASSA-PSS':
        return hashed(definition.hash).verify(
          {
            key: keyObject,
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
          },
          signature,
        );
      case 'ECDSA':
        return (
          signature.length === definition.signatureBytes &&
          hashed(definition.hash).verify({ key: keyObject, dsaEncoding: 'ieee-p1363' }, signature)
        );
      case 'EdDSA':
      case 'ML-DSA':
        return (
          signature.length === definition.signatureBytes &&
          verify(null, typeof signed === 'string' ? Buffer.from(signed, 'latin1') : signed, keyObject, signature)
        );
      case 'HMAC': {
        const expected = createHmac(definition.hash, keyObject).update(signed).digest();
        return expected.length === signature.length && timingSafeEqual(expected, signature);
      }
    }
  } catch {
    return false;
  }
}
