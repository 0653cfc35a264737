import { ApolloDriver } from '@nestjs/apollo';
import { Scope, type INestApplication, type Provider, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { lastValueFrom } from 'rxjs';
import { io, type Socket } from 'socket.io-client';
import {
  describeAccess,
  MultiJwtGuard,
  OidcConfigurationError,
  OidcMultiAuthModule,
  Public,
  RolesGuard,
  type OidcMultiAuthModuleExtras,
} from 'nestjs-oidc-multi-auth';
import { useTestIssuer } from '../../support/life-cycle';
import { startApp, type AdapterName } from '../../support/test-app';
import { freePort } from '../../transports/free-port';
import {
  ANSWER,
  FieldGuard,
  GUARDS,
  PLACES,
  RefusesNobody,
  ReturnsTrue,
  STYLES,
  type Guard,
  type Style,
} from './combinations';

/** Calls one handler with a token, and says whether the handler answered. */
type Ask = (key: string, token: string | undefined) => Promise<boolean>;

/** A way to reach handlers: what the application needs for it, and how they are called. */
interface Way {
  readonly style: Style;
  readonly adapter: AdapterName;
  readonly imports?: (keys: readonly string[]) => object[];
  readonly providers?: Provider[];
  readonly configure?: (app: INestApplication) => Promise<void> | void;
  readonly connect: (app: INestApplication, url: string) => Promise<{ ask: Ask; close: () => unknown }>;
}

/** How guards are made global. */
interface Binding {
  readonly name: string;
  readonly extras?: OidcMultiAuthModuleExtras;
  readonly providers?: Provider[];
  readonly configure?: (app: INestApplication) => void;
  readonly afterwards?: (app: INestApplication) => void;
}

const appGuards = (...guards: object[]): Provider[] =>
  guards.map((guard) => ({ provide: APP_GUARD, ...guard }) as Provider);

const BINDINGS = {
  none: { name: 'no global guards' },
  option: { name: 'globalGuards: true', extras: { globalGuards: true } },
  existing: {
    name: 'APP_GUARD, useExisting',
    providers: appGuards({ useExisting: MultiJwtGuard }, { useExisting: RolesGuard }),
  },
  class: {
    name: 'APP_GUARD, useClass',
    providers: appGuards({ useClass: MultiJwtGuard }, { useClass: RolesGuard }),
  },
  factory: {
    name: 'APP_GUARD, useFactory',
    providers: appGuards(
      { useFactory: (guard: object) => guard, inject: [MultiJwtGuard] },
      { useFactory: (guard: object) => guard, inject: [RolesGuard] },
    ),
  },
  request: {
    name: 'APP_GUARD, useClass for each request',
    providers: appGuards(
      { useClass: MultiJwtGuard, scope: Scope.REQUEST },
      { useClass: RolesGuard, scope: Scope.REQUEST },
    ),
  },
  get: {
    name: 'useGlobalGuards(app.get())',
    configure: (app: INestApplication) => app.useGlobalGuards(app.get(MultiJwtGuard), app.get(RolesGuard)),
  },
  late: {
    name: 'useGlobalGuards() after the start',
    afterwards: (app: INestApplication) => app.useGlobalGuards(app.get(MultiJwtGuard), app.get(RolesGuard)),
  },
  ...Object.fromEntries(
    [ReturnsTrue, RefusesNobody, FieldGuard].map((guard) => [
      guard.name,
      { name: `APP_GUARD, ${guard.name}`, providers: appGuards({ useClass: guard }, { useExisting: RolesGuard }) },
    ]),
  ),
} satisfies Record<string, Binding>;

const fetching =
  (method: 'GET' | 'POST', request: (key: string) => [string, string?]) => async (_app: object, url: string) => ({
    ask: async (key: string, token: string | undefined) => {
      const [path, body] = request(key);
      const response = await fetch(url + path, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        ...(body !== undefined && { body }),
      });
      return (await response.text()).includes(ANSWER);
    },
    close: () => undefined,
  });

@Resolver()
class AnyMineResolver {
  @Public()
  @Query('anyMine')
  anyMine(): object {
    return {};
  }
}

const http = (adapter: AdapterName): Way => ({
  style: STYLES.http,
  adapter,
  connect: fetching('GET', (key) => [`/${key}`]),
});

const graphql = (style: Style, fieldResolverEnhancers: 'guards'[]): Way => ({
  style,
  adapter: 'express',
  imports: (keys) => {
    const fields = keys.map((key) => `${key}: String`).join(' ');
    const typeDefs =
      style === STYLES.field
        ? `type Mine { ${fields} } type Query { anyMine: Mine }`
        : `type Mine { id: String } type Query { anyMine: Mine ${fields} }`;
    return [GraphQLModule.forRoot({ driver: ApolloDriver, typeDefs, graphiql: false, fieldResolverEnhancers })];
  },
  providers: [AnyMineResolver],
  connect: fetching('POST', (key) => [
    '/graphql',
    JSON.stringify({ query: style === STYLES.field ? `{ anyMine { ${key} } }` : `{ ${key} }` }),
  ]),
});

const sockets: Way = {
  style: STYLES.ws,
  adapter: 'express',
  configure: (app) => void app.useWebSocketAdapter(new IoAdapter(app)),
  connect: async (_app, url) => {
    const open = new Map<string | undefined, { socket: Socket; last: Promise<unknown> }>();
    return {
      ask: (key, token) => {
        const known = open.get(token);
        const socket =
          known?.socket ??
          io(url, {
            transports: ['websocket'],
            reconnection: false,
            forceNew: true,
            auth: token === undefined ? {} : { token },
          });
        // One after the other: an exception does not say which message it is of.
        const answered = (known?.last ?? Promise.resolve()).then(
          () =>
            new Promise<boolean>((resolve) => {
              const settle = (isAnswered: boolean): void => {
                clearTimeout(timer);
                socket.off();
                resolve(isAnswered);
              };
              const timer = setTimeout(() => lies.push(`${key} is not answered at all`), 2000);
              socket.once(key, (data: unknown) => settle(data === ANSWER));
              socket.once('exception', () => settle(false));
              socket.emit(key, {});
            }),
        );
        open.set(token, { socket, last: answered });
        return answered;
      },
      close: () => open.forEach(({ socket }) => socket.close()),
    };
  },
};

async function tcp(isInheriting: boolean): Promise<Way> {
  const options = { host: '127.0.0.1', port: await freePort() };
  return {
    style: STYLES.rpc,
    adapter: 'express',
    configure: async (app) => {
      app.connectMicroservice({ transport: Transport.TCP, options }, { inheritAppConfig: isInheriting });
      await app.startAllMicroservices();
    },
    connect: async () => {
      const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
      await client.connect();
      return {
        ask: (key, token) =>
          lastValueFrom(
            client.send<unknown>(key, token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ).then(
            (data) => data === ANSWER,
            () => false,
          ),
        close: () => client.close(),
      };
    },
  };
}

/** What the handlers of all applications come to. A change of these numbers is to be understood before they are changed. */
const EXPECTED = {
  handlers: 3682,
  calls: 11046,
  guarded: 2466,
  enforced: 2110,
  open: 979,
  admitted: 2919,
  refused: 2703,
};

const FEW_PLACES: readonly string[] = ['none', 'handler', 'class', 'method that is replaced'];

/** How many handlers came out how, over all applications. */
const counts = { handlers: 0, calls: 0, guarded: 0, enforced: 0, open: 0, admitted: 0, refused: 0 };
const lies: string[] = [];

jest.setTimeout(60_000);

describe('TBL-1 the access table says of every combination what calls of it show', () => {
  const issuer = useTestIssuer();
  let somebody: string;
  let admin: string;
  beforeAll(async () => {
    somebody = await issuer.tokenFor('web', { roles: ['none'], expiresIn: 600 });
    admin = await issuer.tokenFor('web', { roles: ['admin'], expiresIn: 600 });
  });

  /** Every handler of an application, called as nobody, as somebody, and as an administrator. */
  async function compare(
    way: Way,
    binding: Binding,
    guardsOf: Readonly<Record<string, readonly Guard[]>>,
  ): Promise<void> {
    const classes = new Map<string, Type>();
    const labels = new Map<string, string>();
    const add = (
      place: keyof typeof PLACES,
      label: string,
      onClass: readonly Guard[],
      onMethod: readonly Guard[],
    ): void => {
      const key = `h${classes.size}`;
      const type = PLACES[place]({ style: way.style, key, onClass, onMethod });
      Object.defineProperty(type, 'name', { value: key });
      classes.set(key, type);
      labels.set(key, `${way.style.name} on ${way.adapter}, ${binding.name}, rule: ${place}, guards: ${label}`);
    };
    const places = Object.keys(PLACES) as (keyof typeof PLACES)[];
    for (const place of places) {
      add(place, 'none', [], []);
      // Every place with every guard for routes of Express; elsewhere the places that the guards before a handler depend on.
      const isWhole = way.style === STYLES.http || FEW_PLACES.includes(place);
      for (const [name, guards] of Object.entries(guardsOf).slice(0, isWhole ? undefined : 1)) {
        add(place, `${name} on the class`, guards, []);
        add(place, `${name} on the method`, [], guards);
      }
    }
    const isController = way.style === STYLES.http || way.style === STYLES.rpc;
    let starting: INestApplication | undefined;
    const app = await startApp({
      adapter: way.adapter,
      imports: [
        ...((way.imports?.([...classes.keys()]) ?? []) as []),
        OidcMultiAuthModule.forRoot({
          clients: ['web', 'other'].map((name) => ({
            name,
            audience: name,
            issuer: issuer.issuer,
            preset: 'gold-sso' as const,
          })),
          unenforcedAccess: 'warn',
          ...binding.extras,
        }),
      ],
      controllers: isController ? [...classes.values()] : [],
      providers: [
        ...(way.providers ?? []),
        ...('providers' in binding ? (binding.providers ?? []) : []),
        ...(isController ? [] : classes.values()),
      ],
      configure: (created) => {
        starting = created;
        binding.configure?.(created);
        void way.configure?.(created);
      },
    }).catch(async (error: unknown) => {
      await starting?.close();
      throw error;
    });
    binding.afterwards?.(app.app);
    const handlers = new Map(
      describeAccess(app.app).handlers.map((handler) => [handler.handler.split('.')[0], handler]),
    );
    const { ask, close } = await way.connect(app.app, app.url);
    const check = async (key: string): Promise<void> => {
      const label = labels.get(key) ?? '';
      const [nobody, some, all] = await Promise.all([ask(key, undefined), ask(key, somebody), ask(key, admin)]);
      const handler = handlers.get(key);
      const codes = handler?.findings.map(({ code }) => code) ?? [];
      const isGuarded = handler?.access === 'guarded';
      const isUnenforced = codes.includes('unenforced');
      const hasRule = !label.includes('rule: none');
      counts.handlers += 1;
      counts.calls += 3;
      counts.guarded += isGuarded ? 1 : 0;
      counts.enforced += isGuarded && hasRule && !isUnenforced ? 1 : 0;
      counts.open += nobody ? 1 : 0;
      counts.admitted += all ? 1 : 0;
      counts.refused += nobody ? 0 : 1;
      const said = `${handler?.access ?? 'not in the table'} ${codes.join(' ')}`;
      if (isGuarded && nobody) {
        lies.push(`${label}: ${said}, and answers nobody`);
      }
      if (hasRule && some && !isUnenforced) {
        lies.push(`${label}: ${said}, and answers somebody without the role`);
      }
      if (
        nobody &&
        !codes.some((code) => code === 'unguarded' || code === 'unenforced') &&
        way.style !== STYLES.field
      ) {
        lies.push(`${label}: ${said}, and answers nobody without a finding`);
      }
    };
    // A few at a time, so that the application is not asked by hundreds at once.
    const waiting = [...classes.keys()];
    const work = async (): Promise<void> => {
      for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
        // oxlint-disable-next-line no-await-in-loop
        await check(key);
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    close();
    await app.close();
  }

  const inHttp = Object.fromEntries(Object.entries(GUARDS).map(([name, { guards }]) => [name, guards]));
  const anywhere = Object.fromEntries(
    Object.entries(GUARDS).flatMap(([name, { guards, isHttp }]) => (isHttp === true ? [] : [[name, guards]])),
  );
  const none = {};

  it('routes of Express, with every guard', () => compare(http('express'), BINDINGS.none, inHttp));
  it('routes of Fastify', () => compare(http('fastify'), BINDINGS.none, none));
  it('operations of GraphQL', () => compare(graphql(STYLES.query, []), BINDINGS.none, anywhere));
  it('fields of GraphQL, before which guards do not stand', () =>
    compare(graphql(STYLES.field, []), BINDINGS.option, anywhere));
  it('fields of GraphQL, before which guards stand', () =>
    compare(graphql(STYLES.field, ['guards']), BINDINGS.none, anywhere));
  it('messages of gateways', () => compare(sockets, BINDINGS.none, anywhere));
  it('messages of a hybrid application', async () => compare(await tcp(false), BINDINGS.none, anywhere));

  for (const binding of Object.values(BINDINGS) as Binding[]) {
    it(`${binding.name}: routes of Express and Fastify`, async () => {
      await compare(http('express'), binding, none);
      await compare(http('fastify'), binding, none);
    });
    it(`${binding.name}: operations and fields of GraphQL`, async () => {
      await compare(graphql(STYLES.query, []), binding, none);
      await compare(graphql(STYLES.field, ['guards']), binding, none);
    });
    it(`${binding.name}: messages of gateways, and of microservices`, async () => {
      for (const way of [sockets, await tcp(true)]) {
        const calls = compare(way, binding, none);
        // Such guards do not run before gateways, and whether handlers made for each request inherit them cannot be seen.
        const isRefused = binding === BINDINGS.request;
        // oxlint-disable-next-line no-await-in-loop
        await (isRefused ? expect(calls).rejects.toThrow(OidcConfigurationError) : calls);
      }
    });
  }

  it('in all of them, and is right', () => {
    // Printed, for the numbers are the reach of this test.
    console.log(`access table against calls: ${JSON.stringify(counts)}`);
    expect(lies).toEqual([]);
    expect(counts).toEqual(EXPECTED);
  });
});
