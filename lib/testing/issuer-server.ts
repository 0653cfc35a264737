import './refuse-production';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { types } from 'node:util';

/**
 * How a test issuer fails: connections are refused (`down`), it never answers (`hang`), answers every request with 500
 * (`error`) or with no JSON (`garbage`), or answers correctly, but late (`slow`).
 */
export type TestIssuerOutage = 'down' | 'hang' | 'error' | 'garbage' | 'slow';

/** What a server answers with. */
export interface ServedDocuments {
  /** The document at a path, or undefined where there is none. Asked once for each request. */
  documentAt(path: string): object | undefined;
  /** The reply to a form; undefined where there is no endpoint at a path, and null for none. Asked once for each request. */
  replyTo(form: PostedForm): Promise<ServerReply | null> | undefined;
  /** What the server believes the time is, in milliseconds since the epoch. */
  now(): number;
}

/** A form that was sent by POST. */
export interface PostedForm {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

/** A reply of any kind. */
export interface ServerReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How long a port that another process took meanwhile is waited for, in milliseconds. */
const PORT_PATIENCE = 2000;

/** Serves an issuer's documents on a port of 127.0.0.1, and fails on demand. */
export class IssuerServer {
  readonly #server = createServer();
  #documents: ServedDocuments = {
    documentAt: () => undefined,
    replyTo: () => undefined,
    now: () => Date.now(),
  };
  #port = 0;
  #outage: TestIssuerOutage | undefined;
  #delay = 0;
  #isStopped = false;
  /** Opening and closing take time, and are done one after the other. */
  #settled: Promise<void> = Promise.resolve();

  constructor() {
    this.#server.on('request', (request, response) => void this.#answer(request, response));
  }

  /** Listens on a port, which it keeps from then on; 0 is one that is free. */
  async start(port: number): Promise<void> {
    this.#port = port;
    await this.#open();
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  serve(documents: ServedDocuments): void {
    this.#documents = documents;
  }

  /**
   * Starts to fail, or with `undefined` stops to. What requests are answered with changes at once; resolves when
   * connections are refused, or accepted again, too.
   *
   * @param delay how late a `slow` answer is, in milliseconds.
   */
  fail(outage: TestIssuerOutage | undefined, delay: number): Promise<void> {
    this.#outage = outage;
    this.#delay = delay;
    return this.#settle();
  }

  /** Closes the server and its connections for good. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#settle();
  }

  /** Opens or closes the server, whichever is wanted when it is this call's turn. */
  #settle(): Promise<void> {
    // Whoever asked for what failed was told; that is no reason not to do what is asked for now.
    this.#settled = this.#settled
      .catch(() => undefined)
      .then(() => {
        if (this.#isWanted === this.#server.listening) {
          return undefined;
        }
        return this.#isWanted ? this.#reopen() : this.#close();
      });
    return this.#settled;
  }

  get #isWanted(): boolean {
    return !this.#isStopped && this.#outage !== 'down';
  }

  async #open(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    // A test that forgets to stop it does not keep the process alive.
    this.#server.unref();
  }

  /** The port may serve another process's own connection for the moment; nobody else listens there for long. */
  async #reopen(): Promise<void> {
    for (let waited = 0; this.#isWanted; waited += 20) {
      try {
        await this.#open();
        return;
      } catch (error) {
        const isTaken = types.isNativeError(error) && 'code' in error && error.code === 'EADDRINUSE';
        if (!isTaken || waited >= PORT_PATIENCE) {
          throw error;
        }
        await wait(20);
      }
    }
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('date', new Date(this.#documents.now()).toUTCString());
    const reply = await this.#replyTo(request);
    if (reply === null) {
      return;
    }
    switch (this.#outage) {
      case 'hang':
        return;
      case 'error':
        response.writeHead(500).end();
        return;
      case 'garbage':
        send(response, documentReply('<!doctype html>'));
        return;
      case 'slow': {
        const timer = setTimeout(() => send(response, reply), this.#delay);
        response.once('close', () => clearTimeout(timer));
        return;
      }
      default:
        send(response, reply);
    }
  }

  async #replyTo(request: IncomingMessage): Promise<ServerReply | null> {
    const { url: path = '', method, headers } = request;
    if (method === 'POST') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk as Buffer);
      }
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const reply = this.#documents.replyTo({ path, headers, form });
      if (reply !== undefined) {
        return reply;
      }
    }
    const document = this.#documents.documentAt(path);
    return document === undefined ? { status: 404, headers: {}, body: '' } : documentReply(JSON.stringify(document));
  }
}

function documentReply(body: string): ServerReply {
  return { status: 200, headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' }, body };
}

function send(response: ServerResponse, { status, headers, body }: ServerReply): void {
  response.writeHead(status, headers).end(body);
}
