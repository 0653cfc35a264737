import { KafkaContext, MqttContext, NatsContext, RmqContext } from '@nestjs/microservices';
import { headersOf } from '../../lib/core/token/oidc-request';
import type { Credentials } from '../../lib/core/token/bearer';
import { readBearer } from '../support/read-bearer';
import { messageRequest } from '../../lib/nest/transport/rpc-call';

/** The contexts of Nest's own transports, of a message with these headers. */
const TRANSPORTS: readonly [string, (headers: unknown) => object][] = [
  ['Kafka', (headers) => new KafkaContext([{ headers }, 0, 'topic', {}, () => undefined, {}] as never)],
  ['RabbitMQ', (headers) => new RmqContext([{ properties: { headers } }, {}, 'pattern'] as never)],
  ['MQTT', (headers) => new MqttContext(['topic', { properties: { userProperties: headers } }] as never)],
  [
    'NATS',
    (headers) => {
      const entries = headers === undefined ? undefined : Object.entries(headers as object);
      const list = entries?.map(([name, value]): [string, unknown] => [name, Array.isArray(value) ? value : [value]]);
      return new NatsContext(['subject', list && new Map(list)] as never);
    },
  ],
];

const read = (context: object, data: unknown = {}): Credentials | undefined => {
  const request = messageRequest(data, context);
  return request && readBearer(headersOf(request));
};

describe.each(TRANSPORTS)('headers of %s', (_name, contextWith) => {
  it('carry one token under authorization in any case', () => {
    expect(read(contextWith({ authorization: 'Bearer a.b.c' }))).toEqual({ kind: 'bearer', token: 'a.b.c' });
    expect(read(contextWith({ Authorization: 'Bearer a.b.c', other: 'x' }))).toEqual({
      kind: 'bearer',
      token: 'a.b.c',
    });
  });
  it('carry none', () => {
    expect(read(contextWith(undefined))).toEqual({ kind: 'none' });
    expect(read(contextWith({ other: 'Bearer a.b.c' }))).toEqual({ kind: 'none' });
    expect(read(contextWith({ authorization: 'Basic abc' }))).toEqual({ kind: 'none' });
  });
  it('carry two, or what is none', () => {
    expect(read(contextWith({ authorization: ['Bearer a', 'Bearer b'] }))).toEqual({ kind: 'malformed' });
    expect(read(contextWith({ authorization: 'Bearer a', Authorization: 'Bearer a' }))).toEqual({ kind: 'malformed' });
    expect(read(contextWith({ authorization: 7 }))).toEqual({ kind: 'malformed' });
    expect(read(contextWith({ authorization: { toString: () => 'Bearer a' } }))).toEqual({ kind: 'malformed' });
  });
  it('are the one place: the payload is not looked at', () => {
    expect(read(contextWith({}), { authorization: 'Bearer a.b.c' })).toEqual({ kind: 'none' });
  });
});

it('headers of Kafka are octets', () => {
  const [[, contextWith]] = TRANSPORTS as [(typeof TRANSPORTS)[number]];
  expect(read(contextWith({ authorization: Buffer.from('Bearer a.b.c') }))).toEqual({ kind: 'bearer', token: 'a.b.c' });
});

it('a transport that is not known carries nothing', () => {
  expect(read({ getTopic: () => 'x' }, { authorization: 'Bearer a.b.c' })).toBeUndefined();
});
