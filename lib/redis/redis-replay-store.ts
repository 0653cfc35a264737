import type { ReplayStore } from '../core/proof/replay-store';
import type { RedisCommands } from './redis-client';

/**
 * Used proofs of possession in Redis: one key for each, which expires. `SET` with `NX` is atomic, so of several replicas one
 * gets the proof.
 *
 * @internal
 */
export class RedisReplayStore implements ReplayStore {
  constructor(
    private readonly commands: RedisCommands,
    private readonly prefix: string,
  ) {}

  async remember(key: string, lifetime: number): Promise<boolean> {
    const milliseconds = String(Math.max(1, Math.ceil(lifetime * 1000)));
    const answer = await this.commands.run('SET', [`${this.prefix}replay:${key}`, '1', 'NX', 'PX', milliseconds]);
    if (answer === null) {
      return false;
    }
    // A client may be set up to answer with buffers.
    if (answer === 'OK' || (Buffer.isBuffer(answer) && answer.toString() === 'OK')) {
      return true;
    }
    throw new Error('Redis gave an answer that SET does not have');
  }
}
