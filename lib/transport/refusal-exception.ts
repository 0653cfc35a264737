import type { ExecutionContext } from '@nestjs/common';
import type { OidcAuthException } from '../refusal/oidc-auth.exception';
import { isGrpcMetadata } from './rpc-call';

/** What tells a caller of a refusal where there is no HTTP answer: the same body, and what would stand in headers. */
export interface RefusalMessage {
  readonly status: 'error';
  readonly statusCode: number;
  readonly message: string;
  readonly error: string;
  readonly code?: string;
  /** Seconds until the next attempt makes sense. */
  readonly retryAfter?: number;
}

/** Status codes of gRPC, by those of HTTP that refusals have. */
const GRPC_STATUS: Readonly<Record<number, number>> = {
  400: 3 /* INVALID_ARGUMENT */,
  401: 16 /* UNAUTHENTICATED */,
  403: 7 /* PERMISSION_DENIED */,
  503: 14 /* UNAVAILABLE */,
};

/** What servers of GraphQL call errors of these statuses. */
const GRAPHQL_CODE: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  503: 'SERVICE_UNAVAILABLE',
};

type ExceptionClass = new (error: object) => Error;

/**
 * A refusal as the context of a call needs it: Nest tells callers of a WebSocket or of a microservice nothing of exceptions that
 * are meant for HTTP.
 */
export function exceptionFor(context: ExecutionContext, refusal: OidcAuthException): Error {
  switch (context.getType<string>()) {
    case 'graphql':
      // Where servers do not know exceptions of Nest, GraphQL takes what is to be told from here.
      return Object.assign(refusal, {
        extensions: { code: GRAPHQL_CODE[refusal.getStatus()], originalError: refusal.getResponse() },
      });
    case 'ws':
      return new (websocketException())(messageOf(refusal));
    case 'rpc':
      return rpcException(context.switchToRpc().getContext<unknown>(), refusal);
    default:
      return refusal;
  }
}

/** A refusal as a message. */
export function messageOf(refusal: OidcAuthException): RefusalMessage {
  const { retryAfter } = refusal;
  const body = refusal.getResponse() as Omit<RefusalMessage, 'status'>;
  return { status: 'error', ...body, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

/** gRPC has a status and trailing metadata of its own; the metadata class is that of the call. */
function rpcException(context: unknown, refusal: OidcAuthException): Error {
  const RpcException = microservicesException();
  const message = messageOf(refusal);
  if (!isGrpcMetadata(context)) {
    return new RpcException(message);
  }
  const metadata = new (context.constructor as new () => { set(name: string, value: string): void })();
  for (const [name, value] of [
    ['refusal-code', message.code],
    ['retry-after', message.retryAfter],
    ['www-authenticate', refusal.challenge],
  ] as const) {
    if (value !== undefined) {
      metadata.set(name, String(value));
    }
  }
  const code = GRPC_STATUS[refusal.getStatus()] ?? 2; /* UNKNOWN */
  return new RpcException({ code, message: message.message, metadata });
}

/** Loaded when a first refusal is told: whoever has such a context has the package. */
function websocketException(): ExceptionClass {
  return (require('@nestjs/websockets') as { WsException: ExceptionClass }).WsException;
}

function microservicesException(): ExceptionClass {
  return (require('@nestjs/microservices') as { RpcException: ExceptionClass }).RpcException;
}
