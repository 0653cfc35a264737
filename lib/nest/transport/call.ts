import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import type { OidcRequest } from '../../core/token/oidc-request';
import type { Connection } from './connection';
import { graphqlCall, type OperationPath } from './graphql-call';
import { grpcConnection, grpcStreamOf } from './grpc-stream';
import { isMcpContext, mcpRequestOf } from './mcp-call';
import { messageRequest } from './rpc-call';
import { eventStreamOf } from './event-stream';
import { handshakeOf } from './websocket-call';

/** One call of a handler, by any transport but HTTP. */
export interface Call {
  /** Carries the token and receives the principal. */
  readonly request: OidcRequest;
  /** The response for headers; absent if there is none. */
  readonly response?: unknown;
  /** The carrier, which several calls may share: the context of a GraphQL operation, a WebSocket. */
  readonly carrier: object;
  /** The connection for further answers after the call was allowed; absent for a single answer. */
  readonly connection?: Connection | undefined;
  /** The place in a GraphQL operation. */
  readonly path?: OperationPath | undefined;
}

const calls = new WeakMap<ArgumentsHost, Call>();

/**
 * The request of a call. For HTTP it is the request itself.
 *
 * @returns undefined for an unknown context or transport.
 */
export function requestOf(context: ArgumentsHost): OidcRequest | undefined {
  return isHttp(context) ? context.switchToHttp().getRequest<OidcRequest>() : callOf(context)?.request;
}

/** The response for headers; undefined if there is none. */
export function responseOf(context: ArgumentsHost): unknown {
  return isHttp(context) ? context.switchToHttp().getResponse<unknown>() : callOf(context)?.response;
}

/**
 * Sets the request of a call whose context is unknown, for a guard that overrides `getRequest`. Only the guards of this
 * very call share it.
 */
export function adoptRequest(context: ExecutionContext, request: OidcRequest): void {
  if (!isHttp(context) && callOf(context) === undefined) {
    calls.set(context, { request, carrier: request });
  }
}

/** The connection for further answers after a call was allowed. */
export function connectionOf(context: ExecutionContext): Connection | undefined {
  return isHttp(context) ? eventStreamOf(context) : callOf(context)?.connection;
}

/** Whether a call is an HTTP request, which has one handler. */
export function isHttp(context: ArgumentsHost): boolean {
  return context.getType<string>() === 'http';
}

/**
 * Reads how each context but HTTP carries a call. The guards of one call share the result.
 *
 * @returns undefined for an unknown context or transport.
 */
export function callOf(context: ArgumentsHost): Call | undefined {
  let call = calls.get(context);
  if (call === undefined) {
    call = readCall(context.getType<string>(), context);
    if (call !== undefined) {
      calls.set(context, call);
    }
  }
  return call;
}

function readCall(type: string, context: ArgumentsHost): Call | undefined {
  switch (type) {
    case 'graphql': {
      const call = graphqlCall(context.getArgs());
      if (call === undefined) {
        return undefined;
      }
      const { request, holder, ...rest } = call;
      return { ...rest, request: ownRequest(request, holder) };
    }
    case 'ws': {
      const client = context.switchToWs().getClient<object>();
      const handshake = handshakeOf(client);
      return handshake && { request: ownRequest(handshake), carrier: client };
    }
    case 'rpc': {
      const rpc = context.switchToRpc();
      const stream = grpcStreamOf(context.getArgs());
      const carrier: unknown = rpc.getContext() ?? stream?.metadata;
      if (isMcpContext(carrier)) {
        return { request: ownRequest(mcpRequestOf(carrier)), carrier };
      }
      const request =
        typeof carrier === 'object' && carrier !== null ? messageRequest(rpc.getData(), carrier) : undefined;
      return request && { request, carrier: carrier as object, connection: stream && grpcConnection(stream) };
    }
    default:
      return undefined;
  }
}

/**
 * A request like another, with its own `user`. Calls that share a request may belong to different clients and must not see
 * each other's principal.
 *
 * @param holder an object that also receives the principal.
 */
function ownRequest(request: OidcRequest, holder?: { user?: unknown }): OidcRequest {
  let user: unknown = (holder ?? request).user;
  return Object.create(request, {
    user: {
      enumerable: true,
      get: () => user,
      set: (value: unknown) => {
        user = value;
        if (holder !== undefined) {
          holder.user = value;
        }
      },
    },
  }) as OidcRequest;
}

/** Whether a value is a response of Express or Fastify whose headers have not been sent. */
export function canHaveHeaders(response: unknown): boolean {
  return (
    typeof response === 'object' &&
    response !== null &&
    'header' in response &&
    typeof response.header === 'function' &&
    Reflect.get(response, 'headersSent') !== true &&
    Reflect.get(response, 'sent') !== true
  );
}
