import type { OidcRequest } from '../../core/token/oidc-request';
import type { OidcAuthException } from '../../passport/oidc-auth.exception';

/** A part of the context that @rekog/mcp-nest gives to tools, resources and prompts. */
export interface McpContext {
  /** The request of HTTP, as the transport has it; undefined over stdio. */
  getRawRequest(): unknown;
}

type ProtocolError = new (code: number, message: string, data?: unknown) => Error;

/** Invalid Request (JSON-RPC 2.0 section 5.1): mcp-nest denies with the same number. */
export const REFUSED = -32600;

/** The framework's request, by the request that a transport knows: on Fastify they are two objects. */
const requests = new WeakMap<object, OidcRequest>();

/** Whether a context is one of mcp-nest. */
export function isMcpContext(context: unknown): context is McpContext {
  return (
    typeof context === 'object' &&
    context !== null &&
    'mcpRequest' in context &&
    'getRawRequest' in context &&
    typeof context.getRawRequest === 'function'
  );
}

/** Tells of which request of the framework a raw request is. */
export function rememberMcpRequest(raw: object, request: OidcRequest): void {
  requests.set(raw, request);
}

/** The HTTP request that carried a message. Over stdio there is none: a request without a token. */
export function mcpRequestOf(context: McpContext): OidcRequest {
  const raw = context.getRawRequest();
  if (typeof raw !== 'object' || raw === null) {
    return { headers: {} };
  }
  return requests.get(raw) ?? raw;
}

/** A refusal as an error of JSON-RPC. Its `data` is the body of the refusal. */
export function mcpError(refusal: OidcAuthException, data: { readonly message: string }): Error {
  const Exception = protocolError();
  return Exception === undefined
    ? Object.assign(new Error(data.message), { code: REFUSED, data })
    : new Exception(REFUSED, data.message, data);
}

/** The errors of the protocol, from the optional package that mcp-nest has them of; undefined without it. */
export function protocolError(): ProtocolError | undefined {
  try {
    return (require('@modelcontextprotocol/server') as { ProtocolError: ProtocolError }).ProtocolError;
  } catch {
    return undefined;
  }
}
