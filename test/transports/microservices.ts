import { Controller } from '@nestjs/common';
import { ClientProxyFactory, MessagePattern, type ClientProxy, type MicroserviceOptions } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { OidcMultiAuthModule, type OidcMultiAuthOptions } from 'nestjs-oidc-multi-auth';
import { lastValueFrom } from 'rxjs';
import { sinks } from '../support/sinks';
import { MemoryLogger } from '../support/test-app';
import type { Harness, Outcome } from './contract';
import { defineHandlers } from './handlers';

/** How a client of a microservice sends tokens with a message. */
export type Send = (client: ClientProxy, pattern: string, tokens: readonly string[]) => ReturnType<ClientProxy['send']>;

/** A microservice with the handlers, and a client of it. */
export async function startMicroservice(
  transport: MicroserviceOptions,
  options: OidcMultiAuthOptions,
  send: Send,
): Promise<Harness> {
  const Handlers = defineHandlers({ handles: (name) => MessagePattern(name) });
  Controller()(Handlers);
  const module = await Test.createTestingModule({
    imports: [OidcMultiAuthModule.forRoot({ ...options, globalGuards: true })],
    controllers: [Handlers],
  })
    .setLogger(new MemoryLogger())
    .compile();
  const app = module.createNestMicroservice<MicroserviceOptions>(transport);
  await app.listen();
  const client = ClientProxyFactory.create(transport as never) as unknown as ClientProxy;
  await client.connect();
  return {
    call: (handler, ...tokens) =>
      lastValueFrom(send(client, handler, tokens)).then(
        (text): Outcome => ({ accepted: true, value: JSON.parse(String(text)) }),
        (error: object): Outcome => {
          sinks.cameOut(JSON.stringify(error));
          expect(error).toMatchObject({ status: 'error', message: expect.any(String) });
          const { code, statusCode } = error as { code: never; statusCode: number };
          return { accepted: false, code, statusCode };
        },
      ),
    close: async () => {
      await client.close();
      await app.close();
    },
  };
}

/** The members of a payload, or of what a transport has for headers, that carry these tokens. */
export function authorization(tokens: readonly string[]): Record<string, string> {
  const [token] = tokens;
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
