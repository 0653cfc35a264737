import { ApolloDriver } from '@nestjs/apollo';
import type { DynamicModule } from '@nestjs/common';
import { GraphQLModule, Query, Resolver, Subscription } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import {
  Authenticated,
  CurrentUser,
  OidcMultiAuthModule,
  OidcPrincipal,
  OidcRevocations,
  Roles,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { sinks } from '../support/sinks';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { type AdapterName, type TestApp } from '../support/test-app';

const startApp = useApps();

@Resolver()
class TicksResolver {
  @Query(() => String)
  nothing() {
    return '';
  }
  @Authenticated()
  @Subscription(() => String, { resolve: (client: string) => client })
  async *ticks(@CurrentUser() user: OidcPrincipal) {
    for (;;) {
      yield user.client;
      await wait(100);
    }
  }
  @Roles('admin')
  @Subscription(() => String, { resolve: (client: string) => client })
  async *secrets() {
    yield 'secret';
  }
}

const WAYS: readonly [string, AdapterName, () => DynamicModule][] = [
  ['Apollo on Express', 'express', apollo],
  ['Apollo on Fastify', 'fastify', apollo],
  [
    'Mercurius',
    'fastify',
    () => GraphQLModule.forRoot({ driver: MercuriusDriver, autoSchemaFile: true, subscription: true }),
  ],
];

function apollo(): DynamicModule {
  return GraphQLModule.forRoot({
    driver: ApolloDriver,
    autoSchemaFile: true,
    graphiql: false,
    subscriptions: { 'graphql-ws': true },
  });
}

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** A client of the protocol graphql-transport-ws. */
class Client {
  readonly messages: Message[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #socket: WebSocket;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    this.#socket.on('message', (text: Buffer) => {
      sinks.cameOut(text.toString());
      this.messages.push(JSON.parse(text.toString()));
    });
    this.closed = new Promise((resolve) =>
      this.#socket.on('close', (code: number, reason: Buffer) => resolve({ code, reason: reason.toString() })),
    );
  }

  async subscribe(field: string, params: Record<string, unknown> | undefined): Promise<Message> {
    if (this.#socket.readyState !== WebSocket.OPEN) {
      await new Promise((resolve) => this.#socket.on('open', resolve));
    }
    this.messages.length = 0;
    this.#send({ type: 'connection_init', ...(params && { payload: params }) });
    await this.until(({ type }) => type === 'connection_ack');
    this.#send({ id: field, type: 'subscribe', payload: { query: `subscription { ${field} }` } });
    return this.until(({ id, type }) => id === field && (type === 'next' || type === 'error'));
  }

  async until(matches: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(matches);
      if (found !== undefined) {
        return found;
      }
      await wait(10);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }
}

it("LIB-36: subscriptions of Apollo end with their token where a context of one's own has but the request", async () => {
  const issuer = await TestIssuer.start();
  const app = await startApp({
    imports: [
      GraphQLModule.forRoot({
        driver: ApolloDriver,
        autoSchemaFile: true,
        graphiql: false,
        subscriptions: { 'graphql-ws': true },
        context: ({ req, extra }: { req?: object; extra?: { request: object } }) => ({ req: extra?.request ?? req }),
      }),
      OidcMultiAuthModule.forRoot({
        clients: [{ name: 'core-web', audience: 'core-web', issuer: issuer.issuer }],
        defaults: { clockTolerance: 0 },
        globalGuards: true,
      }),
    ],
    providers: [TicksResolver],
  });
  const authorization = `Bearer ${await issuer.tokenFor('core-web', { expiresIn: 2 })}`;
  const client = new Client(app.url, { authorization });
  expect(await client.subscribe('ticks', undefined)).toMatchObject({ type: 'next' });
  expect(await client.closed).toEqual({ code: 1006, reason: '' });
  await issuer.stop();
});

describe.each(WAYS)('subscriptions of %s', (name, adapter, graphql) => {
  const issuer = useTestIssuer();
  let app: TestApp;
  const clients: Client[] = [];
  const connect = (headers?: Record<string, string>): Client => {
    const client = new Client(app.url, headers);
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    app = await startApp({
      adapter,
      imports: [
        graphql(),
        OidcMultiAuthModule.forRoot({
          clients: [{ name: 'core-web', audience: 'core-web', issuer: issuer.issuer }],
          defaults: { preset: 'gold-sso', clockTolerance: 0 },
          revocation: {},
          globalGuards: true,
        }),
      ],
      providers: [TicksResolver],
    });
  });
  afterEach(() => clients.splice(0).forEach((client) => client.close()));

  const codeOf = ({ payload }: Message): unknown => {
    const errors: readonly { extensions?: { originalError?: { code?: unknown } } }[] = Array.isArray(payload)
      ? payload
      : ((payload as { errors?: never }).errors ?? []);
    return errors[0]?.extensions?.originalError?.code;
  };

  it('LIB-36: take the token of what the connection was opened with, in any case', async () => {
    for (const param of ['authorization', 'Authorization']) {
      const message = await connect().subscribe('ticks', { [param]: `Bearer ${await issuer.tokenFor('core-web')}` });
      expect(message).toMatchObject({ type: 'next', payload: { data: { ticks: 'core-web' } } });
    }
  });
  it('take the token of the header, and no second one beside it', async () => {
    const authorization = `Bearer ${await issuer.tokenFor('core-web')}`;
    const message = await connect({ authorization }).subscribe('ticks', undefined);
    expect(message).toMatchObject({ payload: { data: { ticks: 'core-web' } } });
    expect(codeOf(await connect({ authorization }).subscribe('ticks', { authorization }))).toBe('invalid_request');
  });
  it('are refused as anything else is', async () => {
    const authorization = `Bearer ${await issuer.tokenFor('core-web')}`;
    expect(codeOf(await connect().subscribe('ticks', undefined))).toBe('authorization_header_missing');
    expect(codeOf(await connect().subscribe('ticks', { authorization: 'Bearer a.b.c' }))).toBe('malformed_token');
    expect(codeOf(await connect().subscribe('secrets', { authorization }))).toBe('missing_a_valid_role');
  });
  if (name === 'Mercurius') {
    it('LIB-36: end with the first of several tokens that a connection is opened with', async () => {
      const client = connect();
      const long = `Bearer ${await issuer.tokenFor('core-web')}`;
      const short = `Bearer ${await issuer.tokenFor('core-web', { roles: ['admin'], expiresIn: 2 })}`;
      expect(await client.subscribe('ticks', { authorization: long })).toMatchObject({ type: 'next' });
      expect(await client.subscribe('secrets', { headers: { authorization: short } })).toMatchObject({ type: 'next' });
      expect(await client.closed).toEqual({ code: 1006, reason: '' });
    });
    it('take no second token from another place of what they were opened with', async () => {
      const authorization = `Bearer ${await issuer.tokenFor('core-web')}`;
      const twice = await connect().subscribe('ticks', { authorization, headers: { authorization } });
      expect(codeOf(twice)).toBe('invalid_request');
    });
  }
  it('LIB-36: end when their token does', async () => {
    const client = connect();
    const authorization = `Bearer ${await issuer.tokenFor('core-web', { expiresIn: 2 })}`;
    expect(await client.subscribe('ticks', { authorization })).toMatchObject({ type: 'next' });
    expect(await client.closed).toEqual(
      name === 'Mercurius' ? { code: 1006, reason: '' } : { code: 4403, reason: 'token_expired' },
    );
  });
  it('BCL-12 end within a second when their token is revoked', async () => {
    const client = connect();
    const jti = `of ${name}`;
    const authorization = `Bearer ${await issuer.tokenFor('core-web', { claims: { jti } })}`;
    expect(await client.subscribe('ticks', { authorization })).toMatchObject({ type: 'next' });
    const revokedAt = Date.now();
    await app.app.get(OidcRevocations).revokeToken({ issuer: issuer.issuer, jti });
    expect(await client.closed).toEqual(
      name === 'Mercurius' ? { code: 1006, reason: '' } : { code: 4403, reason: 'token_revoked' },
    );
    expect(Date.now() - revokedAt).toBeLessThan(1000);
  });
});
