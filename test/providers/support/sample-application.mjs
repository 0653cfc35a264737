/** The built sample, as a process of its own, configured by nothing but environment variables. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ServerProcess } from './server-process.mjs';

const MAIN = fileURLToPath(new URL('../../../.sample/main.js', import.meta.url));

let started = 0;

export class SampleApplication {
  #server;
  url;

  constructor(server, url) {
    this.#server = server;
    this.url = url;
  }

  /** Starts it with these variables and no other `JWT_OIDC_` ones, at that port or any that is free. */
  static async start(variables, folder, port = 0) {
    const log = `${folder}/sample-${++started}.log`;
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('JWT_OIDC_'));
    const env = { ...Object.fromEntries(inherited), ...variables, PORT: String(port), NO_COLOR: '1' };
    const server = new ServerProcess({ command: process.execPath, args: [MAIN], env, log });
    const url = await server.until(() => /^The mines API is at (.*)$/m.exec(readFileSync(log, 'utf8'))?.[1], 60);
    return new SampleApplication(server, url);
  }

  /** A request with a bearer token, or without: what came back. */
  async call(path, token, method = 'GET') {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(20_000),
    });
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      challenge: response.headers.get('www-authenticate'),
      body: await response.json(),
    };
  }

  stop() {
    return this.#server.stop();
  }
}
