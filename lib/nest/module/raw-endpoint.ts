import type { HttpAdapterHost } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** The largest body, in bytes. */
const MOST_BYTES = 64 * 1024;

/** What an endpoint answers. */
export interface RawAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; absent for an empty body. */
  readonly body?: object;
}

/** An endpoint that takes POST requests as they come from the socket, whatever parsers the application has. */
export interface RawEndpoint {
  readonly path: string;
  /** Refuses by the headers alone, before the body is read; undefined to go on. */
  check(request: IncomingMessage): RawAnswer | undefined;
  /** Never rejects. */
  answer(body: string, request: IncomingMessage): Promise<RawAnswer>;
}

type Next = () => void;

interface ExpressInstance {
  use(
    handler: (request: IncomingMessage & { originalUrl?: string }, response: ServerResponse, next: Next) => void,
  ): unknown;
}

interface FastifyInstance {
  register(plugin: (scope: FastifyScope, options: object, done: Next) => void): unknown;
}

interface FastifyScope {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): void;
  route(route: {
    readonly method: readonly string[];
    readonly url: string;
    readonly handler: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse; hijack(): void },
    ) => void;
  }): void;
}

/**
 * Adds endpoints to the HTTP server, outside of prefix and versions, before the parsers of bodies. Call it as soon as the
 * application has an HTTP adapter.
 */
export function addRawEndpoints(host: HttpAdapterHost, endpoints: readonly RawEndpoint[]): void {
  const { httpAdapter } = host;
  const instance: unknown = httpAdapter.getInstance();
  if (httpAdapter.getType() === 'fastify') {
    (instance as FastifyInstance).register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
      for (const endpoint of endpoints) {
        scope.route({
          method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
          url: endpoint.path,
          handler: ({ raw }, reply) => {
            reply.hijack();
            void serve(endpoint, raw, reply.raw);
          },
        });
      }
      done();
    });
    return;
  }
  (instance as ExpressInstance).use((request, response, next) => {
    const [path] = (request.originalUrl ?? request.url ?? '').split('?', 1);
    const endpoint = endpoints.find((one) => one.path === path);
    if (endpoint === undefined) {
      next();
    } else {
      void serve(endpoint, request, response);
    }
  });
}

async function serve(endpoint: RawEndpoint, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let answer: RawAnswer;
  try {
    answer = await take(endpoint, request);
  } catch {
    answer = { status: 400 };
  }
  const { status, headers = {}, body } = answer;
  const isUnread = !request.readableEnded;
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
    'Content-Length': Buffer.byteLength(text),
    // What was not read would be taken for the next request.
    ...(isUnread && { Connection: 'close' }),
    ...headers,
  });
  response.end(text);
}

async function take(endpoint: RawEndpoint, request: IncomingMessage): Promise<RawAnswer> {
  if (request.method !== 'POST') {
    return { status: 405, headers: { Allow: 'POST' } };
  }
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) {
    return { status: 413 };
  }
  const refusal = endpoint.check(request);
  if (refusal !== undefined) {
    return refusal;
  }
  const body = await readBody(request);
  return body === undefined ? { status: 413 } : endpoint.answer(body, request);
}

/** The body as UTF-8 text; undefined if it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) {
        request.pause();
        resolve(undefined);
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the request was aborted')));
  });
}

/** Whether the media type of a request is this one, whatever its parameters (RFC 9110 section 8.3). */
export function hasMediaType(request: IncomingMessage, type: string): boolean {
  const [given = ''] = (request.headers['content-type'] ?? '').split(';', 1);
  return given.trim().toLowerCase() === type;
}
