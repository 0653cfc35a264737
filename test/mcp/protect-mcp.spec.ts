import { UseGuards } from '@nestjs/common';
import { McpController, McpStrategy, Tool } from '@rekog/mcp-nest';
import { Authenticated, MultiJwtGuard, OptionalAuth, Roles, RolesGuard, Scopes } from 'nestjs-oidc-multi-auth';
import { protectMcp } from 'nestjs-oidc-multi-auth/mcp';
import { useTestIssuer } from '../support/life-cycle';
import { ADAPTERS } from '../support/test-app';
import { call, codeOf, describeAccess, initialize, post, useMcp, type Era } from './support';

const METADATA = 'resource_metadata="http://127.0.0.1/.well-known/oauth-protected-resource/mcp"';
const issuer = useTestIssuer();
const CLIENTS = () => [
  { name: 'web', audience: 'http://127.0.0.1/mcp', authorizedParties: ['web'], issuer: issuer.issuer, roles: 'roles' },
  {
    name: 'partner',
    audience: 'http://127.0.0.1/mcp',
    authorizedParties: ['partner'],
    issuer: issuer.issuer,
    roles: 'roles',
  },
];
const mcp = useMcp(CLIENTS);

interface Caller {
  readonly sub?: string;
  readonly client?: string;
  readonly roles?: readonly string[];
  readonly scope?: string;
  readonly more?: object;
}

async function token({ sub = 'alice', client = 'web', roles = ['reader'], scope = '', more = {} }: Caller = {}) {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer.issuer, aud: 'http://127.0.0.1/mcp', azp: client, sub, iat, exp: iat + 300, scope };
  return issuer.sign({ ...claims, roles, ...more });
}
const bearer = async (caller?: Caller) => ({ authorization: `Bearer ${await token(caller)}` });

const CASES = ADAPTERS.flatMap((adapter) =>
  (['legacy', 'modern'] as const).map((era): [typeof adapter, Era] => [adapter, era]),
);

describe.each(CASES)('protectMcp on %s, %s', (adapter, era) => {
  it('MCP-10 decorators hold on tools, resources, templates and prompts, by the code of the refusal', async () => {
    const { url } = await mcp.start({ adapter });
    const client = await mcp.connect(url, await token({ roles: [] }), era);

    expect(await codeOf(client.callTool({ name: 'find', arguments: { name: 'x' } }))).toBe('missing_a_valid_role');
    expect(await codeOf(client.callTool({ name: 'audit', arguments: {} }))).toBe('missing_required_roles');
    expect(await codeOf(client.callTool({ name: 'partner', arguments: {} }))).toBe('client_not_allowed');
    expect(await codeOf(client.callTool({ name: 'strong', arguments: {} }))).toBe('insufficient_user_authentication');
    expect(await codeOf(client.callTool({ name: 'broken-rule', arguments: {} }))).toBe('access_denied');
    expect(await codeOf(client.readResource({ uri: 'mines://secret' }))).toBe('missing_a_valid_role');
    expect(await codeOf(client.readResource({ uri: 'mines://mine/7' }))).toBe('missing_a_valid_role');
    expect(await codeOf(client.getPrompt({ name: 'report' }))).toBe('missing_a_valid_role');
  });

  it('MCP-10 the same answer callers who may, with the principal of the request', async () => {
    const { url } = await mcp.start({ adapter });
    const caller = { roles: ['reader', 'auditor'], scope: 'mines.read mines.close', client: 'partner' };
    const authentication = { acr: 'phr', auth_time: Math.floor(Date.now() / 1000) };
    const client = await mcp.connect(url, await token({ ...caller, more: authentication }), era);
    const said = async (name: string, args = {}) =>
      (await client.callTool({ name, arguments: args })).content as unknown as [{ text: string }];

    expect((await said('whoami'))[0].text).toBe('{"subject":"alice","client":"partner"}');
    expect((await said('find', { name: 'x' }))[0].text).toBe('{"found":"x"}');
    for (const name of ['close', 'audit', 'partner', 'strong', 'ruled', 'version']) {
      expect((await said(name))[0].text).toMatch(/true|1/);
    }
    expect((await client.readResource({ uri: 'mines://secret' })).contents).toHaveLength(1);
    expect((await client.readResource({ uri: 'mines://mine/7' })).contents).toMatchObject([{ text: '7' }]);
    expect((await client.getPrompt({ name: 'report' })).messages).toHaveLength(1);
  });

  it('MCP-13 lists show a caller what it may use, and nothing else', async () => {
    const { url } = await mcp.start({ adapter });
    const shown = async (caller: Caller) => {
      const client = await mcp.connect(url, await token(caller), era);
      return {
        tools: (await client.listTools()).tools.map(({ name }) => name).sort(),
        resources: (await client.listResources()).resources.map(({ uri }) => uri),
        templates: (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
        prompts: (await client.listPrompts()).prompts.map(({ name }) => name),
      };
    };

    expect(await shown({ sub: 'bob', roles: [] })).toEqual({
      tools: ['version', 'whoami'],
      resources: ['mines://list'],
      templates: [],
      prompts: [],
    });
    expect(await shown({ roles: ['reader'], scope: 'mines.read mines.close' })).toEqual({
      tools: ['close', 'find', 'ruled', 'version', 'whoami'],
      resources: ['mines://list'],
      templates: [],
      prompts: [],
    });
    expect(await shown({ sub: 'carol', client: 'partner', roles: ['reader', 'auditor'] })).toEqual({
      tools: ['audit', 'find', 'partner', 'version', 'whoami'],
      resources: ['mines://list', 'mines://secret'],
      templates: ['mines://mine/{id}'],
      prompts: ['report'],
    });
  });

  it('MCP-13 showAll shows everything, and refuses calls all the same', async () => {
    const { url } = await mcp.start({ adapter, protect: { showAll: true } });
    const client = await mcp.connect(url, await token({ roles: [] }), era);

    expect((await client.listTools()).tools).toHaveLength(9);
    expect(await codeOf(client.callTool({ name: 'find', arguments: { name: 'x' } }))).toBe('missing_a_valid_role');
  });
});

describe.each(ADAPTERS)('an MCP server on %s', (adapter) => {
  it('MCP-01 MCP-02 MCP-03 MCP-09 a call without a token finds metadata and scopes', async () => {
    const route = [UseGuards(MultiJwtGuard, RolesGuard), Scopes('mines.read', 'offline_access')];
    const { url } = await mcp.start({ adapter, route });
    const refused = await post(url, initialize);
    const challenge = refused.headers.get('www-authenticate');
    const metadata = await fetch(url.replace('/mcp', '/.well-known/oauth-protected-resource/mcp'));

    expect(refused.status).toBe(401);
    expect(challenge).toContain(METADATA);
    expect(challenge).toContain('scope="mines.read');
    expect(await metadata.json()).toEqual({
      resource: 'http://127.0.0.1/mcp',
      authorization_servers: [issuer.issuer],
      scopes_supported: ['mines.close', 'mines.read'],
      bearer_methods_supported: ['header'],
    });
  });

  it('MCP-04 MCP-05 MCP-06 MCP-07 refuses other audiences, tokens in the query and broken headers', async () => {
    const { url } = await mcp.start({ adapter });
    const other = await bearer({ more: { aud: 'http://127.0.0.1/other' } });
    const good = await token();

    expect((await post(url, initialize, other)).status).toBe(401);
    expect((await post(`${url}?access_token=${good}`, initialize)).status).toBe(401);
    expect((await post(url, initialize, { authorization: 'Bearer' })).status).toBe(400);
    const answer = await post(url, call('whoami'), await bearer());
    expect(answer.status).toBe(200);
    expect(JSON.stringify(answer.body)).not.toContain(good.split('.')[2]);
  });

  it('MCP-08 MCP-14 a tool that lacks only a scope is a 403 with all its scopes, but not in a batch', async () => {
    const { url } = await mcp.start({ adapter });
    const headers = await bearer({ scope: 'mines.read' });
    const single = await post(url, call('close', 'a'), headers);
    const batch = await post(url, [call('close', 'b'), call('whoami', 'c')], headers);
    const noRole = await post(url, call('close'), await bearer({ roles: [] }));

    expect(single.status).toBe(403);
    expect(single.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(single.headers.get('www-authenticate')).toContain('scope="mines.read mines.close"');
    expect(single.headers.get('www-authenticate')).toContain(METADATA);
    expect(single.body).toMatchObject({ jsonrpc: '2.0', id: 'a', error: { data: { code: 'missing_scope' } } });
    expect(batch.status).toBe(200);
    const answers = [batch.body].flat() as { id: string; error?: unknown }[];
    expect(answers.find(({ id }) => id === 'b')).toMatchObject({ error: { data: { code: 'missing_scope' } } });
    expect(answers.find(({ id }) => id === 'c')).toMatchObject({ result: {} });
    expect(noRole.status).toBe(200);
    expect(noRole.body).toMatchObject({ error: { data: { code: 'missing_a_valid_role' } } });
  });

  it('MCP-11 each message of a session is decided by its own token, also at the same time', async () => {
    const { url } = await mcp.start({ adapter, transport: { statefulMode: true } });
    const opened = await post(url, initialize, await bearer({ roles: ['reader'] }));
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const may = { ...(await bearer({ roles: ['reader'] })), ...session };
    const mayNot = { ...(await bearer({ roles: [] })), ...session };
    await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, may);

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        post(url, call('find', index + 1, { name: String(index) }), index % 2 === 0 ? may : mayNot),
      ),
    );
    expect(answers.map(({ body }) => 'result' in body)).toEqual(answers.map((_, index) => index % 2 === 0));
  });

  it('MCP-12 a session is unknown to all but its issuer, subject and client, on every replica', async () => {
    const transport = { statefulMode: true };
    const { url } = await mcp.start({ adapter, transport });
    const { url: replica } = await mcp.start({ adapter, transport });
    const opened = await post(url, initialize, await bearer());
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const unknown = await post(url, call('whoami'), { ...(await bearer()), 'mcp-session-id': 'none' });

    expect(opened.status).toBe(200);
    expect(unknown.status).toBe(404);
    for (const thief of [{ sub: 'bob' }, { client: 'partner' }]) {
      const headers = { ...(await bearer(thief)), ...session };
      const stolen = await post(url, call('whoami'), headers);
      expect([stolen.status, stolen.body]).toEqual([404, unknown.body]);
      expect((await fetch(url, { headers: { ...headers, accept: 'text/event-stream' } })).status).toBe(404);
      expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(404);
      expect((await post(replica, call('whoami'), headers)).status).toBe(404);
    }
    const own = await post(url, call('whoami'), { ...(await bearer()), ...session });
    expect(own.body).toMatchObject({ result: { content: [{ text: '{"subject":"alice","client":"web"}' }] } });
    const nobody = { ...(await bearer({ more: { sub: undefined } })), ...session };
    expect((await post(url, call('whoami'), nobody)).status).toBe(404);
  });

  it('MCP-11 headers that disagree with the body are refused', async () => {
    const { url } = await mcp.start({ adapter });
    const headers = await bearer();
    const encoded = `=?base64?${Buffer.from('whoami').toString('base64')}?=`;
    const status = async (more: Record<string, string>, body: unknown = call('whoami')) =>
      (await post(url, body, { ...headers, ...more })).status;

    expect(await status({ 'mcp-method': 'tools/call', 'mcp-name': 'whoami' })).toBe(200);
    expect(await status({ 'mcp-method': 'tools/call', 'mcp-name': encoded })).toBe(200);
    expect(await status({ 'mcp-method': 'tools/list' })).toBe(400);
    expect(await status({ 'mcp-name': 'version' })).toBe(400);
    expect(await status({ 'mcp-name': 'Whoami' })).toBe(400);
    expect(await status({ 'mcp-method': 'tools/call' }, [call('whoami')])).toBe(400);
  });

  it('MCP-10 guards on a tool itself find the principal, and refuse by code', async () => {
    @McpController()
    @UseGuards(MultiJwtGuard, RolesGuard)
    class GuardedTools {
      @Tool({ name: 'admin', description: 'x' })
      @Roles('admin')
      admin() {
        return { content: [{ type: 'text', text: 'done' }] };
      }
    }
    const { url } = await mcp.start({ adapter, tools: GuardedTools, protect: false });
    const refused = await post(url, call('admin'), await bearer());
    const answered = await post(url, call('admin'), await bearer({ roles: ['admin'] }));

    if (adapter === 'express') {
      expect(answered.body.result.content).toEqual([{ type: 'text', text: 'done' }]);
    }
    expect(refused.body).toMatchObject({ error: { data: { code: 'missing_a_valid_role' } } });
  });

  it('MCP-10 what has no decorator needs a caller, also if it was registered at run time', async () => {
    const before = (isPublic: boolean) => ({
      name: isPublic ? 'open' : 'registered',
      description: 'x',
      isPublic,
      handler: () => ({ content: [{ type: 'text', text: 'done' }] }),
    });
    const { url, strategy } = await mcp.start({
      adapter,
      route: [UseGuards(MultiJwtGuard), OptionalAuth()],
      before: (server) => server.registerTool(before(false)),
    });
    strategy.registerTool(before(true));

    for (const name of ['registered', 'whoami', 'find']) {
      const args = { name: 'x' };
      expect((await post(url, call(name, 1, args))).body).toMatchObject({
        error: { data: { code: 'not_authenticated' } },
      });
      expect((await post(url, call(name, 1, args), await bearer())).body).toHaveProperty('result');
    }
    expect((await post(url, call('open'))).body).toHaveProperty('result');
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const { body } = await post(url, list);
    expect(body.result.tools.map(({ name }: { name: string }) => name)).toEqual(['version', 'open']);
  });

  it('MCP-16 a route that mounts itself is shown as unguarded, and its tools with rules are refused', async () => {
    const { app, url } = await mcp.start({ adapter, route: 'self' });

    expect(describeAccess(app).toMatrix()).toMatchObject({ 'POST /mcp': 'unguarded' });
    const headers = await bearer({ roles: ['reader'] });
    expect((await post(url, call('find', 1, { name: 'x' }), headers)).body).toMatchObject({
      error: { data: { code: 'not_authenticated' } },
    });
  });

  it('MCP-16 the access table lists what the server offers by name', async () => {
    const { app } = await mcp.start({ adapter });
    const matrix = describeAccess(app).toMatrix();

    expect(matrix).toMatchObject({
      'POST /mcp': 'authenticated',
      'rpc tool whoami': 'authenticated',
      'rpc tool find': { roles: ['reader'] },
      'rpc tool close': { roles: ['reader'], scopes: ['mines.read', 'mines.close'] },
      'rpc tool version': 'public',
      'rpc resource mines://secret': { roles: ['auditor'] },
      'rpc resource-template mines://mine/{id}': { roles: ['auditor'] },
      'rpc prompt report': { roles: ['auditor'] },
    });
    expect(describeAccess(app).findings).toEqual([]);
  });

  it('MCP-10 rules that nothing enforces stop the start', async () => {
    await expect(mcp.start({ adapter, protect: false })).rejects.toThrow('protectMcp');
  });
});

it('MCP-10 two classes with one tool stop the start', async () => {
  @McpController()
  class Other {
    @Tool({ name: 'whoami', description: 'x' })
    @Authenticated()
    whoami() {}
  }
  await expect(mcp.start({ controllers: [Other] })).rejects.toThrow('2 methods');
});

it('MCP-10 a package or a hook that is missing stops the start, with what to do', () => {
  const app = { get: () => undefined };
  const strategy = new McpStrategy({ name: 'x', version: '1', transports: [], logging: false });

  jest.isolateModules(() => {
    jest.doMock('@modelcontextprotocol/server', () => {
      throw new Error('Cannot find module');
    });
    const { protectMcp: isolated } = jest.requireActual<{ protectMcp: typeof protectMcp }>(
      'nestjs-oidc-multi-auth/mcp',
    );
    expect(() => isolated(app, strategy)).toThrow('npm install @rekog/mcp-nest @modelcontextprotocol/server');
  });
  jest.dontMock('@modelcontextprotocol/server');
  Reflect.deleteProperty(strategy, 'dynamicTools');
  expect(() => protectMcp(app, strategy)).toThrow('hooks are missing');
});

it('MCP-13 a filtered list that may be cached for all callers stops the start', async () => {
  await expect(mcp.start({ cacheHints: { 'tools/list': { ttlMs: 1000, cacheScope: 'public' } } })).rejects.toThrow(
    'cacheHints',
  );
});
