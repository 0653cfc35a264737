import { randomUUID } from 'node:crypto';
import { RevocationIndex } from '../../lib/decision/revocation-index';
import { MemoryRevocationStore, type RevocationEntry } from 'nestjs-oidc-multi-auth';
import { revocationStoreCases } from 'nestjs-oidc-multi-auth/testing';

const NOW = 1_800_000_000;
const ISSUER = 'https://sso.example/realms/mines';

const entryOf = (value: string, rest: Partial<RevocationEntry> = {}): RevocationEntry => ({
  id: value,
  kind: 'token',
  issuer: ISSUER,
  value,
  revokedAt: NOW,
  expiresAt: NOW + 60,
  origin: 'application',
  ...rest,
});

const tokenOf = (index: RevocationIndex, jti: string, rest: Record<string, unknown> = {}) =>
  index.revocable({ iss: ISSUER, jti, iat: NOW - 10, ...rest }, 'web');

describe('the index of revocations', () => {
  it('finds what was added and nothing else, however much there is', () => {
    const index = new RevocationIndex();
    const jtis = Array.from({ length: 20_000 }, () => randomUUID());
    for (const jti of jtis) {
      expect(index.add(entryOf(jti), NOW)).toBe(true);
    }
    expect(index.size).toBe(20_000);
    expect(jtis.every((jti) => index.find(tokenOf(index, jti), NOW)?.kind === 'token')).toBe(true);
    const others = Array.from({ length: 20_000 }, () => tokenOf(index, randomUUID()));
    expect(others.some((token) => index.find(token, NOW) !== undefined)).toBe(false);
  });

  it('BCL-14 forgets an entry once the last token that it can hit has expired', () => {
    const index = new RevocationIndex();
    for (let count = 0; count < 5000; count += 1) {
      index.add(entryOf(`j${count}`, { expiresAt: NOW + (count % 2 === 0 ? 60 : 600) }), NOW);
    }
    expect(index.find(tokenOf(index, 'j0'), NOW + 59)).toBeDefined();
    expect(index.find(tokenOf(index, 'j0'), NOW + 60)).toBeUndefined();
    expect(index.find(tokenOf(index, 'j1'), NOW + 60)).toBeDefined();
    for (let times = 0; times < 256; times += 1) {
      index.sweep(NOW + 60);
    }
    expect(index.size).toBe(2500);
    expect(index.find(tokenOf(index, 'j1'), NOW + 60)).toBeDefined();
    expect(index.add(entryOf('late', { expiresAt: NOW }), NOW)).toBe(false);
  });

  it('keeps the wider of two entries, in any order', () => {
    const of = (issuedBefore: number) => entryOf('u', { kind: 'subject', issuedBefore });
    for (const order of [
      [NOW - 100, NOW - 5],
      [NOW - 5, NOW - 100],
    ]) {
      const index = new RevocationIndex();
      order.forEach((issuedBefore) => index.add(of(issuedBefore), NOW));
      const issued = (iat: number) => index.find(tokenOf(index, 'j', { sub: 'u', iat }), NOW);
      expect([issued(NOW - 6) !== undefined, issued(NOW - 5)]).toEqual([true, undefined]);
      expect(index.size).toBe(1);
    }
  });

  it('finds an entry that is added after a token was found good', () => {
    const index = new RevocationIndex();
    const token = tokenOf(index, 'j');
    expect(index.find(token, NOW)).toBeUndefined();
    index.add(entryOf('other'), NOW);
    expect(index.find(token, NOW)).toBeUndefined();
    index.add(entryOf('j', { origin: 'shared_signals' }), NOW);
    expect(index.find(token, NOW)).toEqual({ kind: 'token', revokedAt: NOW, origin: 'shared_signals' });
  });

  it('tells long and strange texts apart', () => {
    const index = new RevocationIndex();
    const texts = [
      '',
      ' ',
      '\u0000',
      'a',
      'a\u0000',
      'ä',
      'a\u0308',
      'x'.repeat(511),
      'x'.repeat(512),
      'x'.repeat(5000),
    ];
    for (const text of texts) {
      index.add(entryOf(`${text}!`), NOW);
    }
    expect(index.size).toBe(texts.length);
    expect(texts.map((text) => index.find(tokenOf(index, text), NOW))).toEqual(texts.map(() => undefined));
    expect(texts.every((text) => index.find(tokenOf(index, `${text}!`), NOW) !== undefined)).toBe(true);
  });

  it('takes at most 100 bytes an entry at 1,000,000 entries', () => {
    const use = () => {
      globalThis.gc?.();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const before = use();
    const index = new RevocationIndex();
    for (let count = 0; count < 1_000_000; count += 1) {
      index.add(entryOf(`session-${count}`, { kind: 'session' }), NOW);
    }
    expect(index.size).toBe(1_000_000);
    if (globalThis.gc !== undefined) {
      expect((use() - before) / 1_000_000).toBeLessThan(100);
    }
    expect(index.bytes / 1_000_000).toBeLessThan(100);
  });
});

describe('the store in memory', () => {
  for (const { name, run } of revocationStoreCases(() => ({ store: new MemoryRevocationStore() }))) {
    it(name, run);
  }
});
