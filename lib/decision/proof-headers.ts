import type { ProofHeader } from '../core/proof/proof';

/** How many headers are kept, and the longest that is, in characters. */
const MOST = 2048;
const LONGEST = 1024;

/**
 * Headers of proofs that were accepted, with their imported keys: a caller signs all proofs with one key. Those of proofs that were
 * refused are not kept, so that nobody can push out others.
 *
 * @internal
 */
export class ProofHeaders {
  readonly #known = new Map<string, ProofHeader>();

  readonly find = (spelling: string): ProofHeader | undefined => this.#known.get(spelling);

  remember(header: ProofHeader): void {
    if (header.spelling.length > LONGEST || this.#known.has(header.spelling)) {
      return;
    }
    if (this.#known.size === MOST) {
      // The oldest.
      for (const spelling of this.#known.keys()) {
        this.#known.delete(spelling);
        break;
      }
    }
    this.#known.set(header.spelling, header);
  }
}
