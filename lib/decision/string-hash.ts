import { createHash, randomFillSync } from 'node:crypto';

/** The longest text that has keys of its own, in UTF-16 code units. Longer texts are hashed by SHA-256 first. */
const LONGEST = 512;

/** The most issuers whose sums are kept. */
const MOST_ISSUERS = 256;

/** The sums of one text in each of the four lanes. */
type Sums = readonly [number, number, number, number];

/**
 * A multilinear hash (Carter and Wegman) of a kind and two texts, to 64 bits: each of four lanes multiplies every code unit by
 * a random 32-bit key of its position, adds up, and gives the upper 16 bits of the sum. Two inputs collide with a probability
 * of 2^-64, whoever chose them, because the keys are random and secret. It takes a fraction of the time of SHA-256.
 *
 * @internal
 */
export class StringHash {
  /** The result of the last call of `hash`, as two 32-bit integers. */
  high = 0;
  low = 0;

  readonly #keys = randomFillSync(new Int32Array(4 * (2 * (LONGEST + 1) + 1)));
  readonly #issuers = new Map<string, Sums>();

  hash(kind: number, issuer: string, value: string): void {
    const keys = this.#keys;
    const [i0, i1, i2, i3] = this.#issuer(issuer);
    const text = short(value);
    let at = 4 * (LONGEST + 1);
    let h0 = (i0 + Math.imul(keys[at] ?? 0, text.length)) | 0;
    let h1 = (i1 + Math.imul(keys[at + 1] ?? 0, text.length)) | 0;
    let h2 = (i2 + Math.imul(keys[at + 2] ?? 0, text.length)) | 0;
    let h3 = (i3 + Math.imul(keys[at + 3] ?? 0, text.length)) | 0;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      at += 4;
      h0 = (h0 + Math.imul(keys[at] ?? 0, unit)) | 0;
      h1 = (h1 + Math.imul(keys[at + 1] ?? 0, unit)) | 0;
      h2 = (h2 + Math.imul(keys[at + 2] ?? 0, unit)) | 0;
      h3 = (h3 + Math.imul(keys[at + 3] ?? 0, unit)) | 0;
    }
    const last = keys.length - 4;
    h0 = (h0 + Math.imul(keys[last] ?? 0, kind)) | 0;
    h1 = (h1 + Math.imul(keys[last + 1] ?? 0, kind)) | 0;
    h2 = (h2 + Math.imul(keys[last + 2] ?? 0, kind)) | 0;
    h3 = (h3 + Math.imul(keys[last + 3] ?? 0, kind)) | 0;
    this.high = (h0 & 0xffff0000) | (h1 >>> 16);
    this.low = (h2 & 0xffff0000) | (h3 >>> 16);
  }

  /** There are few issuers, so their sums are kept. */
  #issuer(issuer: string): Sums {
    let sums = this.#issuers.get(issuer);
    if (sums === undefined) {
      if (this.#issuers.size === MOST_ISSUERS) {
        this.#issuers.clear();
      }
      sums = this.#sums(short(issuer));
      this.#issuers.set(issuer, sums);
    }
    return sums;
  }

  #sums(text: string): Sums {
    const lane = (offset: number): number => {
      let sum = Math.imul(this.#keys[offset] ?? 0, text.length);
      for (let index = 0; index < text.length; index += 1) {
        sum = (sum + Math.imul(this.#keys[offset + 4 * (index + 1)] ?? 0, text.charCodeAt(index))) | 0;
      }
      return sum;
    };
    return [lane(0), lane(1), lane(2), lane(3)];
  }
}

function short(text: string): string {
  return text.length < LONGEST ? text : createHash('sha256').update(text).digest('base64url');
}
