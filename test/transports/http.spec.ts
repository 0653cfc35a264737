import { Controller, Get } from '@nestjs/common';
import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { ADAPTERS, getRaw, startApp } from '../support/test-app';
import { describeWay } from './contract';
import { defineHandlers } from './handlers';

for (const adapter of ADAPTERS) {
  describeWay({
    name: adapter === 'express' ? 'HTTP on Express' : 'HTTP on Fastify',
    start: async (options) => {
      const Handlers = defineHandlers({ handles: (name) => Get(name) });
      Controller()(Handlers);
      const app = await startApp({
        adapter,
        imports: [OidcMultiAuthModule.forRoot({ ...options, globalGuards: true })],
        controllers: [Handlers],
      });
      return {
        close: () => app.close(),
        call: async (handler, ...tokens) => {
          const lines = tokens.map((token): [string, string] => ['Authorization', `Bearer ${token}`]);
          const { status, body } = await getRaw(`${app.url}/${handler}`, lines);
          const answer = JSON.parse(body);
          return status === 200 ? { accepted: true, value: answer } : outcomeOf(answer);
        },
      };
    },
  });
}

function outcomeOf({ code, statusCode }: { code: never; statusCode: number }) {
  return { accepted: false, code, statusCode } as const;
}
