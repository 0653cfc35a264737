import { Controller, Get, Injectable, Module, Req, UseGuards, type CanActivate } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { Test } from '@nestjs/testing';
import {
  Clients,
  CurrentUser,
  MultiJwtGuard,
  OidcAuthService,
  OidcConfigurationError,
  OidcHealthIndicator,
  OidcMultiAuthModule,
  OidcPrincipal,
  Roles,
  RolesGuard,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer, testPrincipal, withUser, type TestUser, type TestUserOf } from 'nestjs-oidc-multi-auth/testing';
import type { IncomingMessage } from 'node:http';
import { ADAPTERS, MemoryLogger, type TestApp, type TestAppOptions } from '../support/test-app';
import { MinesController } from './mines-app';
import { OPTIONS, SSO, startAs, stopAll } from './user-app';

afterEach(stopAll);

/** What each of an application's routes says to the user. */
async function answers(app: TestApp): Promise<Record<string, unknown>> {
  const paths = ['me', 'admin', 'write', 'bcmi', 'public'];
  const said = await Promise.all(
    paths.map(async (path) => {
      const { status, body } = await app.get(`/${path}`);
      return [path, body.code ?? status] as const;
    }),
  );
  return Object.fromEntries(said);
}

/** The same routes, behind guards in a feature module. */
@UseGuards(MultiJwtGuard, RolesGuard)
@Controller()
class GuardedController extends MinesController {}
@Module({ controllers: [GuardedController] })
class FeatureModule {}

@Injectable()
class OwnGuard extends MultiJwtGuard {}
@UseGuards(OwnGuard, RolesGuard)
@Controller()
class OwnController extends MinesController {}

const auth = (): ReturnType<typeof OidcMultiAuthModule.forRoot> => OidcMultiAuthModule.forRoot(OPTIONS);

/** Every way to put guards before routes. */
const GUARDED: Readonly<Record<string, () => TestAppOptions>> = {
  globalGuards: () => ({}),
  APP_GUARD: () => ({
    imports: [auth()],
    providers: [
      { provide: APP_GUARD, useExisting: MultiJwtGuard },
      { provide: APP_GUARD, useClass: RolesGuard },
    ],
  }),
  'app.useGlobalGuards': () => ({
    imports: [auth()],
    configure: (app) => app.useGlobalGuards(app.get<CanActivate>(MultiJwtGuard), app.get<CanActivate>(RolesGuard)),
  }),
  '@UseGuards in a feature module': () => ({ imports: [auth(), FeatureModule], controllers: [] }),
  'a guard that extends MultiJwtGuard': () => ({ imports: [auth()], controllers: [OwnController] }),
};

describe.each(ADAPTERS)('an application on %s', (adapter) => {
  describe.each(Object.keys(GUARDED))('with guards by %s', (name) => {
    const startGuarded = (user: TestUser | TestUserOf) => startAs(user, { ...GUARDED[name]?.(), adapter });

    it('lets the user in where its roles, scopes and client open the route', async () => {
      const app = await startGuarded({ client: 'bcmi', roles: ['admin'], scopes: ['write'] });
      expect(await answers(app)).toEqual({ me: 200, admin: 200, write: 200, bcmi: 200, public: 200 });
      expect((await app.get('/me')).body).toMatchObject({ client: 'bcmi', subject: 'test-user', roles: ['admin'] });
    });

    it('refuses the user everything else, as it would with a token', async () => {
      expect(await answers(await startGuarded({ roles: ['viewer'] }))).toEqual({
        me: 200,
        admin: 'missing_a_valid_role',
        write: 'missing_scope',
        bcmi: 'client_not_allowed',
        public: 200,
      });
    });

    it.each([undefined, null])('answers nobody (%s) as missing credentials', async (nobody) => {
      const app = await startGuarded(nobody);
      expect(await answers(app)).toEqual({
        me: 'authorization_header_missing',
        admin: 'authorization_header_missing',
        write: 'authorization_header_missing',
        bcmi: 'authorization_header_missing',
        public: 200,
      });
      const { status, headers } = await app.get('/me');
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="mines"']);
    });
  });

  it('has the roles that its client is granted, and all that its roles imply', async () => {
    const [client] = OPTIONS.clients;
    const options = {
      clients: [{ ...client, name: 'web', audience: 'web', issuer: SSO, grantedRoles: ['batch'] }],
      roleHierarchy: { boss: ['admin'], batch: 'writer' },
      globalGuards: true,
    };
    const app = await startAs(
      { client: 'web', roles: ['boss'] },
      { adapter, imports: [OidcMultiAuthModule.forRoot(options)] },
    );
    expect((await app.get('/me')).body.roles).toEqual(['boss', 'batch', 'admin', 'writer']);
    expect((await app.get('/admin')).status).toBe(200);
  });

  it('is used by several people, each request by who makes it', async () => {
    const people: Readonly<Record<string, TestUser>> = {
      anna: { subject: 'anna', roles: ['admin'] },
      ben: { subject: 'ben', client: 'bcmi' },
      carol: testPrincipal({ client: 'web', subject: 'carol' }),
    };
    const app = await startAs((request) => people[String(request.headers?.['x-user'])], { adapter });
    const names = Array.from({ length: 60 }, (_, index) => ['anna', 'ben', 'carol', 'nobody'][index % 4] ?? '');
    const said = await Promise.all(
      names.map(async (name) => {
        const { body } = await app.get('/me', { 'x-user': name });
        return body.code ?? body.subject;
      }),
    );
    expect(said).toEqual(names.map((name) => (name === 'nobody' ? 'authorization_header_missing' : name)));
    expect((await app.get('/admin', { 'x-user': 'anna' })).status).toBe(200);
    expect((await app.get('/admin', { 'x-user': 'ben' })).body.code).toBe('missing_a_valid_role');
    expect((await app.get('/bcmi', { 'x-user': 'ben' })).status).toBe(200);
  });

  it('changes hands when the test says so', async () => {
    let user: TestUser;
    const app = await startAs(() => user, { adapter });
    expect((await app.get('/me')).status).toBe(401);
    user = { subject: 'anna' };
    expect((await app.get('/me')).body.subject).toBe('anna');
  });

  it('looks at no token, not even a malformed one', async () => {
    const app = await startAs({ subject: 'anna' }, { adapter });
    expect((await app.get('/me', { authorization: 'Bearer a b' })).body.subject).toBe('anna');
    expect((await app.get('/me', 'garbage')).body.subject).toBe('anna');
    const empty = await startAs(undefined, { adapter });
    expect((await empty.get('/me', 'garbage')).body.code).toBe('authorization_header_missing');
  });
});

describe.each(ADAPTERS)("a stock AuthGuard('oidc:bcmi') on %s", (adapter) => {
  @Controller()
  class StockController {
    @UseGuards(AuthGuard('oidc:bcmi'))
    @Get('one')
    one(@Req() request: { user: unknown }) {
      return { isPrincipal: request.user instanceof OidcPrincipal };
    }
    @UseGuards(AuthGuard(['oidc:bcmi', 'oidc:web']), RolesGuard)
    @Roles('admin')
    @Get('chain')
    chain(@CurrentUser() user: OidcPrincipal) {
      return { client: user.client };
    }
  }
  const startStock = (user: TestUser | TestUserOf) =>
    startAs(user, { adapter, imports: [auth()], controllers: [StockController] });
  const said = async (app: TestApp, path: string) => {
    const { status, body } = await app.get(path);
    return [status, body.code];
  };

  it('lets in the user of its client', async () => {
    const app = await startStock({ client: 'bcmi' });
    expect((await app.get('/one')).body).toEqual({ isPrincipal: true });
  });

  it('refuses another, and nobody, with the 401 of Passport', async () => {
    expect(await said(await startStock({ client: 'web' }), '/one')).toEqual([401, undefined]);
    expect(await said(await startStock(undefined), '/one')).toEqual([401, undefined]);
  });

  it('hands a chain on, and stands before RolesGuard', async () => {
    const app = await startStock({ client: 'web', roles: ['admin'] });
    expect((await app.get('/chain')).body).toEqual({ client: 'web' });
    expect(await said(await startStock({ client: 'web' }), '/chain')).toEqual([403, 'missing_a_valid_role']);
    expect(await said(await startStock(null), '/chain')).toEqual([401, undefined]);
  });
});

describe('withUser', () => {
  it('returns the builder it was given', () => {
    const builder = Test.createTestingModule({});
    expect(withUser(builder, {})).toBe(builder);
  });

  it("takes a function of the application's own type of request", async () => {
    const app = await startAs((request: IncomingMessage) => ({ subject: request.url ?? 'none' }));
    expect((await app.get('/me')).body.subject).toBe('/me');
  });

  it('asks no issuer for anything, wherever clients are', async () => {
    const issuer = await TestIssuer.start();
    const logger = new MemoryLogger();
    const place = { issuer: issuer.issuer, discoveryUrl: issuer.discoveryUrl };
    const discovered = await TestIssuer.start();
    const direct = await TestIssuer.start();
    const app = await startAs(
      { client: 'discovered' },
      {
        imports: [
          OidcMultiAuthModule.forRoot({
            clients: [
              { name: 'both', audience: 'a', ...place },
              { name: 'secret', audience: 'b', ...place, secret: 'a shared secret of at least 32 octets' },
              { name: 'discovered', audience: 'c', discoveryUrl: discovered.discoveryUrl },
              { name: 'direct', audience: 'd', issuer: direct.issuer, jwksUri: direct.jwksUri },
            ],
            strictStart: true,
            globalGuards: true,
          }),
        ],
        logger,
      },
    );
    expect((await app.get('/me')).body).toMatchObject({ client: 'discovered', issuer: discovered.issuer });
    const decided = await app.app.get(OidcAuthService).decide(await discovered.tokenFor('c'));
    expect(decided).toMatchObject({ accepted: false, client: 'discovered' });
    expect(app.app.get(OidcHealthIndicator).isHealthy()).toMatchObject({ oidc: { status: 'up' } });
    for (const asked of [issuer, discovered, direct]) {
      expect(asked.requests).toEqual({ discovery: 0, jwks: 0 });
      await asked.stop();
    }
    expect(logger.warnings.filter((line) => line.includes('cannot be fetched'))).toEqual([]);
  });

  it('takes the issuer that another client names, where a client has a discovery URL alone', async () => {
    const issuer = `${SSO}/`;
    const clients = [
      { name: 'named', audience: 'a', issuer },
      { name: 'found', audience: 'b', discoveryUrl: `${SSO}/.well-known/openid-configuration` },
    ];
    const imports = [OidcMultiAuthModule.forRoot({ clients, globalGuards: true })];
    expect((await (await startAs({ client: 'found' }, { imports })).get('/me')).body.issuer).toBe(issuer);
  });

  it('lets the faults of the application be told as they are', async () => {
    const imports = [OidcMultiAuthModule.forRoot({ clients: [{ name: '', audience: '', issuer: 'x' }] })];
    await expect(startAs({}, { imports })).rejects.toThrow(OidcConfigurationError);
    await expect(startAs({}, { imports })).rejects.toThrow(/3 faults in the configuration/);
  });

  it('lets warnings of routes for clients that are not configured be told', async () => {
    @Clients('wbe')
    @Controller()
    class MisspelledController {
      @Get('misspelled')
      get() {
        return 'never';
      }
    }
    const logger = new MemoryLogger();
    const app = await startAs({}, { controllers: [MisspelledController], logger });
    expect(logger.warnings.join('\n')).toContain('is for client "wbe", which is not configured');
    expect((await app.get('/misspelled')).body.code).toBe('client_not_allowed');
  });
});
