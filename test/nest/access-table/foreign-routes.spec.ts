import { Controller, Get, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import {
  Authenticated,
  describeAccess,
  OidcConfigurationError,
  OidcMultiAuthModule,
  type OidcMultiAuthOptions,
} from 'nestjs-oidc-multi-auth';
import { useApps } from '../../support/life-cycle';
import { ADAPTERS, MemoryLogger, type AdapterName, type TestApp } from '../../support/test-app';

const startApp = useApps();

const clients = [
  { name: 'bcmi', audience: 'bcmi', issuer: 'https://issuer.example', jwksUri: 'https://issuer.example/keys' },
];

@Authenticated()
@Controller('mines')
class MinesController {
  @Get()
  get(): string {
    return 'mines';
  }
  @Get(':id/files/*')
  files(): string {
    return 'files';
  }
}

/** Without what the adapter says of the spelling of wildcards. */
const ours = ({ warnings }: MemoryLogger): string[] =>
  warnings.filter((line) => !line.includes('Unsupported route path'));

const open = (app: INestApplication, path: string): void => {
  const adapter = app.getHttpAdapter();
  adapter.get(path, (_request: unknown, response: unknown) => adapter.reply(response, 'open', 200));
};

async function start(
  adapter: AdapterName,
  options: Partial<OidcMultiAuthOptions>,
  configure: (app: INestApplication) => void,
  logger = new MemoryLogger(),
): Promise<TestApp> {
  const imports = [OidcMultiAuthModule.forRoot({ clients, globalGuards: true, ...options })];
  const app = await startApp({ adapter, imports, controllers: [MinesController], configure, logger });
  return app;
}

describe.each(ADAPTERS)('TBL-1 routes outside the router of Nest, on %s', (adapter) => {
  const outside = (app: INestApplication): void => {
    open(app, '/health');
    app.use('/board', (_request: unknown, response: { end: (text: string) => void }) => response.end('board'));
    SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, new DocumentBuilder().build()));
  };

  it('are in the table as what they are, and warned about', async () => {
    const logger = new MemoryLogger();
    const started = await start(adapter, {}, outside, logger);
    const matrix = describeAccess(started.app).toMatrix();
    expect(matrix).toMatchObject({
      'GET /health': 'unguarded',
      'USE /board': 'unguarded',
      'GET /docs': 'unguarded',
      'GET /docs-json': 'unguarded',
      'GET /mines': 'authenticated',
    });
    expect((await started.get('/health')).status).toBe(200);
    expect((await started.get('/board')).body).toBe('board');
    expect((await started.get('/docs-json')).status).toBe(200);
    expect((await started.get('/mines')).status).toBe(401);
    expect(logger.warnings).toContainEqual(
      "warn GET /health is served outside the router of Nest: no guard stands before it; make it a controller, or accept it: unguardedRoutes: ['GET /health']",
    );
  });

  it('keep an application from starting with requireExplicitAccess, unless they are accepted by name', async () => {
    await expect(start(adapter, { requireExplicitAccess: true }, outside)).rejects.toThrow(OidcConfigurationError);
    const logger = new MemoryLogger();
    const unguardedRoutes = ['GET /health', '/board', '/docs/*', '/docs-json', '/docs-yaml'];
    const { app } = await start(adapter, { requireExplicitAccess: true, unguardedRoutes }, outside, logger);
    expect(describeAccess(app).toMatrix()).toMatchObject({ 'GET /health': 'public', 'GET /docs': 'public' });
    expect(ours(logger)).toEqual([]);
  });

  it('are told of where an accepted one is not there', async () => {
    const logger = new MemoryLogger();
    await start(adapter, { unguardedRoutes: ['GET /heath'] }, () => undefined, logger);
    expect(ours(logger)).toEqual([expect.stringContaining('"GET /heath" is no route outside the router of Nest')]);
  });

  it('are none in an application of controllers alone, with a prefix and exceptions', async () => {
    const { app } = await start(adapter, {}, (created) => {
      created.enableCors();
      created.setGlobalPrefix('api', { exclude: ['mines'] });
    });
    expect(Object.keys(describeAccess(app).toMatrix())).toEqual(['GET /api/mines/:id/files/*', 'GET /mines']);
  });
});

it('TBL-1 a route that takes the place of one of Nest is in the table beside it', async () => {
  const started = await start('express', {}, (created) => open(created, '/mines'));
  expect((await started.get('/mines')).body).toBe('open');
  expect(describeAccess(started.app).toMatrix()).toMatchObject({
    'GET /mines [(outside Nest)]': 'unguarded',
    'GET /mines [MinesController.get]': 'authenticated',
  });
});
