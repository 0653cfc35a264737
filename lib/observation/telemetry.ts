import type { Attributes, Meter, ObservableResult } from '@opentelemetry/api';
import type { Introspections } from '../decision/introspections';
import type { Revocations } from '../decision/revocations';
import type { Issuers } from '../issuer/issuers';
import type { DecisionEvent } from '../core/decision/decision-event';
import type { DecisionListener } from './decision-observer';

/** The part of @opentelemetry/api that is used. */
interface OpenTelemetryApi {
  readonly metrics: { getMeter(name: string): Meter };
  readonly trace: { getActiveSpan(): { setAttributes(attributes: Attributes): unknown } | undefined };
}

/** The listener for OpenTelemetry, and how to stop it. */
export interface Telemetry {
  readonly listener: DecisionListener;
  readonly stop: () => void;
}

/** The clients at the moment. */
interface CurrentDirectory {
  readonly issuers: Pick<Issuers, 'all'>;
  readonly generation: number;
  readonly introspections: Pick<Introspections, 'all'> | undefined;
}

const NAME = 'nestjs-oidc-multi-auth';

/**
 * Reports to OpenTelemetry: a counter of decisions, a histogram of their duration, gauges of key sets, and attributes of
 * the active span. Attributes are configured names and codes, so the number of series does not depend on tokens.
 *
 * @throws Error if @opentelemetry/api is not installed.
 *
 * @internal
 */
export function startTelemetry(current: () => CurrentDirectory, revocations?: Revocations): Telemetry {
  const api = loadApi();
  const meter = api.metrics.getMeter(NAME);
  const decisions = meter.createCounter('oidc.auth.decisions', {
    description: 'Decisions on calls, by client, stage and reason',
    unit: '{decision}',
  });
  const durations = meter.createHistogram('oidc.auth.duration', {
    description: 'How long decisions take, waiting for keys included',
    unit: 's',
    advice: {
      explicitBucketBoundaries: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 3, 10],
    },
  });
  const ages = meter.createObservableGauge('oidc.key_set.age', {
    description: 'Time since the keys of an issuer were last confirmed',
    unit: 's',
  });
  const counts = meter.createObservableGauge('oidc.key_set.keys', {
    description: 'Usable keys of an issuer',
    unit: '{key}',
  });
  const observeAges = (result: ObservableResult): void => {
    for (const { label, health } of current().issuers.all) {
      if (health.keyAge !== undefined) {
        result.observe(health.keyAge, { 'oidc.issuer': label });
      }
    }
  };
  const observeCounts = (result: ObservableResult): void => {
    for (const { label, health } of current().issuers.all) {
      result.observe(health.keyCount, { 'oidc.issuer': label });
    }
  };
  const generations = meter.createObservableGauge('oidc.clients.generation', {
    description: 'How many times the clients were changed, and 1; 0 while there are none yet',
  });
  const observeGeneration = (result: ObservableResult): void => result.observe(current().generation);
  generations.addCallback(observeGeneration);
  ages.addCallback(observeAges);
  counts.addCallback(observeCounts);
  const stopIntrospections = measureIntrospections(meter, current);
  const stopRevocations = revocations && measureRevocations(meter, revocations);
  return {
    listener: (event) => {
      const attributes = attributesOf(event);
      decisions.add(1, attributes);
      durations.record(event.duration / 1000, { 'oidc.stage': event.stage, 'oidc.accepted': event.accepted });
      api.trace.getActiveSpan()?.setAttributes(attributes);
    },
    stop: () => {
      generations.removeCallback(observeGeneration);
      ages.removeCallback(observeAges);
      counts.removeCallback(observeCounts);
      stopIntrospections();
      stopRevocations?.();
    },
  };
}

/** Reports introspection. Issuers are those that are configured. */
function measureIntrospections(meter: Meter, current: () => CurrentDirectory): () => void {
  const lookups = meter.createObservableCounter('oidc.introspection.lookups', {
    description: 'Tokens that an issuer was to be asked about, by where the answer came from',
    unit: '{token}',
  });
  const failures = meter.createObservableCounter('oidc.introspection.failures', {
    description: 'Requests for introspection that failed',
    unit: '{request}',
  });
  const observeLookups = (result: ObservableResult): void => {
    for (const { configuration, use } of current().introspections?.all ?? []) {
      const attributes = { 'oidc.issuer': configuration.issuer ?? '' };
      result.observe(use.hits, { ...attributes, 'oidc.introspection.result': 'cached' });
      result.observe(use.waits, { ...attributes, 'oidc.introspection.result': 'shared' });
      result.observe(use.requests, { ...attributes, 'oidc.introspection.result': 'asked' });
      result.observe(use.rejections, { ...attributes, 'oidc.introspection.result': 'rejected' });
    }
  };
  const observeFailures = (result: ObservableResult): void => {
    for (const { configuration, use } of current().introspections?.all ?? []) {
      result.observe(use.failures, { 'oidc.issuer': configuration.issuer ?? '' });
    }
  };
  lookups.addCallback(observeLookups);
  failures.addCallback(observeFailures);
  return () => {
    lookups.removeCallback(observeLookups);
    failures.removeCallback(observeFailures);
  };
}

/** Reports revocations. The attributes are of closed sets. */
function measureRevocations(meter: Meter, revocations: Revocations): () => void {
  const revoked = meter.createCounter('oidc.revocation.revoked', {
    description: 'Revocations that took effect in this process',
    unit: '{revocation}',
  });
  const entries = meter.createObservableGauge('oidc.revocation.entries', {
    description: 'Revocations that are remembered',
    unit: '{revocation}',
  });
  const outage = meter.createObservableGauge('oidc.revocation.store_unavailable', {
    description: 'How long the store of revocations has not answered; 0 while it does',
    unit: 's',
  });
  const observeEntries = (result: ObservableResult): void => result.observe(revocations.index.size);
  const observeOutage = (result: ObservableResult): void => result.observe(revocations.lostFor);
  entries.addCallback(observeEntries);
  outage.addCallback(observeOutage);
  const stop = revocations.listen((change) => {
    if (change.change === 'revoked') {
      revoked.add(1, { 'oidc.revocation.kind': change.entry.kind, 'oidc.revocation.origin': change.entry.origin });
    }
  });
  return () => {
    stop();
    entries.removeCallback(observeEntries);
    outage.removeCallback(observeOutage);
  };
}

function attributesOf({ stage, accepted, code, client }: DecisionEvent): Attributes {
  return {
    'oidc.stage': stage,
    'oidc.accepted': accepted,
    ...(client === undefined ? {} : { 'oidc.client': client }),
    ...(code === undefined ? {} : { 'oidc.code': code }),
  };
}

function loadApi(): OpenTelemetryApi {
  try {
    return require('@opentelemetry/api') as OpenTelemetryApi;
  } catch (error) {
    throw new Error('openTelemetry: true needs the package @opentelemetry/api: npm install @opentelemetry/api', {
      cause: error,
    });
  }
}
