import { Controller, Get } from '@nestjs/common';
import {
  INTROSPECTION_CHANNEL,
  OidcHealthIndicator,
  OidcMultiAuthModule,
  type IntrospectionEvent,
  type OidcClientOptions,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { useApps, useFreshTestIssuer } from '../support/life-cycle';
import { selfSigned } from '../support/self-signed';
import type { TestApp } from '../support/test-app';
import { json } from './support';

const startApp = useApps();
const issuer = useFreshTestIssuer();
const cleanUps: (() => unknown)[] = [];
afterEach(() => Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp())));

@Controller('mines')
class MinesController {
  @Get() mines() {
    return 'mines';
  }
}

const client = (more: Partial<OidcClientOptions> = {}, introspection: object = {}): OidcClientOptions => ({
  name: 'b',
  audience: 'api',
  issuer: issuer.issuer,
  introspection: { clientId: 'api', clientSecret: 'secret', ...introspection },
  ...more,
});

const start = (...clients: readonly OidcClientOptions[]): Promise<TestApp> =>
  startApp({
    imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true, fetchTimeout: 2 })],
    controllers: [MinesController],
  });

async function listen(server: ReturnType<typeof createHttpServer> | ReturnType<typeof createServer>): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cleanUps.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** An agent of the undici that is part of Node.js. Jest's global object does not have it, and that of `fetch` does. */
function agentTrusting(ca: string): { close(): Promise<void> } {
  const realm = Reflect.construct(fetch.constructor as FunctionConstructor, ['return globalThis']) as () => object;
  const current = Reflect.get(realm(), Symbol.for('undici.globalDispatcher.1')) as object;
  const Agent = current.constructor as new (options: object) => { close(): Promise<void> };
  return new Agent({ connect: { ca } });
}

it('R7662-07 an endpoint whose certificate nobody vouches for is not sent a token', async () => {
  const { cert, key } = selfSigned();
  let requests = 0;
  const server = createServer({ cert, key }, (_, response) => {
    requests += 1;
    json(response, { active: true, sub: 'u', aud: 'api', exp: Math.floor(Date.now() / 1000) + 60 });
  });
  const endpoint = `https://127.0.0.1:${await listen(server)}/introspect`;
  const untrusting = await start(client({}, { endpoint }));
  expect((await untrusting.get('/mines', 'opaque')).body.code).toBe('introspection_unavailable');
  expect(requests).toBe(0);
  const dispatcher = agentTrusting(cert);
  cleanUps.push(() => dispatcher.close());
  const trusting = await start(client({ dispatcher }, { endpoint }));
  expect((await trusting.get('/mines', 'opaque')).status).toBe(200);
  expect(requests).toBe(1);
});

it('the endpoint of the discovery document is asked at jwksUriOrigin, where the issuer is inside', async () => {
  const { origin } = new URL(issuer.issuer);
  const paths: string[] = [];
  // Names a public host that does not exist, and answers at the internal one.
  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    paths.push(`${request.method} ${request.url}`);
    const isPost = request.method === 'POST';
    const answer = await fetch(`${origin}${request.url}`, {
      method: request.method ?? 'GET',
      ...(isPost && {
        body: Buffer.concat(chunks),
        headers: {
          authorization: String(request.headers.authorization),
          'content-type': String(request.headers['content-type']),
        },
      }),
    });
    const text = (await answer.text()).replaceAll(
      /"(jwks_uri|introspection_endpoint)":"http:\/\/127\.0\.0\.1:\d+/g,
      '"$1":"https://public.invalid',
    );
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  };
  const inside = `http://127.0.0.1:${await listen(createHttpServer((request, response) => void forward(request, response)))}`;
  const discoveryUrl = issuer.discoveryUrl.replace(origin, inside);
  const app = await start(client({ discoveryUrl, jwksUriOrigin: inside }));
  const token = await issuer.tokenFor(client(), { format: 'opaque' });
  expect((await app.get('/mines', token)).status).toBe(200);
  expect(paths).toContain(`POST ${new URL(issuer.introspection.endpoint).pathname}`);
});

it('fetchHeaders go to documents, and not to the endpoint', async () => {
  let headers: IncomingMessage['headers'] = {};
  const server = createHttpServer((request, response) => {
    headers = request.headers;
    json(response, { active: false });
  });
  const endpoint = `http://127.0.0.1:${await listen(server)}/introspect`;
  const app = await start(client({ fetchHeaders: { authorization: 'Bearer gateway', 'x-key': 'k' } }, { endpoint }));
  expect((await app.get('/mines', 'opaque')).body.code).toBe('token_inactive');
  expect([headers.authorization, headers['x-key']]).toEqual([
    `Basic ${Buffer.from('api:secret').toString('base64')}`,
    undefined,
  ]);
});

it('1,000 concurrent requests with one new token make one request', async () => {
  const app = await start(client());
  await issuer.fail('slow', { delay: 700 });
  const token = await issuer.tokenFor(client(), { format: 'opaque' });
  const answers = await Promise.all(Array.from({ length: 1000 }, () => app.get('/mines', token)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(issuer.introspection.requests).toHaveLength(1);
});

it('R7662-10 the log of all requests shows no opaque token at a second issuer', async () => {
  const other = await TestIssuer.start();
  cleanUps.push(() => other.stop());
  const [one, two] = [client(), client({ name: 'c', issuer: other.issuer }, { tokenPrefix: 'ory_at_' })];
  const app = await start(one, two);
  const tokens = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0 ? issuer.tokenFor(one, { format: 'opaque' }) : other.tokenFor(two, { format: 'opaque' }),
    ),
  );
  const strange = [
    'ory_at',
    'ory_ac_1',
    'ORY_AT_1',
    randomUUID(),
    `ory_at_${randomUUID()}`,
    'eyJhbGciOiJub25lIn0.e30.',
  ];
  const accepted = await Promise.all(tokens.map(async (token) => (await app.get('/mines', token)).status));
  expect(new Set(accepted)).toEqual(new Set([200]));
  await issuer.fail('error');
  await Promise.all([...strange, ...tokens].map((token) => app.get('/mines', token)));
  const [first, second] = [issuer, other].map(
    (asked) => new Set(asked.introspection.requests.map(({ token }) => token)),
  );
  expect([...(first ?? [])].filter((token) => second?.has(token) === true || token.startsWith('ory_at_'))).toEqual([]);
  expect([...(second ?? [])].filter((token) => !token.startsWith('ory_at_'))).toEqual([]);
  expect([first?.size, second?.size]).toEqual([10 + 4, 10 + 1]);
});

it('a failing endpoint is told once by health, log and events, and its end too', async () => {
  const events: IntrospectionEvent[] = [];
  const listener = (event: unknown): unknown => events.push(event as IntrospectionEvent);
  subscribe(INTROSPECTION_CHANNEL, listener);
  cleanUps.push(() => unsubscribe(INTROSPECTION_CHANNEL, listener));
  const app = await start(client({}, { cacheFor: 0 }));
  const health = () => app.app.get(OidcHealthIndicator).isHealthy()['oidc'];
  const token = await issuer.tokenFor(client(), { format: 'opaque' });
  await app.get('/mines', token);
  expect(health()?.clients['b']?.introspection).toEqual({ status: 'up' });
  issuer.introspection.fail('error');
  await app.get('/mines', token);
  await app.get('/mines', token);
  expect(health()?.status).toBe('up');
  const lastError = `${issuer.introspection.endpoint} answered 500`;
  expect(health()?.clients['b']?.introspection).toEqual({ status: 'degraded', lastError });
  issuer.introspection.fail(undefined);
  await app.get('/mines', token);
  expect(health()?.clients['b']?.introspection).toEqual({ status: 'up' });
  const time = expect.any(Number) as number;
  expect(events).toEqual([
    { time, type: 'unavailable', issuer: issuer.issuer, reason: lastError },
    { time, type: 'available', issuer: issuer.issuer },
  ]);
});
