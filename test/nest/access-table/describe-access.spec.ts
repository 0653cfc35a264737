import {
  All,
  Controller,
  Get,
  Module,
  Post,
  RequestMethod,
  Scope,
  Sse,
  UseGuards,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
  type LoggerService,
  type ModuleMetadata,
} from '@nestjs/common';
import { APP_GUARD, NestFactory, RouterModule } from '@nestjs/core';
import { Mutation, Query, ResolveField, ResolveReference, Resolver, Subscription } from '@nestjs/graphql';
import { EventPattern, MessagePattern, Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { AuthGuard } from '@nestjs/passport';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  AllRoles,
  Authenticated,
  Authorize,
  Clients,
  describeAccess,
  MultiJwtGuard,
  OidcMultiAuthModule,
  OptionalAuth,
  Public,
  Roles,
  RolesGuard,
  Scopes,
  type AccessPolicy,
} from 'nestjs-oidc-multi-auth';
import { MemoryLogger } from '../../support/test-app';

const clients = [
  { name: 'bcmi', audience: 'bcmi', issuer: 'https://issuer.example', jwksUri: 'https://issuer.example/keys' },
  { name: 'nris', audience: 'nris', issuer: 'https://issuer.example' },
];
const guarded = OidcMultiAuthModule.forRoot({ clients, globalGuards: true });

const apps: INestApplication[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));
async function create(metadata: ModuleMetadata, logger: LoggerService = new MemoryLogger()): Promise<INestApplication> {
  const module = await Test.createTestingModule(metadata).setLogger(logger).compile();
  const app = module.createNestApplication();
  apps.push(app);
  return app;
}

class MayEdit implements AccessPolicy {
  authorize() {
    return true;
  }
}

@Roles('core_view_all')
@Controller('mines')
class MinesController {
  @Get()
  findAll() {}
  @Roles('core_edit', { client: 'nris', any: ['view', 'edit'] })
  @AllRoles('a', 'b')
  @Scopes('mines.write')
  @Clients('bcmi')
  @Authorize(MayEdit, () => true)
  @Post(':id')
  update() {}
  @Public()
  @Get('types')
  types() {}
  @OptionalAuth()
  @Get('news')
  news() {}
}

@Controller('me')
class MeController {
  @Authenticated()
  @Get()
  me() {}
  @UseGuards(AuthGuard('oidc:bcmi'))
  @Get('stock')
  stock() {}
}

describe('describeAccess() says of each route', () => {
  it('method, path, who gets in, what is asked for and where that stands, and by which guards', async () => {
    const app = await create({
      imports: [guarded],
      controllers: [MinesController, MeController],
      providers: [MayEdit],
    });
    const both = ['MultiJwtGuard', 'RolesGuard'];
    const common = { context: 'http', module: 'RootTestModule', guards: both, findings: [] };
    const viewAll = { roles: { names: ['core_view_all'], declaredOn: 'class' } };
    expect(describeAccess(app).handlers).toEqual([
      { ...common, method: 'GET', path: '/me', handler: 'MeController.me', access: 'guarded', openedOn: 'handler' },
      {
        ...common,
        method: 'GET',
        path: '/me/stock',
        handler: 'MeController.stock',
        access: 'guarded',
        guards: [...both, 'AuthGuard'],
      },
      { ...common, method: 'GET', path: '/mines', handler: 'MinesController.findAll', access: 'guarded', ...viewAll },
      {
        ...common,
        method: 'POST',
        path: '/mines/:id',
        handler: 'MinesController.update',
        access: 'guarded',
        clients: { names: ['bcmi'], declaredOn: 'handler' },
        roles: { names: ['core_edit', { client: 'nris', any: ['view', 'edit'] }], declaredOn: 'handler' },
        allRoles: { names: ['a', 'b'], declaredOn: 'handler' },
        scopes: { names: ['mines.write'], declaredOn: 'handler' },
        rules: { names: ['MayEdit', 'function'], declaredOn: 'handler' },
      },
      {
        ...common,
        method: 'GET',
        path: '/mines/news',
        handler: 'MinesController.news',
        access: 'optional',
        openedOn: 'handler',
      },
      {
        ...common,
        method: 'GET',
        path: '/mines/types',
        handler: 'MinesController.types',
        access: 'public',
        openedOn: 'handler',
      },
    ]);
  });

  it('in Markdown, as JSON, and in the shortest form for tests', async () => {
    const app = await create({
      imports: [guarded],
      controllers: [MinesController, MeController],
      providers: [MayEdit],
    });
    const table = describeAccess(app);
    expect(table.toMarkdown().replaceAll(/ +/g, ' ').split('\n')).toEqual([
      '| Method | Path | Access | Asks for | Guards | Handler |',
      expect.stringMatching(/^\| -+ \| -+ \| -+ \| -+ \| -+ \| -+ \|$/),
      '| GET | `/me` | guarded | any good token (handler) | MultiJwtGuard, RolesGuard | `MeController.me` |',
      '| GET | `/me/stock` | guarded | any good token | MultiJwtGuard, RolesGuard, AuthGuard | `MeController.stock` |',
      '| GET | `/mines` | guarded | any role of core_view_all (class) | MultiJwtGuard, RolesGuard | `MinesController.findAll` |',
      '| POST | `/mines/:id` | guarded | client bcmi (handler); any role of core_edit, view or edit of nris (handler); ' +
        'every role of a, b (handler); every scope of mines.write (handler); rule MayEdit, function (handler) | ' +
        'MultiJwtGuard, RolesGuard | `MinesController.update` |',
      '| GET | `/mines/news` | optional | no token, or a good one (handler) | MultiJwtGuard, RolesGuard | `MinesController.news` |',
      '| GET | `/mines/types` | public | nothing (handler) | MultiJwtGuard, RolesGuard | `MinesController.types` |',
      '',
    ]);
    expect(
      new Set(
        table
          .toMarkdown()
          .trim()
          .split('\n')
          .map((line) => line.length),
      ).size,
    ).toBe(1);
    expect(JSON.parse(JSON.stringify(table))).toEqual({ handlers: JSON.parse(JSON.stringify(table.handlers)) });
    expect(table.toMatrix()).toEqual({
      'GET /me': 'authenticated',
      'GET /me/stock': 'authenticated',
      'GET /mines': { roles: ['core_view_all'] },
      'GET /mines/news': 'optional',
      'GET /mines/types': 'public',
      'POST /mines/:id': {
        clients: ['bcmi'],
        roles: ['core_edit', { client: 'nris', any: ['view', 'edit'] }],
        allRoles: ['a', 'b'],
        scopes: ['mines.write'],
        rules: ['MayEdit', 'function'],
      },
    });
  });

  it('what is wrong or doubtful', async () => {
    @Controller()
    class DoubtfulController {
      @Get('bare')
      bare() {}
      @Roles('a')
      @Get('role')
      role() {}
      @UseGuards(MultiJwtGuard, RolesGuard)
      @Public()
      @Roles('a')
      @Get('both')
      both() {}
    }
    const app = await create({
      imports: [OidcMultiAuthModule.forRoot({ clients })],
      controllers: [DoubtfulController],
    });
    const table = describeAccess(app);
    expect(table.findings.map(({ code, handler: { handler, access } }) => [handler, access, code])).toEqual([
      ['DoubtfulController.bare', 'unguarded', 'unguarded'],
      ['DoubtfulController.both', 'guarded', 'contradiction'],
      ['DoubtfulController.role', 'unguarded', 'unenforced'],
    ]);
    expect(table.toMarkdown()).toContain(
      '- `unguarded`: DoubtfulController.bare() is unguarded: anybody may call GET /bare; put MultiJwtGuard before it',
    );
  });

  it('LIB-32 also where no guard of this library is in the application at all', async () => {
    @Controller()
    class BareController {
      @Get('bare')
      bare() {}
    }
    const app = await create({ controllers: [BareController] });
    expect(describeAccess(app).toMatrix()).toEqual({ 'GET /bare': 'unguarded' });
  });
});

describe('describeAccess() names routes as Nest serves them', () => {
  @Controller({ path: ['mines', 'sites'], version: ['1', VERSION_NEUTRAL] })
  class VersionedController {
    @Get(['', 'list'])
    list() {}
    @Version('2')
    @Post()
    add() {}
    @All('any')
    any() {}
    @Sse('events')
    events() {}
  }
  @Controller('health')
  class HealthController {
    @Get()
    check() {}
  }
  @Module({ controllers: [HealthController] })
  class NestedModule {}

  /** The routes that Nest says it has mapped: method, path, version. */
  class MappingLogger extends MemoryLogger {
    get routes(): string[] {
      return this.lines
        .map((line) => /^log Mapped \{(\S+), (\w+)\}(?: \(version: ([^)]*)\))? route/.exec(line))
        .flatMap((match) => (match ? [`${match[2]} ${match[1]}`] : []));
    }
  }
  const metadata = {
    imports: [guarded, NestedModule, RouterModule.register([{ path: 'nested', module: NestedModule }])],
    controllers: [VersionedController],
  };
  const configurations: Record<string, (app: INestApplication) => unknown> = {
    'as they are': () => undefined,
    'with a prefix': (app) => app.setGlobalPrefix('api/v0'),
    'with a prefix and exceptions': (app) =>
      app.setGlobalPrefix('api', {
        exclude: ['nested/health', { path: 'sites/any', method: RequestMethod.ALL }],
      }),
  };

  it.each(Object.entries(configurations))('%s', async (_name, configure) => {
    const logger = new MappingLogger();
    const app = await create(metadata, logger);
    configure(app);
    const described = describeAccess(app).handlers.map(({ method, path }) => `${method} ${path}`);
    await app.init();
    expect(logger.routes.length).toBeGreaterThan(10);
    expect(described.sort()).toEqual([...logger.routes].sort());
  });

  it('with versions in the path, and a prefix of which one route is excepted', async () => {
    const app = await create(metadata);
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '9' });
    app.setGlobalPrefix('api', { exclude: ['nested/health'] });
    const keys = Object.keys(describeAccess(app).toMatrix());
    expect(keys).toEqual(
      expect.arrayContaining([
        'GET /api/mines',
        'GET /api/v1/mines',
        'GET /api/v1/sites/list',
        'POST /api/v2/mines',
        'ALL /api/v1/mines/any',
        'GET /v9/nested/health',
      ]),
    );
    await app.listen(0, '127.0.0.1');
    // Each is there: what is not is answered by 404, and what is by the guard.
    for (const key of keys) {
      const [method = '', path = ''] = key.split(' ');
      const { status } = await fetch((await app.getUrl()) + path, { method: method === 'ALL' ? 'PUT' : method });
      expect([key, status]).toEqual([key, 401]);
    }
  });

  it('with versions beside the path, and hosts', async () => {
    @Controller({ path: 'admin', host: 'admin.example', version: '3' })
    class AdminController {
      @Get()
      get() {}
    }
    const app = await create({ ...metadata, controllers: [VersionedController, AdminController] });
    app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
    expect(Object.keys(describeAccess(app).toMatrix())).toEqual(
      expect.arrayContaining([
        'GET /mines (version 1, neutral)',
        'POST /mines (version 2)',
        'GET /admin (version 3) (host admin.example)',
        'GET /nested/health',
      ]),
    );
  });

  it('each by itself where two are called alike', async () => {
    @Controller('twice')
    class OneController {
      @Get()
      get() {}
    }
    @Public()
    @Controller('twice')
    class OtherController {
      @Get()
      get() {}
    }
    const app = await create({ imports: [guarded], controllers: [OneController, OtherController] });
    expect(describeAccess(app).toMatrix()).toEqual({
      'GET /twice [OneController.get]': 'authenticated',
      'GET /twice [OtherController.get]': 'public',
    });
  });
});

it('describeAccess() loses no handler, also where classes of one name have one route', async () => {
  const controllers = ['authenticated', 'public', 'rule'].map((kind) => {
    @Controller('twins')
    class TwinController {
      @Get()
      get() {}
    }
    if (kind === 'public') {
      Public()(TwinController);
    }
    if (kind === 'rule') {
      Roles('admin')(TwinController);
    }
    return TwinController;
  });
  const app = await create({ imports: [guarded], controllers });
  const matrix = describeAccess(app).toMatrix();
  expect(Object.keys(matrix)).toEqual([
    'GET /twins [TwinController.get]',
    'GET /twins [TwinController.get] (2)',
    'GET /twins [TwinController.get] (3)',
  ]);
  expect(Object.values(matrix)).toEqual(expect.arrayContaining(['authenticated', 'public', { roles: ['admin'] }]));
});

describe('describeAccess() finds', () => {
  it('the operations of GraphQL, and fields that have rules or guards', async () => {
    class Mine {}
    @Roles('core_view_all')
    @Resolver(() => Mine)
    class MinesResolver {
      @Query(() => String, { name: 'mines' })
      findAll() {}
      @Roles('core_edit')
      @Mutation(() => String)
      close() {}
      @Public()
      @Subscription(() => String)
      changed() {}
      @ResolveField(() => String)
      name() {}
      @Roles('core_secret')
      @ResolveField(() => String)
      secret() {}
      helper() {}
    }
    const app = await create({ imports: [guarded], providers: [MinesResolver] });
    const table = describeAccess(app);
    expect(table.toMatrix()).toEqual({
      'graphql Mutation close': { roles: ['core_edit'] },
      'graphql Query mines': { roles: ['core_view_all'] },
      'graphql ResolveField Mine.name': 'unguarded',
      'graphql ResolveField Mine.secret': 'unguarded',
      'graphql Subscription changed': 'public',
    });
    expect(table.findings).toMatchObject([
      { code: 'unenforced', handler: { handler: 'MinesResolver.name' } },
      { code: 'unenforced', handler: { handler: 'MinesResolver.secret' } },
    ]);

    const withFields = await create({
      imports: [guarded],
      providers: [MinesResolver, { provide: 'GqlModuleOptions', useValue: { fieldResolverEnhancers: ['guards'] } }],
    });
    expect(describeAccess(withFields).toMatrix()).toMatchObject({
      'graphql ResolveField Mine.secret': { roles: ['core_secret'] },
    });
  });

  it('the messages of WebSocket gateways', async () => {
    @WebSocketGateway({ namespace: 'alerts' })
    class AlertsGateway {
      @Roles('core_view_all')
      @SubscribeMessage('watch')
      watch() {}
      @SubscribeMessage('ping')
      ping() {}
      handleConnection() {}
    }
    const app = await create({ imports: [guarded], providers: [AlertsGateway] });
    app.useWebSocketAdapter(new WsAdapter(app));
    expect(describeAccess(app).toMatrix()).toEqual({
      'ws message alerts ping': 'authenticated',
      'ws message alerts watch': { roles: ['core_view_all'] },
    });
  });

  @Controller()
  class EventsController {
    @Roles('core_view_all')
    @MessagePattern({ cmd: 'mines' })
    mines(_data: unknown): void {}
    @EventPattern('mine_closed')
    closed(_data: unknown): void {}
    @UseGuards(MultiJwtGuard)
    @EventPattern(['mine_opened', 'mine_sold'])
    opened() {}
    @Get('events')
    events() {}
  }
  const tcp: MicroserviceOptions = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } };
  const unguarded = {
    'GET /events': 'authenticated',
    'rpc event mine_closed': 'unguarded',
    'rpc event mine_opened': 'authenticated',
    'rpc event mine_sold': 'authenticated',
    'rpc message {"cmd":"mines"}': 'unguarded',
  };

  it('messages of microservices in a hybrid application, which global guards do not stand before', async () => {
    const logger = new MemoryLogger();
    const app = await create({ imports: [guarded], controllers: [EventsController] }, logger);
    app.connectMicroservice(tcp);
    const table = describeAccess(app);
    expect(table.toMatrix()).toEqual(unguarded);
    expect(table.findings.map(({ code, remedy }) => [code, remedy.includes('inheritAppConfig: true')])).toEqual([
      ['unguarded', true],
      ['unenforced', true],
    ]);
    await expect(app.init()).rejects.toThrow(
      /EventsController\.mines\(\): has access decorators.*inheritAppConfig: true/,
    );
  });

  it('TBL-2 messages of microservices, and whether they inherit the global guards is seen at start', async () => {
    const logger = new MemoryLogger();
    const app = await create({ imports: [guarded], controllers: [EventsController] }, logger);
    app.connectMicroservice(tcp, { inheritAppConfig: true });
    await app.init();
    expect(logger.warnings.filter((line) => line.includes('EventsController'))).toEqual([]);
  });

  it('messages of microservices that inherit the global guards', async () => {
    const app = await create({ imports: [guarded], controllers: [EventsController] });
    app.connectMicroservice(tcp, { inheritAppConfig: true });
    expect(describeAccess(app).toMatrix()).toEqual({
      ...unguarded,
      'rpc event mine_closed': 'authenticated',
      'rpc message {"cmd":"mines"}': { roles: ['core_view_all'] },
    });
    // One that does not is enough for messages to arrive unguarded.
    app.connectMicroservice(tcp);
    expect(describeAccess(app).toMatrix()).toEqual(unguarded);
  });

  it('messages of an application that is nothing but a microservice, which global guards do stand before', async () => {
    const logger = new MemoryLogger();
    const module = await Test.createTestingModule({ imports: [guarded], controllers: [EventsController] })
      .setLogger(logger)
      .compile();
    const microservice = module.createNestMicroservice<MicroserviceOptions>(tcp);
    expect(describeAccess(microservice).toMatrix()).toMatchObject({ 'rpc event mine_closed': 'authenticated' });
    await microservice.init();
    expect(logger.warnings.filter((line) => line.includes('EventsController'))).toEqual([]);
    await microservice.close();
  });

  it('no warning at start where no microservice is connected', async () => {
    const logger = new MemoryLogger();
    const app = await create({ imports: [guarded], controllers: [EventsController] }, logger);
    await app.init();
    expect(logger.warnings.filter((line) => line.includes('EventsController'))).toEqual([]);
  });
});

describe('describeAccess() does not take for guarded what may be open', () => {
  const open = { canActivate: () => true };
  @Roles('admin')
  @Controller()
  class AdminController {
    @Get()
    get() {}
  }
  class OffGuard extends MultiJwtGuard {
    override canActivate() {
      return true;
    }
  }
  class JwtAuthGuard extends AuthGuard('oidc:bcmi') {
    override canActivate() {
      return true;
    }
  }
  class LenientGuard extends AuthGuard('oidc:bcmi') {
    override handleRequest(_error: unknown, user: unknown): never {
      return user as never;
    }
  }
  class KeptGuard extends AuthGuard('oidc:bcmi') {}
  const table = async (
    guards: NonNullable<Parameters<typeof UseGuards>>,
    authenticatingGuards?: (typeof OffGuard)[],
  ) => {
    @UseGuards(...guards)
    @Controller()
    class SomeController {
      @Get()
      get() {}
    }
    const imports = [OidcMultiAuthModule.forRoot({ clients, authenticatingGuards })];
    return describeAccess(await create({ imports, controllers: [SomeController] })).toMatrix();
  };

  it.each([[OffGuard], [JwtAuthGuard], [LenientGuard]])('%p, which replaces what decides', async (guard) => {
    expect(await table([guard])).toEqual({ 'GET /': 'unguarded' });
    expect(await table([guard], [guard as never])).toEqual({ 'GET /': 'authenticated' });
  });

  it('but a guard that keeps it', async () => {
    expect(await table([KeptGuard])).toEqual({ 'GET /': 'authenticated' });
  });

  it('rules that no guard looks at: the matrix says that they do not hold', async () => {
    @UseGuards(MultiJwtGuard)
    @Controller('a')
    class WithoutRolesGuard extends AdminController {}
    @UseGuards(AuthGuard('oidc:bcmi'), RolesGuard)
    @Clients('bcmi')
    @Controller('b')
    class WithoutClients extends AdminController {}
    const app = await create({
      imports: [OidcMultiAuthModule.forRoot({ clients })],
      controllers: [WithoutRolesGuard, WithoutClients],
    });
    expect(describeAccess(app).toMatrix()).toEqual({ 'GET /a': 'unenforced', 'GET /b': 'unenforced' });
  });

  it('a guard that a factory gives, whatever is injected into that', async () => {
    const provider = { provide: APP_GUARD, useFactory: () => open, inject: [MultiJwtGuard] };
    @Module({
      imports: [OidcMultiAuthModule.forRoot({ clients })],
      controllers: [AdminController],
      providers: [provider],
    })
    class FactoryModule {}
    const preview = await NestFactory.createApplicationContext(FactoryModule, { preview: true, logger: false });
    expect(describeAccess(preview).toMatrix()).toEqual({ 'GET /': 'unguarded' });
  });

  it('but does see a guard that is made for each request, by whichever provider', async () => {
    for (const guards of [
      { provide: APP_GUARD, useClass: MultiJwtGuard, scope: Scope.REQUEST },
      { provide: APP_GUARD, useExisting: MultiJwtGuard, scope: Scope.REQUEST },
    ]) {
      @Controller()
      class SomeController {
        @Get()
        get() {}
      }
      const imports = [OidcMultiAuthModule.forRoot({ clients, requireExplicitAccess: false })];
      const app = await create({ imports, controllers: [SomeController], providers: [guards as never] });
      expect(describeAccess(app).toMatrix()).toEqual({ 'GET /': 'authenticated' });
    }
  });

  it('handlers of resolvers that a factory makes, fields of the root types, references, and classes of two kinds', async () => {
    class Mine {}
    @Resolver(() => Mine)
    class MadeResolver {
      @Query(() => String)
      made() {}
      @ResolveReference()
      reference() {}
    }
    @Resolver('Query')
    class RootResolver {
      @ResolveField(() => String)
      secrets() {}
    }
    @WebSocketGateway()
    @Controller('both')
    class BothController {
      @Get()
      get() {}
      @SubscribeMessage('both')
      message() {}
    }
    const app = await create({
      imports: [guarded],
      controllers: [BothController],
      providers: [{ provide: 'made', useFactory: () => new MadeResolver() }, RootResolver],
    });
    app.useWebSocketAdapter(new WsAdapter(app));
    expect(describeAccess(app).toMatrix()).toEqual({
      'GET /both': 'authenticated',
      'graphql Query made': 'authenticated',
      'graphql Query secrets': 'unguarded',
      'graphql ResolveReference Mine': 'unguarded',
      'ws message both': 'authenticated',
    });
  });

  it('messages of a microservice that is connected after the start: then it is told', async () => {
    @Controller()
    class LateController {
      @EventPattern('late')
      late(_data: unknown): void {}
    }
    const logger = new MemoryLogger();
    const app = await create({ imports: [guarded], controllers: [LateController] }, logger);
    await app.init();
    expect(logger.warnings).toEqual([]);
    app.connectMicroservice({ transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } });
    await Promise.resolve();
    expect(logger.warnings).toEqual([expect.stringContaining('LateController.late() is unguarded')]);
  });
});

describe('in preview mode, where nothing is instantiated', () => {
  it('guards, prefixes of modules and options are known all the same', async () => {
    let made = 0;
    class OwnGuard {
      canActivate() {
        return true;
      }
    }
    @Module({
      imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true, requireExplicitAccess: true })],
      controllers: [MinesController],
      providers: [
        { provide: APP_GUARD, useClass: OwnGuard },
        { provide: MayEdit, useFactory: () => (made += 1) },
      ],
    })
    class PreviewModule {}
    const app = await NestFactory.createApplicationContext(PreviewModule, {
      preview: true,
      logger: false,
      abortOnError: false,
    });
    const { handlers } = describeAccess(app);
    expect(handlers.map(({ path, guards }) => [path, guards])).toContainEqual([
      '/mines',
      ['OwnGuard', 'MultiJwtGuard', 'RolesGuard'],
    ]);
    expect(describeAccess(app).toMatrix()).toMatchObject({ 'GET /mines': { roles: ['core_view_all'] } });
    expect(made).toBe(0);
  });
});
