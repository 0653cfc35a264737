import type { Enrich } from '../core/client/enrichment';

/** How what the application knows of callers is loaded and remembered. */
export interface OidcClientEnrichment {
  /** Loads it, for an accepted token. */
  readonly load: Enrich;
  /**
   * How long an answer is remembered for its token, in seconds, from 0 to 3,600: so long a change in the database may have no
   * effect. 0 loads for every request. Default: 60.
   */
  readonly cacheFor?: number;
  /** How long an answer may take, in milliseconds, from 1 to 60,000. Default: 5,000. */
  readonly timeout?: number;
  /** How many answers are remembered for this client, from 1 to 1,000,000. The least recently used go first. Default: 10,000. */
  readonly maxEntries?: number;
}
