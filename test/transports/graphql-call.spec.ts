import { OidcAuthException } from '../../lib/passport/oidc-auth.exception';
import { graphqlCall } from '../../lib/nest/transport/graphql-call';

const socketOf = () => ({ on: () => undefined, destroy: jest.fn() });

/** The connection of a call whose context holds nothing but an HTTP request. */
function connectionOf(method: string, headers: object) {
  const socket = socketOf();
  const call = graphqlCall([{}, {}, { req: { method, headers, socket } }, {}]);
  return { socket, connection: call?.connection };
}

describe('the connection of an operation whose context is a plain request', () => {
  it.each([
    ['keep-alive, Upgrade', 'websocket'],
    ['upgrade', 'WebSocket'],
  ])('is cut off with the token where the request opened a WebSocket (Connection: %s)', (connection, upgrade) => {
    const found = connectionOf('GET', { connection, upgrade });
    expect(found.connection?.key).toBe(found.socket);
    found.connection?.end(new OidcAuthException('token_expired'));
    expect(found.socket.destroy).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['Upgrade alone', 'GET', { upgrade: 'websocket' }],
    ['Connection alone', 'GET', { connection: 'upgrade' }],
    ['another method', 'POST', { connection: 'upgrade', upgrade: 'websocket' }],
    ['another protocol', 'GET', { connection: 'upgrade', upgrade: 'h2c' }],
    ['a longer name', 'GET', { connection: 'upgrade', upgrade: 'websocket2' }],
    ['neither', 'GET', {}],
  ])('is nobody’s to cut off otherwise: %s', (_what, method, headers) => {
    expect(connectionOf(method, headers).connection).toBeUndefined();
  });
});
