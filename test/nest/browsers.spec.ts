import { Controller, Get, Options } from '@nestjs/common';
import { OidcMultiAuthModule, Public } from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, type TestApp } from '../support/test-app';

const startApp = useApps();

const ORIGIN = 'https://mines.example';

@Controller()
class MinesController {
  @Get('mines')
  mines() {
    return [];
  }
  @Options('guarded')
  guardedPreflight() {}
  @Public()
  @Options('public')
  publicPreflight() {}
}

describe.each(ADAPTERS)('a browser of another origin on %s', (adapter) => {
  const issuer = useTestIssuer();
  let app: TestApp;
  const start = (configure: Parameters<typeof startApp>[0]['configure']) =>
    startApp({
      adapter,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [{ name: 'core-web', audience: 'core-web', issuer: issuer.issuer }],
          globalGuards: true,
        }),
      ],
      controllers: [MinesController],
      configure,
    });

  const preflight = (path: string) =>
    fetch(`${app.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });

  it('may read why it is refused where the headers are exposed', async () => {
    app = await start((nest) =>
      nest.enableCors({ origin: ORIGIN, exposedHeaders: ['WWW-Authenticate', 'Retry-After'] }),
    );
    const answer = await app.get('/mines', { origin: ORIGIN });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(answer.headers.get('access-control-expose-headers')?.replaceAll(' ', '')).toBe(
      'WWW-Authenticate,Retry-After',
    );
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
  });

  it("has its preflight answered by Nest's own CORS before any guard", async () => {
    app = await start((nest) => nest.enableCors({ origin: ORIGIN }));
    const answer = await preflight('/mines');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toBe('authorization');
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  it('needs @Public() on a route that answers preflights itself', async () => {
    app = await start(undefined);
    expect((await preflight('/guarded')).status).toBe(401);
    expect((await preflight('/public')).status).toBe(200);
  });
});
