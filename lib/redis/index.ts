export type { IoRedisClient, NodeRedisClient, RedisClient } from './redis-client';
export { redisStore, type RedisStore, type RedisStoreOptions } from './redis-store';
export type { ReplayStore } from '../core/proof/replay-store';
