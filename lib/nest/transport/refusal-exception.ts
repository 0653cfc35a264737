import type { ExecutionContext } from '@nestjs/common';
import type { OidcAuthException } from '../../passport/oidc-auth.exception';
import { withoutStackTrace } from '../../passport/without-stack-trace';
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

/** What gRPC calls an error of which nothing else is said. */
const UNKNOWN = 2;

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
      return make(websocketException(), messageOf(refusal));
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

function rpcException(context: unknown, refusal: OidcAuthException): Error {
  return make(microservicesException(), isGrpcMetadata(context) ? grpcError(context, refusal) : messageOf(refusal));
}

function make(Exception: ExceptionClass, error: object): Error {
  return withoutStackTrace(() => new Exception(error));
}

/**
 * A refusal as gRPC tells it: a status, and trailing metadata.
 *
 * @param metadata that of the call, whose class makes another.
 */
export function grpcError(metadata: object, refusal: OidcAuthException): object {
  const { code, message } = messageOf(refusal);
  const trailer = new (metadata.constructor as new () => { set(name: string, value: string): void })();
  if (code !== undefined) {
    trailer.set('refusal-code', code);
  }
  for (const [name, value] of refusal.refusalHeaders) {
    // Names of metadata are in lower case.
    trailer.set(name.toLowerCase(), value);
  }
  return { code: GRPC_STATUS[refusal.getStatus()] ?? UNKNOWN, message, details: message, metadata: trailer };
}

/** The code of a refusal, where refusals say it. */
export function codeOf(refusal: OidcAuthException): string | undefined {
  return messageOf(refusal).code;
}

/** Loaded when a first refusal is told: whoever has such a context has the package. */
function websocketException(): ExceptionClass {
  return (require('@nestjs/websockets') as { WsException: ExceptionClass }).WsException;
}

function microservicesException(): ExceptionClass {
  return (require('@nestjs/microservices') as { RpcException: ExceptionClass }).RpcException;
}
