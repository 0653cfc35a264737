import { Controller, Get, Injectable, Module, UseGuards, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  Clients,
  CurrentUser,
  MultiJwtGuard,
  OidcAuthService,
  OidcMultiAuthModule,
  OidcPrincipal,
  Public,
  Roles,
  RolesGuard,
  Scopes,
  type OidcClientOptions,
} from 'nestjs-oidc-multi-auth';
import { testPrincipal, withUser } from 'nestjs-oidc-multi-auth/testing';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger, type TestApp } from '../support/test-app';

const startApp = useApps();
const issuer = useTestIssuer();

@Controller()
class MinesController {
  @Get('me')
  me(@CurrentUser() user: OidcPrincipal) {
    return { roles: user.roles, scopes: user.scopes, details: user.details, written: JSON.stringify(user) };
  }
  @Roles('core_view')
  @Get('mines')
  mines() {
    return 'mines';
  }
  @Scopes('mines.read')
  @Get('scoped')
  scoped() {
    return 'scoped';
  }
  @Clients('other')
  @Get('other')
  other() {
    return 'other';
  }
  @Public()
  @UseGuards(AuthGuard('oidc:web'))
  @Get('stock')
  stock(@CurrentUser() user: OidcPrincipal) {
    return user.roles;
  }
}

async function start(
  enrich: OidcClientOptions['enrich'],
  adapter: (typeof ADAPTERS)[number] = 'express',
  more: Partial<OidcClientOptions> = {},
): Promise<TestApp & { logger: MemoryLogger }> {
  const logger = new MemoryLogger();
  const clients = [
    { name: 'web', audience: 'web', issuer: issuer.issuer, roles: 'roles', ...more, ...(enrich && { enrich }) },
    { name: 'other', audience: 'other', issuer: issuer.issuer },
  ];
  const auth = OidcMultiAuthModule.forRoot({
    clients,
    globalGuards: true,
    roleHierarchy: { core_admin: ['core_view'] },
  });
  const app = await startApp({ adapter, imports: [auth], controllers: [MinesController], logger });
  return Object.assign(app, { logger });
}

const tokenOf = (sub: string, more = {}): Promise<string> => issuer.tokenFor('web', { claims: { sub, ...more } });

describe.each(ADAPTERS)('enrich on %s', (adapter) => {
  it('adds roles that the application knows, and those that they imply, after the token was accepted', async () => {
    const asked: unknown[] = [];
    const app = await start(async (principal, request) => {
      asked.push([principal.subject, principal.roles, request?.headers?.['x-any']]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { roles: ['core_admin', 'mine'], scopes: ['mines.read'], details: { id: 7 } };
    }, adapter);
    const token = await tokenOf('u1', { roles: ['mine'], scope: 'openid' });
    const me = await app.get('/me', { authorization: `Bearer ${token}`, 'x-any': 'thing' });
    expect(me.body).toEqual({
      roles: ['mine', 'core_admin', 'core_view'],
      scopes: ['openid', 'mines.read'],
      details: { id: 7 },
      written: expect.not.stringContaining('"id"'),
    });
    expect((await app.get('/mines', token)).status).toBe(200);
    expect((await app.get('/scoped', token)).status).toBe(200);
    expect((await app.get('/stock', token)).body).toContain('core_view');
    expect(asked).toEqual([['u1', ['mine'], 'thing']]);
  });

  it('is never called for a refused token', async () => {
    const enrich = jest.fn(() => undefined);
    const app = await start(enrich, adapter);
    const good = await tokenOf('u1');
    const statuses = [
      await app.get('/me', `${good.slice(0, -6)}AAAAAA`),
      await app.get('/me', await issuer.tokenFor('web', { claims: { exp: 1 } })),
      await app.get('/me', await issuer.tokenFor('nobody')),
      await app.get('/other', good),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 401, 401, 403]);
    expect(enrich).not.toHaveBeenCalled();
  });
});

describe('what enrich answers', () => {
  it('is remembered for the token, for cacheFor seconds', async () => {
    const enrich = jest.fn(async () => ({ roles: ['core_view'] }));
    const app = await start({ load: enrich, cacheFor: 1 });
    const token = await tokenOf('u1');
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.get('/mines', token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(enrich).toHaveBeenCalledTimes(1);
    await app.get('/mines', await tokenOf('u2'));
    expect(enrich).toHaveBeenCalledTimes(2);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await app.get('/mines', token);
    expect(enrich).toHaveBeenCalledTimes(3);
  });

  it('is asked for each request where cacheFor is 0', async () => {
    const enrich = jest.fn(async () => undefined);
    const app = await start({ load: enrich, cacheFor: 0 });
    const token = await tokenOf('u1');
    await app.get('/me', token);
    await app.get('/me', token);
    expect(enrich).toHaveBeenCalledTimes(2);
  });

  it('is bounded: the least recently used go first', async () => {
    const enrich = jest.fn(async () => undefined);
    const app = await start({ load: enrich, maxEntries: 2 });
    const [a = '', b = '', c = ''] = await Promise.all(['a', 'b', 'c'].map((sub) => tokenOf(sub)));
    for (const token of [a, b, a, c, a, b]) {
      await app.get('/me', token);
    }
    // a, b, c once, and b again after c took its place.
    expect(enrich).toHaveBeenCalledTimes(4);
  });

  it('refuses the caller with 403 if it is false, and remembers that', async () => {
    const enrich = jest.fn(async () => false as const);
    const app = await start(enrich);
    const token = await tokenOf('u1');
    for (let time = 0; time < 2; time += 1) {
      const { status, body } = await app.get('/me', token);
      expect([status, body]).toEqual([403, expect.objectContaining({ code: 'access_denied' })]);
    }
    expect(enrich).toHaveBeenCalledTimes(1);
    const explained = await app.app.get(OidcAuthService).explain(token);
    expect([explained.code, explained.hints.map(({ code }) => code)]).toEqual(['access_denied', ['enrich_refused']]);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['true', true],
    ['an array', ['core_view']],
    ['roles that are no array', { roles: 'core_view' }],
    ['roles that are no strings', { roles: [7] }],
    ['an unknown member', { role: ['core_view'] }],
  ])('refuses with 503 if it is %s', async (_name, value) => {
    const app = await start(async () => value as undefined);
    const { status, body, headers } = await app.get('/me', await tokenOf('u1'));
    expect([status, body]).toEqual([503, expect.objectContaining({ code: 'state_unavailable' })]);
    expect(headers.get('retry-after')).toBe('1');
  });

  it('refuses with 503 if it fails or takes too long, says so once, and works again without a restart', async () => {
    let isDown = true;
    const app = await start({
      load: () =>
        isDown ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve({ roles: ['core_view'] }),
    });
    const token = await tokenOf('u1');
    expect((await app.get('/mines', token)).status).toBe(503);
    expect((await app.get('/mines', token)).status).toBe(503);
    expect(app.logger.warnings.join().split('enrich of client "web" failed: "connect ECONNREFUSED"')).toHaveLength(2);
    isDown = false;
    expect((await app.get('/mines', token)).status).toBe(200);

    const slow = await start({ load: () => new Promise(() => undefined), timeout: 30 });
    expect((await slow.get('/mines', token)).status).toBe(503);
    const explained = await slow.app.get(OidcAuthService).explain(token);
    expect(explained.hints[0]?.text).toContain('no answer within 30 ms');
  });

  it('shows in explain, after the clients of the route', async () => {
    const app = await start(async () => ({ roles: ['core_view'] }));
    const token = await tokenOf('u1');
    const explained = await app.app.get(OidcAuthService).explain(token, { route: 'GET /mines' });
    expect(explained.accepted).toBe(true);
    expect(explained.steps.map(({ name }) => name).slice(-2)).toEqual(['enrich', 'roles']);
    const other = await app.app.get(OidcAuthService).explain(token, { route: 'GET /other' });
    expect(other.steps.slice(-2)).toEqual([
      expect.objectContaining({ name: 'allowed_client', outcome: 'failed' }),
      expect.objectContaining({ name: 'enrich', outcome: 'not reached' }),
    ]);
  });

  it.each<[string, () => Promise<false>, string]>([
    ['refuses', async () => false, 'enrich_refused'],
    ['fails', () => Promise.reject(new Error('no database')), 'enrich_failed'],
  ])('is what explain names for an opaque token, where it %s', async (_name, enrich, expected) => {
    const introspection = { clientId: 'api', clientSecret: 'secret', endpoint: issuer.introspection.endpoint };
    const app = await start(enrich, 'express', { introspection });
    const token = await issuer.tokenFor('web', { format: 'opaque' });
    const explained = await app.app.get(OidcAuthService).explain(token, { askIssuer: true });
    expect([explained.accepted, explained.hints.map(({ code }) => code)]).toEqual([false, [expected]]);
  });

  it('is not called for test users, who are given details', async () => {
    const enrich = jest.fn();
    const clients = [{ name: 'web', audience: 'web', issuer: issuer.issuer, enrich }];
    const auth = OidcMultiAuthModule.forRoot({ clients, globalGuards: true });
    for (const user of [{ details: { id: 7 } }, testPrincipal({ client: 'web', details: { id: 7 } })]) {
      const app = await startApp({
        imports: [auth],
        controllers: [MinesController],
        override: (builder) => withUser(builder, user),
      });
      expect((await app.get('/me')).body.details).toEqual({ id: 7 });
    }
    expect(enrich).not.toHaveBeenCalled();
  });

  it('works with services of the application', async () => {
    @Injectable()
    class Users {
      rolesOf(subject: string | undefined) {
        return Promise.resolve(subject === 'u1' ? ['core_view'] : []);
      }
    }
    @Module({ providers: [Users], exports: [Users] })
    class UsersModule {}
    const auth = OidcMultiAuthModule.forRootAsync({
      imports: [UsersModule],
      inject: [Users],
      globalGuards: true,
      useFactory: (users: Users) => ({
        clients: [
          {
            name: 'web',
            audience: 'web',
            issuer: issuer.issuer,
            enrich: async ({ subject }: OidcPrincipal) => ({ roles: await users.rolesOf(subject) }),
          },
        ],
      }),
    });
    const app = await startApp({ imports: [auth], controllers: [MinesController] });
    expect((await app.get('/mines', await tokenOf('u1'))).status).toBe(200);
    expect((await app.get('/mines', await tokenOf('u2'))).status).toBe(403);
  });

  it.each<[string, unknown, string]>([
    ['no function', 'users', 'enrich: is not a plain object'],
    ['an object without load', { cacheFor: 5 }, 'enrich: load is missing'],
    ['an unknown member', { load: () => undefined, cacheFr: 5 }, 'did you mean cacheFor?'],
    ['a number out of bounds', { load: () => undefined, cacheFor: 3601 }, 'from 0 to 3600'],
  ])('is a fault at start if it is %s', async (_name, enrich, message) => {
    await expect(start(enrich as OidcClientOptions['enrich'])).rejects.toThrow(message);
  });
});

describe('a principal of the application itself', () => {
  @Injectable()
  class KeyOrTokenGuard extends MultiJwtGuard {
    override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
      const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: unknown }>();
      if (request.headers['x-api-key'] !== 'k1') {
        return super.canActivate(context);
      }
      request.user = OidcPrincipal.from({
        client: 'api-key',
        issuer: 'mines',
        subject: 'key:1',
        roles: ['core_view'],
        details: { key: 1 },
      });
      return true;
    }
  }
  @UseGuards(KeyOrTokenGuard, RolesGuard)
  @Controller()
  class KeysController {
    @Roles('core_view')
    @Get('mines')
    mines(@CurrentUser() { client, issuer: iss, subject, roles, claims, details }: OidcPrincipal) {
      return { client, iss, subject, roles, claims, details };
    }
    @Roles('core_admin')
    @Get('admin')
    admin() {
      return 'admin';
    }
    @Roles({ client: 'api-key', any: ['core_view'] })
    @Get('keys')
    keys() {
      return 'keys';
    }
  }
  it('passes RolesGuard by its roles, beside tokens', async () => {
    const clients = [{ name: 'web', audience: 'web', issuer: issuer.issuer, roles: 'roles' }];
    const auth = OidcMultiAuthModule.forRoot({ clients, authenticatingGuards: [KeyOrTokenGuard] });
    const app = await startApp({ imports: [auth], controllers: [KeysController] });
    const key = { 'x-api-key': 'k1' };
    expect((await app.get('/mines', key)).body).toEqual({
      client: 'api-key',
      iss: 'mines',
      subject: 'key:1',
      roles: ['core_view'],
      claims: { iss: 'mines', sub: 'key:1' },
      details: { key: 1 },
    });
    expect((await app.get('/keys', key)).status).toBe(200);
    expect((await app.get('/admin', key)).status).toBe(403);
    expect((await app.get('/mines', { 'x-api-key': 'k2' })).status).toBe(401);
    expect((await app.get('/mines', await tokenOf('u1', { roles: ['core_view'] }))).status).toBe(200);
    expect((await app.get('/keys', await tokenOf('u1', { roles: ['core_view'] }))).status).toBe(403);
  });

  it.each<[string, object, string]>([
    ['client', { client: '', issuer: 'i' }, 'client is not a string'],
    ['issuer', { client: 'c' }, 'issuer is not a string'],
    ['subject', { client: 'c', issuer: 'i', subject: 7 }, 'subject is not a string'],
    ['roles', { client: 'c', issuer: 'i', roles: 'admin' }, 'roles is not an array of strings'],
    ['scopes', { client: 'c', issuer: 'i', scopes: [1] }, 'scopes is not an array of strings'],
  ])('names the wrong member: %s', (_name, given, message) => {
    expect(() => OidcPrincipal.from(given as Parameters<typeof OidcPrincipal.from>[0])).toThrow(message);
  });

  it('never has claims that contradict it', () => {
    const principal = OidcPrincipal.from({
      client: 'c',
      issuer: 'i',
      subject: 's',
      claims: { iss: 'x', sub: 'y', acr: 'phr' },
    });
    expect(principal.claims).toEqual({ iss: 'i', sub: 's', acr: 'phr' });
  });
});
