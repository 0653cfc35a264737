import type { ReplayStore } from '../core/proof/replay-store';
import type { RevocationEntry } from '../core/revocation/revocation';
import type { RevocationBatch, RevocationStore } from '../core/revocation/revocation-store';
import { COMMAND_TIMEOUT, isRedisClient, RedisCommands, type RedisClient } from './redis-client';
import { RedisReplayStore } from './redis-replay-store';
import { RedisRevocationStore } from './redis-revocation-store';

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
export type RedisStore = ReplayStore & RevocationStore;

/**
 * Makes a store in Redis or Valkey, to give as `proofOfPossession.replayStore` and `revocation.store`. It stores no tokens: used
 * proofs are hashes, and a revocation is an issuer with a `jti`, `sid` or `sub`, or a client. A proof whose command fails or takes
 * too long is refused with 503 `state_unavailable`.
 *
 * @throws TypeError if an option is not what it must be.
 * @example
 * ```ts
 * const store = redisStore({ client: new Redis('redis://redis.internal:6379') });
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
  return new SharedState(new RedisCommands(client, commandTimeout), prefix);
}

/** Each kind of state has a class of its own. */
class SharedState implements RedisStore {
  readonly #replay: RedisReplayStore;
  readonly #revocations: RedisRevocationStore;

  constructor(commands: RedisCommands, prefix: string) {
    this.#replay = new RedisReplayStore(commands, prefix);
    this.#revocations = new RedisRevocationStore(commands, prefix);
  }

  remember(key: string, lifetime: number): Promise<boolean> {
    return this.#replay.remember(key, lifetime);
  }

  append(entries: readonly RevocationEntry[]): Promise<void> {
    return this.#revocations.append(entries);
  }

  read(after: string | undefined, wait: number, signal?: AbortSignal): Promise<RevocationBatch> {
    return this.#revocations.read(after, wait, signal);
  }
}
