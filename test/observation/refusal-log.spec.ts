import type { RefusalCode } from 'nestjs-oidc-multi-auth';
import { RefusalLog } from '../../lib/observation/refusal-log';

class Lines {
  readonly debugged: string[] = [];
  readonly warned: string[] = [];
  debug(message: string): void {
    this.debugged.push(message);
  }
  warn(message: string): void {
    this.warned.push(message);
  }
}

const clients = Array.from({ length: 100 }, (_, index) => `c${index}`);
const refused = (client: string | undefined, code: RefusalCode) =>
  ({ stage: 'authentication', accepted: false, code, ...(client === undefined ? {} : { client }) }) as const;
const accepted = (client: string) => ({ stage: 'authentication', accepted: true, client }) as const;

let lines: Lines;
let isDebugging: boolean;
let log: RefusalLog;
beforeEach(() => {
  lines = new Lines();
  isDebugging = true;
  log = new RefusalLog(clients, lines, () => isDebugging);
});

describe('the log of refusals', () => {
  it('is ten lines a second at most, and says how many it left out', () => {
    for (let index = 0; index < 100_000; index += 1) {
      log.record(refused('c0', 'token_expired'), 100 + index / 100_000);
    }
    expect(lines.debugged.length).toBeLessThanOrEqual(2 * 20);
    log.record(refused('c0', 'token_expired'), 200);
    expect(lines.debugged.at(-2)).toMatch(/^\d+ more refusals were not written down one by one$/);
    expect(lines.debugged.at(-1)).toBe('refused: token_expired, client "c0"');
  });

  it('is no more where the clock is put back', () => {
    for (let index = 0; index < 100; index += 1) {
      log.record(refused('c0', 'token_expired'), 1_000 - index);
    }
    expect(lines.debugged).toHaveLength(10);
  });

  it('says nothing of refusals where nobody reads that', () => {
    isDebugging = false;
    log.record(refused('c0', 'token_expired'), 1);
    expect(lines.debugged).toEqual([]);
  });

  it('says nothing of what is accepted', () => {
    log.record(accepted('c0'), 1);
    expect(lines.debugged).toEqual([]);
  });
});

describe('a warning', () => {
  const many = (count: number, event: Parameters<RefusalLog['record']>[0], now: number) => {
    for (let index = 0; index < count; index += 1) {
      log.record(event, now);
    }
  };

  it('is given when most tokens of a client are refused, once', () => {
    many(8, accepted('c0'), 100);
    many(9, refused('c0', 'unknown_key'), 100);
    expect(lines.warned).toEqual([]);
    many(500, refused('c0', 'unknown_key'), 100);
    expect(lines.warned).toEqual(['most tokens of client "c0" are refused now: unknown_key, 10 of the last 18']);
    many(500, refused('c0', 'unknown_key'), 200);
    expect(lines.warned).toHaveLength(1);
  });

  it('is given again after the clock was put back, not only once it has caught up', () => {
    many(20, refused('c0', 'unknown_key'), 10_000);
    expect(lines.warned).toHaveLength(1);
    many(20, accepted('c0'), 5_000);
    expect(lines.warned[1]).toBe('most tokens of client "c0" are accepted again');
  });

  it('is given of calls that were accepted and then not allowed, each counted once', () => {
    for (let index = 0; index < 20; index += 1) {
      log.record(accepted('c0'), 100);
      log.record({ ...refused('c0', 'missing_a_valid_role'), stage: 'authorization' }, 100);
    }
    expect(lines.warned).toEqual([
      'most tokens of client "c0" are refused now: missing_a_valid_role, 10 of the last 10',
    ]);
  });

  it('is given when the reason changes, and when most are accepted again', () => {
    many(20, refused('c0', 'unknown_key'), 100);
    many(20, refused('c0', 'token_expired'), 200);
    many(20, accepted('c0'), 300);
    expect(lines.warned).toEqual([
      'most tokens of client "c0" are refused now: unknown_key, 10 of the last 10',
      'most tokens of client "c0" are refused now: token_expired, 10 of the last 10',
      'most tokens of client "c0" are accepted again',
    ]);
  });

  it('is not given of a few, nor of two reasons that take turns', () => {
    for (let minute = 0; minute < 50; minute += 1) {
      many(9, refused('c1', 'token_expired'), minute * 61);
      many(6, refused('c0', minute % 2 === 0 ? 'unknown_key' : 'token_expired'), minute * 61);
      many(5, refused('c0', minute % 2 === 0 ? 'token_expired' : 'unknown_key'), minute * 61);
    }
    expect(lines.warned).toHaveLength(1);
  });

  it('is given of calls of no client alike', () => {
    many(50, refused(undefined, 'unknown_issuer'), 100);
    expect(lines.warned).toEqual(['most calls of no client are refused now: unknown_issuer, 10 of the last 10']);
  });

  it('is given twenty times a minute at most, whatever is sent at whichever clients', () => {
    const codes: RefusalCode[] = ['unknown_key', 'token_expired', 'invalid_claims', 'wrong_token_type'];
    for (let round = 0; round < 40; round += 1) {
      for (const client of [...clients, undefined, 'of another configuration']) {
        many(10, refused(client, codes[round % codes.length] ?? 'unknown_key'), 100 + round);
      }
    }
    expect(lines.warned).toHaveLength(20);
  });
});
