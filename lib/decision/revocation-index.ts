import {
  codeOfKind,
  codeOfOrigin,
  originOf,
  type RevocationEntry,
  type RevocationKind,
  type RevocationOrigin,
} from '../core/revocation/revocation';
import { own, type JsonObject } from '../core/token/json-object';
import { RevocationTable } from './revocation-table';
import { StringHash } from './string-hash';

/** How many tables there are. Each is small, so no rebuild holds the event loop. */
const TABLES = 256;

const [CLIENT, RECEIVED] = [codeOfKind('client'), codeOfKind('received')];

/** When and by what a token was revoked. It says nothing of whose request it was. */
export interface Revoked {
  readonly kind: RevocationKind;
  /** Seconds since the epoch. */
  readonly revokedAt: number;
  readonly origin: RevocationOrigin;
}

/**
 * What of a token an entry can name, as hashes, and the state of the index in which it was last found not revoked.
 *
 * @internal
 */
export interface RevocableToken {
  readonly client: string;
  /** Its `iat`; -Infinity without one: it counts as issued before everything. */
  readonly issuedAt: number;
  /** Two 32-bit integers for each of `jti`, `sid`, `sub` and the client. */
  readonly hashes: readonly number[];
  /** Which of them it has, as bits. */
  readonly present: number;
  /** The version of the index that had no entry for it. */
  passed: number;
}

/** The claims that entries name, in the order of their kinds: token, session, subject. */
const CLAIMS = ['jti', 'sid', 'sub'] as const;

const KINDS: readonly RevocationKind[] = ['token', 'session', 'subject', 'client'];

/**
 * All revocations that may still matter, found by (issuer, `jti`), (issuer, `sid`), (issuer, `sub`) and client. Keeps hashes
 * only. Does no I/O.
 *
 * @internal
 */
export class RevocationIndex {
  readonly #tables = Array.from({ length: TABLES }, () => new RevocationTable());
  readonly #hash = new StringHash();
  #version = 0;
  #swept = 0;

  /** Changes with every entry. A token that was not revoked in a version is not revoked as long as the version lasts. */
  get version(): number {
    return this.#version;
  }

  /** How many entries it has. */
  get size(): number {
    return this.#tables.reduce((sum, { size }) => sum + size, 0);
  }

  /** The memory of the tables, in bytes. */
  get bytes(): number {
    return this.#tables.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /**
   * Adds an entry.
   *
   * @returns whether it changed anything.
   */
  add(
    { kind, issuer, value, issuedBefore = Infinity, revokedAt, expiresAt, origin }: RevocationEntry,
    now: number,
  ): boolean {
    if (expiresAt <= now) {
      return false;
    }
    this.#hash.hash(codeOfKind(kind), issuer, value);
    const { high, low } = this.#hash;
    const entry = { cutoff: issuedBefore, revokedAt, expiresAt, origin: codeOfOrigin(origin) };
    const isChanged = this.#tableOf(high).add(high, low, entry, now);
    if (isChanged) {
      this.#version += 1;
    }
    return isChanged;
  }

  /** Whether a logout token or security event was processed. */
  hasReceived(issuer: string, jti: string, now: number): boolean {
    this.#hash.hash(RECEIVED, issuer, jti);
    const { high, low } = this.#hash;
    return this.#tableOf(high).find(high, low, now) >= 0;
  }

  /** What an entry can name of a verified token, whether a signature or an introspection answer proved it. */
  revocable(claims: JsonObject, client: string): RevocableToken {
    const hash = this.#hash;
    const issuer = String(own(claims, 'iss'));
    const issuedAt = own(claims, 'iat');
    const hashes: number[] = [0, 0, 0, 0, 0, 0, 0, 0];
    let present = 8;
    for (let index = 0; index < 3; index += 1) {
      const value = own(claims, CLAIMS[index] ?? '');
      if (typeof value === 'string') {
        // The kinds of the claims are their places.
        hash.hash(index, issuer, value);
        hashes[2 * index] = hash.high;
        hashes[2 * index + 1] = hash.low;
        present |= 1 << index;
      }
    }
    hash.hash(CLIENT, '', client);
    hashes[6] = hash.high;
    hashes[7] = hash.low;
    return { client, issuedAt: typeof issuedAt === 'number' ? issuedAt : -Infinity, hashes, present, passed: -1 };
  }

  /** Whether a token is revoked, and by what. */
  find(token: RevocableToken, now: number): Revoked | undefined {
    if (token.passed === this.#version) {
      return undefined;
    }
    const { hashes, present, issuedAt } = token;
    for (let index = 0; index < 4; index += 1) {
      if ((present & (1 << index)) !== 0) {
        const high = hashes[2 * index] ?? 0;
        const table = this.#tableOf(high);
        const slot = table.find(high, hashes[2 * index + 1] ?? 0, now);
        if (slot >= 0 && issuedAt < table.cutoffAt(slot)) {
          const { revokedAt, origin } = table.entryAt(slot);
          return { kind: KINDS[index] ?? 'token', revokedAt, origin: originOf(origin) };
        }
      }
    }
    token.passed = this.#version;
    return undefined;
  }

  /** Drops expired entries of the next table. Called once in a second or so. */
  sweep(now: number): void {
    this.#tables[this.#swept]?.sweep(now);
    this.#swept = (this.#swept + 1) % TABLES;
  }

  #tableOf(high: number): RevocationTable {
    const table = this.#tables[high >>> 24];
    if (table === undefined) {
      throw new Error('unreachable');
    }
    return table;
  }
}
