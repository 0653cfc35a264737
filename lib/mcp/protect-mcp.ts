import { ModulesContainer } from '@nestjs/core';
import { AuthorizeRules } from '../nest/access/authorize-rules';
import { OidcRuntime } from '../nest/runtime/oidc-runtime';
import { protocolError } from '../nest/transport/mcp-call';
import { CapabilityAccess } from './capability-access';
import { protectHttpTransport, type Answering } from './http-transport';
import { MessageGuard } from './message-guard';
import type { McpApplication, McpServerStrategy, ProtectMcpOptions } from './options';
import { hooksOf } from './strategy-hooks';

const protectedStrategies = new WeakSet<object>();

/**
 * Lets the access decorators hold on the tools, resources, resource templates and prompts of a server of `@rekog/mcp-nest` 2.
 * Each message is decided with the token of the HTTP request that carried it, which `MultiJwtGuard` on the controller of the
 * MCP route has verified. Call it before `app.startAllMicroservices()`, and before `app.init()` if you call that yourself.
 *
 * - A refusal is an error of JSON-RPC with the code in `data.code`. A single call of a tool or a prompt that lacks only a scope is
 *   answered with HTTP 403 and a challenge (RFC 6750 section 3.1, RFC 9728 section 5.1).
 * - Lists show a caller what it may use.
 * - A session belongs to the issuer, subject and client that opened it. Others get the answer for an unknown session.
 * - Over stdio there is no token: what has a rule is refused.
 *
 * @param app the application, with `OidcMultiAuthModule`.
 * @param strategy the strategy that is connected as a microservice.
 * @param options whether lists show everything. Default: they do not.
 * @throws Error if the package or one of its hooks is missing, or the application lacks the module. If it is unknown whose
 *   decorators apply to a handler, `startAllMicroservices()` is rejected.
 *
 * @example
 * ```ts
 * const app = await NestFactory.create(AppModule);
 * app.connectMicroservice({ strategy: mcp });
 * protectMcp(app, mcp);
 * await app.startAllMicroservices();
 * await app.listen(3000);
 * ```
 */
export function protectMcp(app: McpApplication, strategy: McpServerStrategy, options: ProtectMcpOptions = {}): void {
  if (protocolError() === undefined) {
    throw new Error(
      'protectMcp() needs the optional package @rekog/mcp-nest with its peer @modelcontextprotocol/server: ' +
        'npm install @rekog/mcp-nest @modelcontextprotocol/server',
    );
  }
  const hooks = hooksOf(strategy);
  if (protectedStrategies.has(strategy)) {
    throw new Error('protectMcp() was called twice for one strategy');
  }
  protectedStrategies.add(strategy);
  const runtime = app.get(OidcRuntime, { strict: false }) as OidcRuntime;
  const access = new CapabilityAccess(runtime, app.get(AuthorizeRules, { strict: false }) as AuthorizeRules);
  const modules = app.get(ModulesContainer, { strict: false }) as ModulesContainer;
  const guard = new MessageGuard(hooks, modules, access, options);
  for (const transport of hooks.options.transports) {
    if (Reflect.get(transport, 'kind') !== 'stdio') {
      const adapter = app.getHttpAdapter?.() as Answering | undefined;
      if (adapter === undefined) {
        throw new Error('protectMcp() needs an application of HTTP for a transport of HTTP: NestFactory.create()');
      }
      protectHttpTransport(transport, runtime, access, adapter, (kind, name) => guard.find(kind, name));
    }
  }
  runtime.mcpTransports.add(hooks.transportId);
}
