import type { INestApplication, Type } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { authenticateConnections, OidcMultiAuthModule, type OidcMultiAuthOptions } from 'nestjs-oidc-multi-auth';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { sinks } from '../support/sinks';
import { startApp, type TestApp } from '../support/test-app';

/** What came of an attempt to open a connection. */
export type Opened =
  | { readonly connection: Connection; readonly refused?: undefined }
  | { readonly refused: Readonly<Record<string, unknown>>; readonly headers: Readonly<Record<string, unknown>> };

/** A connection to a gateway, by whatever library. */
export interface Connection {
  /** Sends a message, and waits for the next answer. */
  ask(event: string, data?: unknown): Promise<{ event: string; data: unknown }>;
  /** Waits for the next message of the server. */
  next(): Promise<{ event: string; data: unknown }>;
  /** Waits for the end. */
  readonly closed: Promise<{ code?: number; reason: string }>;
  close(): void;
}

/** One of the adapters that Nest has. */
export interface WebsocketPlatform {
  readonly name: string;
  adapter(app: INestApplication): WsAdapter | IoAdapter;
  /** @param headers those of the request that opens the connection. */
  open(url: string, headers: Readonly<Record<string, string | string[]>>, auth?: object): Promise<Opened>;
}

export const PLATFORMS: readonly WebsocketPlatform[] = [
  { name: 'WebSockets, ws', adapter: (app) => new WsAdapter(app), open: openWs },
  { name: 'WebSockets, socket.io', adapter: (app) => new IoAdapter(app), open: openSocketIo },
];

/** Starts an application with gateways, whose connections are authenticated unless told otherwise. */
export function startGateways(
  platform: WebsocketPlatform,
  options: OidcMultiAuthOptions,
  gateways: readonly Type[],
  { isWrapped = true }: { readonly isWrapped?: boolean } = {},
): Promise<TestApp> {
  return startApp({
    imports: [OidcMultiAuthModule.forRoot({ ...options, globalGuards: true })],
    providers: [...gateways],
    configure: (app) => {
      const own = platform.adapter(app);
      app.useWebSocketAdapter(isWrapped ? authenticateConnections(app, own) : own);
    },
  });
}

/** Messages in the order they came, for those who wait for them. */
class Inbox {
  readonly #messages: { event: string; data: unknown }[] = [];
  readonly #waiting: ((message: { event: string; data: unknown }) => void)[] = [];

  put(message: { event: string; data: unknown }): void {
    sinks.cameOut(JSON.stringify(message));
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#messages.push(message);
    } else {
      waiting(message);
    }
  }

  take(): Promise<{ event: string; data: unknown }> {
    const message = this.#messages.shift();
    return message === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(message);
  }
}

function openWs(url: string, headers: Readonly<Record<string, string | string[]>>): Promise<Opened> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers: headers as Record<string, string> });
  const inbox = new Inbox();
  socket.on('message', (text: Buffer) => inbox.put(JSON.parse(text.toString())));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code: number, reason: Buffer) => resolve({ code, reason: reason.toString() })),
  );
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        sinks.cameOut(body);
        sinks.cameOut(response.rawHeaders.join('\n'));
        const isJson = response.headers['content-type']?.startsWith('application/json') === true;
        const refused = isJson ? JSON.parse(body) : { statusCode: response.statusCode };
        expect(response.statusCode).toBe(refused.statusCode);
        resolve({ refused, headers: response.headers });
      });
    });
    socket.on('error', reject);
    socket.on('open', () =>
      resolve({
        connection: {
          ask: (event, data) => {
            socket.send(JSON.stringify({ event, data }));
            return inbox.take();
          },
          next: () => inbox.take(),
          closed,
          close: () => socket.close(),
        },
      }),
    );
  });
}

function openSocketIo(
  url: string,
  headers: Readonly<Record<string, string | string[]>>,
  auth: object = {},
): Promise<Opened> {
  const socket: Socket = io(url, {
    auth,
    extraHeaders: headers as Record<string, string>,
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  });
  const inbox = new Inbox();
  socket.onAny((event: string, data: unknown) => inbox.put({ event, data }));
  const closed = new Promise<{ reason: string }>((resolve) =>
    socket.on('disconnect', (reason: string) => resolve({ reason })),
  );
  return new Promise((resolve) => {
    socket.on('connect_error', (error: Error & { readonly data?: Record<string, unknown> }) => {
      socket.close();
      sinks.cameOut(JSON.stringify(error));
      resolve({ refused: error.data ?? { message: error.message }, headers: {} });
    });
    socket.on('connect', () =>
      resolve({
        connection: {
          ask: (event, data) => {
            socket.emit(event, data);
            return inbox.take();
          },
          next: () => inbox.take(),
          closed,
          close: () => socket.close(),
        },
      }),
    );
  });
}
