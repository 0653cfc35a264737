import {
  Catch,
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  Module,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  Clients,
  CurrentUser,
  MultiJwtGuard,
  OidcAuthException,
  OidcMultiAuthModule,
  OidcPrincipal,
  Public,
  Roles,
  RolesGuard,
  type OidcRequest,
  type Refusal,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer, testPrincipal } from 'nestjs-oidc-multi-auth/testing';
import { principalOf } from '../../lib/nest/transport/principals';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, type TestApp, type TestAppOptions } from '../support/test-app';

const startApp = useApps();

const issuer = useTestIssuer();

async function start(options: TestAppOptions): Promise<TestApp> {
  const app = await startApp(options);
  return app;
}

const clients = () => [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, preset: 'gold-sso' as const }];

@Controller()
class UnguardedController {
  @Get('me')
  me(@CurrentUser() user: OidcPrincipal) {
    return user;
  }
  @Roles('admin')
  @Get('admin')
  admin() {
    return 'admin';
  }
  @Public()
  @Get('public')
  open() {
    return 'open';
  }
}

@UseGuards(MultiJwtGuard, RolesGuard)
@Controller()
class GuardedController extends UnguardedController {}

async function expectGuarded(app: TestApp): Promise<void> {
  expect((await app.get('/me')).status).toBe(401);
  expect((await app.get('/public')).status).toBe(200);
  expect((await app.get('/me', await issuer.tokenFor('bcmi'))).body).toMatchObject({ client: 'bcmi' });
  expect((await app.get('/admin', await issuer.tokenFor('bcmi'))).status).toBe(403);
  expect((await app.get('/admin', await issuer.tokenFor('bcmi', { roles: ['admin'] }))).status).toBe(200);
}

describe.each(ADAPTERS)('guards on %s', (adapter) => {
  it('work by @UseGuards in a feature module that imports nothing', async () => {
    @Module({ controllers: [GuardedController] })
    class FeatureModule {}
    await expectGuarded(
      await start({ adapter, imports: [OidcMultiAuthModule.forRoot({ clients: clients() }), FeatureModule] }),
    );
  });

  it('work in a feature module that imports the bare class', async () => {
    @Module({ imports: [OidcMultiAuthModule], controllers: [GuardedController] })
    class FeatureModule {}
    await expectGuarded(
      await start({ adapter, imports: [FeatureModule, OidcMultiAuthModule.forRoot({ clients: clients() })] }),
    );
  });

  it('work by APP_GUARD', async () => {
    await expectGuarded(
      await start({
        adapter,
        imports: [OidcMultiAuthModule.forRoot({ clients: clients() })],
        controllers: [UnguardedController],
        providers: [
          { provide: APP_GUARD, useExisting: MultiJwtGuard },
          { provide: APP_GUARD, useClass: RolesGuard },
        ],
      }),
    );
  });

  it('work through globalGuards', async () => {
    await expectGuarded(
      await start({
        adapter,
        imports: [OidcMultiAuthModule.forRoot({ clients: clients(), globalGuards: true })],
        controllers: [UnguardedController],
      }),
    );
  });

  it('work by app.useGlobalGuards', async () => {
    await expectGuarded(
      await start({
        adapter,
        imports: [OidcMultiAuthModule.forRoot({ clients: clients() })],
        controllers: [UnguardedController],
        configure: (app) => app.useGlobalGuards(app.get(MultiJwtGuard), app.get(RolesGuard)),
      }),
    );
  });

  it('are overridden in tests where they are global', async () => {
    class NobodyGuard implements CanActivate {
      canActivate(): boolean {
        throw new ForbiddenException('nobody');
      }
    }
    const app = await start({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients: clients(), globalGuards: true })],
      controllers: [UnguardedController],
      override: (builder) => builder.overrideProvider(MultiJwtGuard).useClass(NobodyGuard),
    });
    expect((await app.get('/public')).body.message).toBe('nobody');
  });

  it('are overridden by one that puts a principal of the test in place', async () => {
    const app = await start({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients: clients(), globalGuards: true })],
      controllers: [UnguardedController],
      override: (builder) =>
        builder.overrideProvider(MultiJwtGuard).useValue({
          canActivate: (context: ExecutionContext) => {
            const request: OidcRequest = context.switchToHttp().getRequest();
            request.user = testPrincipal({ client: 'bcmi', roles: ['admin'], claims: { email: 'a@example.org' } });
            return true;
          },
        }),
    });
    expect((await app.get('/admin')).status).toBe(200);
    expect((await app.get('/me')).body).toMatchObject({ client: 'bcmi', subject: 'test-user', roles: ['admin'] });
  });

  it('keep their headers past a filter of the application that catches everything', async () => {
    @Catch()
    class TeapotFilter implements ExceptionFilter {
      catch(_error: unknown, host: ArgumentsHost): void {
        const response = host.switchToHttp().getResponse();
        (adapter === 'fastify' ? response.status(418) : response.status(418)).send('teapot');
      }
    }
    const app = await start({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients: clients(), realm: 'mines' })],
      controllers: [GuardedController],
      configure: (nest) => nest.useGlobalFilters(new TeapotFilter()),
    });
    const answer = await app.get('/me');
    expect(answer.status).toBe(418);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="mines"');
  });

  it('can be extended: by another way to the request, and another exception', async () => {
    @Injectable()
    class OwnGuard extends MultiJwtGuard {
      readonly label: string;
      constructor() {
        super();
        this.label = 'own';
      }
      protected override getRequest(context: ExecutionContext): OidcRequest {
        const request = super.getRequest(context) as OidcRequest & { headers: Record<string, string> };
        return {
          headers: { authorization: request.headers['x-token'] },
          set user(user: unknown) {
            Object.assign(request, { user });
          },
        };
      }
      protected override createException(refusal: Refusal, context: ExecutionContext): Error {
        return new ForbiddenException(`${this.label}: ${refusal.code} in ${context.getHandler().name}`);
      }
    }
    @UseGuards(OwnGuard, RolesGuard)
    @Controller()
    class OwnController extends UnguardedController {}
    const app = await start({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients: clients() })],
      controllers: [OwnController],
    });
    const refused = await app.get('/me', await issuer.tokenFor('bcmi'));
    expect([refused.status, refused.body.message]).toEqual([403, 'own: authorization_header_missing in me']);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect((await app.get('/me', { 'x-token': `Bearer ${await issuer.tokenFor('bcmi')}` })).body.client).toBe('bcmi');
  });

  it('read the request once to decide and once to refuse, and make an exception without a stack trace', async () => {
    const calls: string[] = [];
    let thrown: unknown;
    @Injectable()
    class CountingGuard extends MultiJwtGuard {
      protected override getRequest(context: ExecutionContext): OidcRequest {
        calls.push('getRequest');
        return super.getRequest(context);
      }
      protected override getResponse(context: ExecutionContext): unknown {
        calls.push('getResponse');
        return super.getResponse(context);
      }
      protected override refuse(refusal: Refusal, context: ExecutionContext): Promise<boolean> {
        calls.push('refuse');
        return super.refuse(refusal, context);
      }
    }
    @Catch(OidcAuthException)
    class KeepingFilter implements ExceptionFilter {
      catch(refusal: OidcAuthException, host: ArgumentsHost): void {
        thrown = refusal;
        host.switchToHttp().getResponse().status(refusal.getStatus()).send(refusal.getResponse());
      }
    }
    @UseGuards(CountingGuard, RolesGuard)
    @Controller()
    class CountedController extends UnguardedController {}
    const app = await start({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients: clients() })],
      controllers: [CountedController],
      configure: (nest) => nest.useGlobalFilters(new KeepingFilter()),
    });
    const refused = await app.get('/me');
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(calls).toEqual(['getRequest', 'refuse', 'getRequest', 'getResponse']);
    expect(thrown).toBeInstanceOf(OidcAuthException);
    expect(thrown instanceof Error && thrown.stack).not.toMatch(/\n\s+at /);
  });

  it('can refuse as they do, with another message, by createException of their own', async () => {
    @Injectable()
    class WordyGuard extends MultiJwtGuard {
      protected override createException(refusal: Refusal, context: ExecutionContext): Error {
        return super.createException({ ...refusal, message: 'Log in first' }, context);
      }
    }
    @UseGuards(WordyGuard, RolesGuard)
    @Controller()
    class WordyController extends UnguardedController {}
    const app = await start({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients: clients(), realm: 'mines' })],
      controllers: [WordyController],
    });
    const refused = await app.get('/me');
    expect([refused.status, refused.body]).toEqual([
      401,
      { statusCode: 401, message: 'Log in first', error: 'Unauthorized', code: 'authorization_header_missing' },
    ]);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="mines"');
  });

  it('LIB-34 never mix up concurrent requests', async () => {
    const many = Array.from({ length: 20 }, (_, index) => ({
      name: `client-${index}`,
      audience: `audience-${index}`,
      issuer: issuer.issuer,
      preset: 'gold-sso' as const,
    }));
    const app = await start({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients: many, globalGuards: true })],
      controllers: [UnguardedController],
    });
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const who = `user-${index}`;
        const claims = { sub: who };
        const { body } = await app.get(
          '/me',
          await issuer.tokenFor(`audience-${index % 20}`, { roles: [who], claims }),
        );
        return [body.client, body.subject, body.roles];
      }),
    );
    expect(answers).toEqual(answers.map((_, index) => [`client-${index % 20}`, `user-${index}`, [`user-${index}`]]));
  });

  it('LIB-05 LIB-17 ask an issuer of nine clients once, for one document and one key set', async () => {
    const fresh = await TestIssuer.start();
    const nine = Array.from({ length: 9 }, (_, index) => ({
      name: `client-${index}`,
      audience: `audience-${index}`,
      ...(index % 2 === 0 ? { issuer: fresh.issuer } : { discoveryUrl: fresh.discoveryUrl }),
    }));
    const app = await start({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients: nine, globalGuards: true })],
      controllers: [UnguardedController],
    });
    const answers = await Promise.all(
      Array.from({ length: 90 }, async (_, index) => app.get('/me', await fresh.tokenFor(`audience-${index % 9}`))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(fresh.requests).toEqual({ discovery: 1, jwks: 1 });
    await fresh.stop();
  });
});

describe('MultiJwtGuard', () => {
  const contextOf = (token: string) => {
    const request: OidcRequest = { headers: { authorization: `Bearer ${token}` } };
    const context = {
      getType: () => 'http',
      getClass: () => UnguardedController,
      getHandler: () => Object.getOwnPropertyDescriptor(UnguardedController.prototype, 'me')?.value,
      switchToHttp: () => ({ getRequest: () => request }),
    } as unknown as ExecutionContext;
    return { request, context };
  };

  it('answers without a promise when the key is in hand', async () => {
    const app = await start({ imports: [OidcMultiAuthModule.forRoot({ clients: clients() })] });
    const guard = app.app.get(MultiJwtGuard);
    const first = contextOf(await issuer.tokenFor('bcmi'));
    await guard.canActivate(first.context);
    const second = contextOf(await issuer.tokenFor('bcmi', { claims: { sub: 'second' } }));
    expect(guard.canActivate(second.context)).toBe(true);
    expect(second.request.user).toMatchObject({ client: 'bcmi', subject: 'second' });
  });

  it('LIB-34 makes a principal for each request, also of one token', async () => {
    const app = await start({ imports: [OidcMultiAuthModule.forRoot({ clients: clients() })] });
    const guard = app.app.get(MultiJwtGuard);
    const token = await issuer.tokenFor('bcmi', { roles: ['viewer'], claims: { dept: { name: 'mines' } } });
    const [one, two] = [contextOf(token), contextOf(token)];
    await guard.canActivate(one.context);
    await guard.canActivate(two.context);
    const [first, second] = [one.request.user as OidcPrincipal, two.request.user as OidcPrincipal];
    expect(first).not.toBe(second);
    (first.roles as string[]).push('admin');
    Object.assign(first.claims['dept'] as object, { name: 'changed' });
    expect([second.hasRole('admin'), second.claims['dept']]).toEqual([false, { name: 'mines' }]);
  });
});

describe.each(ADAPTERS)('a token of more than 16 KiB on %s', (adapter) => {
  it('LIB-27 is malformed, where the server takes such headers at all', async () => {
    const app = await start({
      adapter,
      maxHeaderSize: 131_072,
      imports: [OidcMultiAuthModule.forRoot({ clients: clients(), globalGuards: true })],
      controllers: [UnguardedController],
    });
    const ofSize = async (size: number): Promise<string> => {
      const bare = await issuer.tokenFor('bcmi', { claims: { padding: '' } });
      const padded = await issuer.tokenFor('bcmi', {
        claims: { padding: 'x'.repeat(Math.floor((size - bare.length) * 0.75)) },
      });
      expect(Math.abs(padded.length - size)).toBeLessThan(8);
      return padded;
    };
    expect((await app.get('/me', await ofSize(16_000))).status).toBe(200);
    expect((await app.get('/me', await ofSize(16_500))).body.code).toBe('malformed_token');
    expect((await app.get('/me', await ofSize(60_000))).body.code).toBe('malformed_token');
  });
});

describe('a route for some clients', () => {
  @UseGuards(MultiJwtGuard)
  @Clients('one')
  @Controller()
  class ClientsController {
    @Get('one')
    one(@CurrentUser() user: OidcPrincipal) {
      return user.client;
    }
    @Clients('one', 'two')
    @Get('both')
    both(@CurrentUser() user: OidcPrincipal) {
      return user.client;
    }
  }

  it('takes its own client where the token is for several', async () => {
    const app = await start({
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: ['one', 'two'].map((name) => ({ name, audience: name, issuer: issuer.issuer })),
        }),
      ],
      controllers: [ClientsController],
    });
    const forBoth = await issuer.tokenFor('one', { claims: { aud: ['one', 'two'], azp: 'two' } });
    expect((await app.get('/one', forBoth)).body).toBe('one');
    expect((await app.get('/both', forBoth)).body).toBe('two');
    expect((await app.get('/one', await issuer.tokenFor('two'))).body.code).toBe('client_not_allowed');
  });
});

describe('a context that is not known', () => {
  const contextOf = (type: string, method: keyof UnguardedController, data: unknown = {}) =>
    ({
      getType: () => type,
      getClass: () => UnguardedController,
      getHandler: () => UnguardedController.prototype[method],
      getArgs: () => [],
      switchToHttp: () => ({ getRequest: () => ({ user: {} }), getResponse: () => ({}) }),
      switchToRpc: () => ({ getData: () => data, getContext: () => ({}) }),
      switchToWs: () => ({ getClient: () => ({}), getData: () => data }),
    }) as unknown as ExecutionContext;

  it.each(['ws', 'rpc', 'graphql', 'necord'])('%s is not let through', async (type) => {
    const app = await start({ imports: [OidcMultiAuthModule.forRoot({ clients: clients() })] });
    const authenticating = app.app.get(MultiJwtGuard);
    const authorizing = app.app.get(RolesGuard);
    expect(() => authenticating.canActivate(contextOf(type, 'me'))).toThrow(
      `MultiJwtGuard cannot protect the context "${type}"`,
    );
    expect(() => authorizing.canActivate(contextOf(type, 'admin'))).toThrow(
      `RolesGuard cannot protect the context "${type}"`,
    );
    expect(authenticating.canActivate(contextOf(type, 'open'))).toBe(true);
  });

  it('is known to a guard that says where it carries the token', async () => {
    @Injectable()
    class BotGuard extends MultiJwtGuard {
      protected override getRequest(context: ExecutionContext): OidcRequest {
        const { token } = context.switchToRpc().getData<{ token: string }>();
        return { headers: { authorization: `Bearer ${token}` } };
      }
    }
    const app = await start({
      imports: [OidcMultiAuthModule.forRoot({ clients: clients() })],
      providers: [BotGuard],
    });
    const guard = app.app.get(BotGuard);
    const token = await issuer.tokenFor('bcmi');
    expect(await guard.canActivate(contextOf('necord', 'me', { token }))).toBe(true);
    expect(() => guard.canActivate(contextOf('necord', 'me', { token: 'a.b.c' }))).toThrow(
      expect.objectContaining({ code: 'malformed_token' }),
    );
    // Other guards of the call know who it is; those of another call do not, though both are made of the same objects.
    const shared = { bot: 7 };
    const callWith = (data: object): ExecutionContext =>
      ({ ...contextOf('necord', 'admin', data), getArgs: () => [shared] }) as unknown as ExecutionContext;
    const authorizing = app.app.get(RolesGuard);
    const admin = callWith({ token: await issuer.tokenFor('bcmi', { roles: ['admin'] }) });
    const viewer = callWith({ token });
    expect(await guard.canActivate(admin)).toBe(true);
    expect(await guard.canActivate(viewer)).toBe(true);
    expect(() => authorizing.canActivate(viewer)).toThrow(expect.objectContaining({ code: 'missing_a_valid_role' }));
    expect(authorizing.canActivate(admin)).toBe(true);
    expect(() => authorizing.canActivate(callWith({}))).toThrow('cannot protect the context "necord"');
    expect(() => principalOf(callWith({}))).toThrow('does not know where');
  });
});

describe('RolesGuard', () => {
  it('takes nothing for a principal that this library did not make', async () => {
    const app = await start({
      imports: [OidcMultiAuthModule.forRoot({ clients: clients() })],
      controllers: [UnguardedController],
      configure: (nest) => {
        nest.use((request: OidcRequest, _response: unknown, next: () => void) => {
          request.user = { roles: ['admin'], hasRole: () => true };
          next();
        });
        nest.useGlobalGuards(nest.get(RolesGuard));
      },
    });
    expect((await app.get('/admin')).body.code).toBe('not_authenticated');
  });
});
