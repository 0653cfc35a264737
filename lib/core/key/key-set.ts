import { importJwk, importPem, pemBlocks, type VerificationKey } from './verification-key';

/**
 * The usable keys of one issuer.
 *
 * @internal
 */
export class KeySet {
  readonly size: number;
  readonly #byKeyId = new Map<string | undefined, VerificationKey[]>();

  /** @param ignoresKeyIds whether keys have no ids of their own, so that those of tokens say nothing. */
  constructor(
    readonly keys: readonly VerificationKey[],
    private readonly ignoresKeyIds = false,
  ) {
    this.size = keys.length;
    for (const key of keys) {
      const namesakes = this.#byKeyId.get(key.keyId);
      if (namesakes === undefined) {
        this.#byKeyId.set(key.keyId, [key]);
      } else {
        namesakes.push(key);
      }
    }
  }

  /** Judges each member of a JWK set by itself: an unusable one is left out and spoils nothing. */
  static fromJwks(members: readonly unknown[]): KeySet {
    return new KeySet(members.map(importJwk).filter((key) => key !== undefined));
  }

  /** Keys given as PEM text, which has no key ids. */
  static fromPem(texts: readonly string[]): KeySet {
    return new KeySet(
      texts
        .flatMap(pemBlocks)
        .map(importPem)
        .filter((key) => key !== undefined),
      true,
    );
  }

  /**
   * The same set with the key objects of an older one for those keys that were in it already: what was verified by one of
   * them need not be verified again.
   */
  reusing(older: KeySet | undefined): KeySet {
    if (older === undefined) {
      return this;
    }
    const keys = this.keys.map((key) => older.#byKeyId.get(key.keyId)?.find((known) => isSameKey(known, key)) ?? key);
    return new KeySet(keys, this.ignoresKeyIds);
  }

  /**
   * The keys that may have signed a token with this key id and algorithm; none means the key is unknown.
   *
   * Keys of one id are told apart by algorithm (keys of different types may share an id); where several fit, each is
   * tried in the order they are published. A token without a key id may only be verified where exactly one key fits.
   */
  find(keyId: string | undefined, algorithm: string): readonly VerificationKey[] {
    if (this.ignoresKeyIds) {
      return this.keys.filter((key) => key.algorithms.has(algorithm));
    }
    if (keyId !== undefined) {
      return this.#byKeyId.get(keyId)?.filter((key) => key.algorithms.has(algorithm)) ?? [];
    }
    const fitting = this.keys.filter((key) => key.algorithms.has(algorithm));
    return fitting.length === 1 ? fitting : [];
  }

  /** Whether a key is among those found so; without making a list of them, where the token names one. */
  has(key: VerificationKey, keyId: string | undefined, algorithm: string): boolean {
    return keyId === undefined || this.ignoresKeyIds
      ? this.find(keyId, algorithm).includes(key)
      : key.algorithms.has(algorithm) && this.#byKeyId.get(keyId)?.includes(key) === true;
  }
}

/** Whether two keys have the same id and the same octets, and are for the same algorithms. */
function isSameKey(one: VerificationKey, other: VerificationKey): boolean {
  return (
    one.keyId === other.keyId &&
    one.algorithms.size === other.algorithms.size &&
    [...one.algorithms].every((algorithm) => other.algorithms.has(algorithm)) &&
    one.keyObject.equals(other.keyObject)
  );
}
