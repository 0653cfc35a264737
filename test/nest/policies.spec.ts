import { Controller, Get, Injectable, Module, Scope, type Provider, type Type } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { Authorize, OidcMultiAuthModule, type AccessPolicy } from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { MemoryLogger, type TestApp, type TestAppOptions } from '../support/test-app';

const startApp = useApps();

const issuer = useTestIssuer();

async function start(...imports: NonNullable<TestAppOptions['imports']>): Promise<TestApp> {
  const clients = [{ name: 'web', audience: 'web', issuer: issuer.issuer }];
  const auth = OidcMultiAuthModule.forRoot({ clients, globalGuards: true, requireExplicitAccess: true });
  const app = await startApp({ imports: [auth, ...imports], logger: new MemoryLogger() });
  return app;
}
const status = async (app: TestApp, path: string): Promise<number> =>
  (await app.get(path, await issuer.tokenFor('web'))).status;

/** What the policy answers is in a field, so that one whose constructor has not run answers otherwise. */
@Injectable()
abstract class MayEnter implements AccessPolicy {
  isClosed = true;
  authorize(): boolean {
    return !this.isClosed;
  }
}
class Allow extends MayEnter {
  override isClosed = false;
}
class Deny extends MayEnter {}

function controllerAt(path: string): Type {
  @Authorize(MayEnter)
  @Controller(path)
  class PolicyController {
    @Get()
    get() {}
  }
  return PolicyController;
}
function moduleOf(metadata: Parameters<typeof Module>[0]): Type {
  @Module(metadata)
  class AnyModule {}
  return AnyModule;
}

describe('a policy is asked as Nest makes it', () => {
  class Dependency {
    readonly isClosed = true;
  }
  const ways: Record<string, Provider[]> = {
    useClass: [{ provide: MayEnter, useClass: Deny }],
    'useClass, for each request': [{ provide: MayEnter, useClass: Deny, scope: Scope.REQUEST }],
    'useClass, for each who asks': [{ provide: MayEnter, useClass: Deny, scope: Scope.TRANSIENT }],
    useFactory: [{ provide: MayEnter, useFactory: () => new Deny() }],
    'useFactory, for each request': [{ provide: MayEnter, useFactory: () => new Deny(), scope: Scope.REQUEST }],
    'useFactory, for each who asks': [{ provide: MayEnter, useFactory: () => new Deny(), scope: Scope.TRANSIENT }],
    useValue: [{ provide: MayEnter, useValue: new Deny() }],
    useExisting: [Deny, { provide: MayEnter, useExisting: Deny }],
    'with what is made for each who asks': [
      { provide: Dependency, useClass: Dependency, scope: Scope.TRANSIENT },
      {
        provide: MayEnter,
        useFactory: ({ isClosed }: Dependency) => Object.assign(new Allow(), { isClosed }),
        inject: [Dependency],
      },
    ],
  };
  it.each(Object.entries(ways))('%s', async (_name, providers) => {
    const app = await start(moduleOf({ controllers: [controllerAt('here')], providers }));
    expect(await status(app, '/here')).toBe(403);
  });
});

describe('the policy is the one that Nest would inject', () => {
  const providing = (policy: Type, scope = Scope.DEFAULT): Provider => ({ provide: MayEnter, useClass: policy, scope });

  it('of what is imported, also through modules that export it again, and not of another module', async () => {
    const strict = moduleOf({ providers: [providing(Deny)], exports: [MayEnter] });
    const again = moduleOf({ imports: [strict], exports: [strict] });
    const here = moduleOf({ imports: [again], controllers: [controllerAt('here')] });
    const app = await start(moduleOf({ providers: [providing(Allow)], exports: [MayEnter] }), here);
    expect(await status(app, '/here')).toBe(403);
  });

  it.each([Scope.DEFAULT, Scope.REQUEST, Scope.TRANSIENT])(
    'of its own module, in whichever order modules are imported (scope %s)',
    async (scope) => {
      const open = () => moduleOf({ controllers: [controllerAt('open')], providers: [providing(Allow, scope)] });
      const closed = () => moduleOf({ controllers: [controllerAt('closed')], providers: [providing(Deny, scope)] });
      for (const app of [await start(open(), closed()), await start(closed(), open())]) {
        expect([await status(app, '/open'), await status(app, '/closed')]).toEqual([200, 403]);
      }
    },
  );

  it('of the only module that has it, where none that is imported does', async () => {
    const app = await start(
      moduleOf({ providers: [providing(Deny)] }),
      moduleOf({ controllers: [controllerAt('here')] }),
    );
    expect(await status(app, '/here')).toBe(403);
  });

  it('and where that is not one, the application does not start', async () => {
    const [one, other] = [moduleOf({ providers: [providing(Allow)] }), moduleOf({ providers: [providing(Deny)] })];
    await expect(start(one, other, moduleOf({ controllers: [controllerAt('here')] }))).rejects.toThrow(
      /PolicyController\.get\(\): has a rule in @Authorize\(\), MayEnter, that several modules provide; import the module/,
    );
    const shared = controllerAt('shared');
    const [open, closed] = [Allow, Deny].map((policy) =>
      moduleOf({ controllers: [shared], providers: [providing(policy)] }),
    );
    const routes = RouterModule.register([
      { path: 'a', module: open ?? Object },
      { path: 'b', module: closed ?? Object },
    ]);
    await expect(start(open ?? Object, closed ?? Object, routes)).rejects.toThrow('that several modules provide');
  });
});
