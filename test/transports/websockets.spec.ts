import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Public } from 'nestjs-oidc-multi-auth';
import { describeWay, type Outcome } from './contract';
import { defineHandlers, type HandlerName } from './handlers';
import { PLATFORMS, startGateways, type Connection } from './websockets';

/** What came of a message: the answer of its handler, or Nest's event `exception` with the refusal. */
async function outcomeOf(connection: Connection, handler: HandlerName): Promise<Outcome> {
  const { event, data } = await connection.ask(handler, {});
  if (event === handler) {
    return { accepted: true, value: JSON.parse(String(data)) };
  }
  expect(event).toBe('exception');
  expect(data).toMatchObject({ status: 'error', message: expect.any(String) });
  const { code, statusCode } = data as { code: never; statusCode: number };
  return { accepted: false, code, statusCode };
}

for (const platform of PLATFORMS) {
  describeWay({
    name: `${platform.name}, each message`,
    start: async (options) => {
      // Connections are open to everybody: what refuses is the guard before each message.
      const Handlers = defineHandlers({
        handles: (name) => SubscribeMessage(name),
        wrap: (data, event) => ({ event, data }),
      });
      WebSocketGateway({ path: '/' })(Handlers);
      Public()(Handlers);
      const app = await startGateways(platform, options, [Handlers]);
      return {
        close: () => app.close(),
        call: async (handler, ...tokens) => {
          const lines = tokens.map((token) => `Bearer ${token}`);
          const headers: Record<string, string | string[]> = lines.length === 0 ? {} : { authorization: lines };
          const { connection } = (await platform.open(app.url, headers)) as { connection: Connection };
          const outcome = await outcomeOf(connection, handler);
          connection.close();
          await connection.closed;
          return outcome;
        },
      };
    },
  });
}
