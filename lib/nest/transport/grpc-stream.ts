import type { OidcAuthException } from '../../passport/oidc-auth.exception';
import type { Connection } from './connection';
import { grpcError } from './refusal-exception';
import { isGrpcMetadata } from './rpc-call';

/** A part of a gRPC call whose answers, or whose requests and answers, are a stream. */
export interface GrpcStream {
  readonly metadata: object;
  write(message: unknown): unknown;
  on(event: string, listener: () => void): unknown;
  emit(event: 'error', error: object): unknown;
}

/** The stream among what a handler of a microservice is called with: behind data and metadata, or, of `@GrpcStreamCall()`, alone. */
export function grpcStreamOf(args: readonly unknown[]): GrpcStream | undefined {
  return args.find(
    (arg): arg is GrpcStream =>
      typeof arg === 'object' &&
      arg !== null &&
      'write' in arg &&
      'emit' in arg &&
      'metadata' in arg &&
      isGrpcMetadata(arg.metadata),
  );
}

/** Whether a handler is given nothing but a stream: then Nest has nobody to give an exception to. */
export function isBareStream(args: readonly unknown[]): boolean {
  return args.length === 1 && grpcStreamOf(args) !== undefined;
}

export function grpcConnection(stream: GrpcStream): Connection {
  return { key: stream, end: (refusal) => endStream(stream, refusal) };
}

export function endStream(stream: GrpcStream, refusal: OidcAuthException): void {
  stream.emit('error', grpcError(stream.metadata, refusal));
}
