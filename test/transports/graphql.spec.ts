import { ApolloDriver } from '@nestjs/apollo';
import type { DynamicModule } from '@nestjs/common';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { request } from 'node:http';
import { startApp, type AdapterName } from '../support/test-app';
import { describeWay } from './contract';
import { defineHandlers } from './handlers';

interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, string>> | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string; readonly originalError: never } }[];
}

const WAYS: readonly [string, AdapterName, () => DynamicModule][] = [
  ['GraphQL, Apollo on Express', 'express', () => apollo()],
  ['GraphQL, Apollo on Fastify', 'fastify', () => apollo()],
  ['GraphQL, Mercurius', 'fastify', () => GraphQLModule.forRoot({ driver: MercuriusDriver, autoSchemaFile: true })],
];

function apollo(): DynamicModule {
  return GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true, graphiql: false });
}

for (const [name, adapter, graphql] of WAYS) {
  describeWay({
    name,
    start: async (options) => {
      const Handlers = defineHandlers({ handles: (handler) => Query(() => String, { name: handler }) });
      Resolver()(Handlers);
      const app = await startApp({
        adapter,
        imports: [graphql(), OidcMultiAuthModule.forRoot({ ...options, globalGuards: true })],
        providers: [Handlers],
      });
      return {
        close: () => app.close(),
        call: async (handler, ...tokens) => {
          const { body, headers } = await post(`${app.url}/graphql`, `{ ${handler} }`, tokens);
          const { data, errors } = JSON.parse(body) as GraphqlAnswer;
          const [error] = errors ?? [];
          if (error === undefined) {
            return { accepted: true, value: JSON.parse(data?.[handler] ?? '') };
          }
          const { code, statusCode } = error.extensions.originalError as { code: never; statusCode: number };
          // Apollo on Fastify gives resolvers no response to set headers of.
          if (statusCode !== 503 && name !== 'GraphQL, Apollo on Fastify') {
            expect(headers['www-authenticate']).toMatch(/^Bearer realm="api"/);
          }
          return { accepted: false, code, statusCode };
        },
      };
    },
  });
}

function post(
  url: string,
  query: string,
  tokens: readonly string[],
): Promise<{ body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const authorization = tokens.map((token) => `Bearer ${token}`);
    const headers = { 'content-type': 'application/json', ...(tokens.length > 0 && { authorization }) };
    const outgoing = request(url, { method: 'POST', headers: headers as never }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ body, headers: response.headers }));
    });
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify({ query }));
  });
}
