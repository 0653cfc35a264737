import type { INestApplicationContext, WebSocketAdapter } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { gatewaysAt } from '../access-table/message-handlers';
import type { OidcRequest } from '../passport/oidc-request';
import { answerUpgrade, guardNamespace, receive } from '../transport/websocket-connections';
import type { Doorkeeper, UpgradeAnswer, UpgradeInfo } from '../transport/websocket-connections';
import { ConnectionDoorkeeper } from './connection-doorkeeper';
import { OidcRuntime } from './oidc-runtime';

/** A part of the options of a gateway, as Nest gives them to an adapter. */
interface ServerOptions {
  readonly path?: unknown;
  readonly namespace?: unknown;
  readonly verifyClient?: unknown;
  readonly [option: string]: unknown;
}

const authenticating = new WeakSet<object>();

/**
 * Whether an adapter authenticates connections.
 *
 * @internal
 */
export function authenticatesConnections(adapter: unknown): boolean {
  return typeof adapter === 'object' && adapter !== null && authenticating.has(adapter);
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
 * @throws Error if the application does not import `OidcMultiAuthModule`.
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
  const doorkeepers = new WeakMap<object, Doorkeeper>();

  const create = (port: number, options: ServerOptions = {}): unknown => {
    const doorkeeper = new ConnectionDoorkeeper(runtime, () => gatewaysAt(modules, port, options));
    const server: unknown = adapter.create(port, {
      ...options,
      verifyClient: verifyBoth(options.verifyClient, (info, answer) => answerUpgrade(info.req, doorkeeper, answer)),
    });
    if (typeof server === 'object' && server !== null && !doorkeepers.has(server)) {
      doorkeepers.set(server, doorkeeper);
      if (isNamespace(server)) {
        guardNamespace(server, doorkeeper);
      }
    }
    return server;
  };

  const bindClientConnect = (server: object, callback: Function): unknown =>
    adapter.bindClientConnect(server, (client: object, ...rest: readonly unknown[]): unknown => {
      const doorkeeper = doorkeepers.get(server);
      const [request] = rest;
      if (doorkeeper !== undefined && receive(client, isRequest(request) ? request : undefined, doorkeeper)) {
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
