import type { OidcRequest } from '../../core/token/oidc-request';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';
import type { OidcAuthException } from '../../passport/oidc-auth.exception';
import type { Connection } from '../transport/connection';
import { messageOf } from '../transport/refusal-exception';
import { handshakeOf, rememberUpgrade } from '../transport/websocket-call';

/**
 * The result for a new connection: a principal, no principal where none is required, or a refusal. Where the gateways of
 * one server resolve the token to different clients, `user` is undefined. The connection still ends with the token.
 */
export type Admission =
  | {
      readonly principal: OidcPrincipal | undefined;
      readonly user: OidcPrincipal | undefined;
      readonly refusal?: undefined;
    }
  | { readonly refusal: OidcAuthException };

type Admitted = Extract<Admission, { readonly refusal?: undefined }>;

/** Decides on connections of one server. */
export interface ConnectionAuthenticator {
  /** Never rejects. */
  admit(request: OidcRequest): Admission | Promise<Admission>;
  /** Ends a connection when the token of a principal expires. */
  endWithToken(principal: OidcPrincipal, connection: Connection): void;
}

/** A part of a namespace of socket.io. */
interface SocketIoServer {
  use(middleware: (socket: SocketIoSocket, next: (error?: Error) => void) => void): unknown;
  on(event: 'connection', listener: (socket: SocketIoSocket) => void): unknown;
}

interface SocketIoSocket {
  emit(event: string, body: unknown): unknown;
  on(event: string, listener: () => void): unknown;
  disconnect(): unknown;
}

/** A part of a socket of `ws`. */
interface Socket {
  send(text: string): unknown;
  close(code: number, reason: string): unknown;
  on(event: string, listener: () => void): unknown;
}

/** A request to open a WebSocket, as `ws` passes it. */
export interface UpgradeInfo {
  readonly req: OidcRequest;
}

/** The callback of `ws`: whether to open the WebSocket, and otherwise the HTTP answer. */
export type UpgradeAnswer = (
  isOpened: boolean,
  status?: number,
  body?: string,
  headers?: Readonly<Record<string, string>>,
) => void;

/** Policy violation (RFC 6455 section 7.4.1). */
const POLICY_VIOLATION = 1008;

/** The names that socket.io has for events of a connection, where they differ. */
const SOCKET_IO_EVENTS: Readonly<Record<string, string>> = { close: 'disconnect' };

const admitted = new WeakMap<object, Admitted>();

/** Refuses sockets of socket.io in a namespace unless they are admitted. */
export function guardNamespace(server: SocketIoServer, authenticator: ConnectionAuthenticator): void {
  server.use((socket, next) => {
    const request = handshakeOf(socket);
    if (request === undefined) {
      next(new Error('a connection without a handshake'));
      return;
    }
    settle(authenticator.admit(request), (admission) => {
      if (admission.refusal !== undefined) {
        // socket.io sends `data` to the client.
        next(Object.assign(new Error(admission.refusal.message), { data: messageOf(admission.refusal) }));
        return;
      }
      request.user = admission.user;
      Object.assign(socket, { user: admission.user });
      admitted.set(socket, admission);
      next();
    });
  });
  // A socket can only be ended from here on. The token may have expired in the meantime.
  server.on('connection', (socket) => {
    const principal = admitted.get(socket)?.principal;
    if (principal !== undefined) {
      const key = {
        on: (event: string, listener: () => void) => socket.on(SOCKET_IO_EVENTS[event] ?? event, listener),
      };
      authenticator.endWithToken(principal, {
        key,
        end: (refusal) => {
          socket.emit('exception', messageOf(refusal));
          socket.disconnect();
        },
      });
    }
  });
}

/** Answers a request to open a WebSocket of `ws`. A refusal has the status, body and headers of any HTTP refusal. */
export function answerUpgrade(
  request: OidcRequest,
  authenticator: ConnectionAuthenticator,
  answer: UpgradeAnswer,
): void {
  settle(authenticator.admit(request), (admission) => {
    if (admission.refusal === undefined) {
      admitted.set(request, admission);
      answer(true);
      return;
    }
    const { refusal } = admission;
    answer(false, refusal.getStatus(), JSON.stringify(refusal.getResponse()), {
      'Content-Type': 'application/json; charset=utf-8',
      ...Object.fromEntries(refusal.refusalHeaders),
    });
  });
}

/**
 * Receives a connection that was opened.
 *
 * @param request the request that opened it, where the adapter passes one.
 * @returns whether it was admitted. The caller must close one that was not.
 */
export function receive(
  client: object,
  request: OidcRequest | undefined,
  authenticator: ConnectionAuthenticator,
): boolean {
  if (admitted.has(client)) {
    return true;
  }
  const admission = request && admitted.get(request);
  if (request === undefined || admission === undefined) {
    return false;
  }
  const { principal, user } = admission;
  admitted.set(client, admission);
  rememberUpgrade(client, request);
  Object.assign(client, { user });
  Object.assign(handshakeOf(client) ?? {}, { user });
  if (principal !== undefined) {
    const socket = client as Socket;
    authenticator.endWithToken(principal, {
      key: socket,
      end: (refusal) => {
        const body = messageOf(refusal);
        socket.send(JSON.stringify({ event: 'exception', data: body }));
        socket.close(POLICY_VIOLATION, body.code ?? '');
      },
    });
  }
  return true;
}

/** Acts on an admission: synchronously unless it is a promise. */
function settle(admission: Admission | Promise<Admission>, act: (admission: Admission) => void): void {
  if (admission instanceof Promise) {
    // The callback is code of others, and an unhandled rejection would end the process.
    admission.then(act).catch(() => undefined);
  } else {
    act(admission);
  }
}
