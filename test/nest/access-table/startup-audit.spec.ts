import { Controller, Get, Injectable, Module, SetMetadata, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  AllRoles,
  Authenticated,
  Authorize,
  Clients,
  MultiJwtGuard,
  OidcConfigurationError,
  OidcMultiAuthModule,
  OptionalAuth,
  Public,
  Roles,
  RolesGuard,
  Scopes,
  type OidcMultiAuthModuleExtras,
  type OidcMultiAuthOptions,
} from 'nestjs-oidc-multi-auth';
import { useTestIssuer } from '../../support/life-cycle';
import { MemoryLogger, startApp, type TestAppOptions } from '../../support/test-app';

const issuer = useTestIssuer();

/** The warnings of an application with these controllers. */
async function warningsOf(
  controllers: NonNullable<TestAppOptions['controllers']>,
  { preset = 'gold-sso', ...extras }: OidcMultiAuthModuleExtras & { preset?: 'gold-sso' | null } = {},
  configure?: TestAppOptions['configure'],
  authenticatingGuards?: OidcMultiAuthOptions['authenticatingGuards'],
): Promise<string[]> {
  const logger = new MemoryLogger();
  const client = { name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, ...(preset === null ? {} : { preset }) };
  const app = await startApp({
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [client],
        authenticatingGuards,
        unenforcedAccess: 'warn',
        ...extras,
      }),
    ],
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
  @OptionalAuth()
  @Get('optional')
  optional() {}
  @Authorize(() => true)
  @Get('rule')
  rule() {}
  @Authenticated()
  @Get('somebody')
  somebody() {}
  @Public()
  @Get('public')
  open() {}
}

@Controller()
class BareController {
  @Get('bare')
  bare() {}
}

const unguarded = (name: string, call: string) =>
  `${name} is unguarded: anybody may call ${call}; put MultiJwtGuard before it, by @UseGuards() or by globalGuards: true; or say so by @Public()`;

const unenforced = (name: string, guards: string) =>
  `${name} has access decorators that nothing enforces; it needs ${guards}, by @UseGuards() or by globalGuards: true`;

describe('decorators that no guard enforces are warned about at start', () => {
  it('each handler, with the guard it needs', async () => {
    expect(await warningsOf([RulesController])).toEqual([
      unenforced('RulesController.all()', 'RolesGuard'),
      unenforced('RulesController.clients()', 'MultiJwtGuard'),
      unenforced('RulesController.optional()', 'MultiJwtGuard'),
      unenforced('RulesController.roles()', 'RolesGuard'),
      unenforced('RulesController.rule()', 'RolesGuard'),
      unenforced('RulesController.scopes()', 'RolesGuard'),
      unenforced('RulesController.somebody()', 'MultiJwtGuard'),
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
    expect(await warningsOf([StockController])).toEqual([
      unenforced('StockController.clients()', 'MultiJwtGuard'),
      unenforced('StockController.optional()', 'MultiJwtGuard'),
      'StockController.open() has @Public(), which AuthGuard before it does not look at; take that guard away, or leave @Public() out',
    ]);
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
    await (
      await startApp({
        imports: [OidcMultiAuthModule.forRoot({ clients, unenforcedAccess: 'warn' }), GatewayModule],
        logger,
      })
    ).close();
    expect(logger.warnings).toEqual([
      `warn ${unenforced('ClassGateway.bare()', 'RolesGuard')}`,
      `warn ${unenforced('OwnGateway.own()', 'RolesGuard')}`,
    ]);
  });

  it('in every module', async () => {
    @Module({ controllers: [RulesController] })
    class FeatureModule {}
    const logger = new MemoryLogger();
    const clients = [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, preset: 'gold-sso' as const }];
    const app = await startApp({
      imports: [OidcMultiAuthModule.forRoot({ clients, unenforcedAccess: 'warn' }), FeatureModule],
      logger,
    });
    await app.close();
    expect(logger.warnings).toHaveLength(7);
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
      /^AloneController\.get\(\) has a rule, and no guard before RolesGuard authenticates: it always answers 401/,
    ),
    expect.stringMatching(/^WrongOrderController\.get\(\) .* put MultiJwtGuard before RolesGuard$/),
  ]);
});

it('a client that is not configured is warned about', async () => {
  @Controller()
  class MisspelledController {
    @Clients('bmci')
    @Get('a')
    get() {}
    @Roles({ client: 'bmic', any: ['view'] })
    @Get('b')
    role() {}
  }
  expect(await warningsOf([MisspelledController], { globalGuards: true })).toEqual([
    'MisspelledController.get() is for client "bmci", which is not configured; configure it, or check its spelling',
    'MisspelledController.role() is for client "bmic", which is not configured; configure it, or check its spelling',
  ]);
});

it('decorators of one place that cannot all hold are warned about', async () => {
  @Controller()
  class ContradictoryController {
    @Public()
    @Roles('a')
    @Get('a')
    publicAndRole() {}
    @OptionalAuth()
    @Authenticated()
    @Get('b')
    optionalAndAuthenticated() {}
    @Public()
    @OptionalAuth()
    @Get('c')
    publicAndOptional() {}
  }
  expect(await warningsOf([ContradictoryController], { globalGuards: true })).toEqual([
    'ContradictoryController.publicAndRole() has @Public() beside other access decorators in one place: @Public() has no effect there; leave one of them out',
    'ContradictoryController.optionalAndAuthenticated() has @OptionalAuth() beside other access decorators in one place: @OptionalAuth() has no effect there; leave one of them out',
    'ContradictoryController.publicAndOptional() has @Public() beside @OptionalAuth() in one place: @Public() has no effect there; leave one of them out',
  ]);
});

describe('a route that nobody guards', () => {
  it('is warned about', async () => {
    expect(await warningsOf([BareController])).toEqual([unguarded('BareController.bare()', 'GET /bare')]);
    expect(await warningsOf([BareController], { globalGuards: true })).toEqual([]);
  });

  it('is so behind guards that say nothing of who calls', async () => {
    class ThrottlerGuard {
      canActivate() {
        return true;
      }
    }
    @UseGuards(ThrottlerGuard)
    @Controller('a')
    class ThrottledController extends BareController {}
    @UseGuards(RolesGuard)
    @Controller('b')
    class RolesOnlyController extends BareController {}
    expect(await warningsOf([ThrottledController, RolesOnlyController])).toEqual([
      expect.stringMatching(
        /^ThrottledController\.bare\(\) is unguarded: anybody may call GET \/a\/bare, unless ThrottlerGuard sees to that; .*list a guard of your own in authenticatingGuards/,
      ),
      unguarded('RolesOnlyController.bare()', 'GET /b/bare'),
    ]);
  });

  it('is not so behind a guard that is said to authenticate, by class or instance, or extended', async () => {
    class ApiKeyGuard {
      canActivate() {
        return true;
      }
    }
    class OtherKeyGuard extends ApiKeyGuard {}
    @UseGuards(ApiKeyGuard)
    @Controller('a')
    class KeyController extends BareController {}
    @UseGuards(new OtherKeyGuard())
    @Controller('b')
    class OtherKeyController extends BareController {}
    expect(await warningsOf([KeyController, OtherKeyController], {}, undefined, [ApiKeyGuard])).toEqual([]);
  });
});

describe('with requireExplicitAccess', () => {
  const start = async (controllers: NonNullable<TestAppOptions['controllers']>, globalGuards = true) => {
    const clients = [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, preset: 'gold-sso' as const }];
    const logger = new MemoryLogger();
    const imports = [OidcMultiAuthModule.forRoot({ clients, requireExplicitAccess: true, globalGuards })];
    await (await startApp({ imports, controllers, logger })).close();
    return logger.warnings;
  };

  it('LIB-32 an application does not start with a route that says nothing, and hears of all at once', async () => {
    @Controller()
    class AlsoBareController {
      @Get('one')
      one() {}
      @Public()
      @Roles('a')
      @Get('two')
      two() {}
    }
    const starting = start([BareController, AlsoBareController, RulesController]);
    await expect(starting).rejects.toThrow(OidcConfigurationError);
    await expect(starting).rejects.toThrow(/: 3 faults in the configuration:/);
    await expect(starting).rejects.toThrow(
      /BareController\.bare\(\): does not say who may call it; give it @Roles\(\)/,
    );
    await expect(starting).rejects.toThrow(/AlsoBareController\.one\(\): does not say who may call it/);
    await expect(starting).rejects.toThrow(/AlsoBareController\.two\(\): has @Public\(\) beside other access/);
  });

  it('nor with one that nobody guards, or decorators that nothing enforces', async () => {
    await expect(start([BareController], false)).rejects.toThrow(/BareController\.bare\(\): is unguarded/);
    await expect(start([RulesController], false)).rejects.toThrow(/RulesController\.roles\(\): has access decorators/);
  });

  it('it starts where each route says who may call it, by its class too, or has a guard of its own', async () => {
    @Authenticated()
    @Controller('a')
    class DeclaredController extends BareController {}
    @UseGuards(AuthGuard('oidc:bcmi'))
    @Controller('b')
    class StockController extends BareController {}
    expect(await start([RulesController, DeclaredController, StockController])).toEqual([]);
  });

  it('it starts where a client is not configured, for environments differ in their clients', async () => {
    @Clients('partner')
    @Controller()
    class PartnerController {
      @Get()
      get() {}
    }
    expect(await start([PartnerController])).toEqual([expect.stringContaining('which is not configured')]);
  });
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
