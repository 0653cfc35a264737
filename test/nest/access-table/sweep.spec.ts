import {
  All,
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  Scope,
  Sse,
  UseGuards,
  UseInterceptors,
  Version,
  VersioningType,
  mixin,
  type CanActivate,
  type DynamicModule,
  type Type,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { of } from 'rxjs';
import {
  Authenticated,
  describeAccess,
  MultiJwtGuard,
  OidcMultiAuthModule,
  Public,
  Roles,
  RolesGuard,
} from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../../support/life-cycle';
import { ADAPTERS, type TestAppOptions } from '../../support/test-app';

const startApp = useApps();

const issuer = useTestIssuer();

const ANSWER = 'the answer of the handler';

/** Guards that a function makes. */
const RoleOrOpen = (isOpen: boolean): Type<CanActivate> => {
  @Injectable()
  class MadeGuard extends MultiJwtGuard {
    override canActivate(...args: Parameters<MultiJwtGuard['canActivate']>): ReturnType<MultiJwtGuard['canActivate']> {
      return isOpen || super.canActivate(...args);
    }
  }
  return mixin(MadeGuard);
};
const KeptGuard = (): Type<CanActivate> => {
  class MadeGuard extends MultiJwtGuard {}
  return mixin(MadeGuard);
};

/** An interceptor that answers before the handler. */
class Answering {
  intercept(): unknown {
    return of(ANSWER);
  }
}

@Controller('base')
class BaseController {
  @Roles('admin')
  @Get('ruled')
  ruled(): string {
    return ANSWER;
  }
  @Authenticated()
  @Get('plain')
  plain(): string {
    return ANSWER;
  }
}
/** Overrides a method with a rule by one that has none, and lets the rest be as it is. */
@Controller('derived')
class DerivedController extends BaseController {
  @Get('ruled')
  override ruled(): string {
    return ANSWER;
  }
}
/** Overrides a method and gives it no path: it is no route any more. */
@Controller('silent')
class SilentController extends BaseController {
  override ruled(): string {
    return ANSWER;
  }
}
@UseGuards(RoleOrOpen(true), RolesGuard)
@Controller('open-mixin')
class OpenMixinController extends BaseController {}
@UseGuards(KeptGuard(), RolesGuard)
@Controller('kept-mixin')
class KeptMixinController extends BaseController {}
@UseInterceptors(Answering)
@Controller('intercepted')
class InterceptedController extends BaseController {}
@Controller({ path: 'scoped', scope: Scope.REQUEST })
class ScopedController extends BaseController {}

@Controller({ path: 'versioned', version: '1' })
class VersionedController {
  @Roles('admin')
  @Get()
  first(): string {
    return ANSWER;
  }
  @Public()
  @Version('2')
  @Get()
  second(): string {
    return ANSWER;
  }
}
@Controller('many')
class ManyController {
  @Roles('admin')
  @All('all')
  all(): string {
    return ANSWER;
  }
  @Roles('admin')
  @Sse('events')
  events(): unknown {
    return of({ data: ANSWER });
  }
  @Roles('admin')
  @Post(['one', 'two'])
  both(): string {
    return ANSWER;
  }
}

@Module({})
class FeatureModule {
  static register(path: string): DynamicModule {
    @Controller(path)
    class FeatureController extends BaseController {}
    return { module: FeatureModule, controllers: [FeatureController] };
  }
}

const controllers = [
  BaseController,
  DerivedController,
  SilentController,
  OpenMixinController,
  KeptMixinController,
  InterceptedController,
  ScopedController,
  VersionedController,
  ManyController,
];

const BINDINGS: Readonly<Record<string, TestAppOptions & { readonly globalGuards?: boolean }>> = {
  'no global guards': {},
  'globalGuards: true': { globalGuards: true },
  'a factory that makes guards by itself': {
    providers: [
      { provide: APP_GUARD, useFactory: () => ({ canActivate: () => true }) },
      { provide: APP_INTERCEPTOR, useValue: new Answering() },
    ],
  },
  'global guards, and an interceptor that answers': {
    globalGuards: true,
    providers: [{ provide: APP_INTERCEPTOR, useClass: Answering }],
  },
};

describe.each(ADAPTERS)('TBL-1 on %s the table and calls agree, with', (adapter) => {
  it.each(Object.entries(BINDINGS))('%s', async (_name, { globalGuards = false, ...rest }) => {
    const { app, url } = await startApp({
      adapter,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [{ name: 'web', audience: 'web', issuer: issuer.issuer, preset: 'gold-sso' }],
          unenforcedAccess: 'warn',
          globalGuards,
        }),
        FeatureModule.register('feature'),
        FeatureModule.register('other'),
      ],
      controllers,
      configure: (created) => void created.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
      ...rest,
    }).then((started) => {
      return started;
    });
    const somebody = await issuer.tokenFor('web', { roles: ['none'] });
    const ask = async (method: string, path: string, version?: string, token?: string): Promise<boolean> => {
      const headers = {
        ...(version !== undefined && { 'x-version': version }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      };
      const response = await fetch(url + path, { method: method === 'ALL' ? 'PATCH' : method, headers });
      return (await response.text()).includes(ANSWER);
    };
    const { handlers } = describeAccess(app);
    expect(handlers).toHaveLength(23);
    for (const { method, path, versions, access, roles, findings, handler } of handlers) {
      const [version] = versions ?? [];
      // oxlint-disable-next-line no-await-in-loop
      const [nobody, some] = await Promise.all([ask(method, path, version), ask(method, path, version, somebody)]);
      const isUnenforced = findings.some(({ code }) => code === 'unenforced');
      expect([handler, path, nobody]).toEqual([handler, path, access !== 'guarded']);
      if (roles !== undefined) {
        expect([handler, path, some]).toEqual([handler, path, isUnenforced]);
      }
    }
  });
});
