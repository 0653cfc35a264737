/** Starts applications and puts them under load. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { quantile } from './measure.mjs';

const file = fileURLToPath(new URL('app.mjs', import.meta.url));
const last = availableParallelism() - 1;

/** Lets a process run on some processors alone, where that can be had: by `taskset`, on Linux. */
function allot(pid, processors) {
  try {
    execFileSync('taskset', ['-a', '-p', '-c', processors, String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Applications run on the first processor, and what sends them requests on the others: sharing all of them, they would be moved
 * to and fro, and the times of one application would differ by half.
 */
export const areApart = last > 0 && allot(process.pid, `0-${last}`);

/** Keeps this process off the processor of the applications, while something is done. */
export async function besideApplications(act) {
  if (!areApart) {
    return act();
  }
  allot(process.pid, `1-${last}`);
  try {
    return await act();
  } finally {
    allot(process.pid, `0-${last}`);
  }
}

export class Application {
  static async start(options) {
    const application = new Application();
    application.child = fork(file, {
      env: { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1', BENCH_APP: JSON.stringify(options) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Whatever an application with thousands of clients takes.
      execArgv: [],
    });
    let complaint = '';
    application.child.stderr.on('data', (chunk) => {
      complaint += chunk;
    });
    const exit = once(application.child, 'exit').then(() => {
      throw new Error(complaint.trim().split('\n').slice(0, 8).join('\n') || 'it ended');
    });
    exit.catch(() => undefined);
    application.exit = exit;
    const [{ port }] = await Promise.race([once(application.child, 'message'), exit]);
    application.port = port;
    if (areApart) {
      allot(application.child.pid, '0');
    }
    return application;
  }

  async ask(question) {
    const answer = once(this.child, 'message');
    this.child.send(question);
    const [message] = await Promise.race([answer, this.exit]);
    return message;
  }

  /**
   * Sends requests for so long, each connection one after the other.
   *
   * @param tokens sent in turn; `undefined` for a request without one.
   */
  async load(tokens, { milliseconds, connections = 8 }) {
    const requests = tokens.map((token) =>
      Buffer.from(
        `GET /mines HTTP/1.1\r\nHost: api.example\r\n${token === undefined ? '' : `Authorization: Bearer ${token}\r\n`}\r\n`,
      ),
    );
    const latencies = [];
    const statuses = new Set();
    let next = 0;
    const before = (await this.ask('usage')).cpu;
    const began = performance.now();
    const until = began + milliseconds;
    const take = () => requests[next++ % requests.length];
    const worker = async () => {
      const socket = connect(this.port, '127.0.0.1').setNoDelay();
      for await (const latency of answers(socket, take, statuses)) {
        latencies.push(latency);
        if (performance.now() > until) {
          break;
        }
      }
      socket.destroy();
    };
    await Promise.all(Array.from({ length: connections }, worker));
    const seconds = (performance.now() - began) / 1000;
    const after = (await this.ask('usage')).cpu;
    return {
      statuses,
      cpu: (after.user + after.system - before.user - before.system) / latencies.length,
      throughput: latencies.length / seconds,
      p99: quantile(latencies, 0.99),
    };
  }

  stop() {
    this.child.kill();
  }
}

/** Sends one request after the other and yields how long each answer took, in milliseconds. */
async function* answers(socket, take, statuses) {
  await once(socket, 'connect');
  let sent = performance.now();
  let received = '';
  socket.write(take());
  for await (const chunk of socket) {
    received += chunk.toString('latin1');
    const head = received.indexOf('\r\n\r\n');
    const length = head === -1 ? undefined : Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
    if (head !== -1 && received.length >= head + 4 + length) {
      statuses.add(Number(received.slice(9, 12)));
      received = '';
      const now = performance.now();
      yield now - sent;
      sent = performance.now();
      socket.write(take());
    }
  }
}
