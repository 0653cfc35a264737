import type { OidcRequest } from '../../core/token/oidc-request';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';
import type { OidcAuthException } from '../../passport/oidc-auth.exception';
import type { Connection } from '../transport/connection';
import { messageOf } from '../transport/refusal-exception';
import { handshakeOf, rememberUpgrade } from '../transport/websocket-call';

/**
 * Who opens a connection: a principal, nobody where nobody needs to be, or a refusal. Where gateways of one server take
 * it for different clients, the connection is nobody's in particular, and still ends with the token.
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

/** A request to open a WebSocket, as `ws` asks about it. */
export interface UpgradeInfo {
  readonly req: OidcRequest;
}

/** How `ws` is answered: whether to open it, and else with what HTTP answer. */
export type UpgradeAnswer = (
  isOpened: boolean,
  status?: number,
  body?: string,
  headers?: Readonly<Record<string, string>>,
) => void;

/** The code of RFC 6455 section 7.4.1 for a policy that does not allow something. */
const POLICY_VIOLATION = 1008;

/** What sockets of socket.io call the end of a connection. */
const SOCKET_IO_EVENTS: Readonly<Record<string, string>> = { close: 'disconnect' };

const admitted = new WeakMap<object, Admitted>();

/** Keeps sockets of socket.io out of a namespace until they have been admitted. */
export function guardNamespace(server: SocketIoServer, authenticator: ConnectionAuthenticator): void {
  server.use((socket, next) => {
    const request = handshakeOf(socket);
    if (request === undefined) {
      next(new Error('a connection without a handshake'));
      return;
    }
    settle(authenticator.admit(request), (admission) => {
      if (admission.refusal !== undefined) {
        // socket.io sends what stands in `data` to the client.
        next(Object.assign(new Error(admission.refusal.message), { data: messageOf(admission.refusal) }));
        return;
      }
      request.user = admission.user;
      Object.assign(socket, { user: admission.user });
      admitted.set(socket, admission);
      next();
    });
  });
  // Only now can it be ended: what comes before may take longer than the token is good for.
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

/** Answers a request to open a WebSocket of `ws`: with the status and challenge of any other request where it is refused. */
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
 * Takes a connection that has been opened.
 *
 * @param request the request that opened it, where the adapter gives one.
 * @returns whether it was admitted; one that was not must not be served.
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

/** At once where there is nothing to wait for. */
function settle(admission: Admission | Promise<Admission>, act: (admission: Admission) => void): void {
  if (admission instanceof Promise) {
    // What is called back belongs to others, and a rejection that nobody handles would end the process.
    admission.then(act).catch(() => undefined);
  } else {
    act(admission);
  }
}
