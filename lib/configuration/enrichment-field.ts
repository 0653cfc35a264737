import type { Enrich, EnrichmentSettings } from '../core/client/enrichment';
import { defineField, functionField, number, objectOf, type FieldCheck } from './field-check';

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

const REMEDY = 'give an asynchronous function of the principal, or an object with that function as load';

const LOAD = functionField(REMEDY);

const FIELDS: Readonly<Record<keyof OidcClientEnrichment, FieldCheck>> = {
  load: LOAD,
  cacheFor: number({ minimum: 0, maximum: 3600, unit: 'seconds' }),
  timeout: number({ minimum: 1, maximum: 60_000, unit: 'milliseconds' }),
  maxEntries: number({ minimum: 1, maximum: 1_000_000, unit: 'answers' }),
};

const OBJECT = objectOf(FIELDS, REMEDY, 'load');

/** What `enrich` must be. JSON cannot hold the function. */
export const ENRICH: FieldCheck = defineField(undefined, (value) =>
  typeof value === 'function' ? undefined : OBJECT(value),
);

/** With defaults filled in. */
export function enrichmentOf(given: Enrich | OidcClientEnrichment): EnrichmentSettings {
  const {
    load,
    cacheFor = 60,
    timeout = 5000,
    maxEntries = 10_000,
  } = typeof given === 'function' ? { load: given } : given;
  return { load, cacheFor, timeout, maxEntries: Math.floor(maxEntries) };
}
