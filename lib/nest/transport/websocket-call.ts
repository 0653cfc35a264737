import type { OidcRequest } from '../../core/token/oidc-request';
import { openedBy } from './authorization-lines';

/** A part of a socket of socket.io. */
interface SocketIoClient {
  readonly handshake: {
    readonly headers: Readonly<Record<string, unknown>>;
    readonly url: string;
    readonly auth?: unknown;
  };
  readonly request?: OidcRequest;
}

const handshakes = new WeakMap<object, OidcRequest>();

/** Remembers the HTTP request that a WebSocket was opened by; sockets of `ws` do not know theirs. */
export function rememberUpgrade(client: object, request: OidcRequest): void {
  handshakes.set(client, openedBy(request, []));
}

/**
 * What a WebSocket carries its token in: the HTTP request that opened it, and for socket.io the `token` that the client gave as
 * `auth`. Undefined where that request is not known.
 */
export function handshakeOf(client: unknown): OidcRequest | undefined {
  if (typeof client !== 'object' || client === null) {
    return undefined;
  }
  const remembered = handshakes.get(client);
  if (remembered !== undefined || !isSocketIo(client)) {
    return remembered;
  }
  const { headers, url, auth } = client.handshake;
  const token: unknown = typeof auth === 'object' && auth !== null && 'token' in auth ? auth.token : undefined;
  const { rawHeaders, socket } = client.request ?? {};
  const own = token === undefined || token === null ? [] : [typeof token === 'string' ? `Bearer ${token}` : token];
  const request = openedBy({ headers, rawHeaders, socket, method: 'GET', url }, own);
  handshakes.set(client, request);
  return request;
}

function isSocketIo(client: object): client is SocketIoClient {
  return (
    'handshake' in client &&
    typeof client.handshake === 'object' &&
    client.handshake !== null &&
    'headers' in client.handshake
  );
}
