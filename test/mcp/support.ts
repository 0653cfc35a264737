import { Client, ProtocolError, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Controller, UseGuards, type ModuleMetadata, type Type } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  McpController,
  McpHttpControllerFor,
  McpStrategy,
  Prompt,
  Resource,
  ResourceTemplate,
  StreamableHttpTransport,
  Tool,
  type McpServerOptions,
  type McpContext,
  type StreamableHttpTransportOptions,
} from '@rekog/mcp-nest';
import type { INestApplication } from '@nestjs/common';
import type { AddressInfo } from 'node:net';
import {
  AllRoles,
  AuthenticationContext,
  Authorize,
  Clients,
  CurrentUser,
  describeAccess,
  MultiJwtGuard,
  OidcMultiAuthModule,
  OidcPrincipal,
  Public,
  Roles,
  Scopes,
  type OidcMultiAuthOptions,
} from 'nestjs-oidc-multi-auth';
import { protectMcp, type ProtectMcpOptions } from 'nestjs-oidc-multi-auth/mcp';
import { z } from 'zod';
import type { AdapterName } from '../support/test-app';
import { MemoryLogger } from '../support/test-app';

const text = (value: unknown) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });

/** A server with each kind of capability, each kind of rule, and capabilities without one. */
@McpController()
export class MinesTools {
  @Tool({ name: 'whoami', description: 'who calls' })
  whoami(@CurrentUser() user: OidcPrincipal | undefined) {
    return text({ subject: user?.subject, client: user?.client });
  }

  @Tool({ name: 'find', description: 'finds mines', parameters: z.object({ name: z.string() }) })
  @Roles('reader')
  find(@Payload() { name }: { name: string }) {
    return text({ found: name });
  }

  @Tool({ name: 'close', description: 'closes a mine' })
  @Roles('reader')
  @Scopes('mines.read', 'mines.close')
  close() {
    return text({ closed: true });
  }

  @Tool({ name: 'audit', description: 'audits' })
  @AllRoles('reader', 'auditor')
  audit() {
    return text({ audited: true });
  }

  @Tool({ name: 'partner', description: 'for one client' })
  @Clients('partner')
  partner() {
    return text({ partner: true });
  }

  @Tool({ name: 'strong', description: 'needs a strong login' })
  @AuthenticationContext({ acr: ['phr'], maxAge: 300 })
  strong() {
    return text({ strong: true });
  }

  @Tool({ name: 'ruled', description: 'has a rule of its own' })
  @Authorize((principal: OidcPrincipal) => principal.subject === 'alice')
  ruled() {
    return text({ ruled: true });
  }

  @Tool({ name: 'broken-rule', description: 'has a rule that throws' })
  @Authorize(() => {
    throw new Error('the password of the database');
  })
  brokenRule() {
    return text({ ruled: true });
  }

  @Tool({ name: 'version', description: 'for everybody' })
  @Public()
  version() {
    return text({ version: 1 });
  }

  @Resource({ uri: 'mines://list', name: 'mines' })
  list(@Ctx() _context: McpContext) {
    return { contents: [{ uri: 'mines://list', text: 'all' }] };
  }

  @Resource({ uri: 'mines://secret', name: 'secret' })
  @Roles('auditor')
  secret() {
    return { contents: [{ uri: 'mines://secret', text: 'secret' }] };
  }

  @ResourceTemplate({ uriTemplate: 'mines://mine/{id}', name: 'mine' })
  @Roles('auditor')
  mine(@Payload() { id }: { id: string }) {
    return { contents: [{ uri: `mines://mine/${id}`, text: id }] };
  }

  @Prompt({ name: 'report', description: 'a report' })
  @Roles('auditor')
  report() {
    return { messages: [{ role: 'user', content: { type: 'text', text: 'report' } }] };
  }
}

export interface McpAppOptions {
  readonly adapter?: AdapterName;
  readonly transport?: StreamableHttpTransportOptions;
  readonly protect?: ProtectMcpOptions | false;
  readonly tools?: Type;
  readonly controllers?: Type[];
  readonly auth?: Partial<OidcMultiAuthOptions>;
  /** Decorators of the HTTP controller. Default: `MultiJwtGuard`. `self`: mcp-nest mounts its own route. */
  readonly route?: ClassDecorator[] | 'self';
  readonly providers?: ModuleMetadata['providers'];
  readonly cacheHints?: McpServerOptions['cacheHints'];
  readonly before?: (strategy: McpStrategy) => void;
}

export interface McpApp {
  readonly app: INestApplication;
  readonly strategy: McpStrategy;
  readonly url: string;
  readonly logger: MemoryLogger;
}

/** Starts MCP servers of mcp-nest, and closes them and the clients after each test. */
export function useMcp(clients: () => OidcMultiAuthOptions['clients']) {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(
      open
        .splice(0)
        .toReversed()
        .map((close) => close()),
    );
  });
  return {
    async start(options: McpAppOptions = {}): Promise<McpApp> {
      const transport = new StreamableHttpTransport(options.transport);
      const strategy = new McpStrategy({
        name: 'mines',
        version: '1',
        transports: [transport],
        logging: false,
        cacheHints: options.cacheHints,
      });
      options.before?.(strategy);
      const controllers: Type[] = [options.tools ?? MinesTools, ...(options.controllers ?? [])];
      if (options.route !== 'self') {
        class McpRoute extends McpHttpControllerFor(transport) {}
        for (const decorate of options.route ?? [UseGuards(MultiJwtGuard)]) {
          decorate(McpRoute);
        }
        Controller('mcp')(McpRoute);
        controllers.push(McpRoute);
      }
      const resourceMetadata = { resource: 'http://127.0.0.1/mcp' };
      const imports = [
        OidcMultiAuthModule.forRoot({
          clients: clients(),
          resourceMetadata,
          unguardedRoutes: [],
          ...options.auth,
        } as never),
      ];
      const logger = new MemoryLogger();
      const module = await Test.createTestingModule({ imports, controllers, providers: options.providers ?? [] })
        .setLogger(logger)
        .compile();
      const app: INestApplication = module.createNestApplication(
        options.adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
      );
      open.push(() => app.close());
      strategy.setHttpAdapter(app.getHttpAdapter());
      app.connectMicroservice({ strategy });
      if (options.protect !== false) {
        protectMcp(app, strategy, options.protect);
      }
      await app.startAllMicroservices();
      await app.listen(0, '127.0.0.1');
      const { port } = app.getHttpServer().address() as AddressInfo;
      return { app, strategy, url: `http://127.0.0.1:${port}/mcp`, logger };
    },

    /** The official client, in the era before 2026-07-28 or in the new one. */
    async connect(url: string, token: string, era: Era = 'legacy'): Promise<Client> {
      const mode = era === 'modern' ? { mode: { pin: '2026-07-28' } } : { mode: 'legacy' };
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: mode } as never);
      const headers = { authorization: `Bearer ${token}` };
      const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } });
      open.push(() => client.close());
      await client.connect(transport);
      return client;
    },
  };
}

export type Era = 'legacy' | 'modern';

/** The code of the refusal of a call. */
export async function codeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return { answered: await call };
  } catch (error) {
    if (error instanceof ProtocolError) {
      return (error.data as { code?: unknown } | undefined)?.code ?? error.message;
    }
    throw error;
  }
}

export interface Posted {
  readonly status: number;
  readonly headers: Headers;
  // The shape of the answer is what tests look into.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** POSTs messages as they are. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Posted> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify(body),
  });
  const answer = await response.text();
  const data = /^data: (.*)$/m.exec(answer)?.[1] ?? answer;
  return { status: response.status, headers: response.headers, body: data === '' ? undefined : JSON.parse(data) };
}

export const call = (name: string, id: number | string = 1, args: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

export const initialize = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
};

export { describeAccess };
