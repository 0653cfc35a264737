import { context, metrics, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { Controller, Get } from '@nestjs/common';
import { OidcMultiAuthModule, Roles } from 'nestjs-oidc-multi-auth';
import type { ServerResponse } from 'node:http';
import { sinks } from '../support/sinks';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { type TestApp } from '../support/test-app';

const startApp = useApps();

@Roles('admin')
@Controller()
class MinesController {
  @Get()
  get() {}
}

describe('OpenTelemetry', () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const spans = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const issuer = useTestIssuer();
  let app: TestApp;
  beforeAll(async () => {
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    trace.setGlobalTracerProvider(tracers);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    app = await startApp({
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [
            { name: 'web', audience: 'web', issuer: issuer.issuer, preset: 'gold-sso' },
            { name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, preset: 'gold-sso' },
          ],
          globalGuards: true,
          openTelemetry: true,
        }),
      ],
      controllers: [MinesController],
      configure: (nest) =>
        nest.use((_request: unknown, response: ServerResponse, next: () => void) => {
          const span = tracers.getTracer('test').startSpan('request');
          context.with(trace.setSpan(context.active(), span), () => {
            response.once('finish', () => span.end());
            next();
          });
        }),
    });
  });
  afterAll(async () => {
    metrics.disable();
    trace.disable();
    context.disable();
  });

  /** Every series of a metric: attributes and value. */
  async function series(name: string): Promise<[object, unknown][]> {
    await reader.forceFlush();
    const all =
      exporter
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    sinks.cameOut(JSON.stringify(all));
    return all
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => [attributes, value] as [object, unknown]));
  }

  it('counts decisions by client and reason, and as many series as are configured whatever tokens say', async () => {
    await app.get('/', await issuer.tokenFor('web', { roles: ['admin'] }));
    await app.get('/', await issuer.tokenFor('bcmi'));
    for (let index = 0; index < 200; index += 1) {
      await app.get('/', await issuer.tokenFor(`audience-${index}`, { claims: { iss: `https://${index}.example` } }));
    }
    const authentication = { 'oidc.stage': 'authentication' };
    expect(await series('oidc.auth.decisions')).toEqual(
      expect.arrayContaining([
        [{ ...authentication, 'oidc.accepted': true, 'oidc.client': 'web' }, 1],
        [{ ...authentication, 'oidc.accepted': true, 'oidc.client': 'bcmi' }, 1],
        [{ 'oidc.stage': 'authorization', 'oidc.accepted': true, 'oidc.client': 'web' }, 1],
        [
          {
            'oidc.stage': 'authorization',
            'oidc.accepted': false,
            'oidc.client': 'bcmi',
            'oidc.code': 'missing_a_valid_role',
          },
          1,
        ],
        [{ ...authentication, 'oidc.accepted': false, 'oidc.code': 'unknown_issuer' }, 200],
      ]),
    );
    expect(await series('oidc.auth.decisions')).toHaveLength(5);
  });

  it('has a histogram of how long decisions take, and gauges of key sets', async () => {
    const durations = await series('oidc.auth.duration');
    expect(durations).toContainEqual([
      { 'oidc.stage': 'authentication', 'oidc.accepted': false },
      expect.objectContaining({ count: 200 }),
    ]);
    expect(await series('oidc.key_set.keys')).toEqual([[{ 'oidc.issuer': issuer.issuer }, 1]]);
    expect(await series('oidc.key_set.age')).toEqual([[{ 'oidc.issuer': issuer.issuer }, expect.any(Number)]]);
  });

  it('counts where answers about opaque tokens come from', async () => {
    const client = {
      name: 'opaque',
      audience: 'opaque',
      issuer: issuer.issuer,
      introspection: { clientId: 'api', clientSecret: 'secret' },
    };
    const asking = await startApp({
      imports: [OidcMultiAuthModule.forRoot({ clients: [client], globalGuards: true, openTelemetry: true })],
      controllers: [MinesController],
    });
    const token = await issuer.tokenFor(client, { format: 'opaque' });
    await asking.get('/', token);
    await asking.get('/', token);
    issuer.introspection.fail('error');
    await asking.get('/', 'another');
    issuer.introspection.fail(undefined);
    const of = (result: string) => ({ 'oidc.issuer': issuer.issuer, 'oidc.introspection.result': result });
    expect(await series('oidc.introspection.lookups')).toEqual([
      [of('cached'), 1],
      [of('shared'), 0],
      [of('asked'), 2],
      [of('rejected'), 0],
    ]);
    expect(await series('oidc.introspection.failures')).toEqual([[{ 'oidc.issuer': issuer.issuer }, 1]]);
  });

  it('sets attributes of the span that is active', async () => {
    spans.reset();
    await app.get('/', await issuer.tokenFor('web', { roles: ['admin'] }));
    expect(spans.getFinishedSpans().map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ 'oidc.client': 'web', 'oidc.accepted': true }),
    ]);
  });
});

describe('without the package @opentelemetry/api', () => {
  it('the start says what to install', async () => {
    jest.resetModules();
    jest.doMock('@opentelemetry/api', () => {
      throw new Error("Cannot find module '@opentelemetry/api'");
    });
    const { startTelemetry } = jest.requireActual<typeof import('../../lib/observation/telemetry')>(
      '../../lib/observation/telemetry',
    );
    expect(() => startTelemetry(() => ({ issuers: { all: [] }, generation: 1, introspections: undefined }))).toThrow(
      'npm install @opentelemetry/api',
    );
    jest.dontMock('@opentelemetry/api');
  });
});
