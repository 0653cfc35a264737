import { Controller, Get } from '@nestjs/common';
import {
  Authenticated,
  CurrentUser,
  OidcMultiAuthModule,
  OidcPrincipal,
  OptionalAuth,
  Public,
} from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, getRaw, type TestApp } from '../support/test-app';

const startApp = useApps();

@OptionalAuth()
@Controller()
class MinesController {
  @Get('optional')
  optional(@CurrentUser() user?: OidcPrincipal) {
    return { client: user?.client ?? null };
  }
  @Authenticated()
  @Get('authenticated')
  authenticated(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
  @Public()
  @Get('public')
  open(@CurrentUser() user?: OidcPrincipal) {
    return { client: user?.client ?? null };
  }
}

describe.each(ADAPTERS)('@OptionalAuth() on %s', (adapter) => {
  const issuer = useTestIssuer();
  const down = useTestIssuer();
  let app: TestApp;
  beforeAll(async () => {
    await down.fail('error');
    const clients = [
      { name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer },
      { name: 'down', audience: 'down', issuer: down.issuer },
    ];
    app = await startApp({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true })],
      controllers: [MinesController],
    });
  });

  it('lets a request without a token through, without a principal', async () => {
    expect(await app.get('/optional')).toMatchObject({ status: 200, body: { client: null } });
    expect(await app.get('/optional', { authorization: 'Basic eDp5' })).toMatchObject({ body: { client: null } });
  });

  it('gives a good token its principal', async () => {
    expect(await app.get('/optional', await issuer.tokenFor('bcmi'))).toMatchObject({
      status: 200,
      body: { client: 'bcmi' },
    });
  });

  it('refuses a bad token as any route does', async () => {
    const expired = await issuer.tokenFor('bcmi', { expiresIn: -60 });
    expect(await app.get('/optional', expired)).toMatchObject({ status: 401, body: { code: 'token_expired' } });
    expect(await app.get('/optional', 'garbage')).toMatchObject({ status: 401, body: { code: 'malformed_token' } });
    expect(await app.get('/optional', { authorization: 'Bearer' })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    expect(
      await getRaw(`${app.url}/optional`, [
        ['Authorization', `Bearer ${await issuer.tokenFor('bcmi')}`],
        ['Authorization', `Bearer ${await issuer.tokenFor('bcmi')}`],
      ]),
    ).toMatchObject({ status: 400 });
  });

  it('says so when a token cannot be verified, rather than take its bearer for nobody', async () => {
    expect(await app.get('/optional', await down.tokenFor('down'))).toMatchObject({
      status: 503,
      body: { code: 'keys_unavailable' },
    });
  });

  it('of a class is defeated by @Authenticated() of a handler, and by @Public()', async () => {
    expect(await app.get('/authenticated')).toMatchObject({ status: 401 });
    expect(await app.get('/authenticated', await issuer.tokenFor('bcmi'))).toMatchObject({ body: { client: 'bcmi' } });
    expect(await app.get('/public', 'garbage')).toMatchObject({ status: 200, body: { client: null } });
  });
});
