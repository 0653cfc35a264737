import { MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import {
  authenticateConnections,
  Clients,
  CurrentUser,
  OidcMultiAuthModule,
  OidcClients,
  OidcRevocations,
  type OidcClientOptions,
  OptionalAuth,
  Public,
  Roles,
  type OidcPrincipal,
} from 'nestjs-oidc-multi-auth';
import { useTestIssuer } from '../support/life-cycle';
import { MemoryLogger, startApp, type TestApp } from '../support/test-app';
import { optionsFor } from './handlers';
import { PLATFORMS, startGateways, type Connection, type Opened, type WebsocketPlatform } from './websockets';

@Roles('core_view')
@WebSocketGateway({ path: '/' })
class MinesGateway {
  static readonly connected: unknown[] = [];
  @WebSocketServer() server?: unknown;

  handleConnection(client: { user?: OidcPrincipal }): void {
    MinesGateway.connected.push(client.user?.client);
  }
  @SubscribeMessage('me')
  me(@CurrentUser() user: OidcPrincipal, @MessageBody() body: unknown) {
    return { event: 'me', data: { client: user.client, body } };
  }
  @Roles('admin')
  @SubscribeMessage('admin')
  admin() {
    return { event: 'admin', data: {} };
  }
}

@Public()
@WebSocketGateway({ path: '/' })
class OpenGateway {
  @SubscribeMessage('open')
  open(@CurrentUser() user?: OidcPrincipal) {
    return { event: 'open', data: user?.client ?? null };
  }
}

@OptionalAuth()
@WebSocketGateway({ path: '/' })
class OptionalGateway {
  @SubscribeMessage('maybe')
  maybe(@CurrentUser() user?: OidcPrincipal) {
    return { event: 'maybe', data: user?.client ?? null };
  }
}

const issuer = useTestIssuer();
const down = useTestIssuer();
let app: TestApp | undefined;
const open: Connection[] = [];

beforeAll(async () => {
  await down.fail('error');
});
afterEach(async () => {
  for (const connection of open.splice(0)) {
    connection.close();
  }
  await app?.close();
  app = undefined;
});

const viewer = (options: { expiresIn?: number } = {}) =>
  issuer.tokenFor('core-web', { roles: ['core_view'], ...options });

function opened(attempt: Opened): Connection {
  if (attempt.refused !== undefined) {
    throw new Error(JSON.stringify(attempt.refused));
  }
  open.push(attempt.connection);
  return attempt.connection;
}

describe.each(PLATFORMS.map((platform) => [platform.name, platform] as const))('%s, connections', (name, platform) => {
  const isWs = name.endsWith('ws');
  const start = async (gateways: Parameters<typeof startGateways>[2], target: WebsocketPlatform = platform) => {
    app = await startGateways(target, optionsFor(issuer, down), gateways);
    return app.url;
  };
  const connect = (url: string, token?: string) =>
    platform.open(url, token === undefined ? {} : { authorization: `Bearer ${token}` });

  it('LIB-36: are authenticated when they are opened, and the socket knows who it is', async () => {
    const url = await start([MinesGateway]);
    MinesGateway.connected.length = 0;
    const connection = opened(await connect(url, await viewer()));
    expect(await connection.ask('me', { mine: 7 })).toEqual({
      event: 'me',
      data: { client: 'core-web', body: { mine: 7 } },
    });
    expect(MinesGateway.connected).toEqual(['core-web']);
    const admin = await connection.ask('admin');
    expect(admin).toMatchObject({ event: 'exception', data: { code: 'missing_a_valid_role', statusCode: 403 } });
  });

  it.each([
    ['no token', async () => undefined, 'authorization_header_missing', 401],
    ['an expired one', () => viewer({ expiresIn: -1 }), 'token_expired', 401],
    ['one of nobody here', () => issuer.tokenFor('other'), 'unknown_audience', 401],
    ['one without the role of the gateway', () => issuer.tokenFor('core-web'), 'missing_a_valid_role', 403],
    ['one whose keys cannot be had', () => down.tokenFor('down'), 'keys_unavailable', 503],
  ])('are refused before they exist: %s', async (_case, token, code, statusCode) => {
    const url = await start([MinesGateway]);
    MinesGateway.connected.length = 0;
    const attempt = await connect(url, await token());
    expect(attempt.refused).toMatchObject({ code, statusCode });
    expect(MinesGateway.connected).toEqual([]);
    if (isWs && attempt.refused !== undefined) {
      const { headers } = attempt;
      expect(headers['www-authenticate']).toEqual(
        statusCode === 503 ? undefined : expect.stringMatching(/^Bearer realm="api"/),
      );
      expect(headers['retry-after']).toEqual(statusCode === 503 ? expect.stringMatching(/^[1-9]\d*$/) : undefined);
    }
  });

  it('LIB-36: end when their token does', async () => {
    const url = await start([MinesGateway]);
    const connection = opened(await connect(url, await viewer({ expiresIn: 2 })));
    expect(await connection.ask('me')).toMatchObject({ event: 'me' });
    expect(await connection.next()).toMatchObject({
      event: 'exception',
      data: { status: 'error', statusCode: 401, code: 'token_expired' },
    });
    expect(await connection.closed).toEqual(
      isWs ? { code: 1008, reason: 'token_expired' } : { reason: 'io server disconnect' },
    );
  });

  it('BCL-12 end within a second when their subject is revoked', async () => {
    app = await startGateways(platform, { ...optionsFor(issuer, down), revocation: {} }, [MinesGateway]);
    const connection = opened(await connect(app.url, await viewer()));
    expect(await connection.ask('me')).toMatchObject({ event: 'me' });
    const revokedAt = Date.now();
    const issuedBefore = revokedAt / 1000 + 1;
    const revocations = app.app.get(OidcRevocations);
    await revocations.revokeSubject({ issuer: issuer.issuer, subject: 'test-user', issuedBefore });
    expect(await connection.next()).toMatchObject({ event: 'exception', data: { code: 'token_revoked' } });
    expect(await connection.closed).toEqual(
      isWs ? { code: 1008, reason: 'token_revoked' } : { reason: 'io server disconnect' },
    );
    expect(Date.now() - revokedAt).toBeLessThan(1000);
  });

  it.each([
    ['removed', (mine: OidcClientOptions[]) => mine.filter((one) => one.name !== 'core-web')],
    ['changed', (mine: OidcClientOptions[]) => mine.map((one) => ({ ...one, clockTolerance: 7 }))],
  ])('DYN-2 end within a second when their client is %s, and not before', async (_case, change) => {
    const options = optionsFor(issuer, down);
    app = await startGateways(platform, options, [MinesGateway]);
    const connection = opened(await connect(app.url, await viewer()));
    const clients = app.app.get(OidcClients);
    const other = { name: 'other', audience: 'other', issuer: issuer.issuer };
    await clients.replace([...options.clients, other]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await connection.ask('me')).toMatchObject({ event: 'me' });
    const replacedAt = Date.now();
    await clients.replace(change([...options.clients]));
    expect(await connection.next()).toMatchObject({ event: 'exception', data: { code: 'unknown_audience' } });
    await connection.closed;
    expect(Date.now() - replacedAt).toBeLessThan(1500);
  });

  it('ask for nothing where every gateway is public, and look at no token', async () => {
    const url = await start([OpenGateway]);
    const connection = opened(await connect(url, 'a.b.c'));
    expect(await connection.ask('open')).toEqual({ event: 'open', data: null });
  });

  it('of several gateways must satisfy each', async () => {
    const url = await start([OpenGateway, MinesGateway]);
    expect((await connect(url)).refused).toMatchObject({ code: 'authorization_header_missing' });
    const connection = opened(await connect(url, await viewer()));
    expect(await connection.ask('open')).toMatchObject({ event: 'open' });
    expect(await connection.ask('me')).toMatchObject({ event: 'me' });
  });

  it('may come without a token where that is optional, and not with a bad one', async () => {
    const url = await start([OptionalGateway]);
    expect(await opened(await connect(url)).ask('maybe')).toEqual({ event: 'maybe', data: null });
    expect(await opened(await connect(url, await viewer())).ask('maybe')).toEqual({ event: 'maybe', data: 'core-web' });
    expect((await connect(url, 'a.b.c')).refused).toMatchObject({ code: 'malformed_token' });
  });

  it('bring the token as cookie where that is a source', async () => {
    app = await startGateways(platform, { ...optionsFor(issuer, down), tokenSources: { cookie: 'oidc-jwt' } }, [
      MinesGateway,
    ]);
    const headers = { cookie: `a=b; oidc-jwt=${await viewer()}` };
    expect(await opened(await platform.open(app.url, headers)).ask('me')).toMatchObject({ event: 'me' });
    const foreign = await platform.open(app.url, { ...headers, 'sec-fetch-site': 'cross-site' });
    expect(foreign.refused).toMatchObject({ code: 'authorization_header_missing' });
  });

  it('of gateways for different clients are of none of them, and end all the same', async () => {
    @Clients('core-web')
    @WebSocketGateway({ path: '/' })
    class WebGateway extends MinesGateway {}
    @Clients('bcmi')
    @WebSocketGateway({ path: '/' })
    class BcmiGateway {
      @SubscribeMessage('bcmi')
      bcmi(@CurrentUser() user: OidcPrincipal) {
        return { event: 'bcmi', data: user.client };
      }
    }
    const url = await start([WebGateway, BcmiGateway]);
    MinesGateway.connected.length = 0;
    const forBoth = await issuer.sign({
      iss: issuer.issuer,
      aud: ['core-web', 'bcmi'],
      client_roles: ['core_view'],
      exp: Math.floor(Date.now() / 1000) + 2,
    });
    const connection = opened(await connect(url, forBoth));
    expect(MinesGateway.connected).toEqual([undefined]);
    expect(await connection.ask('bcmi')).toEqual({ event: 'bcmi', data: 'bcmi' });
    expect(await connection.ask('me')).toMatchObject({ data: { client: 'core-web' } });
    expect(await connection.next()).toMatchObject({ event: 'exception', data: { code: 'token_expired' } });
    await connection.closed;
  });

  it('tell decisions with the gateway as route', async () => {
    const events: unknown[] = [];
    app = await startGateways(
      platform,
      { ...optionsFor(issuer, down), onDecision: ({ route, code }) => events.push([route, code]) },
      [MinesGateway],
    );
    await connect(app.url);
    await connect(app.url, await issuer.tokenFor('core-web'));
    expect(events).toEqual([
      ['MinesGateway.handleConnection', 'authorization_header_missing'],
      ['MinesGateway.handleConnection', undefined],
      ['MinesGateway.handleConnection', 'missing_a_valid_role'],
    ]);
  });
});

describe('socket.io', () => {
  const [, platform] = PLATFORMS as [WebsocketPlatform, WebsocketPlatform];

  it('takes the token that its client gives as auth, and no second one beside it', async () => {
    app = await startGateways(platform, optionsFor(issuer, down), [MinesGateway]);
    const token = await viewer();
    expect(await opened(await platform.open(app.url, {}, { token })).ask('me')).toMatchObject({ event: 'me' });
    const twice = await platform.open(app.url, { authorization: `Bearer ${token}` }, { token });
    expect(twice.refused).toMatchObject({ code: 'invalid_request', statusCode: 400 });
    for (const auth of [{ token: 7 }, { token: `Bearer ${token}` }, { token: { toString: 'x' } }]) {
      expect((await platform.open(app.url, {}, auth)).refused).toMatchObject({ code: 'invalid_request' });
    }
  });

  it('ends a connection at once whose token expired while others were asked about it', async () => {
    @WebSocketGateway({ path: '/' })
    class SlowGateway extends MinesGateway {
      afterInit(server: { use(middleware: (socket: unknown, next: () => void) => void): void }): void {
        server.use((_socket, next) => setTimeout(next, 2500));
      }
    }
    app = await startGateways(platform, optionsFor(issuer, down), [SlowGateway]);
    const headers = { authorization: `Bearer ${await viewer({ expiresIn: 2 })}` };
    const connection = opened(await platform.open(app.url, headers));
    expect(await connection.closed).toEqual({ reason: 'io server disconnect' });
  });

  it('does not start where connections would be restored before their token is looked at', async () => {
    @WebSocketGateway({ path: '/', connectionStateRecovery: {} })
    class RecoveringGateway extends MinesGateway {}
    await expect(startGateways(platform, optionsFor(issuer, down), [RecoveringGateway])).rejects.toThrow(
      'connectionStateRecovery',
    );
  });

  it('decides for each namespace by its own gateways', async () => {
    @WebSocketGateway({ path: '/', namespace: 'mines' })
    class NamespaceGateway extends MinesGateway {}
    @Public()
    @WebSocketGateway({ path: '/', namespace: '/news' })
    class NewsGateway extends OpenGateway {}
    app = await startGateways(platform, optionsFor(issuer, down), [NamespaceGateway, NewsGateway]);
    expect((await platform.open(`${app.url}/mines`, {})).refused).toMatchObject({
      code: 'authorization_header_missing',
    });
    expect(await opened(await platform.open(`${app.url}/news`, {})).ask('open')).toMatchObject({ event: 'open' });
    // Nobody is at the root, and nobody gets in without a token.
    expect((await platform.open(app.url, {})).refused).toMatchObject({ code: 'authorization_header_missing' });
  });
});

describe('ws', () => {
  const [platform] = PLATFORMS as [WebsocketPlatform];

  it('asks the gateway, too, where that verifies clients itself', async () => {
    const asked: unknown[] = [];
    @WebSocketGateway({
      path: '/',
      verifyClient: ({ req }: { req: { url: string } }) => {
        asked.push(req.url);
        return !req.url.includes('banned');
      },
    })
    class VerifyingGateway extends MinesGateway {}
    app = await startGateways(platform, optionsFor(issuer, down), [VerifyingGateway]);
    const headers = { authorization: `Bearer ${await viewer()}` };
    expect(await opened(await platform.open(app.url, headers)).ask('me')).toMatchObject({ event: 'me' });
    expect((await platform.open(app.url, {})).refused).toMatchObject({ code: 'authorization_header_missing' });
    expect((await platform.open(`${app.url}/?banned`, headers)).refused).toEqual({ statusCode: 401 });
    expect(asked).toEqual(['/', '/', '/?banned']);
  });

  it('without authenticateConnections, is warned about at start, and its messages are not let through', async () => {
    const logger = new MemoryLogger();
    app = await startApp({
      imports: [OidcMultiAuthModule.forRoot({ ...optionsFor(issuer, down), globalGuards: true })],
      providers: [MinesGateway, OpenGateway],
      logger,
      configure: (nest) => nest.useWebSocketAdapter(platform.adapter(nest)),
    });
    expect(logger.warnings.filter((line) => line.includes('connections of'))).toEqual([
      'warn connections of MinesGateway are open to anybody, and only their messages are guarded; ' +
        'wrap the adapter by authenticateConnections(), or say @Public() on the gateway',
    ]);
    const connection = opened(await platform.open(app.url, { authorization: `Bearer ${await viewer()}` }));
    expect(await connection.ask('me')).toMatchObject({
      event: 'exception',
      data: { message: 'Internal server error' },
    });
    expect(logger.lines.some((line) => line.includes('wrap the adapter of WebSockets'))).toBe(true);
  });
});

it('connections of an adapter that is not known are closed', async () => {
  const ended: string[] = [];
  const callbacks: ((client: object) => unknown)[] = [];
  class StrangeAdapter {
    readonly #private = 7;
    create() {
      return { strange: this.#private };
    }
    bindClientConnect(_server: object, callback: (client: object) => unknown) {
      callbacks.push(callback);
    }
    bindMessageHandlers() {}
    close() {}
  }
  app = await startApp({ imports: [OidcMultiAuthModule.forRoot(optionsFor(issuer, down))] });
  const adapter = authenticateConnections(app.app, new StrangeAdapter());
  expect(adapter).toBeInstanceOf(StrangeAdapter);
  const server = (adapter.create as (port: number) => object)(0);
  expect(server).toEqual({ strange: 7 });
  adapter.bindClientConnect(server, () => ended.push('served'));
  callbacks[0]?.({ terminate: () => ended.push('terminated') });
  expect(ended).toEqual(['terminated']);
});
