import {
  Controller,
  Get,
  Injectable,
  Module,
  SetMetadata,
  UseGuards,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Transport } from '@nestjs/microservices';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  authenticateConnections,
  CurrentUser,
  describeAccess,
  MultiJwtGuard,
  OidcConfigurationError,
  OidcMultiAuthModule,
  Roles,
  RolesGuard,
  type OidcMultiAuthModuleExtras,
  type OidcMultiAuthOptions,
} from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../../support/life-cycle';
import { MemoryLogger, type TestApp, type TestAppOptions } from '../../support/test-app';
import { freePort } from '../../transports/free-port';

const startApp = useApps();

const Cron = (): MethodDecorator => SetMetadata('scheduled', true);

const issuer = useTestIssuer();

async function start(
  options: Partial<OidcMultiAuthOptions & OidcMultiAuthModuleExtras>,
  { imports = [], ...rest }: TestAppOptions,
): Promise<TestApp> {
  const clients = [{ name: 'web', audience: 'web', issuer: issuer.issuer, preset: 'gold-sso' as const }];
  const app = await startApp({ ...rest, imports: [OidcMultiAuthModule.forRoot({ clients, ...options }), ...imports] });
  return app;
}

@Roles('admin')
@Controller('admin')
class AdminController {
  @Get()
  get(): string {
    return 'secret';
  }
}

describe('TBL-1 an application does not start', () => {
  it('with rules that nothing enforces: it hears of all at once', async () => {
    @Controller('other')
    class OtherController extends AdminController {}
    const starting = start({}, { controllers: [AdminController, OtherController] });
    await expect(starting).rejects.toThrow(OidcConfigurationError);
    await expect(starting).rejects.toThrow(/2 faults[^]*AdminController\.get\(\)[^]*OtherController\.get\(\)/);
    await expect(starting).rejects.toThrow(/it needs RolesGuard, by @UseGuards\(\) or by globalGuards: true/);
  });

  it('unless unenforcedAccess: "warn" says so: then it warns, and the matrix says what is', async () => {
    const logger = new MemoryLogger();
    const started = await start({ unenforcedAccess: 'warn' }, { controllers: [AdminController], logger });
    expect(logger.warnings).toEqual([expect.stringContaining('AdminController.get() has access decorators')]);
    expect((await started.get('/admin')).body).toBe('secret');
    expect(describeAccess(started.app).toMatrix()).toEqual({ 'GET /admin': 'unguarded' });
  });

  it('with guards that Nest has not bound: added while modules start', async () => {
    @Module({})
    class LateModule {
      static app: INestApplication | undefined;
      onModuleInit(): void {
        const { app } = LateModule;
        app?.useGlobalGuards(app.get(MultiJwtGuard), app.get(RolesGuard));
      }
    }
    const starting = start(
      {},
      { imports: [LateModule], controllers: [AdminController], configure: (app) => (LateModule.app = app) },
    );
    await expect(starting).rejects.toThrow(/AdminController\.get\(\): has access decorators that nothing enforces/);
  });

  it('with a guard that was made by "new", which says what to write instead', async () => {
    @UseGuards(new MultiJwtGuard())
    @Controller('own')
    class OwnController {
      @Get()
      get(): void {}
    }
    const global = start(
      {},
      {
        controllers: [AdminController],
        configure: (app) => app.useGlobalGuards(new MultiJwtGuard(), new RolesGuard()),
      },
    );
    await expect(global).rejects.toThrow(
      /a global instance of MultiJwtGuard that was made by "new": nothing was injected into it; give globalGuards: true to OidcMultiAuthModule, or app\.useGlobalGuards\(app\.get\(MultiJwtGuard\)\)/,
    );
    await expect(start({}, { controllers: [OwnController] })).rejects.toThrow(
      /give the class itself, @UseGuards\(MultiJwtGuard\)/,
    );
    // One that was made by Nest is as good as any.
    await start(
      {},
      {
        controllers: [AdminController],
        configure: (app) => app.useGlobalGuards(app.get(MultiJwtGuard), app.get(RolesGuard)),
      },
    );
  });

  it('with a method that is called in a way no guard is known to stand before', async () => {
    class Jobs {
      @Cron()
      @Roles('admin')
      run(): void {}
    }
    await expect(start({}, { providers: [Jobs] })).rejects.toThrow(/Jobs\.run\(\): has access decorators that nothing/);
    const logger = new MemoryLogger();
    const { app } = await start({ globalGuards: true }, { providers: [Jobs], logger });
    expect(describeAccess(app).toMatrix()).toEqual({ 'other call run': 'unguarded' });
    expect(logger.warnings).toEqual([expect.stringContaining('is called in a way that is not known here')]);
    await expect(start({ globalGuards: true, requireExplicitAccess: true }, { providers: [Jobs] })).rejects.toThrow(
      /Jobs\.run/,
    );
  });

  it('but an application context that serves nothing does start', async () => {
    const clients = [{ name: 'web', audience: 'web', issuer: issuer.issuer, preset: 'gold-sso' as const }];
    @Module({ imports: [OidcMultiAuthModule.forRoot({ clients })], controllers: [AdminController] })
    class WorkerModule {}
    const context = await NestFactory.createApplicationContext(WorkerModule, { logger: false, abortOnError: false });
    expect(describeAccess(context).toMatrix()).toEqual({ 'GET /admin': 'unguarded' });
    await context.close();
  });

  it('but does where a test has overridden the guards', async () => {
    const started = await start(
      { globalGuards: true },
      {
        controllers: [AdminController],
        override: (builder) =>
          builder
            .overrideProvider(MultiJwtGuard)
            .useValue({ canActivate: () => true })
            .overrideProvider(RolesGuard)
            .useValue({ canActivate: () => true }),
      },
    );
    expect((await started.get('/admin')).body).toBe('secret');
  });
});

describe('TBL-1 guards that the application vouches for', () => {
  class KeyGuard {
    canActivate(): boolean {
      return true;
    }
  }
  class Kept extends KeyGuard {}
  class Changed extends KeyGuard {
    override canActivate(): boolean {
      return true;
    }
  }
  class Field extends KeyGuard {
    override canActivate = (): boolean => true;
  }
  it('stand for themselves and for subclasses that add nothing, and for no others', async () => {
    const controllers = [KeyGuard, Kept, Changed, Field].map((guard): Type => {
      @UseGuards(guard)
      @Controller(guard.name)
      class SomeController {
        @Get()
        get(): void {}
      }
      return SomeController;
    });
    const { app } = await start({ authenticatingGuards: [KeyGuard] }, { controllers });
    expect(
      Object.values(describeAccess(app).toMatrix())
        .map(String)
        .sort((a, b) => a.localeCompare(b)),
    ).toEqual(['authenticated', 'authenticated', 'unguarded', 'unguarded']);
    expect(describeAccess(app).toMatrix()).toMatchObject({
      'GET /KeyGuard': 'authenticated',
      'GET /Kept': 'authenticated',
    });
  });
});

describe('a global guard of the application that needs the principal', () => {
  const seen: unknown[] = [];
  @Injectable()
  class PerUserGuard {
    canActivate(context: { switchToHttp(): { getRequest(): { user?: { subject?: string } } } }): boolean {
      seen.push(context.switchToHttp().getRequest().user?.subject ?? 'nobody yet');
      return true;
    }
  }
  beforeEach(() => seen.splice(0));
  const token = () => issuer.tokenFor('web', { roles: ['admin'], claims: { sub: 'u1' } });

  it('is warned about where it runs before ours', async () => {
    const logger = new MemoryLogger();
    const started = await start(
      { globalGuards: true },
      { controllers: [AdminController], providers: [{ provide: APP_GUARD, useClass: PerUserGuard }], logger },
    );
    expect((await started.get('/admin', await token())).status).toBe(200);
    expect(seen).toEqual(['nobody yet']);
    expect(logger.warnings).toEqual([
      expect.stringContaining('global guard PerUserGuard runs before MultiJwtGuard and finds no principal'),
    ]);
  });

  it('runs behind them where one module lists the three in order, or by useGlobalGuards()', async () => {
    const logger = new MemoryLogger();
    const providers = [
      { provide: APP_GUARD, useExisting: MultiJwtGuard },
      { provide: APP_GUARD, useExisting: RolesGuard },
      { provide: APP_GUARD, useClass: PerUserGuard },
    ];
    const first = await start({}, { controllers: [AdminController], providers, logger });
    expect((await first.get('/admin', await token())).status).toBe(200);
    const second = await start(
      { globalGuards: true },
      { controllers: [AdminController], configure: (app) => app.useGlobalGuards(new PerUserGuard()), logger },
    );
    expect((await second.get('/admin', await token())).status).toBe(200);
    expect(seen).toEqual(['u1', 'u1']);
    expect(logger.warnings.filter((line) => line.includes('PerUserGuard'))).toEqual([]);
  });
});

describe('TBL-2 with globalGuards: true', () => {
  @Controller()
  class MessagesController {
    @Roles('admin')
    @MessagePattern('secret')
    secret(): string {
      return 'secret';
    }
    @EventPattern('closed')
    closed(_data: unknown): void {}
  }
  const options = async () => ({
    transport: Transport.TCP as const,
    options: { host: '127.0.0.1', port: await freePort() },
  });

  it('a hybrid application whose messages do not inherit the guards does not start, whatever unenforcedAccess says', async () => {
    const tcp = await options();
    for (const unenforcedAccess of ['refuse', 'warn'] as const) {
      const starting = start(
        { globalGuards: true, unenforcedAccess },
        { controllers: [MessagesController], configure: (app) => void app.connectMicroservice(tcp) },
      );
      // oxlint-disable-next-line no-await-in-loop
      await expect(starting).rejects.toThrow(/MessagesController\.secret\(\): .*inheritAppConfig: true/);
    }
  });

  it('it starts where they do', async () => {
    const tcp = await options();
    const logger = new MemoryLogger();
    await start(
      { globalGuards: true },
      {
        controllers: [MessagesController],
        configure: (app) => void app.connectMicroservice(tcp, { inheritAppConfig: true }),
        logger,
      },
    );
    expect(logger.warnings).toEqual([]);
  });

  it('not where the guards were made global after the microservice had been connected', async () => {
    const tcp = await options();
    const starting = start(
      {},
      {
        controllers: [MessagesController],
        configure: (app) => {
          app.connectMicroservice(tcp, { inheritAppConfig: true });
          app.useGlobalGuards(app.get(MultiJwtGuard), app.get(RolesGuard));
        },
      },
    );
    await expect(starting).rejects.toThrow(/MessagesController\.secret\(\)/);
  });

  it('a microservice that is connected after the start does not listen', async () => {
    const tcp = await options();
    const { app } = await start({ globalGuards: true }, { controllers: [MessagesController] });
    app.connectMicroservice(tcp);
    await Promise.resolve();
    await expect(app.startAllMicroservices()).rejects.toThrow(/MessagesController\.secret\(\): .*inheritAppConfig/);
  });

  it.each([
    ['ws', (app: INestApplication) => new WsAdapter(app)],
    ['socket.io', (app: INestApplication) => new IoAdapter(app)],
  ])('messages of gateways on %s are behind them: Nest 12 binds them', async (_name, adapter) => {
    @WebSocketGateway({ path: '/' })
    class AdminGateway {
      @Roles('admin')
      @SubscribeMessage('secret')
      secret(@CurrentUser() _user: unknown): string {
        return 'secret';
      }
    }
    const { app } = await start(
      { globalGuards: true },
      {
        providers: [AdminGateway],
        configure: (created) => void created.useWebSocketAdapter(authenticateConnections(created, adapter(created))),
      },
    );
    expect(describeAccess(app).toMatrix()).toEqual({ 'ws message secret': { roles: ['admin'] } });
  });
});
