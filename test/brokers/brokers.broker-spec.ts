import { NatsRecordBuilder, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { headers } from '@nats-io/transport-node';
import { describeWay } from '../transports/contract';
import { freePort } from '../transports/free-port';
import { authorization, startMicroservice, type Send } from '../transports/microservices';
import { startBroker } from './broker';

const natsSend: Send = (client, pattern, tokens) => {
  const lines = headers();
  for (const token of tokens) {
    lines.append('Authorization', `Bearer ${token}`);
  }
  return client.send(pattern, new NatsRecordBuilder({}).setHeaders(lines).build());
};

const redisSend: Send = (client, pattern, tokens) => {
  const [first, second] = tokens;
  client.setOnDispatchHook((packet) => (packet.metadata = authorization(second === undefined ? [] : [second])));
  return client.send(pattern, { ...authorization(first === undefined ? [] : [first]), mine: 7 });
};

interface BrokerWay {
  readonly name: string;
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  readonly transport: (port: number) => MicroserviceOptions;
  readonly send: Send;
}

const BROKERS: readonly BrokerWay[] = [
  {
    name: 'NATS',
    command: 'nats-server',
    args: (port) => ['--addr', '127.0.0.1', '--port', String(port)],
    transport: (port) => ({ transport: Transport.NATS, options: { servers: [`nats://127.0.0.1:${port}`] } }),
    send: natsSend,
  },
  {
    name: 'Redis',
    command: 'redis-server',
    args: (port) => ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
    transport: (port) => ({ transport: Transport.REDIS, options: { host: '127.0.0.1', port } }),
    send: redisSend,
  },
];

for (const { name, command, args, transport, send } of BROKERS) {
  describeWay({
    name,
    start: async (options) => {
      const port = await freePort();
      const broker = await startBroker(command, args(port), port);
      const app = await startMicroservice(transport(port), options, send);
      return {
        call: (...call) => app.call(...call),
        close: async () => {
          await app.close();
          await broker.stop();
        },
      };
    },
  });
}
