import { createHash, randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../transports/free-port';
import { OAuthUser } from './oauth-client';
import { call, codeOf, initialize, post } from './support';

const MAIN = join(__dirname, '../../.sample-mcp/main.js');
const REDIRECT = 'http://127.0.0.1:9/callback';

let sample: ChildProcess;
let url: string;
let issuer: string;

beforeAll(async () => {
  if (!existsSync(MAIN)) {
    throw new Error('the sample is not built: run "npm run build:sample" first, or "npm test", which does');
  }
  const [port, providerPort] = [await freePort(), await freePort()];
  url = `http://127.0.0.1:${port}/mcp`;
  issuer = `http://127.0.0.1:${providerPort}`;
  sample = spawn(process.execPath, [MAIN], {
    env: { ...process.env, PORT: String(port), PROVIDER_PORT: String(providerPort) },
  });
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('Ctrl-C stops everything.')) {
        resolve();
      }
    };
    sample.stdout?.on('data', read);
    sample.stderr?.on('data', read);
    sample.once('exit', (code) => reject(new Error(`the sample ended with ${code}: ${output}`)));
  });
});
afterAll(async () => {
  const ended = new Promise((resolve) => {
    sample.once('exit', resolve);
  });
  sample.kill('SIGTERM');
  await ended;
});

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

describe('the MCP sample and the official client', () => {
  it('MCP-01 MCP-02 MCP-03 MCP-04 MCP-08 MCP-14 go from 401 to a token, a tool, a missing scope, and step up', async () => {
    const alice = new OAuthUser('alice', url);
    const client = await alice.connect();
    const [first] = alice.authorizations;

    expect(alice.registrations).toHaveLength(1);
    expect(first?.origin).toBe(issuer);
    expect(first?.searchParams.get('resource')).toBe(url);
    expect(first?.searchParams.get('code_challenge_method')).toBe('S256');
    expect(first?.searchParams.get('scope')).toBe('mines.read');
    expect(claimsOf(alice.accessToken)).toMatchObject({ iss: issuer, aud: url, sub: 'alice', scope: 'mines.read' });
    const found = await client.callTool({ name: 'find_mines', arguments: { region: 'south' } });
    expect(found.content).toMatchObject([{ text: expect.stringContaining('Silver Hollow') as string }]);

    // A missing scope: the client reads the challenge and sends its user to the provider again.
    const before = await post(url, call('close_mine', 1, { id: 'm2' }), {
      authorization: `Bearer ${alice.accessToken}`,
      ...(await sessionOf(alice.accessToken)),
    });
    expect(before.status).toBe(403);
    await expect(client.callTool({ name: 'close_mine', arguments: { id: 'm2' } })).rejects.toThrow();
    expect(alice.authorizations).toHaveLength(2);
    expect(alice.authorizations[1]?.searchParams.get('scope')?.split(' ').sort()).toEqual([
      'mines.close',
      'mines.read',
    ]);
    expect(alice.authorizations[1]?.searchParams.get('resource')).toBe(url);
    await (client.transport as unknown as ReturnType<OAuthUser['transport']>).finishAuth(await alice.logIn());
    const closed = await client.callTool({ name: 'close_mine', arguments: { id: 'm2' } });
    expect(closed.content).toEqual([{ type: 'text', text: '{"closed":"m2"}' }]);
    await client.close();
  });

  it('MCP-10 MCP-13 show and answer each caller what it may use', async () => {
    const [alice, ines] = [new OAuthUser('alice', url), new OAuthUser('ines', url)];
    const [ofAlice, ofInes] = [await alice.connect(), await ines.connect()];
    const tools = async (client: typeof ofAlice) => (await client.listTools()).tools.map(({ name }) => name).sort();

    expect(await tools(ofAlice)).toEqual(['find_mines', 'get_mine', 'whoami']);
    expect(await tools(ofInes)).toEqual(['find_mines', 'get_mine', 'list_inspections', 'whoami']);
    expect((await ofAlice.listResources()).resources).toHaveLength(1);
    expect((await ofInes.listResources()).resources).toHaveLength(2);
    expect((await ofAlice.listPrompts()).prompts).toHaveLength(0);
    expect((await ofInes.listPrompts()).prompts).toHaveLength(1);
    expect(await codeOf(ofAlice.callTool({ name: 'list_inspections', arguments: {} }))).toBe('missing_a_valid_role');
    expect(await codeOf(ofAlice.readResource({ uri: 'mines://inspectors' }))).toBe('missing_a_valid_role');
    await Promise.all([ofAlice.close(), ofInes.close()]);
  });

  it('MCP-04 refuse a token of the same issuer for another audience', async () => {
    const token = await tokenFor('https://other.example/mcp');
    const answer = await post(url, initialize, { authorization: `Bearer ${token}` });

    expect(claimsOf(token)).toMatchObject({ aud: 'https://other.example/mcp' });
    expect([answer.status, answer.body.code]).toEqual([401, 'unknown_audience']);
  });

  it("MCP-12 answer bob in alice's session as if there were none", async () => {
    const [alice, bob] = [new OAuthUser('alice', url), new OAuthUser('bob', url)];
    const clients = [await alice.connect(), await bob.connect()];
    const session = await sessionOf(alice.accessToken);
    const ask = (token: string) => post(url, call('whoami'), { authorization: `Bearer ${token}`, ...session });

    expect((await ask(alice.accessToken)).body).toHaveProperty('result');
    const stolen = await ask(bob.accessToken);
    expect([stolen.status, stolen.body.error.message]).toEqual([404, 'Session not found']);
    await Promise.all(clients.map((client) => client.close()));
  });
});

/** Opens a session (revisions before 2026-07-28). */
async function sessionOf(token: string): Promise<Record<string, string>> {
  const opened = await post(url, initialize, { authorization: `Bearer ${token}` });
  return { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
}

/** Gets a token for another resource, as a client of that one would. */
async function tokenFor(resource: string): Promise<string> {
  const metadata = { redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none', application_type: 'native' };
  const headers = { 'content-type': 'application/json' };
  const registered = await fetch(`${issuer}/reg`, { method: 'POST', headers, body: JSON.stringify(metadata) });
  const { client_id: clientId } = (await registered.json()) as { client_id: string };
  const verifier = randomBytes(32).toString('base64url');
  const alice = new OAuthUser('alice', url);
  const authorization = new URL(`${issuer}/auth`);
  authorization.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: 'mines.read',
    resource,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  alice.authorizations.push(authorization);
  const code = (await alice.logIn()).get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, client_id: clientId, resource };
  const body = new URLSearchParams({ ...form, code_verifier: verifier });
  const answer = await fetch(`${issuer}/token`, { method: 'POST', body });
  return ((await answer.json()) as { access_token: string }).access_token;
}
