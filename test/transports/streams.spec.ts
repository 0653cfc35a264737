import {
  credentials,
  loadPackageDefinition,
  Metadata,
  type ClientDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Controller, Sse } from '@nestjs/common';
import {
  GrpcMethod,
  GrpcStreamCall,
  GrpcStreamMethod,
  Transport,
  type MicroserviceOptions,
} from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import {
  Authenticated,
  CurrentUser,
  OidcMultiAuthModule,
  OidcRevocations,
  Roles,
  type OidcPrincipal,
} from 'nestjs-oidc-multi-auth';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { interval, map, switchMap, type Observable } from 'rxjs';
import { ConnectionEndings } from '../../lib/nest/transport/connection';
import { sinks } from '../support/sinks';
import { useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger, startApp } from '../support/test-app';
import { freePort } from './free-port';

const PROTO = join(__dirname, 'streams.proto');

const issuer = useTestIssuer();

const auth = () =>
  OidcMultiAuthModule.forRoot({
    clients: [{ name: 'core-web', audience: 'core-web', issuer: issuer.issuer }],
    defaults: { preset: 'gold-sso', clockTolerance: 0 },
    revocation: {},
    globalGuards: true,
  });

@Controller()
class TicksController {
  @Authenticated()
  @GrpcMethod('Streams', 'ticks')
  ticks(_empty: unknown): Observable<{ text: string }> {
    return interval(50).pipe(map((tick) => ({ text: String(tick) })));
  }
  @Authenticated()
  @GrpcStreamMethod('Streams', 'both')
  both(messages: Observable<unknown>): Observable<{ text: string }> {
    return messages.pipe(switchMap(() => this.ticks({})));
  }
  @Authenticated()
  @GrpcStreamCall('Streams', 'call')
  call(stream: ClientDuplexStream<unknown, unknown>): void {
    const timer = setInterval(() => stream.write({ text: 'tick' }), 50);
    for (const event of ['close', 'finish', 'cancelled', 'end', 'error']) {
      stream.on(event, () => clearInterval(timer));
    }
  }
  @Roles('admin')
  @GrpcStreamCall('Streams', 'admin')
  admin(stream: ClientDuplexStream<unknown, unknown>): void {
    stream.end();
  }
}

type Open = (metadata: Metadata) => ClientDuplexStream<object, { text: string }>;

describe('streams of gRPC', () => {
  let client: Record<'ticks' | 'both' | 'call' | 'admin', (...args: unknown[]) => ReturnType<Open>> & { close(): void };
  let close: () => Promise<void>;
  let revocations: OidcRevocations;
  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [auth()], controllers: [TicksController] })
      .setLogger(new MemoryLogger())
      .compile();
    const url = `127.0.0.1:${await freePort()}`;
    const app = module.createNestMicroservice<MicroserviceOptions>({
      transport: Transport.GRPC,
      options: { url, package: 'transports', protoPath: PROTO },
    });
    await app.listen();
    revocations = app.get(OidcRevocations);
    const { transports } = loadPackageDefinition(loadSync(PROTO)) as never as {
      transports: { Streams: new (url: string, security: unknown) => typeof client };
    };
    client = new transports.Streams(url, credentials.createInsecure());
    close = () => app.close();
  });
  afterAll(async () => {
    client.close();
    await close();
  });

  /** Calls a stream, and waits for its end: how many messages came before which error. */
  const run = (method: 'ticks' | 'both' | 'call' | 'admin', token?: string) =>
    new Promise<{ messages: number; error: ServiceError }>((resolve) => {
      const metadata = new Metadata();
      if (token !== undefined) {
        metadata.set('authorization', `Bearer ${token}`);
      }
      const stream = method === 'ticks' ? client[method]({}, metadata) : client[method](metadata);
      let messages = 0;
      stream.on('data', () => (messages += 1));
      stream.on('error', (error: ServiceError) => {
        sinks.cameOut(JSON.stringify(error));
        resolve({ messages, error });
      });
      if (method !== 'ticks') {
        stream.write({});
      }
    });

  it.each(['ticks', 'both', 'call'] as const)('LIB-36: %s ends when its token does', async (method) => {
    const { messages, error } = await run(method, await issuer.tokenFor('core-web', { expiresIn: 2 }));
    expect(messages).toBeGreaterThan(3);
    expect(error.code).toBe(16);
    expect(error.metadata.get('refusal-code')).toEqual(['token_expired']);
  });
  it.each(['ticks', 'both', 'call'] as const)(
    'BCL-12 %s ends within a second when its session is revoked',
    async (method) => {
      const ended = run(method, await issuer.tokenFor('core-web', { claims: { sid: method } }));
      await wait(300);
      const revokedAt = Date.now();
      await revocations.revokeSession({ issuer: issuer.issuer, sid: method });
      const { messages, error } = await ended;
      expect(Date.now() - revokedAt).toBeLessThan(1000);
      expect(messages).toBeGreaterThan(1);
      expect(error.metadata.get('refusal-code')).toEqual(['token_revoked']);
    },
  );
  it.each(['ticks', 'both', 'call', 'admin'] as const)(
    '%s is refused without a token, and the process goes on',
    async (method) => {
      const { messages, error } = await run(method);
      expect(messages).toBe(0);
      expect(error.code).toBe(16);
      expect(error.metadata.get('refusal-code')).toEqual(['authorization_header_missing']);
    },
  );
  it('a role that is missing is a status, of a handler that is given the stream alone as well', async () => {
    const { error } = await run('admin', await issuer.tokenFor('core-web'));
    expect(error.code).toBe(7);
    expect(error.metadata.get('refusal-code')).toEqual(['missing_a_valid_role']);
  });
});

@Controller()
class EventsController {
  @Sse('events')
  events(@CurrentUser() user: OidcPrincipal) {
    return interval(50).pipe(map(() => ({ data: user.client })));
  }
}

describe.each(ADAPTERS)('server-sent events on %s', (adapter) => {
  it('LIB-36: end when their token does', async () => {
    const app = await startApp({ adapter, imports: [auth()], controllers: [EventsController] });
    expect((await fetch(`${app.url}/events`)).status).toBe(401);
    const authorization = `Bearer ${await issuer.tokenFor('core-web', { expiresIn: 2 })}`;
    const response = await fetch(`${app.url}/events`, { headers: { authorization } });
    expect(response.status).toBe(200);
    // It has an end.
    expect(await response.text()).toContain('data: core-web');
    await app.close();
  });
  it('BCL-12 end within a second when their session is revoked, and no others', async () => {
    const app = await startApp({ adapter, imports: [auth()], controllers: [EventsController] });
    const open = async (sid: string) => {
      const authorization = `Bearer ${await issuer.tokenFor('core-web', { claims: { sid } })}`;
      const closing = new AbortController();
      const response = await fetch(`${app.url}/events`, { headers: { authorization }, signal: closing.signal });
      return { ended: response.text().then(() => true), close: () => closing.abort() };
    };
    const [mine, other] = [await open('s'), await open('t')];
    other.ended.catch(() => undefined);
    await app.app.get(OidcRevocations).revokeSession({ issuer: issuer.issuer, sid: 's' });
    const late = wait(1000, false);
    expect(await Promise.race([mine.ended, late])).toBe(true);
    expect(await Promise.race([other.ended, late])).toBe(false);
    other.close();
    await app.close();
  });
});

describe('what is to end', () => {
  it('ends with the first of its tokens, and waits for nothing once it is over', () => {
    jest.useFakeTimers();
    const ended: string[] = [];
    const endings = new ConnectionEndings(() => Date.now() / 1000);
    const now = Date.now() / 1000;
    const open = (name: string) => {
      const key = new EventEmitter();
      return { key, end: () => ended.push(name) };
    };
    const [one, other] = [open('one'), open('other')];
    for (const after of [100, 20, 50]) {
      endings.endAt(now + after, one, () => undefined as never);
      endings.endAt(now + after, other, () => undefined as never);
    }
    expect(jest.getTimerCount()).toBe(2);
    expect(other.key.listenerCount('close')).toBe(1);
    other.key.emit('close');
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(19_000);
    expect(ended).toEqual([]);
    jest.advanceTimersByTime(2_000);
    expect(ended).toEqual(['one']);
    expect(jest.getTimerCount()).toBe(0);
    // Longer than timers of Node.js can wait: it waits again.
    endings.endAt(now + 60 * 86_400, open('far'), () => undefined as never);
    jest.advanceTimersByTime(59 * 86_400_000);
    expect(ended).toEqual(['one']);
    jest.advanceTimersByTime(2 * 86_400_000);
    expect(ended).toEqual(['one', 'far']);
    jest.useRealTimers();
  });
});
