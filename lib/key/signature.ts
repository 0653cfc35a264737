import { constants, createHmac, timingSafeEqual, verify } from 'node:crypto';
import { ALGORITHMS } from './algorithm';
import type { VerificationKey } from './verification-key';

/**
 * Whether a signature over some octets is valid under a key (RFC 7515 section 5.2 step 8). The signature primitive:
 * total, it answers false for whatever it cannot verify, and it uses a key only with an algorithm the key is for
 * (RFC 8725 section 3.1).
 *
 * @internal
 */
export function verifySignature(algorithm: string, key: VerificationKey, signed: Buffer, signature: Buffer): boolean {
  const definition = ALGORITHMS.get(algorithm);
  if (definition === undefined || !key.algorithms.has(algorithm) || signature.length === 0) {
    return false;
  }
  try {
    switch (definition.family) {
      case 'RSASSA-PKCS1-v1_5':
        // The padding of a key of type `rsa` that nothing else is said of, and others are for no such algorithm.
        return verify(definition.hash, signed, key.keyObject, signature);
      case 'RSASSA-PSS':
        return verify(
          definition.hash,
          signed,
          {
            key: key.keyObject,
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
          },
          signature,
        );
      case 'ECDSA':
        return (
          signature.length === definition.signatureBytes &&
          verify(definition.hash, signed, { key: key.keyObject, dsaEncoding: 'ieee-p1363' }, signature)
        );
      case 'EdDSA':
        return signature.length === definition.signatureBytes && verify(null, signed, key.keyObject, signature);
      case 'HMAC': {
        const expected = createHmac(definition.hash, key.keyObject).update(signed).digest();
        return expected.length === signature.length && timingSafeEqual(expected, signature);
      }
    }
  } catch {
    return false;
  }
}

/** Where texts stand while their signature is verified. */
const scratch = Buffer.alloc(16_384);

/**
 * The same for signed text of ASCII alone. Most texts need no buffer of their own, for there is none to wait for: when this
 * returns they are verified.
 *
 * @internal
 */
export function verifyTextSignature(algorithm: string, key: VerificationKey, text: string, signature: Buffer): boolean {
  const signed =
    text.length > scratch.length ? Buffer.from(text, 'latin1') : scratch.subarray(0, scratch.write(text, 0, 'latin1'));
  return verifySignature(algorithm, key, signed, signature);
}
