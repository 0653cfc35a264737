import {
  All,
  Controller,
  Get,
  Module,
  Post,
  RequestMethod,
  Version,
  VERSION_NEUTRAL,
  VersioningType,
  type INestApplication,
} from '@nestjs/common';
import { NestFactory, RouterModule } from '@nestjs/core';
import {
  ApiExcludeController,
  ApiExcludeEndpoint,
  ApiExtraModels,
  ApiOkResponse,
  ApiProperty,
  ApiWebhook,
  DocumentBuilder,
  SwaggerModule,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { Clients, Public, Roles } from 'nestjs-oidc-multi-auth';
import { addOidcSecurity } from 'nestjs-oidc-multi-auth/openapi';
import { MemoryLogger } from '../support/test-app';
import { createApp, documentOf, type Documented } from './document-of';
import { faultsOf } from './faults-of';

class Mine {
  @ApiProperty()
  name!: string;
}

@Clients('bcmi')
@Controller('mines')
class MinesController {
  @Get()
  findAll() {}
  @ApiOkResponse({ type: Mine })
  @Get(':id')
  find() {}
  @Roles('edit')
  @Post(':id/close')
  close() {}
  @Public()
  @Get(':id/documents/:documentId')
  document() {}
  @ApiExcludeEndpoint()
  @Get('hidden')
  hidden() {}
}

/** To each operation the schemes it asks for. */
function securityOf({ paths }: OpenAPIObject): Record<string, string[] | undefined> {
  return Object.fromEntries(
    Object.entries(paths).flatMap(([path, item]) =>
      (['get', 'post', 'put'] as const).flatMap((method) => {
        const operation = item[method];
        return operation === undefined
          ? []
          : [[`${method} ${path}`, operation.security?.flatMap((alternative) => Object.keys(alternative))]];
      }),
    ),
  );
}

describe('operations are found', () => {
  const found = (prefix: string) => ({
    [`get ${prefix}/mines`]: ['bcmi'],
    [`get ${prefix}/mines/{id}`]: ['bcmi'],
    [`post ${prefix}/mines/{id}/close`]: ['bcmi'],
    [`get ${prefix}/mines/{id}/documents/{documentId}`]: [],
  });
  const versioned = (app: INestApplication) =>
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: ['1', '2'] });

  it.each<[string, Documented, Record<string, string[]>]>([
    ['as they are', {}, found('')],
    ['below a global prefix', { configure: (app) => app.setGlobalPrefix('api') }, found('/api')],
    ['below a longer prefix', { configure: (app) => app.setGlobalPrefix('/api/mines') }, found('/api/mines')],
    [
      'below a prefix that the document leaves out',
      { configure: (app) => app.setGlobalPrefix('api'), swagger: { ignoreGlobalPrefix: true } },
      found(''),
    ],
    [
      'below a prefix with exceptions',
      { configure: (app) => app.setGlobalPrefix('api', { exclude: [{ path: 'mines', method: RequestMethod.GET }] }) },
      {
        ...Object.fromEntries(Object.entries(found('/api')).filter(([key]) => key !== 'get /api/mines')),
        'get /mines': ['bcmi'],
      },
    ],
    ['in each version', { configure: versioned }, { ...found('/v1'), ...found('/v2') }],
    [
      'in each version below a prefix that the document leaves out',
      { configure: (app) => versioned(app).setGlobalPrefix('api'), swagger: { ignoreGlobalPrefix: true } },
      { ...found('/v1'), ...found('/v2') },
    ],
  ])('%s', async (_where, documented, expected) => {
    const logger = new MemoryLogger();
    const { after } = await documentOf({ controllers: [MinesController], logger, ...documented });
    expect(securityOf(after)).toEqual(expected);
    expect(faultsOf(after)).toEqual([]);
    expect(logger.warnings).toEqual([]);
  });

  it('below the path of a module', async () => {
    @Module({ controllers: [MinesController] })
    class MinesModule {}
    const { after } = await documentOf({
      imports: [MinesModule, RouterModule.register([{ path: 'region', module: MinesModule }])],
    });
    expect(securityOf(after)).toEqual(found('/region'));
  });

  it('of one path, by what they are called, where the version is beside the path', async () => {
    @Controller({ path: 'things', version: '1' })
    class FirstThings {
      @Clients('bcmi')
      @Get()
      find() {}
    }
    @Controller({ path: 'things', version: VERSION_NEUTRAL })
    class OtherThings {
      @Clients('nris')
      @Get()
      find() {}
      @Public()
      @Version('3')
      @Get('news')
      news() {}
    }
    const configure = (app: INestApplication) =>
      app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
    const controllers = [FirstThings, OtherThings];
    // The document has the last of them.
    const { after } = await documentOf({ controllers, configure });
    expect(securityOf(after)).toEqual({ 'get /things': ['nris'], 'get /things/news': [] });
    // Called otherwise, any of them may be meant: whoever meets the rules of one is answered.
    const operationIdFactory = (controller: string, method: string) => `${method}Of${controller}`;
    const { after: renamed } = await documentOf({ controllers, configure, swagger: { operationIdFactory } });
    expect(securityOf(renamed)).toEqual({ 'get /things': ['bcmi', 'nris'], 'get /things/news': [] });
    expect(faultsOf(renamed)).toEqual([]);
  });

  it('with wildcards, optional parts, literal colons, and for every method', async () => {
    @Clients('bcmi')
    @Controller('files')
    class Files {
      @Get('tree/*path')
      tree() {}
      @Get('any/*')
      any() {}
      @Get('page{/:number}')
      page() {}
      @Get('things\\:archive')
      archive() {}
      @Public()
      @All('every')
      every() {}
    }
    const logger = new MemoryLogger();
    const { after } = await documentOf({ controllers: [Files], logger });
    expect(securityOf(after)).toMatchObject({
      'get /files/tree/{path}': ['bcmi'],
      'get /files/any/{path}': ['bcmi'],
      'get /files/page/{number}': ['bcmi'],
      'get /files/things:archive': ['bcmi'],
      'get /files/every': [],
      'put /files/every': [],
    });
    expect(logger.warnings.filter((line) => line.includes('OpenAPI'))).toEqual([]);
  });
});

describe('a document', () => {
  it('is not changed itself, and the same twice', async () => {
    const app = await createApp({ controllers: [MinesController] });
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    const untouched = structuredClone(document);
    const once = addOidcSecurity(document, app);
    expect(document).toEqual(untouched);
    expect(once).not.toEqual(untouched);
    expect(addOidcSecurity(once, app)).toEqual(once);
    await app.close();
  });

  it('keeps all else: models, tags, servers, webhooks, extensions', async () => {
    @ApiExtraModels(Mine)
    @Controller('hooks')
    class Hooks {
      @ApiWebhook('mineClosed')
      @Post('closed')
      closed() {}
    }
    @ApiExcludeController()
    @Controller('excluded')
    class Excluded {
      @Get()
      excluded() {}
    }
    const { before, after } = await documentOf({
      controllers: [MinesController, Hooks, Excluded],
      build: (builder) =>
        builder
          .setTitle('Mines')
          .addServer('https://api.example')
          .addTag('mines')
          .setOpenAPIVersion('3.1.0')
          .addApiKey({ type: 'apiKey', name: 'x-key', in: 'header' }, 'gateway'),
    });
    expect(after.webhooks).toEqual(before.webhooks);
    expect(Object.keys(after.webhooks ?? {})).toEqual(['mineClosed']);
    expect(after).toMatchObject({ info: before.info, servers: before.servers, tags: before.tags });
    expect(after.components?.schemas).toMatchObject(before.components?.schemas ?? {});
    expect(after.components?.securitySchemes?.['gateway']).toEqual(before.components?.securitySchemes?.['gateway']);
    expect(Object.keys(after.paths)).toEqual(Object.keys(before.paths));
    expect(after.paths['/mines/{id}']?.get).toMatchObject(before.paths['/mines/{id}']?.get ?? {});
    expect(faultsOf(after)).toEqual([]);
  });

  it('keeps a schema and a response of the same name', async () => {
    class OidcRefusal {
      @ApiProperty()
      mine!: string;
    }
    @ApiExtraModels(OidcRefusal)
    @Controller()
    class Own {
      @Get()
      get() {}
    }
    const { before, after } = await documentOf({ controllers: [Own] });
    expect(after.components?.schemas?.['OidcRefusal']).toEqual(before.components?.schemas?.['OidcRefusal']);
    expect(after.components?.schemas?.['OidcRefusal2']).toMatchObject({ required: expect.arrayContaining(['code']) });
    expect(faultsOf(after)).toEqual([]);
  });

  it('keeps operations that are no routes, with a warning', async () => {
    const logger = new MemoryLogger();
    const operation = { operationId: 'legacy', responses: { 200: { description: 'fine' } } };
    const app = await createApp({ controllers: [MinesController], logger });
    const paths = { '/legacy': { summary: 'written by hand', get: operation, parameters: [] } };
    const document = { ...new DocumentBuilder().build(), paths };
    expect(addOidcSecurity(document, app)).toEqual(document);
    expect(logger.warnings.filter((line) => line.includes('OpenAPI'))).toEqual([
      'warn operations of the OpenAPI document that are no routes of the application stay as they are: GET /legacy',
    ]);
    await app.close();
  });

  it('of an application without the module is an error that says what is missing', async () => {
    @Module({})
    class Bare {}
    const app = await NestFactory.createApplicationContext(Bare, { logger: false });
    expect(() => addOidcSecurity({ paths: {} }, app)).toThrow(
      'addOidcSecurity() needs an application with OidcMultiAuthModule: import it with forRoot()',
    );
    await app.close();
  });
});
