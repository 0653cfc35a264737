import type { ReplayStore } from '../core/proof/replay-store';
import { COMMAND_TIMEOUT, isRedisClient, RedisCommands, type RedisClient } from './redis-client';
import { RedisReplayStore } from './redis-replay-store';

/** What `redisStore` takes. */
export interface RedisStoreOptions {
  /** A connected client of `ioredis`, `iovalkey` or `redis`. You close it, after the application. */
  readonly client: RedisClient;
  /** What the names of all keys begin with. Default: `oidc:`. */
  readonly prefix?: string;
  /** How long a command may take, in seconds, from 0.05 to 60. Default: 1. */
  readonly commandTimeout?: number;
}

/** State that all processes of an application share, in Redis or Valkey. */
export type RedisStore = ReplayStore;

/**
 * Makes a store in Redis or Valkey, to give as `proofOfPossession.replayStore`. Keys contain hashes, never a token. A command
 * that fails or takes too long refuses the request with 503 `state_unavailable`.
 *
 * @throws TypeError if an option is not what it must be.
 * @example
 * ```ts
 * const store = redisStore({ client: new Redis(process.env.REDIS_URL) });
 * OidcMultiAuthModule.forRoot({ clients, proofOfPossession: { origins: ['https://api.example'], replayStore: store } });
 * ```
 */
export function redisStore({ client, prefix = 'oidc:', commandTimeout }: RedisStoreOptions): RedisStore {
  if (!isRedisClient(client)) {
    throw new TypeError('redisStore: client is not a client of ioredis or redis; give a connected one');
  }
  if (typeof prefix !== 'string') {
    throw new TypeError('redisStore: prefix is not a string');
  }
  const { minimum, maximum } = COMMAND_TIMEOUT;
  if (commandTimeout !== undefined && !(commandTimeout >= minimum && commandTimeout <= maximum)) {
    throw new TypeError(`redisStore: commandTimeout is not a number of seconds from ${minimum} to ${maximum}`);
  }
  return new RedisReplayStore(new RedisCommands(client, commandTimeout), prefix);
}
