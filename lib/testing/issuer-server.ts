import './refuse-production';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
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
  /** What the server believes the time is, in milliseconds since the epoch. */
  now(): number;
}

/** How long a port that another process took meanwhile is waited for, in milliseconds. */
const PORT_PATIENCE = 2000;

/** Serves an issuer's documents on a port of 127.0.0.1, and fails on demand. */
export class IssuerServer {
  readonly #server = createServer();
  #documents: ServedDocuments = { documentAt: () => undefined, now: () => Date.now() };
  #port = 0;
  #outage: TestIssuerOutage | undefined;
  #delay = 0;
  #isStopped = false;
  /** Opening and closing take time, and are done one after the other. */
  #settled: Promise<void> = Promise.resolve();

  constructor() {
    this.#server.on('request', ({ url = '' }, response) => this.#answer(url, response));
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

  #answer(url: string, response: ServerResponse): void {
    response.setHeader('date', new Date(this.#documents.now()).toUTCString());
    const document = this.#documents.documentAt(url);
    switch (this.#outage) {
      case 'hang':
        return;
      case 'error':
        response.writeHead(500).end();
        return;
      case 'garbage':
        send(response, '<!doctype html>');
        return;
      case 'slow': {
        const timer = setTimeout(() => sendDocument(response, document), this.#delay);
        response.once('close', () => clearTimeout(timer));
        return;
      }
      default:
        sendDocument(response, document);
    }
  }
}

function sendDocument(response: ServerResponse, document: object | undefined): void {
  if (document === undefined) {
    response.writeHead(404).end();
  } else {
    send(response, JSON.stringify(document));
  }
}

function send(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' });
  response.end(text);
}
