import type { INestApplication, LoggerService, ModuleMetadata, Type } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sinks } from './sinks';

/** Every adapter the library promises to work on. */
export const ADAPTERS = ['express', 'fastify'] as const;
export type AdapterName = (typeof ADAPTERS)[number];

export interface TestAppOptions {
  readonly adapter?: AdapterName;
  readonly imports?: ModuleMetadata['imports'];
  readonly controllers?: Type[];
  readonly providers?: ModuleMetadata['providers'];
  readonly configure?: (app: INestApplication) => void;
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  /** Node's own bound on headers, in bytes, for tests of larger tokens. */
  readonly maxHeaderSize?: number;
  readonly logger?: LoggerService;
}

/** A Nest application listening on a loopback port. */
export interface TestApp {
  readonly app: INestApplication;
  readonly url: string;
  /** GETs a path, with a bearer token or with headers. */
  get(path: string, credentials?: string | Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The shape of the answer is what tests look into.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** A logger that says nothing and remembers warnings. */
export class MemoryLogger implements LoggerService {
  readonly lines: string[] = [];
  log(message: unknown): void {
    this.#write('log', message);
  }
  warn(message: unknown): void {
    this.#write('warn', message);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message);
    sinks.cameOut(rest.map(String).join('\n'));
  }
  debug(message: unknown): void {
    this.#write('debug', message);
  }
  #write(level: string, message: unknown): void {
    this.lines.push(`${level} ${String(message)}`);
    sinks.cameOut(String(message));
  }
  get warnings(): string[] {
    return this.lines.filter((line) => line.startsWith('warn '));
  }
}

/** Express, on a server whose bound on headers can be chosen. */
class SizedExpressAdapter extends ExpressAdapter {
  constructor(private readonly maxHeaderSize: number | undefined) {
    super();
  }
  override initHttpServer(): void {
    this.httpServer = createServer(
      this.maxHeaderSize === undefined ? {} : { maxHeaderSize: this.maxHeaderSize },
      this.getInstance(),
    );
  }
}

export async function startApp(options: TestAppOptions): Promise<TestApp> {
  const builder = Test.createTestingModule({
    imports: options.imports ?? [],
    controllers: options.controllers ?? [],
    providers: options.providers ?? [],
  });
  const module = await (options.override?.(builder) ?? builder)
    .setLogger(options.logger ?? new MemoryLogger())
    .compile();
  const { maxHeaderSize } = options;
  const app: INestApplication =
    options.adapter === 'fastify'
      ? module.createNestApplication(new FastifyAdapter(maxHeaderSize === undefined ? {} : { http: { maxHeaderSize } }))
      : module.createNestApplication(new SizedExpressAdapter(maxHeaderSize));
  options.configure?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    app,
    url,
    get: (path, credentials) => get(url + path, credentials),
    close: () => app.close(),
  };
}

export async function get(url: string, credentials?: string | Record<string, string>): Promise<Answer> {
  const headers = typeof credentials === 'string' ? { authorization: `Bearer ${credentials}` } : (credentials ?? {});
  const response = await fetch(url, { headers });
  const text = await response.text();
  sinks.cameOut(text);
  response.headers.forEach((value, name) => sinks.cameOut(`${name}: ${value}`));
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // not JSON: the text itself
  }
  return { status: response.status, headers: response.headers, body };
}

/** GETs with header lines exactly as given, also ones that `fetch` would not send. */
export function getRaw(url: string, lines: readonly [string, string][]): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string[]> = {};
    for (const [name, value] of lines) {
      (headers[name] ??= []).push(value);
    }
    const outgoing = httpRequest(url, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        sinks.cameOut(body);
        sinks.cameOut(response.rawHeaders.join('\n'));
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
