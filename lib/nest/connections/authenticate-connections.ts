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
 * A warning for each WebSocket gateway whose messages are guarded and whose connections are open to everybody: they receive
 * what a server sends to all of them.
 *
 * @param adapter the WebSocket adapter of the application.
 *
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
 * Makes WebSocket connections require a token when they open, and ends them when it expires. Decorators on the class of a
 * gateway apply to its connections (`@Public()`, `@OptionalAuth()`, `@Clients()`, roles and scopes). Decorators on a
 * handler apply to its messages, which guards check. `@Authorize()` applies to messages only. The principal is on the
 * socket, as `user`.
 *
 * Supports the adapters of `@nestjs/platform-ws`, which answers a refused connection with the status and challenge of the
 * refusal, and `@nestjs/platform-socket.io`, whose client gets it as `connect_error`. Connections of any other adapter are
 * closed.
 *
 * @param app the application, before it listens.
 * @param adapter the adapter to wrap.
 * @returns the adapter for `app.useWebSocketAdapter()`.
 * @throws Error if the application does not import `OidcMultiAuthModule`; at start, if socket.io is configured to restore
 *   connections (`connectionStateRecovery`).
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

  // A proxy rather than a subclass: adapters may be of any class and have private members.
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

/** Combines the gateway's own `verifyClient` with the check of the token. */
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

/**
 * @throws Error because socket.io would send missed messages to whoever knows a session, before its token is checked.
 */
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

/** Ends a connection that was not admitted, of an unknown adapter or server. */
function close(client: object): void {
  for (const method of ['terminate', 'disconnect', 'close', 'end']) {
    const end: unknown = Reflect.get(client, method);
    if (typeof end === 'function') {
      Reflect.apply(end, client, []);
      return;
    }
  }
}
