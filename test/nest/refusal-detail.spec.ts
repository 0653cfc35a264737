import { Controller, Get, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  MultiJwtGuard,
  OidcAuthException,
  OidcAuthService,
  OidcMultiAuthModule,
  Roles,
  RolesGuard,
} from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, type TestApp } from '../support/test-app';

const startApp = useApps();

@Controller()
class MinesController {
  @UseGuards(MultiJwtGuard, RolesGuard)
  @Roles('admin')
  @Get('admin')
  admin() {}
  @UseGuards(AuthGuard('oidc:bcmi'))
  @Get('stock')
  stock() {}
}

describe.each(ADAPTERS)('how much a refusal says on %s', (adapter) => {
  const issuer = useTestIssuer();
  let app: TestApp;

  const start = async (refusalDetail?: 'none' | 'code' | 'description', realm?: string) => {
    const clients = [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, preset: 'gold-sso' as const }];
    app = await startApp({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients, refusalDetail, realm })],
      controllers: [MinesController],
    });
  };
  const expired = () => issuer.tokenFor('bcmi', { expiresIn: -60 });
  /** Body and challenge of an expired token, of a missing role, and of an expired token behind a stock AuthGuard. */
  const answers = async () => {
    const all = [
      await app.get('/admin', await expired()),
      await app.get('/admin', await issuer.tokenFor('bcmi')),
      await app.get('/stock', await expired()),
    ];
    return all.map(({ body, headers }) => [body, headers.get('www-authenticate')]);
  };

  it.each([undefined, 'description'] as const)('is its code and what the caller can mend: %s', async (detail) => {
    await start(detail);
    const body = { statusCode: 401, message: 'The token has expired', error: 'Unauthorized', code: 'token_expired' };
    expect(await answers()).toEqual([
      [body, 'Bearer realm="api", error="invalid_token", error_description="The token has expired"'],
      [
        expect.objectContaining({
          code: 'missing_a_valid_role',
          message: expect.stringContaining('None of the roles'),
        }),
        expect.stringContaining('error_description="None of the roles'),
      ],
      [body, null],
    ]);
  });

  it('is its code alone', async () => {
    await start('code');
    const body = { statusCode: 401, message: 'Unauthorized', error: 'Unauthorized', code: 'token_expired' };
    expect(await answers()).toEqual([
      [body, 'Bearer realm="api", error="invalid_token"'],
      [
        { statusCode: 403, message: 'Forbidden', error: 'Forbidden', code: 'missing_a_valid_role' },
        'Bearer realm="api", error="insufficient_scope"',
      ],
      [body, null],
    ]);
  });

  it('is what the protocol wants and nothing else', async () => {
    await start('none');
    const body = { statusCode: 401, message: 'Unauthorized', error: 'Unauthorized' };
    expect(await answers()).toEqual([
      [body, 'Bearer realm="api", error="invalid_token"'],
      [{ statusCode: 403, message: 'Forbidden', error: 'Forbidden' }, 'Bearer realm="api", error="insufficient_scope"'],
      [body, null],
    ]);
    const refusal: unknown = await app.app
      .get(OidcAuthService)
      .verify(await expired())
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(OidcAuthException);
    // Inside the application the reason is known all the same.
    expect(refusal).toMatchObject({ code: 'token_expired', message: 'Unauthorized' });
    // The application called verify(), so the trace says where.
    expect(refusal instanceof Error && refusal.stack).toContain('refusal-detail.spec');
  });

  it('R6750-11 names a realm with quotes and backslashes escaped', async () => {
    await start('code', 'the "mines" \\ API');
    expect((await app.get('/admin')).headers.get('www-authenticate')).toBe('Bearer realm="the \\"mines\\" \\\\ API"');
  });
});
