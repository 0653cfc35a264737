/**
 * Remembers which proofs of possession were used (RFC 9449 section 11.1), so that none is accepted twice. The module keeps
 * them in the memory of its process unless you give a store of your own as `proofOfPossession.replayStore`, which several
 * processes can share. `testReplayStore` of `nestjs-oidc-multi-auth/testing` tests one.
 *
 * @example
 * ```ts
 * class MyReplayStore implements ReplayStore {
 *   // One atomic command: a look-up and then a write would accept a proof twice.
 *   remember(key: string, lifetime: number) {
 *     return this.database.insertIfAbsent(key, { expiresInSeconds: lifetime });
 *   }
 * }
 * ```
 */
export interface ReplayStore {
  /**
   * Remembers a proof unless it is remembered already, in one atomic step.
   *
   * @param key a hash that stands for the proof: 43 characters of base64url. It contains nothing of a token or a key.
   * @param lifetime how long to remember it, in seconds, with fractions. Never forget it earlier.
   * @returns whether it was new; false if it was remembered before.
   * @throws anything, or rejects, where it cannot be remembered. The request is answered with 503 `state_unavailable`.
   */
  remember(key: string, lifetime: number): boolean | Promise<boolean>;
}
