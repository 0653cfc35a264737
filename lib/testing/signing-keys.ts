import { randomUUID } from 'node:crypto';
import type { AsymmetricAlgorithm } from '../core/key/algorithm';
import { importJwk } from '../core/key/verification-key';
import { verifySignature } from '../core/key/signature';
import { parseToken } from '../core/token/unverified-token';
import { createSigningKey, type SigningKey } from './signing-key';

/** The keys of a test issuer: one signs by each algorithm that was asked for, and those and older ones are published. */
export class SigningKeys {
  readonly #signing = new Map<AsymmetricAlgorithm, SigningKey>();
  /** Keys on their way: whoever asks for one meanwhile gets the same. */
  readonly #making = new Map<AsymmetricAlgorithm, Promise<SigningKey>>();
  #published: readonly SigningKey[] = [];

  /** The key set as published. */
  get jwks(): { readonly keys: readonly object[] } {
    return { keys: this.#published.map(({ jwk }) => jwk) };
  }

  /** The key that signs by an algorithm; made and published when it is first asked for. */
  async signing(algorithm: AsymmetricAlgorithm): Promise<SigningKey> {
    const making = this.#making.get(algorithm) ?? this.#make(algorithm);
    this.#making.set(algorithm, making);
    await making;
    return this.#signing.get(algorithm) ?? making;
  }

  /** Whether a JWT is signed by a key that is published. */
  haveSigned(jwt: string): boolean {
    const token = parseToken(jwt, jwt.length);
    const keys = this.#published.flatMap(({ jwk }) => importJwk(jwk) ?? []);
    return (
      token !== undefined &&
      keys.some((key) => verifySignature(token.algorithm, key, token.signingInput, token.signature))
    );
  }

  /** Signs with new keys, under ids of their own. */
  async rotate(removeOld: boolean): Promise<void> {
    const keys = await this.#createForEach(() => randomUUID());
    this.#sign(keys);
    // The set is replaced at once: nobody ever sees it without a key.
    this.#published = [...this.#published, ...keys];
    if (removeOld) {
      this.removeOld();
    }
  }

  /** Signs with new keys, under the ids of the old ones, which are gone. */
  async replace(): Promise<void> {
    this.#sign(await this.#createForEach(({ keyId }) => keyId));
    this.removeOld();
  }

  /** Unpublishes every key but those that sign now. */
  removeOld(): void {
    this.#published = [...this.#signing.values()];
  }

  #createForEach(keyIdOf: (old: SigningKey) => string): Promise<SigningKey[]> {
    return Promise.all([...this.#signing.values()].map((old) => createSigningKey(old.algorithm, keyIdOf(old))));
  }

  #sign(keys: readonly SigningKey[]): void {
    for (const key of keys) {
      this.#signing.set(key.algorithm, key);
    }
  }

  async #make(algorithm: AsymmetricAlgorithm): Promise<SigningKey> {
    const key = await createSigningKey(algorithm, randomUUID());
    this.#sign([key]);
    this.#published = [...this.#published, key];
    return key;
  }
}
