import { Controller, Get } from '@nestjs/common';
import { OidcMultiAuthModule, Scopes } from 'nestjs-oidc-multi-auth';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, startApp, type TestApp } from '../support/test-app';

@Controller('mines')
class MinesController {
  @Scopes('mines.read')
  @Get()
  findAll() {
    return [];
  }
}

/** What docs/deploying.md says of proxies and bounds, and no other test holds. */
describe.each(ADAPTERS)('deployed on %s', (adapter) => {
  const issuer = useTestIssuer();

  const started: { close(): unknown }[] = [];
  afterEach(() => Promise.all(started.splice(0).map((one) => one.close())));
  async function start(resource: string | string[], maxHeaderSize?: number): Promise<TestApp> {
    const clients = [{ name: 'a', audience: 'a', issuer: issuer.issuer }];
    const options = { clients, globalGuards: true, resourceMetadata: { resource } };
    const app = await startApp({
      adapter,
      imports: [OidcMultiAuthModule.forRoot(options)],
      controllers: [MinesController],
      ...(maxHeaderSize === undefined ? {} : { maxHeaderSize }),
    });
    started.push(app);
    return app;
  }

  /** A proxy that takes `/api` away, and passes everything else on as it is. */
  async function stripping(app: TestApp): Promise<string> {
    const proxy = createServer((incoming, outgoing) => {
      const path = (incoming.url ?? '').replace(/^\/api(?=\/)/, '');
      request(app.url + path, { headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      }).end();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    started.push({ close: () => new Promise((resolve) => proxy.close(resolve)) });
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  }

  it('behind a proxy that strips a prefix, a challenge leads to the document', async () => {
    const proxy = await stripping(await start('https://mines.example/api'));
    const refused = await fetch(`${proxy}/api/mines`);
    const [, url = ''] = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
    expect(url).toBe('https://mines.example/.well-known/oauth-protected-resource/api');
    const document = await fetch(proxy + new URL(url).pathname);
    expect(await document.json()).toMatchObject({ resource: 'https://mines.example/api' });
  });

  it('of several resources the first is named where the path that is left fits none', async () => {
    const app = await start(['https://mines.example/api', 'https://mines.example/other']);
    expect((await app.get('/mines')).headers.get('www-authenticate')).toContain(
      'resource_metadata="https://mines.example/.well-known/oauth-protected-resource/api"',
    );
  });

  it('a token that is too long for the headers of Node.js is 431, and with longer ones for the library 401', async () => {
    const long = await issuer.tokenFor('a', { claims: { padding: 'x'.repeat(13_000) } });
    expect(long.length).toBeGreaterThan(16_384);
    expect((await (await start('https://mines.example')).get('/mines', long)).status).toBe(431);
    const answer = await (await start('https://mines.example', 65_536)).get('/mines', long);
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe('malformed_token');
  });
});
