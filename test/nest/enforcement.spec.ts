import { Controller, Get, Injectable, Module, SetMetadata, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  AllRoles,
  Clients,
  MultiJwtGuard,
  OidcMultiAuthModule,
  Public,
  Roles,
  RolesGuard,
  Scopes,
  type OidcMultiAuthModuleExtras,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { MemoryLogger, startApp, type TestAppOptions } from '../support/test-app';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.stop());

/** The warnings of an application with these controllers. */
async function warningsOf(
  controllers: NonNullable<TestAppOptions['controllers']>,
  { preset = 'gold-sso', ...extras }: OidcMultiAuthModuleExtras & { preset?: 'gold-sso' | null } = {},
  configure?: TestAppOptions['configure'],
): Promise<string[]> {
  const logger = new MemoryLogger();
  const client = { name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, ...(preset === null ? {} : { preset }) };
  const app = await startApp({
    imports: [OidcMultiAuthModule.forRoot({ clients: [client], ...extras })],
    controllers,
    logger,
    ...(configure === undefined ? {} : { configure }),
  });
  await app.close();
  return logger.warnings.map((warning) => warning.slice('warn '.length));
}

@Controller()
class RulesController {
  @Roles('a')
  @Get('roles')
  roles() {}
  @AllRoles('a')
  @Get('all')
  all() {}
  @Scopes('a')
  @Get('scopes')
  scopes() {}
  @Clients('bcmi')
  @Get('clients')
  clients() {}
  @Public()
  @Get('public')
  open() {}
  @Get('bare')
  bare() {}
}

const unenforced = (name: string, guards: string) =>
  `${name} has access decorators that nothing enforces: it needs ${guards}, by @UseGuards() or by globalGuards: true`;

describe('decorators that no guard enforces are warned about at start', () => {
  it('each handler, with the guard it needs', async () => {
    expect(await warningsOf([RulesController])).toEqual([
      unenforced('RulesController.roles()', 'RolesGuard'),
      unenforced('RulesController.all()', 'RolesGuard'),
      unenforced('RulesController.scopes()', 'RolesGuard'),
      unenforced('RulesController.clients()', 'MultiJwtGuard'),
    ]);
  });

  it('each handler of a class that has them', async () => {
    @Clients('bcmi')
    @Roles('a')
    @Controller()
    class ClassController {
      @Get('one')
      one() {}
      @Public()
      @Get('open')
      open() {}
      helper() {}
    }
    expect(await warningsOf([ClassController])).toEqual([
      unenforced('ClassController.one()', 'MultiJwtGuard and RolesGuard'),
    ]);
  });

  it('not where guards are global, by option or by the application', async () => {
    expect(await warningsOf([RulesController], { globalGuards: true })).toEqual([]);
    expect(
      await warningsOf([RulesController], {}, (app) =>
        app.useGlobalGuards(app.get(MultiJwtGuard), app.get(RolesGuard)),
      ),
    ).toEqual([]);
  });

  it('not where guards are on the class, on a base class, on the handler, or are extended', async () => {
    class OwnGuard extends MultiJwtGuard {}
    @UseGuards(OwnGuard, RolesGuard)
    @Controller('a')
    class OnClass extends RulesController {}
    @Controller('b')
    class OnBase extends OnClass {}
    @Controller('c')
    class OnHandler {
      @UseGuards(MultiJwtGuard, RolesGuard)
      @Clients('bcmi')
      @Roles('a')
      @Get()
      get() {}
    }
    expect(await warningsOf([OnClass, OnBase, OnHandler])).toEqual([]);
  });

  it('but where a stock AuthGuard stands for MultiJwtGuard, which alone looks at @Clients', async () => {
    @UseGuards(AuthGuard('oidc:bcmi'), RolesGuard)
    @Controller()
    class StockController extends RulesController {}
    expect(await warningsOf([StockController])).toEqual([unenforced('StockController.clients()', 'MultiJwtGuard')]);
  });

  it('each handler of a gateway or resolver, by its own decorators or those of its class', async () => {
    const Handles = (): MethodDecorator => SetMetadata('some:message', 'm');
    @Injectable()
    class OwnGateway {
      @Roles('a')
      @Handles()
      own() {}
      @Handles()
      bare() {}
    }
    @Roles('a')
    @Injectable()
    class ClassGateway {
      @Handles()
      bare() {}
      helper() {}
    }
    @Module({ providers: [OwnGateway, ClassGateway] })
    class GatewayModule {}
    const logger = new MemoryLogger();
    const clients = [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, preset: 'gold-sso' as const }];
    await (await startApp({ imports: [OidcMultiAuthModule.forRoot({ clients }), GatewayModule], logger })).close();
    expect(logger.warnings).toEqual([
      `warn ${unenforced('OwnGateway.own()', 'RolesGuard')}`,
      `warn ${unenforced('ClassGateway.bare()', 'RolesGuard')}`,
    ]);
  });

  it('in every module', async () => {
    @Module({ controllers: [RulesController] })
    class FeatureModule {}
    const logger = new MemoryLogger();
    const clients = [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, preset: 'gold-sso' as const }];
    const app = await startApp({ imports: [OidcMultiAuthModule.forRoot({ clients }), FeatureModule], logger });
    await app.close();
    expect(logger.warnings).toHaveLength(4);
  });
});

it('RolesGuard with no guard before it that authenticates is warned about', async () => {
  class RolesController {
    @Roles('a')
    @Get()
    get() {}
  }
  @UseGuards(RolesGuard)
  @Controller('alone')
  class AloneController extends RolesController {}
  @UseGuards(RolesGuard, MultiJwtGuard)
  @Controller('wrong')
  class WrongOrderController extends RolesController {}
  @UseGuards(AuthGuard('oidc:bcmi'), RolesGuard)
  @Controller('right')
  class RightController extends RolesController {}
  expect(await warningsOf([AloneController, WrongOrderController, RightController])).toEqual([
    expect.stringMatching(
      /^AloneController\.get\(\) asks for roles or scopes, and no guard before RolesGuard authenticates/,
    ),
    expect.stringMatching(/^WrongOrderController\.get\(\) .* put MultiJwtGuard before RolesGuard$/),
  ]);
});

it('a client that is not configured is warned about', async () => {
  @Clients('bmci')
  @Controller()
  class MisspelledController {
    @Get()
    get() {}
  }
  expect(await warningsOf([MisspelledController], { globalGuards: true })).toEqual([
    'MisspelledController.get() is for client "bmci", which is not configured',
  ]);
});

it('@Public() beside a rule in one place is warned about', async () => {
  @Controller()
  class ContradictoryController {
    @Public()
    @Roles('a')
    @Get()
    get() {}
  }
  expect(await warningsOf([ContradictoryController], { globalGuards: true })).toEqual([
    'ContradictoryController.get() has @Public() beside other access decorators in one place: @Public() has no effect there',
  ]);
});

describe('clients that never have roles', () => {
  it('are warned about where a route asks for a role', async () => {
    expect(await warningsOf([RulesController], { globalGuards: true, preset: null })).toEqual([
      expect.stringContaining('principals of "bcmi" never have any: give these clients preset or roles'),
    ]);
  });

  it('are not where no route does', async () => {
    @Controller()
    class ScopesController {
      @Scopes('a')
      @Get()
      get() {}
    }
    expect(await warningsOf([ScopesController], { globalGuards: true, preset: null })).toEqual([]);
  });
});
