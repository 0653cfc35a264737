import type { ExecutionContext } from '@nestjs/common';
import type { Connection } from './connection';

/** The metadata key of Nest's `@Sse()`. */
const SSE = '__sse__';

interface ServerResponse {
  on(event: string, listener: () => void): unknown;
  end(): unknown;
}

const streaming = new WeakMap<Function, boolean>();

/** The response of a handler that sends events; undefined for any other. */
export function eventStreamOf(context: ExecutionContext): Connection | undefined {
  const handler = context.getHandler();
  let isStreaming = streaming.get(handler);
  if (isStreaming === undefined) {
    isStreaming = Reflect.getMetadata(SSE, handler) === true;
    streaming.set(handler, isStreaming);
  }
  if (!isStreaming) {
    return undefined;
  }
  const response = context.switchToHttp().getResponse<ServerResponse & { readonly raw?: ServerResponse }>();
  const raw = response.raw ?? response;
  return { key: raw, end: () => void raw.end() };
}
