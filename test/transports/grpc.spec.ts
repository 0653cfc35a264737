import { credentials, loadPackageDefinition, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Controller } from '@nestjs/common';
import { GrpcMethod, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { join } from 'node:path';
import { sinks } from '../support/sinks';
import { MemoryLogger } from '../support/test-app';
import { headersOf } from '../../lib/core/token/oidc-request';
import { readBearer } from '../support/read-bearer';
import { messageRequest } from '../../lib/nest/transport/rpc-call';
import { describeWay, type Outcome } from './contract';
import { freePort } from './free-port';
import { defineHandlers, type HandlerName } from './handlers';

const PROTO = join(__dirname, 'handlers.proto');

/** The status codes of gRPC and the HTTP status codes that they stand for here. */
const STATUS: Readonly<Record<number, number>> = { 3: 400, 16: 401, 7: 403, 14: 503 };

type Call = (request: object, metadata: Metadata, answer: (error: ServiceError | null, value: never) => void) => void;

describeWay({
  name: 'gRPC',
  // HTTP/2 of Node.js has one line of this name.
  isSingle: true,
  start: async (options) => {
    const Handlers = defineHandlers({
      handles: (name) => GrpcMethod('Handlers', name),
      wrap: (text) => ({ text }),
    });
    Controller()(Handlers);
    const module = await Test.createTestingModule({
      imports: [OidcMultiAuthModule.forRoot({ ...options, globalGuards: true })],
      controllers: [Handlers],
    })
      .setLogger(new MemoryLogger())
      .compile();
    const url = `127.0.0.1:${await freePort()}`;
    const app = module.createNestMicroservice<MicroserviceOptions>({
      transport: Transport.GRPC,
      options: { url, package: 'transports', protoPath: PROTO },
    });
    await app.listen();
    const { transports } = loadPackageDefinition(loadSync(PROTO)) as never as {
      transports: { Handlers: new (url: string, security: unknown) => Record<HandlerName, Call> & { close(): void } };
    };
    const client = new transports.Handlers(url, credentials.createInsecure());
    return {
      call: (handler, ...tokens) => {
        const metadata = new Metadata();
        for (const token of tokens) {
          metadata.add('authorization', `Bearer ${token}`);
        }
        return new Promise<Outcome>((resolve) =>
          client[handler]({}, metadata, (error, value: { readonly text: string }) => {
            if (error === null) {
              resolve({ accepted: true, value: JSON.parse(value.text) });
              return;
            }
            sinks.cameOut(JSON.stringify(error));
            const [code] = error.metadata.get('refusal-code');
            const statusCode = STATUS[error.code] ?? 0;
            expect(error.details).not.toBe('');
            expect(error.metadata.get('www-authenticate')).toHaveLength(statusCode === 503 ? 0 : 1);
            expect(error.metadata.get('retry-after')).toHaveLength(statusCode === 503 ? 1 : 0);
            resolve({ accepted: false, code: code as never, statusCode });
          }),
        );
      },
      close: async () => {
        client.close();
        await app.close();
      },
    };
  },
});

it('two values of one name in metadata of gRPC are malformed', () => {
  const metadata = new Metadata();
  metadata.add('authorization', 'Bearer a');
  expect(readBearer(headersOf(messageRequest({}, metadata) ?? {}))).toEqual({ kind: 'bearer', token: 'a' });
  metadata.add('authorization', 'Bearer a');
  expect(readBearer(headersOf(messageRequest({}, metadata) ?? {}))).toEqual({ kind: 'malformed' });
});
