import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { McpServer } from '@modelcontextprotocol/server';
import { Body, Controller, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CurrentUser, describeAccess, MultiJwtGuard, OidcMultiAuthModule, OidcPrincipal } from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS } from '../support/test-app';
import { call, post } from './support';

const startApp = useApps();
const issuer = useTestIssuer();

@Controller('mcp')
@UseGuards(MultiJwtGuard)
class OwnMcpController {
  @Post()
  async handle(
    @Req() request: IncomingMessage & { readonly raw?: IncomingMessage },
    @Res() response: ServerResponse & { readonly raw?: ServerResponse; hijack?(): void },
    @Body() body: unknown,
    @CurrentUser() user: OidcPrincipal,
  ) {
    const server = new McpServer({ name: 'own', version: '1' });
    server.registerTool('whoami', { description: 'who calls' }, () => ({
      content: [{ type: 'text', text: `${user.subject} of ${user.client}` }],
    }));
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: undefined,
      enableJsonResponse: true,
    });
    await server.connect(transport);
    response.hijack?.();
    await transport.handleRequest(request.raw ?? request, response.raw ?? response, body);
  }
}

describe.each(ADAPTERS)('the official SDK in a controller of its own on %s', (adapter) => {
  it('MCP-02 MCP-04 needs MultiJwtGuard on that controller alone', async () => {
    const audience = 'http://127.0.0.1/mcp';
    const client = { name: 'web', audience, issuer: issuer.issuer };
    const { app, url } = await startApp({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients: [client], resourceMetadata: { resource: audience } })],
      controllers: [OwnMcpController],
    });
    const to = (token?: string) =>
      post(`${url}/mcp`, call('whoami'), token === undefined ? {} : { authorization: `Bearer ${token}` });
    const none = await to();
    const other = await to(await issuer.tokenFor({ ...client, audience: 'other' }));
    const good = await to(await issuer.tokenFor(client, { claims: { sub: 'alice' } }));

    expect([none.status, none.body.code]).toEqual([401, 'authorization_header_missing']);
    expect(none.headers.get('www-authenticate')).toContain('resource_metadata="http://127.0.0.1/.well-known/');
    expect([other.status, other.body.code]).toEqual([401, 'unknown_audience']);
    expect(good.body.result.content).toEqual([{ type: 'text', text: 'alice of web' }]);
    expect(describeAccess(app).toMatrix()).toMatchObject({ 'POST /mcp': 'authenticated' });
  });
});
