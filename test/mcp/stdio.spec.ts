import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { join } from 'node:path';
import { codeOf } from './support';

describe.each(['legacy', 'modern'] as const)('an MCP server over stdio, %s', (era) => {
  it('MCP-15 refuses tools with a rule, hides them, and answers those without', async () => {
    const mode = era === 'modern' ? { mode: { pin: '2026-07-28' } } : { mode: 'legacy' };
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: mode } as never);
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [join(__dirname, 'fixtures/stdio-server.cjs')] }),
    );
    try {
      for (const name of ['roles', 'scopes', 'authenticated', 'clients']) {
        expect(await codeOf(client.callTool({ name, arguments: {} }))).toBe('not_authenticated');
      }
      expect(await codeOf(client.callTool({ name: 'open', arguments: {} }))).toMatchObject({
        answered: { content: [{ text: 'done' }] },
      });
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['open']);
    } finally {
      await client.close();
    }
  });
});
