/**
 * A client of Redis or Valkey, of the package `ioredis` (or `iovalkey`) or `redis`. Only the members that are listed here are
 * used. The store never connects it or closes it.
 */
export type RedisClient = IoRedisClient | NodeRedisClient;

/** A part of a client of `ioredis`. */
export interface IoRedisClient {
  /** `ready` while commands are answered. */
  readonly status?: string;
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** A part of a client of `redis`. */
export interface NodeRedisClient {
  /** Whether commands are answered. */
  readonly isReady?: boolean;
  sendCommand(args: readonly string[]): Promise<unknown>;
}

/** How long a command may take, in seconds. */
export const COMMAND_TIMEOUT = { minimum: 0.05, maximum: 60, default: 1 } as const;

/**
 * Sends commands, each with a time limit. A command fails at once while the client is not connected: the queues that clients
 * keep would grow with each request of an outage.
 *
 * @internal
 */
export class RedisCommands {
  constructor(
    private readonly client: RedisClient,
    /** Seconds. */
    private readonly timeout: number = COMMAND_TIMEOUT.default,
  ) {}

  /**
   * Sends one command.
   *
   * @param timeout its time limit in seconds, for a command that blocks.
   * @returns the answer as the client has it.
   * @throws Error (as a rejection) if it fails, takes too long, or the client is not connected.
   */
  async run(command: string, args: readonly string[], timeout: number = this.timeout): Promise<unknown> {
    if (!isReady(this.client)) {
      throw new Error(`Redis is not connected, so ${command} was not sent`);
    }
    const answer = send(this.client, command, args);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`Redis did not answer ${command} within ${timeout} s`)),
        timeout * 1000,
      );
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
      // After the time limit nobody waits for the answer, and an unhandled rejection would end the process.
      answer.catch(() => undefined);
    }
  }
}

function send(client: RedisClient, command: string, args: readonly string[]): Promise<unknown> {
  // `ioredis` has a `sendCommand` too, which takes something else.
  return 'call' in client ? client.call(command, ...args) : client.sendCommand([command, ...args]);
}

function isReady(client: RedisClient): boolean {
  return 'call' in client
    ? client.status === undefined || client.status === 'ready'
    : client.isReady === undefined || client.isReady;
}

/**
 * Whether a value is a client that commands can be sent with.
 *
 * @internal
 */
export function isRedisClient(value: unknown): value is RedisClient {
  return typeof value === 'object' && value !== null && (hasMethod(value, 'call') || hasMethod(value, 'sendCommand'));
}

function hasMethod(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === 'function';
}
