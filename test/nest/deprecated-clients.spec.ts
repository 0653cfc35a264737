import { Controller, Get, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  MultiJwtGuard,
  OidcAuthService,
  OidcMultiAuthModule,
  type OidcClientDeprecation,
} from 'nestjs-oidc-multi-auth';
import { useApps, useFreshTestIssuer } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger, type TestApp } from '../support/test-app';

const startApp = useApps();

/** Something of the application's own that links to another page. */
class LinkingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context
      .switchToHttp()
      .getResponse<{ header(name: string, value: string): void }>()
      .header('Link', '</next>; rel="next"');
    return true;
  }
}

@Controller()
class MinesController {
  @UseGuards(MultiJwtGuard)
  @Get('mines')
  mines() {
    return 'mines';
  }
  @UseGuards(LinkingGuard, MultiJwtGuard, MultiJwtGuard)
  @Get('twice')
  twice() {
    return 'twice';
  }
  @UseGuards(AuthGuard('oidc:old'))
  @Get('stock')
  stock() {
    return 'stock';
  }
}

const MESSAGE = 'Token issuer oidc.gov.bc.ca is no longer supported. Please contact mds@gov.bc.ca';

describe.each(ADAPTERS)('LIB-21 a deprecated client on %s', (adapter) => {
  const issuer = useFreshTestIssuer();
  let app: TestApp;
  let logger: MemoryLogger;
  const start = async (deprecated: OidcClientDeprecation, byDiscoveryUrl = false) => {
    logger = new MemoryLogger();
    app = await startApp({
      adapter,
      logger,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [
            {
              name: 'old',
              audience: 'old',
              ...(byDiscoveryUrl ? { discoveryUrl: issuer.discoveryUrl } : { issuer: issuer.issuer }),
              deprecated,
            },
          ],
        }),
      ],
      controllers: [MinesController],
    });
  };

  it('is served, and its answers say since when, until when, and where to read about it', async () => {
    await start({ since: '2023-06-30T23:59:59Z', sunset: '2999-06-30T23:59:59Z', link: 'https://docs.example/old' });
    const { status, headers } = await app.get('/mines', await issuer.tokenFor('old'));
    expect(status).toBe(200);
    expect(headers.get('deprecation')).toBe('@1688169599');
    expect(headers.get('sunset')).toBe('Sun, 30 Jun 2999 23:59:59 GMT');
    expect(headers.get('link')).toBe('<https://docs.example/old>; rel="deprecation sunset"; type="text/html"');
  });

  it('is served without an end as long as none is decided', async () => {
    await start({ since: '2023-06-30T23:59:59Z', link: 'https://docs.example/old' });
    const { status, headers } = await app.get('/mines', await issuer.tokenFor('old'));
    expect([status, headers.get('sunset')]).toEqual([200, null]);
    expect(headers.get('link')).toBe('<https://docs.example/old>; rel="deprecation"; type="text/html"');
  });

  it('says each once where two guards stand before a route, and leaves the links of others', async () => {
    await start({ since: '2023-06-30T23:59:59Z', sunset: '2999-06-30T23:59:59Z', link: 'https://docs.example/old' });
    const { status, headers } = await app.get('/twice', await issuer.tokenFor('old'));
    expect(status).toBe(200);
    expect(headers.get('deprecation')).toBe('@1688169599');
    expect(headers.get('sunset')).toBe('Sun, 30 Jun 2999 23:59:59 GMT');
    expect(headers.get('link')).toBe(
      '</next>; rel="next", <https://docs.example/old>; rel="deprecation sunset"; type="text/html"',
    );
  });

  it('says nothing of that to who has no good token of its', async () => {
    await start({ since: '2023-06-30T23:59:59Z' });
    for (const credentials of [undefined, 'garbage', await issuer.tokenFor('old', { expiresIn: -60 })]) {
      expect((await app.get('/mines', credentials)).headers.get('deprecation')).toBeNull();
    }
  });

  it.each([false, true])(
    'after its date is refused with the configured message, and without network (discoveryUrl: %s)',
    async (byDiscoveryUrl) => {
      await start(
        { since: '2020-01-01', sunset: '2021-01-01', message: MESSAGE, link: 'https://docs.example/old' },
        byDiscoveryUrl,
      );
      const { status, headers, body } = await app.get('/mines', await issuer.tokenFor('old'));
      expect({ status, body }).toEqual({
        status: 401,
        body: { statusCode: 401, message: MESSAGE, error: 'Unauthorized', code: 'client_retired' },
      });
      expect(headers.get('www-authenticate')).toBe(
        `Bearer realm="api", error="invalid_token", error_description="${MESSAGE}"`,
      );
      expect(headers.get('sunset')).toBe('Fri, 01 Jan 2021 00:00:00 GMT');
      expect((await app.get('/stock', await issuer.tokenFor('old'))).body).toMatchObject({
        code: 'client_retired',
        message: MESSAGE,
      });
      const service = app.app.get(OidcAuthService);
      await expect(service.verify(await issuer.tokenFor('old'))).rejects.toMatchObject({ message: MESSAGE });
      expect(logger.warnings).toEqual([
        'warn client "old" is past its sunset: its tokens are refused (client_retired)',
      ]);
      expect(issuer.requests).toEqual({ discovery: 0, jwks: 0 });
      expect(service.usage()['old']).toEqual({ accepted: 0, refused: { client_retired: 3 }, reported: {} });
    },
  );

  it('is called what it is where nothing else is configured to be said', async () => {
    await start({ since: '2020-01-01', sunset: '2021-01-01' });
    expect((await app.get('/mines', await issuer.tokenFor('old'))).body).toMatchObject({
      message: 'The client of this token is no longer supported',
    });
  });
});
