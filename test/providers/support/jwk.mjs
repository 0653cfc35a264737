import { generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

/** A new private key, as a provider signs with. */
export async function createJwk() {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' };
}
