/** Servers as child processes that never outlive the command, however it ends. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Each leads a process group of its own: some servers are started by a shell, and some have workers. */
const running = new Set();

process.on('exit', () => running.forEach((child) => signal(child, 'SIGKILL')));
function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') {
      throw error;
    }
  }
}

/** A program that answers over HTTP. What it prints goes to a file. */
export class ServerProcess {
  #child;
  #ended;

  /** @param {{ command: string, args: string[], cwd?: string, env?: Record<string, string | undefined>, log: string }} how */
  constructor({ command, args, cwd, env, log }) {
    const output = openSync(log, 'a');
    this.#child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
    closeSync(output);
    running.add(this.#child);
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(`${command} cannot be started: ${error.message}`));
      this.#child.once('exit', (code, name) =>
        resolve(`${command} ended (${name ?? `exit code ${code}`}), see ${log}`),
      );
    });
  }

  /** Waits until `attempt` returns something, and fails if the program ends or takes longer than so many seconds. */
  async until(attempt, seconds = 120) {
    let endedAs;
    void this.#ended.then((how) => (endedAs = how));
    for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(100)) {
      if (endedAs !== undefined) {
        throw new Error(endedAs);
      }
      const found = await attempt();
      if (found) {
        return found;
      }
    }
    throw new Error(`not ready after ${seconds} s`);
  }

  /** Waits until a URL answers with 200. */
  answers(url) {
    return this.until(async () => {
      try {
        return (await fetch(url, { signal: AbortSignal.timeout(5000) })).status === 200;
      } catch {
        return false;
      }
    });
  }

  async stop() {
    if (!running.has(this.#child)) {
      return;
    }
    signal(this.#child, 'SIGTERM');
    const patience = setTimeout(() => signal(this.#child, 'SIGKILL'), 10_000);
    await this.#ended;
    clearTimeout(patience);
    running.delete(this.#child);
  }
}

const taken = new Set();

/** A port of loopback that nobody has, and that nobody else here is given. */
export async function freePort() {
  const port = await new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const found = server.address().port;
      server.close(() => resolve(found));
    });
  });
  if (taken.has(port)) {
    return freePort();
  }
  taken.add(port);
  return port;
}

/** Whether there is such a program. */
export function hasCommand(name) {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
