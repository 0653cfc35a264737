import { All, Controller, Get, VersioningType } from '@nestjs/common';
import { OidcMultiAuthModule, Public, Roles, Scopes, type OidcMultiAuthOptions } from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, type TestApp, type TestAppOptions } from '../support/test-app';

const startApp = useApps();

@Controller('mines')
class MinesController {
  @Scopes('mines.read')
  @Get()
  findAll() {}
  @Scopes('mines.write', 'offline_access')
  @Get('write')
  write() {}
  @Roles('core_admin')
  @Get('admin')
  admin() {}
}

/** Takes every path, as the page of a single-page application does. */
@Public()
@Controller()
class CatchAllController {
  @All('*')
  everything() {
    return 'a page';
  }
}

describe.each(ADAPTERS)('protected resource metadata on %s', (adapter) => {
  const issuer = useTestIssuer();
  const other = useTestIssuer();

  async function start(
    resourceMetadata: OidcMultiAuthOptions['resourceMetadata'],
    options: TestAppOptions = {},
  ): Promise<TestApp> {
    const clients = [
      { name: 'a', audience: 'a', issuer: issuer.issuer },
      { name: 'b', audience: 'b', discoveryUrl: other.discoveryUrl },
      { name: 'b2', audience: 'b2', discoveryUrl: other.discoveryUrl },
      {
        name: 'gone',
        audience: 'gone',
        issuer: 'https://gone.example',
        deprecated: { since: '2020-01-01', sunset: '2021-01-01' },
      },
      { name: 'fixed', audience: 'fixed', issuer: 'acme.com', secret: 'x'.repeat(32) },
    ];
    const app = await startApp({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true, resourceMetadata })],
      controllers: [MinesController],
      ...options,
    });
    return app;
  }
  const PATH = '/.well-known/oauth-protected-resource';

  it('R9728-01 R9728-03 R9728-04 R9728-12 R9728-14 MCP-01 MCP-09 is one document for all clients, open to everybody', async () => {
    const app = await start({ resource: 'https://api.example' });
    // What the other issuer is called is known once its document has been fetched.
    await app.get('/mines', await other.tokenFor('b'));
    const answer = await app.get(PATH);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('cache-control')).toBe('public, max-age=3600');
    expect(answer.body).toEqual({
      resource: 'https://api.example',
      authorization_servers: [issuer.issuer, other.issuer].sort(),
      scopes_supported: ['mines.read', 'mines.write'],
      bearer_methods_supported: ['header'],
    });
  });

  it('R9728-05 leaves out what has no value, and says what is configured', async () => {
    const app = await start(
      {
        resource: 'https://api.example',
        scopesSupported: ['z', 'a'],
        resourceName: 'Mines',
        resourceDocumentation: 'https://docs.example/',
        resourcePolicyUri: 'https://docs.example/policy',
        resourceTosUri: 'https://docs.example/terms',
      },
      { controllers: [] },
    );
    expect((await app.get(PATH)).body).toMatchObject({
      scopes_supported: ['a', 'z'],
      resource_name: 'Mines',
      resource_documentation: 'https://docs.example/',
      resource_policy_uri: 'https://docs.example/policy',
      resource_tos_uri: 'https://docs.example/terms',
    });
    const bare = await start({ resource: 'https://api.example' }, { controllers: [] });
    expect(Object.keys((await bare.get(PATH)).body).sort()).toEqual([
      'authorization_servers',
      'bearer_methods_supported',
      'resource',
    ]);
  });

  it('R9728-02 R9728-06 is where the path of the resource says, for each of several', async () => {
    const app = await start({ resource: ['https://api.example/v1/mines', 'https://api.example/'] });
    expect((await app.get(`${PATH}/v1/mines`)).body.resource).toBe('https://api.example/v1/mines');
    expect((await app.get(PATH)).body.resource).toBe('https://api.example/');
    const one = await start({ resource: 'https://api.example/v1/mines' });
    expect((await one.get(`${PATH}/v1/mines`)).status).toBe(200);
    expect((await one.get(PATH)).status).toBe(404);
  });

  it('is at the root of the host, whatever prefix and versions the application has, and whatever takes every path', async () => {
    const app = await start(
      { resource: 'https://api.example/api' },
      {
        controllers: [MinesController, CatchAllController],
        configure: (nest) => {
          nest.setGlobalPrefix('api');
          nest.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
        },
      },
    );
    expect((await app.get(`${PATH}/api`)).body.resource).toBe('https://api.example/api');
    expect((await app.get('/api/v1/mines')).headers.get('www-authenticate')).toContain(
      'resource_metadata="https://api.example/.well-known/oauth-protected-resource/api"',
    );
  });

  it('R9728-07 R9728-13 MCP-02 MCP-03 MCP-08 is named in every challenge, with what to ask for, by configured URLs alone', async () => {
    const app = await start({ resource: ['https://api.example', 'https://api.example/mines'] });
    const challenge = async (path: string, credentials?: string | Record<string, string>): Promise<string> =>
      (await app.get(path, credentials)).headers.get('www-authenticate') ?? '';
    const mines = 'resource_metadata="https://api.example/.well-known/oauth-protected-resource/mines"';
    expect(await challenge('/mines')).toBe(`Bearer realm="api", scope="mines.read", ${mines}`);
    expect(await challenge('/mines?x=/other', 'garbage')).toContain(`scope="mines.read", ${mines}`);
    expect(await challenge('/mines', { authorization: 'Bearer' })).toContain(`error="invalid_request"`);
    expect(await challenge('/mines', await issuer.tokenFor('a'))).toBe(
      `Bearer realm="api", error="insufficient_scope", error_description="Not every scope that this resource requires is granted", scope="mines.read", ${mines}`,
    );
    expect(await challenge('/mines', { host: 'evil.example', 'x-forwarded-host': 'evil.example' })).toContain(mines);
    // A caller starts from a 401, and finds the authorization server.
    const [, url = ''] = /resource_metadata="([^"]+)"/.exec(await challenge('/mines/admin')) ?? [];
    const { body } = await app.get(new URL(url).pathname);
    expect(body.authorization_servers).toContain(issuer.issuer);
  });

  it('is not to be kept while an issuer has not said yet who it is', async () => {
    await other.fail('error');
    try {
      const app = await start({ resource: 'https://api.example' });
      const { headers, body } = await app.get(PATH);
      expect([headers.get('cache-control'), body.authorization_servers]).toEqual(['no-store', [issuer.issuer]]);
    } finally {
      await other.fail(undefined);
    }
  });

  it('is not there, nor named, unless it is configured', async () => {
    const app = await start(undefined);
    expect((await app.get(PATH)).status).toBe(404);
    expect((await app.get('/mines')).headers.get('www-authenticate')).toBe('Bearer realm="api", scope="mines.read"');
  });
});
