import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to an introspection endpoint. */
export interface Asked {
  readonly url: string;
  readonly method: string;
  readonly authorization: string | undefined;
  readonly form: URLSearchParams;
}

export type Answering = (response: ServerResponse, asked: Asked) => void;

/** An introspection endpoint that answers what a test wants, and remembers what it is asked. */
export class Endpoint {
  readonly asked: Asked[] = [];
  answer: Answering = (response) => json(response, { active: false });
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/introspect`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const { url = '', method = '' } = request;
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const asked = { url, method, authorization: request.headers.authorization, form };
    this.asked.push(asked);
    this.answer(response, asked);
  }
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
