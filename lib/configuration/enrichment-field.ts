import type { Enrich, EnrichmentSettings } from '../core/client/enrichment';
import type { OidcClientEnrichment } from './enrichment-options';
import { defineField, functionField, number, objectOf, type FieldCheck } from './field-check';

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
