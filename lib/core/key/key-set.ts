import { importJwk, importPem, pemBlocks, type VerificationKey } from './verification-key';

/**
 * The usable keys of one issuer.
 *
 * @internal
 */
export class KeySet {
  readonly size: number;
  readonly #byKeyId = new Map<string | undefined, VerificationKey[]>();
  readonly #hasThumbprints: boolean;

  /** @param ignoresKeyIds whether the keys have no ids, so that the `kid` of a token is ignored. */
  constructor(
    readonly keys: readonly VerificationKey[],
    private readonly ignoresKeyIds = false,
  ) {
    this.size = keys.length;
    this.#hasThumbprints = keys.some(({ thumbprints }) => thumbprints !== undefined);
    for (const key of keys) {
      const namesakes = this.#byKeyId.get(key.keyId);
      if (namesakes === undefined) {
        this.#byKeyId.set(key.keyId, [key]);
      } else {
        namesakes.push(key);
      }
    }
  }

  /** Judges each member of a JWK set separately: an unusable one does not affect the others. */
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
   * The same set, with the key objects of an older set for keys that did not change. A token verified with one of them
   * stays verified.
   */
  reusing(older: KeySet | undefined): KeySet {
    if (older === undefined) {
      return this;
    }
    const keys = this.keys.map((key) => older.#byKeyId.get(key.keyId)?.find((known) => isSameKey(known, key)) ?? key);
    return new KeySet(keys, this.ignoresKeyIds);
  }

  /**
   * The keys that may have signed a token; none means that its key is unknown.
   *
   * Keys of one id are told apart by algorithm, because keys of different types may share an id; where several fit, each is
   * tried in the order in which they are published. A set may have one key without an id, and a token whose id no key has
   * may be signed with that. A token without a key id is tried with every key that fits, if there are few.
   *
   * @param keyId the `kid` of the token (RFC 7515 section 4.1.4).
   * @param thumbprint the `x5t` or `x5t#S256` of a token without `kid` (RFC 7515 sections 4.1.7 and 4.1.8).
   */
  find(keyId: string | undefined, algorithm: string, thumbprint?: string): readonly VerificationKey[] {
    const fits = (key: VerificationKey): boolean => key.algorithms.has(algorithm);
    if (this.ignoresKeyIds) {
      return this.keys.filter(fits);
    }
    if (keyId !== undefined) {
      const named = this.#byKeyId.get(keyId);
      const unnamed = named === undefined ? (this.#byKeyId.get(undefined)?.filter(fits) ?? []) : [];
      return named?.filter(fits) ?? (unnamed.length === 1 ? unnamed : []);
    }
    if (thumbprint !== undefined && this.#hasThumbprints) {
      return this.keys.filter((key) => fits(key) && isMarked(key, thumbprint));
    }
    const fitting = this.keys.filter(fits);
    return fitting.length <= MOST_TRIED ? fitting : [];
  }

  /** Whether `find` would return a key. Makes no list if the token names a key. */
  has(key: VerificationKey, keyId: string | undefined, algorithm: string, thumbprint?: string): boolean {
    const named = keyId === undefined || this.ignoresKeyIds ? undefined : this.#byKeyId.get(keyId);
    return named === undefined
      ? this.find(keyId, algorithm, thumbprint).includes(key)
      : key.algorithms.has(algorithm) && named.includes(key);
  }
}

/** How many keys are tried for a token without a key id. A forged token costs at most this many verifications. */
export const MOST_TRIED = 4;

/** Some providers use the thumbprint of the certificate as the key id. */
function isMarked({ keyId, thumbprints = [] }: VerificationKey, thumbprint: string): boolean {
  return keyId === thumbprint || thumbprints.includes(thumbprint);
}

/** Whether two keys have the same id and the same octets, and are for the same algorithms. */
function isSameKey(one: VerificationKey, other: VerificationKey): boolean {
  return (
    one.keyId === other.keyId &&
    String(one.thumbprints) === String(other.thumbprints) &&
    one.algorithms.size === other.algorithms.size &&
    [...one.algorithms].every((algorithm) => other.algorithms.has(algorithm)) &&
    one.keyObject.equals(other.keyObject)
  );
}
