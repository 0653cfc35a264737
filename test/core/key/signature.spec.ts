import { createHmac, randomBytes } from 'node:crypto';
import { ALGORITHMS, DEFAULT_ALGORITHMS, namesOfAlgorithm } from '../../../lib/core/key/algorithm';
import { verifySignature } from '../../../lib/core/key/signature';
import { importJwk, importSecret, type VerificationKey } from '../../../lib/core/key/verification-key';
import { createSigningKey, signJwt } from '../../../lib/testing/signing-key';

async function signed(algorithm: (typeof DEFAULT_ALGORITHMS)[number]) {
  const signingKey = await createSigningKey(algorithm, 'k1');
  const jwt = signJwt({ alg: algorithm }, { sub: 'x' }, algorithm, signingKey.privateKey);
  const dot = jwt.lastIndexOf('.');
  const key = importJwk(signingKey.jwk);
  if (key === undefined) {
    throw new Error('the key was refused');
  }
  return { key, input: Buffer.from(jwt.slice(0, dot)), signature: Buffer.from(jwt.slice(dot + 1), 'base64url') };
}

describe.each(DEFAULT_ALGORITHMS)('%s', (algorithm) => {
  let key: VerificationKey;
  let input: Buffer;
  let signature: Buffer;
  beforeAll(async () => {
    ({ key, input, signature } = await signed(algorithm));
  });

  it('verifies what the key signed', () => {
    expect(verifySignature(algorithm, key, input, signature)).toBe(true);
  });

  it('R8725-05 R7515-12 refuses one changed bit in the signature and in what was signed', () => {
    for (const octets of [signature, input]) {
      for (const index of [0, Math.floor(octets.length / 2), octets.length - 1]) {
        const changed = Buffer.from(octets);
        changed[index] = (changed[index] ?? 0) ^ 1;
        const [what, by] = octets === signature ? [input, changed] : [changed, signature];
        expect(verifySignature(algorithm, key, what, by)).toBe(false);
      }
    }
  });

  it('refuses a signature that is empty, shorter or longer', () => {
    for (const other of [Buffer.alloc(0), signature.subarray(1), Buffer.concat([signature, Buffer.alloc(1)])]) {
      expect(verifySignature(algorithm, key, input, other)).toBe(false);
    }
  });

  it('R8725-02 uses the key with no other algorithm', () => {
    for (const other of ALGORITHMS.keys()) {
      expect(verifySignature(other, key, input, signature)).toBe(namesOfAlgorithm(algorithm).includes(other));
    }
    expect(verifySignature('none', key, input, signature)).toBe(false);
  });
});

describe('HMAC', () => {
  const secret = randomBytes(48);
  const input = Buffer.from('signed');

  it('verifies with a secret that is long enough', () => {
    const signature = createHmac('sha384', secret).update(input).digest();
    expect(verifySignature('HS384', importSecret(secret), input, signature)).toBe(true);
    expect(verifySignature('HS384', importSecret(randomBytes(48)), input, signature)).toBe(false);
    expect(verifySignature('HS384', importSecret(secret), input, signature.subarray(1))).toBe(false);
  });

  it('R8725-07 does not verify with one that is too short for the algorithm', () => {
    const signature = createHmac('sha512', secret).update(input).digest();
    expect(verifySignature('HS512', importSecret(secret), input, signature)).toBe(false);
  });

  it('R8725-02 never takes a public key for a secret', async () => {
    const { key } = await signed('RS256');
    const pem = key.keyObject.export({ type: 'spki', format: 'pem' });
    const signature = createHmac('sha256', pem).update(input).digest();
    expect(verifySignature('HS256', key, input, signature)).toBe(false);
  });
});
