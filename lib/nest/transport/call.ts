import type { ExecutionContext } from '@nestjs/common';
import type { OidcRequest } from '../../core/token/oidc-request';
import type { Connection } from './connection';
import { graphqlCall, type OperationPath } from './graphql-call';
import { grpcConnection, grpcStreamOf } from './grpc-stream';
import { messageRequest } from './rpc-call';
import { eventStreamOf } from './event-stream';
import { handshakeOf } from './websocket-call';

/** One call of a handler, by whatever way but HTTP it came. */
export interface Call {
  /** What carries the token, and what guards leave the principal on. */
  readonly request: OidcRequest;
  /** What headers of an answer are set on; absent where an answer has none. */
  readonly response?: unknown;
  /** What the call came by, which may stand for several of them: the context of a GraphQL operation, a WebSocket. */
  readonly carrier: object;
  /** What answers go on over after the call has been let through; absent where there is one answer at most. */
  readonly connection?: Connection | undefined;
  /** Where in a GraphQL operation it is. */
  readonly path?: OperationPath | undefined;
}

const calls = new WeakMap<ExecutionContext, Call>();

/**
 * The request of a call: of HTTP it is the request itself.
 *
 * @returns undefined for a context, or a transport, that is not known.
 */
export function requestOf(context: ExecutionContext): OidcRequest | undefined {
  return isHttp(context) ? context.switchToHttp().getRequest<OidcRequest>() : callOf(context)?.request;
}

/** The response whose headers can be set; undefined where there is none. */
export function responseOf(context: ExecutionContext): unknown {
  return isHttp(context) ? context.switchToHttp().getResponse<unknown>() : callOf(context)?.response;
}

/**
 * Takes a request for that of a call that is not known here: of a guard that says itself where the token is. The other guards of
 * this very call find it, and no other call does, whatever the two have in common.
 */
export function adoptRequest(context: ExecutionContext, request: OidcRequest): void {
  if (!isHttp(context) && callOf(context) === undefined) {
    calls.set(context, { request, carrier: request });
  }
}

/** What answers go on over after a call has been let through. */
export function connectionOf(context: ExecutionContext): Connection | undefined {
  return isHttp(context) ? eventStreamOf(context) : callOf(context)?.connection;
}

/** Whether a call is an HTTP request, which is of one handler alone. */
export function isHttp(context: ExecutionContext): boolean {
  return context.getType<string>() === 'http';
}

/**
 * The one place that knows how each context of Nest but HTTP carries a call. Guards of one call share what it gives.
 *
 * @returns undefined for a context, or a transport, that is not known.
 */
export function callOf(context: ExecutionContext): Call | undefined {
  let call = calls.get(context);
  if (call === undefined) {
    call = readCall(context.getType<string>(), context);
    if (call !== undefined) {
      calls.set(context, call);
    }
  }
  return call;
}

function readCall(type: string, context: ExecutionContext): Call | undefined {
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
      const request =
        typeof carrier === 'object' && carrier !== null ? messageRequest(rpc.getData(), carrier) : undefined;
      return request && { request, carrier: carrier as object, connection: stream && grpcConnection(stream) };
    }
    default:
      return undefined;
  }
}

/**
 * A request that is as another one, and has a user of its own: calls that share a request may be of different clients, and one must
 * not find the principal of the other.
 *
 * @param holder where the principal is left, too, for those who look there.
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
