import { Controller, Get, Req, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { OidcMultiAuthModule, OidcPrincipal, Roles, RolesGuard } from 'nestjs-oidc-multi-auth';
import passport from 'passport';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, getRaw, MemoryLogger, type TestApp } from '../support/test-app';

const startApp = useApps();

@Controller()
class StockController {
  @UseGuards(AuthGuard('oidc:bcmi'))
  @Get('bcmi')
  bcmi(@Req() request: { user: unknown }) {
    return { ...JSON.parse(JSON.stringify(request.user)), isPrincipal: request.user instanceof OidcPrincipal };
  }
  @UseGuards(AuthGuard(['oidc:bcmi', 'oidc:web', 'oidc:slash']))
  @Get('chain')
  chain(@Req() request: { user: OidcPrincipal }) {
    return { client: request.user.client };
  }
  @UseGuards(AuthGuard('oidc:bcmi'), RolesGuard)
  @Roles('admin')
  @Get('admin')
  admin() {
    return 'admin';
  }
}

describe.each(ADAPTERS)("a stock AuthGuard('oidc:bcmi') on %s", (adapter) => {
  const issuer = useTestIssuer();
  const slash = useTestIssuer();
  let testApp: TestApp;
  beforeAll(async () => {
    testApp = await startApp({
      adapter,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [
            { name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, preset: 'gold-sso' },
            { name: 'web', audience: 'api', issuer: issuer.issuer, authorizedParties: ['web'] },
            { name: 'batch', audience: 'api', issuer: issuer.issuer, authorizedParties: ['batch'] },
            { name: 'slash', audience: 'slash', discoveryUrl: slash.discoveryUrl },
          ],
        }),
      ],
      controllers: [StockController],
    });
  });

  /** Status, code and challenge: Passport's own 401 has neither code nor challenge. */
  const answer = async (path: string, credentials?: string | Record<string, string>) => {
    const { status, body, headers } = await testApp.get(path, credentials);
    return [status, body.code, headers.get('www-authenticate')];
  };
  const BARE_401 = [401, undefined, null];

  it('accepts a token of its client', async () => {
    const { status, body } = await testApp.get('/bcmi', await issuer.tokenFor('bcmi', { roles: ['a'] }));
    expect([status, body.client, body.roles, body.isPrincipal]).toEqual([200, 'bcmi', ['a'], true]);
  });

  it('fails without a token, and with one that is not addressed to its client', async () => {
    expect(await answer('/bcmi')).toEqual(BARE_401);
    expect(await answer('/bcmi', { authorization: 'Basic x' })).toEqual(BARE_401);
    expect(await answer('/bcmi', await issuer.tokenFor('bcmi-evil'))).toEqual(BARE_401);
    expect(await answer('/bcmi', await issuer.tokenFor('bcmi', { claims: { iss: 'https://other' } }))).toEqual(
      BARE_401,
    );
    expect(await answer('/bcmi', await issuer.tokenFor('api', { claims: { azp: 'web' } }))).toEqual(BARE_401);
  });

  it('takes its own token where it is for other clients too', async () => {
    const claims = { aud: ['bcmi', 'api'], azp: 'web' };
    expect((await testApp.get('/bcmi', await issuer.tokenFor('bcmi', { claims }))).body.client).toBe('bcmi');
  });

  it('tells every other refusal by an exception with its status and code', async () => {
    const token = await issuer.tokenFor('bcmi');
    const tampered = `${token.slice(0, -8)}${token.at(-8) === 'A' ? 'B' : 'A'}${token.slice(-7)}`;
    expect(await answer('/bcmi', { authorization: 'Bearer a b' })).toEqual([400, 'invalid_request', null]);
    expect(await answer('/bcmi', 'garbage')).toEqual([401, 'malformed_token', null]);
    expect(await answer('/bcmi', await issuer.tokenFor('bcmi', { expiresIn: -60 }))).toEqual([
      401,
      'token_expired',
      null,
    ]);
    expect(await answer('/bcmi', await issuer.tokenFor('bcmi', { claims: { typ: 'ID' } }))).toEqual([
      401,
      'wrong_token_type',
      null,
    ]);
    expect(await answer('/bcmi', tampered)).toEqual([401, 'invalid_signature', null]);
  });

  it('R6750-03 refuses two header lines', async () => {
    const line: [string, string] = ['Authorization', `Bearer ${await issuer.tokenFor('bcmi')}`];
    expect((await getRaw(`${testApp.url}/bcmi`, [line, line])).status).toBe(400);
    expect((await getRaw(`${testApp.url}/bcmi`, [line])).status).toBe(200);
  });

  it('hands a chain on, and ends it with a refusal of its own token', async () => {
    expect((await testApp.get('/chain', await issuer.tokenFor('api', { claims: { azp: 'web' } }))).body.client).toBe(
      'web',
    );
    expect((await testApp.get('/chain', await slash.tokenFor('slash'))).body.client).toBe('slash');
    expect(await answer('/chain', await issuer.tokenFor('api', { claims: { azp: 'batch' } }))).toEqual(BARE_401);
    expect(await answer('/bcmi', await issuer.tokenFor('api', { claims: { azp: 'nobody' } }))).toEqual(BARE_401);
    expect(await answer('/chain', await issuer.tokenFor('api', { claims: { azp: 'nobody' } }))).toEqual([
      401,
      'invalid_claims',
      null,
    ]);
    expect(await answer('/chain', await issuer.tokenFor('bcmi', { expiresIn: -60 }))).toEqual([
      401,
      'token_expired',
      null,
    ]);
  });

  it('stands before RolesGuard as MultiJwtGuard does', async () => {
    expect((await testApp.get('/admin', await issuer.tokenFor('bcmi'))).body.code).toBe('missing_a_valid_role');
    expect((await testApp.get('/admin', await issuer.tokenFor('bcmi', { roles: ['admin'] }))).status).toBe(200);
  });

  it('LIB-34 gives concurrent requests each its own principal', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const { body } = await testApp.get(
          '/bcmi',
          await issuer.tokenFor('bcmi', { claims: { sub: `user-${index}` } }),
        );
        return body.subject;
      }),
    );
    expect(answers).toEqual(answers.map((_, index) => `user-${index}`));
  });
});

describe('the registry of strategies', () => {
  const registered = (name: string): unknown =>
    (passport as unknown as { _strategy(name: string): unknown })._strategy(name);
  const module = (name: string) =>
    OidcMultiAuthModule.forRoot({ clients: [{ name, audience: 'a', issuer: 'https://127.0.0.1:1' }] });

  it('has a strategy for each client as long as the application lives', async () => {
    const app = await startApp({ imports: [module('alive')] });
    expect(registered('oidc:alive')).toMatchObject({ name: 'oidc:alive' });
    await app.close();
    expect(registered('oidc:alive')).toBeUndefined();
  });

  it('warns where another live application holds a name, and takes back only what is its own', async () => {
    const logger = new MemoryLogger();
    const first = await startApp({ imports: [module('shared')] });
    const second = await startApp({ imports: [module('shared')], logger });
    expect(logger.warnings).toContainEqual(
      expect.stringContaining('the Passport strategy "oidc:shared" was another application\'s'),
    );
    const held = registered('oidc:shared');
    await first.close();
    expect(registered('oidc:shared')).toBe(held);
    await second.close();
    expect(registered('oidc:shared')).toBeUndefined();
  });

  it('is what everything that speaks Passport finds: a passport-jwt strategy that reads the bearer token', async () => {
    const app = await startApp({ imports: [module('shape')] });
    const strategy = registered('oidc:shape') as { _jwtFromRequest(request: object): unknown };
    expect(strategy).toBeInstanceOf(require('passport-jwt').Strategy);
    expect(strategy._jwtFromRequest({ headers: { authorization: 'Bearer abc' } })).toBe('abc');
    expect(strategy._jwtFromRequest({ headers: {} })).toBeNull();
    await app.close();
  });
});
