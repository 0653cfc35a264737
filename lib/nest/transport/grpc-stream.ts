import type { OidcAuthException } from '../../passport/oidc-auth.exception';
import type { Connection } from './connection';
import { grpcError } from './refusal-exception';
import { isGrpcMetadata } from './rpc-call';

/** The part of a streaming gRPC call that is used. */
export interface GrpcStream {
  readonly metadata: object;
  write(message: unknown): unknown;
  on(event: string, listener: (value?: unknown) => void): unknown;
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

/**
 * Ends a stream with a refusal. Nest passes an error of a bidirectional stream through its handler, and what comes out is an
 * error of its own. grpc-js sends the last error once all messages are written, so the refusal is repeated after any other.
 */
export function endStream(stream: GrpcStream, refusal: OidcAuthException): void {
  const error = grpcError(stream.metadata, refusal);
  stream.on('error', (other) => {
    if (other !== error) {
      stream.emit('error', error);
    }
  });
  stream.emit('error', error);
}
