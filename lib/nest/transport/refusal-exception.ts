import type { ArgumentsHost } from '@nestjs/common';
import type { OidcAuthException } from '../../passport/oidc-auth.exception';
import { withoutStackTrace } from '../../passport/without-stack-trace';
import { isMcpContext, mcpError } from './mcp-call';
import { isGrpcMetadata } from './rpc-call';

/** A refusal as a message, where there is no HTTP answer: the body, and the seconds of `Retry-After`. */
export interface RefusalMessage {
  readonly status: 'error';
  readonly statusCode: number;
  readonly message: string;
  readonly error: string;
  readonly code?: string;
  /** Seconds until the next attempt makes sense. */
  readonly retryAfter?: number;
  /** What to request of the provider: values of `acr`, separated by spaces (RFC 9470 section 3). */
  readonly acrValues?: string;
  /** The longest accepted time since the authentication of the user, in seconds. */
  readonly maxAge?: number;
}

/** The status codes of gRPC, by the HTTP status of a refusal. */
const GRPC_STATUS: Readonly<Record<number, number>> = {
  400: 3 /* INVALID_ARGUMENT */,
  401: 16 /* UNAUTHENTICATED */,
  403: 7 /* PERMISSION_DENIED */,
  503: 14 /* UNAVAILABLE */,
};

/** UNKNOWN of gRPC. */
const UNKNOWN = 2;

/** The error codes of GraphQL servers, by the HTTP status of a refusal. */
const GRAPHQL_CODE: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  503: 'SERVICE_UNAVAILABLE',
};

type ExceptionClass = new (error: object) => Error;

/** The exception that a context requires. Nest hides exceptions of HTTP from callers of WebSockets and microservices. */
export function exceptionFor(context: ArgumentsHost, refusal: OidcAuthException): Error {
  switch (context.getType<string>()) {
    case 'graphql':
      // GraphQL servers that do not know Nest's exceptions read these.
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
  const { acr, maxAge } = refusal.refusal.authentication ?? {};
  return {
    status: 'error',
    ...body,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(acr !== undefined && { acrValues: acr.join(' ') }),
    ...(maxAge !== undefined && { maxAge }),
  };
}

function rpcException(context: unknown, refusal: OidcAuthException): Error {
  if (isMcpContext(context)) {
    return make(microservicesException(), mcpError(refusal, messageOf(refusal)));
  }
  return make(microservicesException(), isGrpcMetadata(context) ? grpcError(context, refusal) : messageOf(refusal));
}

function make(Exception: ExceptionClass, error: object): Error {
  return withoutStackTrace(() => new Exception(error));
}

/**
 * A refusal as an error of gRPC: a status, and trailing metadata.
 *
 * @param metadata the metadata of the call. The trailing metadata is of the same class.
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

/** The code of a refusal; undefined where `refusalDetail` is `none`. */
export function codeOf(refusal: OidcAuthException): string | undefined {
  return messageOf(refusal).code;
}

/** Loads the optional package at the first refusal: an application with such a context has it. */
function websocketException(): ExceptionClass {
  return (require('@nestjs/websockets') as { WsException: ExceptionClass }).WsException;
}

function microservicesException(): ExceptionClass {
  return (require('@nestjs/microservices') as { RpcException: ExceptionClass }).RpcException;
}
