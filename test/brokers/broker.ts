import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A server of messages, as a process of its own. */
export interface Broker {
  stop(): Promise<void>;
}

/**
 * Starts a server and waits until it listens.
 *
 * @throws Error if it is not installed, or does not listen within 10 seconds.
 */
export async function startBroker(command: string, args: readonly string[], port: number): Promise<Broker> {
  const server: ChildProcess = spawn(command, args, { stdio: 'ignore' });
  let failure: Error | undefined;
  server.on('error', (error) => {
    failure = new Error(`${command} cannot be started: ${error.message}; install it, as by apt-get install ${command}`);
  });
  const ended = new Promise((resolve) => {
    server.on('exit', resolve);
    server.on('error', resolve);
  });
  const until = Date.now() + 10_000;
  while (!(await listens(port))) {
    if (failure !== undefined || server.exitCode !== null || Date.now() > until) {
      server.kill();
      throw failure ?? new Error(`${command} does not listen on port ${port}`);
    }
    await wait(50);
  }
  return {
    stop: async () => {
      server.kill();
      await ended;
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
