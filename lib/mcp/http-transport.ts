import type { IncomingMessage, ServerResponse } from 'node:http';
import { headersFor } from '../core/refusal/refusal-headers';
import type { OidcRequest } from '../core/token/oidc-request';
import { rememberMcpRequest, REFUSED } from '../nest/transport/mcp-call';
import { messageOf } from '../nest/transport/refusal-exception';
import type { OidcRuntime } from '../nest/runtime/oidc-runtime';
import { exceptionOf } from '../passport/oidc-auth.exception';
import type { CapabilityAccess } from './capability-access';
import { carrierOf, carriers, type Carrier } from './message-context';
import { agreesWithBody } from './message-headers';
import { bodyOf } from './request-body';
import { SessionOwners, type SessionHooks } from './sessions';
import type { Capability, Message } from './strategy-hooks';

type Verb = 'handlePost' | 'handleGet' | 'handleDelete';
type HandleVerb = (request: OidcRequest, response: object) => Promise<void>;
type HttpHooks = SessionHooks & { -readonly [V in Verb]: HandleVerb };

/** The part of Nest's HTTP adapters that answers. */
export interface Answering {
  setHeader(response: unknown, name: string, value: string): unknown;
  reply(response: unknown, body: unknown, status?: number): unknown;
}

/** Where mcp-nest's own refusals find the URL of the metadata. */
const METADATA_URL = Symbol.for('@rekog/mcp-nest:resource-metadata-url');

/** What mcp-nest answers for a session that it does not know. */
const UNKNOWN_SESSION = { code: -32001, message: 'Session not found' };

/** The number of a header that disagrees with the body (revision 2026-07-28). */
const HEADER_MISMATCH = -32020;

/** Stands before the messages of one HTTP transport. */
class ProtectedHttpTransport {
  readonly #sessions: SessionOwners;

  /** @throws Error if the transport is not one of mcp-nest 2. */
  constructor(
    transport: object,
    private readonly runtime: OidcRuntime,
    private readonly access: CapabilityAccess,
    private readonly adapter: Answering,
    private readonly find: (kind: 'tool' | 'prompt', name: unknown) => Capability | undefined,
  ) {
    const hooks = transport as HttpHooks;
    const needed = ['handlePost', 'handleGet', 'handleDelete', 'cleanupSession', 'sessionIdGenerator'] as const;
    if (!needed.every((name) => typeof hooks[name] === 'function') || typeof hooks.statefulMode !== 'boolean') {
      throw new Error(
        'protectMcp() does not know this HTTP transport: use StreamableHttpTransport of @rekog/mcp-nest 2',
      );
    }
    this.#sessions = new SessionOwners(hooks);
    for (const verb of ['handlePost', 'handleGet', 'handleDelete'] as const) {
      const handle = hooks[verb];
      hooks[verb] = (request, response) =>
        this.#pass(verb, request, response, () => handle.call(hooks, request, response));
    }
  }

  async #pass(verb: Verb, request: OidcRequest, response: object, handle: () => Promise<void>): Promise<void> {
    const framework: { readonly raw?: object } & object = request;
    const raw = framework.raw ?? request;
    const carrier = carrierOf(request, raw);
    rememberMcpRequest(raw, request);
    this.#publish(carrier);
    const headers = request.headers ?? {};
    const body = verb === 'handlePost' ? await bodyOf(request, raw as IncomingMessage) : undefined;
    if (verb === 'handlePost' && !agreesWithBody(headers, body)) {
      return this.#answer(response, 400, body, {
        code: HEADER_MISMATCH,
        message: 'The headers Mcp-Method and Mcp-Name do not say what the body says',
      });
    }
    if (!this.#sessions.isOwn(headers['mcp-session-id'], carrier.principal)) {
      return this.#answer(response, 404, undefined, UNKNOWN_SESSION);
    }
    if (this.#lacksScope(body, carrier, response)) {
      return;
    }
    if (verb === 'handleGet' || (body as Message | undefined)?.method === 'subscriptions/listen') {
      this.#endWithToken(carrier, response);
    }
    await carriers.run(carrier, handle);
  }

  /** Lets the decorators of mcp-nest itself, such as `@ToolScopes()`, judge the caller. */
  #publish({ raw, request, principal }: Carrier): void {
    if (principal !== undefined && raw !== request) {
      Reflect.set(raw, 'user', principal);
    }
    const url = this.runtime.styleFor(request).resourceMetadata;
    if (url !== undefined) {
      Reflect.set(raw, METADATA_URL, url);
    }
  }

  /**
   * Answers a call that lacks only a scope by a challenge (MCP authorization, RFC 6750 section 3.1): only before JSON-RPC takes
   * over can the status be chosen. A batch may hold calls that are allowed.
   */
  #lacksScope(body: unknown, carrier: Carrier, response: object): boolean {
    if (typeof body !== 'object' || body === null || Array.isArray(body) || carrier.principal === undefined) {
      return false;
    }
    const { method, params } = body as Message;
    const kind = method === 'tools/call' ? 'tool' : method === 'prompts/get' ? 'prompt' : undefined;
    const capability = kind && this.find(kind, params?.name);
    const startedAt = this.runtime.observer.start();
    const refusal = capability && this.access.refusalOf(capability, carrier);
    if (capability === undefined || refusal?.code !== 'missing_scope') {
      return false;
    }
    this.access.record(capability, refusal, carrier, startedAt);
    const style = this.runtime.styleFor(carrier.request);
    for (const [name, value] of headersFor(refusal, style)) {
      this.adapter.setHeader(response, name, value);
    }
    const data = messageOf(exceptionOf(refusal, style));
    this.#answer(response, 403, body, { code: REFUSED, message: data.message, data });
    return true;
  }

  /** Ends a stream when the token that opened it expires or is revoked. */
  #endWithToken({ principal }: Carrier, response: object): void {
    if (principal !== undefined) {
      const key = ((Reflect.get(response, 'raw') as object | undefined) ?? response) as ServerResponse;
      this.runtime.endWithToken(principal, { key, end: () => key.destroy() }, this.runtime.current.generation);
    }
  }

  #answer(response: object, status: number, body: unknown, error: object): void {
    const id = (body as Message | undefined)?.id;
    const isId = typeof id === 'string' || typeof id === 'number';
    this.adapter.reply(response, { jsonrpc: '2.0', error, id: isId ? id : null }, status);
  }
}

/**
 * Puts the checks of HTTP before a transport.
 *
 * @throws Error if the transport is not one of mcp-nest 2.
 */
export function protectHttpTransport(...args: ConstructorParameters<typeof ProtectedHttpTransport>): object {
  return new ProtectedHttpTransport(...args);
}
