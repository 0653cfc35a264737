import type { Attributes, Meter, ObservableResult } from '@opentelemetry/api';
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

const NAME = 'nestjs-oidc-multi-auth';

/**
 * Reports to OpenTelemetry: a counter of decisions, a histogram of their duration, gauges of key sets, and attributes of
 * the active span. Attributes are configured names and codes, so the number of series does not depend on tokens.
 *
 * @throws Error if @opentelemetry/api is not installed.
 *
 * @internal
 */
export function startTelemetry(issuers: Issuers): Telemetry {
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
    for (const { label, health } of issuers.all) {
      if (health.keyAge !== undefined) {
        result.observe(health.keyAge, { 'oidc.issuer': label });
      }
    }
  };
  const observeCounts = (result: ObservableResult): void => {
    for (const { label, health } of issuers.all) {
      result.observe(health.keyCount, { 'oidc.issuer': label });
    }
  };
  ages.addCallback(observeAges);
  counts.addCallback(observeCounts);
  return {
    listener: (event) => {
      const attributes = attributesOf(event);
      decisions.add(1, attributes);
      durations.record(event.duration / 1000, { 'oidc.stage': event.stage, 'oidc.accepted': event.accepted });
      api.trace.getActiveSpan()?.setAttributes(attributes);
    },
    stop: () => {
      ages.removeCallback(observeAges);
      counts.removeCallback(observeCounts);
    },
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
