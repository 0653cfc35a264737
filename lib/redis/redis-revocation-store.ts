import { setTimeout as sleep } from 'node:timers/promises';
import { readEntry, writeEntry, type RevocationEntry } from '../core/revocation/revocation';
import type { RevocationBatch, RevocationStore } from '../core/revocation/revocation-store';
import type { RedisCommands } from './redis-client';

/** How often the end of the stream is read while there is nothing new, in milliseconds. */
const INTERVAL = 10;

/** The most entries of one batch. */
const BATCH = 1000;

/** How long the id of an entry is remembered, in seconds. An append is repeated within that time. */
const REPEATED_WITHIN = 3600;

/** How many of the oldest entries an append looks at, to remove those that have expired. */
const TRIMMED = 50;

/** The position before the first entry. */
const START = '0-0';

/**
 * Appends entries whose id is new, and removes the oldest entries that have expired. One script, so that an append that is
 * repeated adds an entry once.
 *
 * KEYS: the stream, then one key for each entry. ARGV: now and the lifetime of ids in ms, how many to look at, then the expiry
 * in ms and the text of each entry.
 */
const APPEND = `
local now = tonumber(ARGV[1])
for i = 2, #KEYS do
  if redis.call('SET', KEYS[i], '1', 'NX', 'PX', ARGV[2]) then
    redis.call('XADD', KEYS[1], '*', 'expires', ARGV[2 * i], 'entry', ARGV[2 * i + 1])
  end
end
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[3])
for _, one in ipairs(oldest) do
  if tonumber(one[2][2]) <= now then
    redis.call('XDEL', KEYS[1], one[1])
  end
end
return 1
`;

/**
 * The log of revocations in a stream of Redis. It contains issuers, and the values of `jti`, `sid` and `sub` that are revoked.
 *
 * @internal
 */
export class RedisRevocationStore implements RevocationStore {
  readonly #stream: string;
  readonly #id: string;

  constructor(
    private readonly commands: RedisCommands,
    prefix: string,
  ) {
    // In a cluster, the script needs all its keys in one slot.
    this.#stream = `{${prefix}revocations}`;
    this.#id = `${this.#stream}:id:`;
  }

  async append(entries: readonly RevocationEntry[]): Promise<void> {
    if (entries.length === 0) {
      return;
    }
    const keys = [this.#stream, ...entries.map(({ id }) => `${this.#id}${id}`)];
    const texts = entries.flatMap((entry) => [String(Math.ceil(entry.expiresAt * 1000)), writeEntry(entry)]);
    const numbers = [Date.now(), REPEATED_WITHIN * 1000, TRIMMED].map(String);
    await this.commands.run('EVAL', [APPEND, String(keys.length), ...keys, ...numbers, ...texts]);
  }

  async read(after: string | undefined, wait: number, signal?: AbortSignal): Promise<RevocationBatch> {
    const until = Date.now() + wait * 1000;
    for (;;) {
      // A connection that blocks would make all other commands of the application wait, so this reads again and again.
      // oxlint-disable-next-line no-await-in-loop
      const batch = await this.#readOnce(after);
      if (batch.entries.length > 0 || batch.position !== after || Date.now() >= until || signal?.aborted === true) {
        return batch;
      }
      // oxlint-disable-next-line no-await-in-loop
      await sleep(INTERVAL, undefined, { ref: false, ...(signal && { signal }) }).catch(() => undefined);
    }
  }

  async #readOnce(after: string | undefined): Promise<RevocationBatch> {
    const answer = await this.commands.run('XRANGE', [
      this.#stream,
      after === undefined ? START : `(${after}`,
      '+',
      'COUNT',
      String(BATCH),
    ]);
    if (!Array.isArray(answer)) {
      throw new Error('Redis gave an answer that XRANGE does not have');
    }
    const entries: RevocationEntry[] = [];
    let position = after;
    for (const item of answer as readonly unknown[]) {
      const [id, fields] = Array.isArray(item) ? (item as readonly unknown[]) : [];
      const [at, text] = [textOf(id), textOf(Array.isArray(fields) ? fields[3] : undefined)];
      if (at === undefined || text === undefined) {
        throw new Error('Redis gave an answer that XRANGE does not have');
      }
      position = at;
      const entry = readEntry(text);
      if (entry !== undefined) {
        entries.push(entry);
      }
    }
    return { entries, position };
  }
}

/** A client may be set up to answer with buffers. */
function textOf(value: unknown): string | undefined {
  return Buffer.isBuffer(value) ? value.toString() : typeof value === 'string' ? value : undefined;
}
