import type { RevocationEntry } from './revocation';

/** Entries of the log, and where the next read continues. */
export interface RevocationBatch {
  /** In the order of the log. Empty where there are no more for now. */
  readonly entries: readonly RevocationEntry[];
  /** The position after these entries; undefined as long as the log was always empty. */
  readonly position: string | undefined;
}

/**
 * The log of revocations that all replicas of an application share: append-only, with expiry. Every replica reads it at start
 * and follows it. `redisStore()` of `nestjs-oidc-multi-auth/redis` is one. `revocationStoreCases()` of
 * `nestjs-oidc-multi-auth/testing` tests one of your own.
 */
export interface RevocationStore {
  /**
   * Appends entries. Resolves once they are stored. An entry whose `id` was appended in the last hour is not appended again,
   * because a replica repeats an append that failed.
   *
   * @throws Error (as a rejection) if they may not be stored.
   */
  append(entries: readonly RevocationEntry[]): Promise<void>;
  /**
   * Reads the log after a position. Every entry that has not expired is returned exactly once, in the same order to every
   * replica. Positions stay valid when older entries expire, and when the connection was lost.
   *
   * @param after the position of the batch before; undefined for the start of the log.
   * @param wait how long to wait for an entry if there is none, in seconds. A store may wait less.
   * @param signal aborts the wait.
   * @throws Error (as a rejection) if the log cannot be read.
   */
  read(after: string | undefined, wait: number, signal?: AbortSignal): Promise<RevocationBatch>;
}
