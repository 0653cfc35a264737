import type { OidcRequest } from '../passport/oidc-request';
import type { OidcPrincipal } from '../principal/oidc-principal';
import type { OidcAuthException } from '../refusal/oidc-auth.exception';
import { messageOf } from './refusal-exception';
import { handshakeOf, rememberUpgrade } from './websocket-call';

/** Who opens a connection: a principal, nobody where nobody needs to be, or a refusal. */
export type Admission =
  | { readonly principal: OidcPrincipal | undefined; readonly refusal?: undefined }
  | { readonly refusal: OidcAuthException };

/** Decides on connections of one server. */
export interface Doorkeeper {
  /** Never rejects. */
  admit(request: OidcRequest): Admission | Promise<Admission>;
  /** Does something when the token of a principal has expired; returns what gives it up. */
  onExpiry(principal: OidcPrincipal, act: () => void): () => void;
  /** What a caller is told when the token has expired. */
  expired(): OidcAuthException;
}

/** A part of a namespace of socket.io. */
interface SocketIoServer {
  use(middleware: (socket: SocketIoSocket, next: (error?: Error) => void) => void): unknown;
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

const admitted = new WeakMap<object, OidcPrincipal | undefined>();

/** Keeps sockets of socket.io out of a namespace until they have been admitted. */
export function guardNamespace(server: SocketIoServer, doorkeeper: Doorkeeper): void {
  server.use((socket, next) => {
    const request = handshakeOf(socket);
    if (request === undefined) {
      next(new Error('a connection without a handshake'));
      return;
    }
    settle(doorkeeper.admit(request), (admission) => {
      if (admission.refusal !== undefined) {
        // socket.io sends what stands in `data` to the client.
        next(Object.assign(new Error(admission.refusal.message), { data: messageOf(admission.refusal) }));
        return;
      }
      const { principal } = admission;
      request.user = principal;
      Object.assign(socket, { user: principal });
      admitted.set(socket, principal);
      endWithToken(socket, 'disconnect', principal, doorkeeper, () => {
        socket.emit('exception', messageOf(doorkeeper.expired()));
        socket.disconnect();
      });
      next();
    });
  });
}

/** Answers a request to open a WebSocket of `ws`: with the status and challenge of any other request where it is refused. */
export function answerUpgrade(request: OidcRequest, doorkeeper: Doorkeeper, answer: UpgradeAnswer): void {
  settle(doorkeeper.admit(request), (admission) => {
    if (admission.refusal === undefined) {
      admitted.set(request, admission.principal);
      answer(true);
      return;
    }
    const { refusal } = admission;
    answer(false, refusal.getStatus(), JSON.stringify(refusal.getResponse()), {
      'Content-Type': 'application/json; charset=utf-8',
      ...(refusal.challenge === undefined ? {} : { 'WWW-Authenticate': refusal.challenge }),
      ...(refusal.retryAfter === undefined ? {} : { 'Retry-After': String(refusal.retryAfter) }),
    });
  });
}

/**
 * Takes a connection that has been opened.
 *
 * @param request the request that opened it, where the adapter gives one.
 * @returns whether it was admitted; one that was not must not be served.
 */
export function receive(client: object, request: OidcRequest | undefined, doorkeeper: Doorkeeper): boolean {
  if (admitted.has(client)) {
    return true;
  }
  if (request === undefined || !admitted.has(request)) {
    return false;
  }
  const principal = admitted.get(request);
  admitted.set(client, principal);
  rememberUpgrade(client, request);
  Object.assign(client, { user: principal });
  Object.assign(handshakeOf(client) ?? {}, { user: principal });
  const socket = client as Socket;
  endWithToken(socket, 'close', principal, doorkeeper, () => {
    const body = messageOf(doorkeeper.expired());
    socket.send(JSON.stringify({ event: 'exception', data: body }));
    socket.close(POLICY_VIOLATION, body.code ?? '');
  });
  return true;
}

function endWithToken(
  socket: { on(event: string, listener: () => void): unknown },
  ended: 'close' | 'disconnect',
  principal: OidcPrincipal | undefined,
  doorkeeper: Doorkeeper,
  end: () => void,
): void {
  if (principal !== undefined) {
    socket.on(ended, doorkeeper.onExpiry(principal, end));
  }
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
