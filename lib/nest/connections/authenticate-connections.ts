import type { INestApplicationContext, WebSocketAdapter } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { accessOf } from '../access/access-metadata';
import type { AccessTable } from '../access-table/access-table';
import { gatewaysAt } from '../access-table/message-handlers';
import type { OidcRequest } from '../../core/token/oidc-request';
import { answerUpgrade, guardNamespace, receive } from './websocket-connections';
import type { ConnectionAuthenticator, UpgradeAnswer, UpgradeInfo } from './websocket-connections';
import { GatewayAuthenticator } from './gateway-authenticator';
import { OidcRuntime } from '../runtime/oidc-runtime';

/** A part of the options of a gateway, as Nest gives them to an adapter. */
interface ServerOptions {
  readonly path?: unknown;
  readonly namespace?: unknown;
  readonly verifyClient?: unknown;
  readonly [option: string]: unknown;
}

const authenticating = new WeakSet<object>();

/**
 * A warning for each WebSocket gateway whose messages are guarded and whose connections are open to anybody: what a server
 * sends to all of them, they all get.
 *
 * @param adapter the adapter of WebSockets that the application has.
 * @internal
 */
export function openConnections(table: AccessTable, adapter: unknown): string[] {
  if (typeof adapter === 'object' && adapter !== null && authenticating.has(adapter)) {
    return [];
  }
  const guarded = table.names.filter(
    ({ access: { context, access }, controller }) =>
      context === 'ws' && access === 'guarded' && !accessOf(controller, controller).isPublic,
  );
  return [...new Set(guarded.map(({ controller }) => controller.name))].map(
    (gateway) =>
      `connections of ${gateway} are open to anybody, and only their messages are guarded; ` +
      'wrap the adapter by authenticateConnections(), or say @Public() on the gateway',
  );
}

/**
 * Makes WebSocket connections ask for a token when they are opened, and end when it expires. What stands on the class of a
 * gateway holds for its connections (`@Public()`, `@OptionalAuth()`, `@Clients()`, roles and scopes), what stands on a handler for
 * its messages, which guards look at; `@Authorize()` is asked for messages alone. The principal is on the socket, as `user`.
 *
 * Knows the adapters of `@nestjs/platform-ws`, which answers a refused connection with the status and challenge of any refusal,
 * and `@nestjs/platform-socket.io`, which tells its client of it as `connect_error`; connections of any other are closed.
 *
 * @param app the application, before it listens.
 * @param adapter the adapter to wrap.
 * @returns the adapter to give to `app.useWebSocketAdapter()`.
 * @throws Error if the application does not import `OidcMultiAuthModule`; when it starts, if socket.io is to restore connections
 *   (`connectionStateRecovery`).
 * @example
 * ```ts
 * const app = await NestFactory.create(AppModule);
 * app.useWebSocketAdapter(authenticateConnections(app, new WsAdapter(app)));
 * ```
 */
export function authenticateConnections<Adapter extends WebSocketAdapter>(
  app: INestApplicationContext,
  adapter: Adapter,
): Adapter {
  const runtime = app.get(OidcRuntime, { strict: false });
  const modules = app.get(ModulesContainer, { strict: false });
  const authenticators = new WeakMap<object, ConnectionAuthenticator>();

  const create = (port: number, options: ServerOptions = {}): unknown => {
    const authenticator = new GatewayAuthenticator(runtime, () => gatewaysAt(modules, port, options));
    const server: unknown = adapter.create(port, {
      ...options,
      verifyClient: verifyBoth(options.verifyClient, (info, answer) => answerUpgrade(info.req, authenticator, answer)),
    });
    assertNoRecovery(server);
    if (typeof server === 'object' && server !== null && !authenticators.has(server)) {
      authenticators.set(server, authenticator);
      if (isNamespace(server)) {
        guardNamespace(server, authenticator);
      }
    }
    return server;
  };

  const bindClientConnect = (server: object, callback: Function): unknown =>
    adapter.bindClientConnect(server, (client: object, ...rest: readonly unknown[]): unknown => {
      const authenticator = authenticators.get(server);
      const [request] = rest;
      if (authenticator !== undefined && receive(client, isRequest(request) ? request : undefined, authenticator)) {
        return callback(client, ...rest);
      }
      close(client);
      return undefined;
    });

  // A proxy and no subclass: adapters may be of any class, with members that only it can reach.
  const wrapped = new Proxy(adapter, {
    get: (target, name): unknown => {
      if (name === 'create') {
        return create;
      }
      if (name === 'bindClientConnect') {
        return bindClientConnect;
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
  authenticating.add(wrapped);
  return wrapped;
}

/** What `ws` asks before it opens a connection: what the gateway itself says, and then whether its token is good. */
function verifyBoth(own: unknown, verify: (info: UpgradeInfo, answer: UpgradeAnswer) => void) {
  return (info: UpgradeInfo, answer: UpgradeAnswer): void => {
    const proceed: UpgradeAnswer = (isOpened, ...why) => (isOpened ? verify(info, answer) : answer(false, ...why));
    if (typeof own !== 'function') {
      proceed(true);
    } else if (own.length === 2) {
      own(info, proceed);
    } else {
      proceed(Boolean(own(info)));
    }
  };
}

/** @throws Error where socket.io would hand what was missed to whoever knows a session, before its token is looked at. */
function assertNoRecovery(server: unknown): void {
  const options: unknown = typeof server === 'object' && server !== null ? Reflect.get(server, 'opts') : undefined;
  if (
    typeof options === 'object' &&
    options !== null &&
    Reflect.get(options, 'connectionStateRecovery') !== undefined
  ) {
    throw new Error(
      'authenticateConnections: socket.io restores a connection by connectionStateRecovery before its token is looked at; ' +
        'leave that option out',
    );
  }
}

function isNamespace(server: object): server is Parameters<typeof guardNamespace>[0] {
  return 'use' in server && typeof server.use === 'function';
}

function isRequest(value: unknown): value is OidcRequest {
  return typeof value === 'object' && value !== null && 'headers' in value;
}

/** Ends a connection that nobody has admitted: of an adapter, or of a server, that is not known. */
function close(client: object): void {
  for (const method of ['terminate', 'disconnect', 'close', 'end']) {
    const end: unknown = Reflect.get(client, method);
    if (typeof end === 'function') {
      Reflect.apply(end, client, []);
      return;
    }
  }
}
