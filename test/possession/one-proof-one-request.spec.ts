import { ApolloDriver } from '@nestjs/apollo';
import {
  Catch,
  Controller,
  Get,
  Inject,
  Injectable,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
} from '@nestjs/common';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import { AuthGuard } from '@nestjs/passport';
import {
  MultiJwtGuard,
  OidcMultiAuthModule,
  RolesGuard,
  type OidcAuthException,
  type ReplayStore,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer, TestProofKey } from 'nestjs-oidc-multi-auth/testing';
import { startApp, type AdapterName, type TestApp } from '../support/test-app';
import { PLATFORMS, startGateways, type Connection, type WebsocketPlatform } from '../transports/websockets';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { ORIGIN, refusal } from './support';

/** Counts what it is asked to remember. */
class CountingStore implements ReplayStore {
  readonly keys: string[] = [];
  remember(key: string): boolean {
    const isNew = !this.keys.includes(key);
    this.keys.push(key);
    return isNew;
  }
}

let issuer: TestIssuer;
let key: TestProofKey;
let token: string;
beforeAll(async () => {
  [issuer, key] = await Promise.all([TestIssuer.start(), TestProofKey.create()]);
  token = await issuer.tokenFor('web', { claims: { cnf: key.confirmation } });
});
afterAll(() => issuer.stop());

const optionsWith = (replayStore: ReplayStore) => ({
  clients: [{ name: 'web', audience: 'web', issuer: issuer.issuer }],
  proofOfPossession: { origins: [ORIGIN], replayStore },
});

/** Asks the guard again, as a filter that retries would. */
@Catch()
@Injectable()
class RetryingFilter implements ExceptionFilter {
  constructor(@Inject(MultiJwtGuard) private readonly guard: CanActivate) {}
  async catch(_error: unknown, host: ArgumentsHost) {
    const context = Object.assign(host, {
      getClass: () => RetriedController,
      // oxlint-disable-next-line typescript/unbound-method
      getHandler: () => RetriedController.prototype.fail,
    }) as unknown as ExecutionContext;
    const response = host.switchToHttp().getResponse();
    try {
      response.status(200).send({ isAccepted: await this.guard.canActivate(context) });
    } catch (refused) {
      const exception = refused as OidcAuthException;
      response.status(exception.getStatus()).send(exception.getResponse());
    }
  }
}

@Controller('guarded')
@UseGuards(MultiJwtGuard, RolesGuard, MultiJwtGuard)
class GuardedController {
  @UseGuards(MultiJwtGuard, AuthGuard('oidc:web'))
  @Get()
  get() {
    return { ok: true };
  }
}

@Controller('retried')
class RetriedController {
  @UseFilters(RetryingFilter)
  @Get()
  fail() {
    throw new Error('once more');
  }
}

describe.each(['express', 'fastify'] as const)('one HTTP request uses up one proof, on %s', (adapter) => {
  let api: TestApp;
  const store = new CountingStore();
  beforeAll(async () => {
    api = await startApp({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ ...optionsWith(store), globalGuards: true })],
      controllers: [GuardedController, RetriedController],
      providers: [RetryingFilter],
    });
  });
  afterAll(() => api.close());

  it.each(['guarded', 'retried'])('R9449-24 however many guards look at it: %s', async (path) => {
    const before = store.keys.length;
    const headers = key.headersFor(token, { url: `${ORIGIN}/${path}` });
    expect(await api.get(`/${path}`, headers)).toMatchObject({ status: 200 });
    expect(store.keys).toHaveLength(before + 1);
    expect(await api.get(`/${path}`, headers)).toEqual(refusal('invalid_dpop_proof'));
  });
});

const apollo = () => GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true, graphiql: false });
const GRAPHQL: readonly [string, AdapterName, () => DynamicModule][] = [
  ['Apollo on Express', 'express', apollo],
  ['Apollo on Fastify', 'fastify', apollo],
  ['Mercurius', 'fastify', () => GraphQLModule.forRoot({ driver: MercuriusDriver, autoSchemaFile: true })],
];

@Resolver()
class MinesResolver {
  @Query(() => String)
  mine() {
    return 'mine';
  }
}

it.each(GRAPHQL)('R9449-24 an operation of 1,000 fields uses up one proof: %s', async (_name, adapter, graphql) => {
  const store = new CountingStore();
  const api = await startApp({
    adapter,
    imports: [graphql(), OidcMultiAuthModule.forRoot({ ...optionsWith(store), globalGuards: true })],
    providers: [MinesResolver],
  });
  try {
    const headers = {
      'content-type': 'application/json',
      ...key.headersFor(token, { method: 'POST', url: `${ORIGIN}/graphql` }),
    };
    const query = `{ ${Array.from({ length: 1000 }, (_, index) => `m${index}: mine`).join(' ')} }`;
    const ask = async () => {
      const response = await fetch(`${api.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
      return (await response.json()) as { data: object | null; errors?: { extensions: { originalError: object } }[] };
    };
    const { data, errors } = await ask();
    expect(errors).toBeUndefined();
    expect(Object.keys(data ?? {})).toHaveLength(1000);
    expect(store.keys).toHaveLength(1);
    const [error] = (await ask()).errors ?? [];
    expect(error?.extensions.originalError).toMatchObject({ code: 'invalid_dpop_proof' });
  } finally {
    await api.close();
  }
});

@WebSocketGateway()
class MinesGateway {
  @SubscribeMessage('mines')
  mines() {
    return { event: 'mines', data: 'ok' };
  }
}

describe.each(PLATFORMS)('a handshake, $name', (platform) => {
  const path = platform.name.endsWith('socket.io') ? '/socket.io/' : '/';

  it('R9449-09 is proven for GET and the https form of its URL, once for all messages', async () => {
    const store = new CountingStore();
    const api = await startGateways(platform, optionsWith(store), [MinesGateway]);
    try {
      const headers = { ...key.headersFor(token, { url: ORIGIN + path }) };
      const { connection } = (await platform.open(api.url, headers)) as {
        connection: Connection;
      };
      for (let message = 0; message < 3; message += 1) {
        expect(await connection.ask('mines')).toEqual({ event: 'mines', data: 'ok' });
      }
      connection.close();
      expect(store.keys).toHaveLength(1);
      expect(await platform.open(api.url, headers)).toMatchObject({ refused: { code: 'invalid_dpop_proof' } });
      const ofWebSocket = key.headersFor(token, { url: (ORIGIN + path).replace('https', 'wss') });
      expect(await platform.open(api.url, { ...ofWebSocket })).toMatchObject({
        refused: { code: 'invalid_dpop_proof' },
      });
    } finally {
      await api.close();
    }
  });
});

it('R9449-15 has no proof for a token in the message of socket.io', async () => {
  const [, socketIo] = PLATFORMS;
  const api = await startGateways(socketIo as WebsocketPlatform, optionsWith(new CountingStore()), [MinesGateway]);
  try {
    const { dpop } = key.headersFor(token, { url: `${ORIGIN}/socket.io/` });
    const opened = await (socketIo as WebsocketPlatform).open(api.url, { dpop }, { token });
    expect(opened).toMatchObject({ refused: { code: 'proof_required' } });
  } finally {
    await api.close();
  }
});
