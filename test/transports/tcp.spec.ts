import { Transport } from '@nestjs/microservices';
import { describeWay } from './contract';
import { freePort } from './free-port';
import { authorization, startMicroservice, type Send } from './microservices';

const inPayload: Send = (client, pattern, tokens) => {
  const [first, second] = tokens;
  // The other place that a message of TCP has.
  client.setOnDispatchHook((packet) => (packet.metadata = authorization(second === undefined ? [] : [second])));
  return client.send(pattern, { ...authorization(first === undefined ? [] : [first]), mine: 7 });
};

const inMetadata: Send = (client, pattern, tokens) => {
  client.setOnDispatchHook((packet) => (packet.metadata = authorization(tokens)));
  return client.send(pattern, tokens.length > 1 ? authorization(tokens) : 7);
};

for (const [name, send] of [
  ['TCP, in the payload', inPayload],
  ['TCP, in the metadata of Nest 12', inMetadata],
] as const) {
  describeWay({
    name,
    start: async (options) => {
      const port = await freePort();
      return startMicroservice({ transport: Transport.TCP, options: { host: '127.0.0.1', port } }, options, send);
    },
  });
}
