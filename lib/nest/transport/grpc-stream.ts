import type { OidcAuthException } from '../../passport/oidc-auth.exception';
import type { Connection } from './connection';
import { grpcError } from './refusal-exception';
import { isGrpcMetadata } from './rpc-call';

/** The part of a streaming gRPC call that is used. */
export interface GrpcStream {
  readonly metadata: object;
  write(message: unknown): unknown;
  on(event: string, listener: () => void): unknown;
  emit(event: 'error', error: object): unknown;
}

/** The stream in the arguments of a microservice handler: after data and metadata, or alone for `@GrpcStreamCall()`. */
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

/** Whether a handler gets nothing but a stream. Then Nest catches no exception. */
export function isBareStream(args: readonly unknown[]): boolean {
  return args.length === 1 && grpcStreamOf(args) !== undefined;
}

export function grpcConnection(stream: GrpcStream): Connection {
  return { key: stream, end: (refusal) => endStream(stream, refusal) };
}

export function endStream(stream: GrpcStream, refusal: OidcAuthException): void {
  stream.emit('error', grpcError(stream.metadata, refusal));
}
