import { createSigningKey } from '../../../lib/testing/signing-key';
import { KeySet } from '../../../lib/core/key/key-set';

describe('finding a key', () => {
  let rsa: Record<string, unknown>;
  let otherRsa: Record<string, unknown>;
  let ec: Record<string, unknown>;

  beforeAll(async () => {
    rsa = { ...(await createSigningKey('RS256', 'k1')).jwk };
    otherRsa = { ...(await createSigningKey('RS256', 'k2')).jwk };
    ec = { ...(await createSigningKey('ES256', 'k1')).jwk };
  });

  const ids = (set: KeySet, keyId: string | undefined, algorithm: string) =>
    set.find(keyId, algorithm).map((key) => [key.keyId, key.keyObject.asymmetricKeyType]);

  it('R7515-10 finds it by id and algorithm', () => {
    const set = KeySet.fromJwks([rsa, otherRsa]);
    expect(ids(set, 'k2', 'RS256')).toEqual([['k2', 'rsa']]);
    expect(ids(set, 'k2', 'RS384')).toEqual([]);
    expect(ids(set, 'K2', 'RS256')).toEqual([]);
    expect(ids(set, '__proto__', 'RS256')).toEqual([]);
  });

  it('FAPI-07 tells keys of one id apart by their type', () => {
    const set = KeySet.fromJwks([rsa, ec]);
    expect(ids(set, 'k1', 'RS256')).toEqual([['k1', 'rsa']]);
    expect(ids(set, 'k1', 'ES256')).toEqual([['k1', 'ec']]);
  });

  it('ATK-5 tries keys of one id and one type in the order they are published', () => {
    const set = KeySet.fromJwks([rsa, { ...otherRsa, kid: 'k1' }]);
    expect(ids(set, 'k1', 'RS256')).toHaveLength(2);
  });

  it('KEY-3 tries each key that fits a token without an id, four at most', () => {
    expect(ids(KeySet.fromJwks([rsa, ec]), undefined, 'ES256')).toEqual([['k1', 'ec']]);
    const named = (count: number) => Array.from({ length: count }, (_, index) => ({ ...rsa, kid: `r${index}` }));
    for (const count of [1, 2, 4]) {
      expect(ids(KeySet.fromJwks([...named(count), ec]), undefined, 'RS256')).toHaveLength(count);
    }
    expect(ids(KeySet.fromJwks([...named(5), ec]), undefined, 'RS256')).toEqual([]);
    expect(ids(KeySet.fromJwks([...named(5), ec]), undefined, 'ES256')).toEqual([['k1', 'ec']]);
  });

  it('finds the one key without an id for a token whose id no key has', () => {
    const { kid: _one, ...unnamed } = rsa;
    const { kid: _other, ...another } = otherRsa;
    expect(ids(KeySet.fromJwks([unnamed, ec]), 'new', 'RS256')).toEqual([[undefined, 'rsa']]);
    expect(ids(KeySet.fromJwks([unnamed, ec]), 'new', 'ES256')).toEqual([]);
    // There is a key of that id, and it is for another algorithm.
    expect(ids(KeySet.fromJwks([unnamed, ec]), 'k1', 'RS256')).toEqual([]);
    expect(ids(KeySet.fromJwks([unnamed, another, ec]), 'new', 'RS256')).toEqual([]);
  });

  it('finds the key of a certificate that a token names by its thumbprint alone', () => {
    const set = KeySet.fromJwks([{ ...rsa, x5t: 'abc' }, { ...otherRsa, 'x5t#S256': 'def' }, ec]);
    const found = (thumbprint: string) => set.find(undefined, 'RS256', thumbprint).map(({ keyId }) => keyId);
    expect(found('abc')).toEqual(['k1']);
    expect(found('def')).toEqual([otherRsa.kid]);
    expect(found('k1')).toEqual(['k1']);
    expect(found('other')).toEqual([]);
    // Where no key has one, it tells nothing.
    expect(KeySet.fromJwks([rsa, ec]).find(undefined, 'RS256', 'other')).toHaveLength(1);
  });

  it('knows of each key it finds that it has it, and of no other', () => {
    const { kid: _one, ...unnamed } = rsa;
    const set = KeySet.fromJwks([{ ...otherRsa, x5t: 'abc' }, unnamed, ec]);
    for (const keyId of [undefined, 'k1', 'k2', 'new']) {
      for (const thumbprint of [undefined, 'abc', 'other']) {
        for (const algorithm of ['RS256', 'ES256', 'EdDSA']) {
          const found = set.find(keyId, algorithm, thumbprint);
          const had = set.keys.filter((key) => set.has(key, keyId, algorithm, thumbprint));
          expect(new Set(had)).toEqual(new Set(found));
        }
      }
    }
  });

  it('ATK-5 is not spoiled by members that are no keys', () => {
    const set = KeySet.fromJwks([null, 1, {}, { ...rsa, use: 'enc' }, rsa]);
    expect(set.size).toBe(1);
    expect(ids(set, 'k1', 'RS256')).toHaveLength(1);
  });

  it('LIB-29 keeps the objects of keys that are the same in an older set, and of no others', () => {
    const older = KeySet.fromJwks([rsa, { ...otherRsa, kid: 'k3' }, ec]);
    const newer = KeySet.fromJwks([ec, { ...otherRsa, kid: 'k1' }, { ...otherRsa, kid: 'k3', alg: 'RS512' }]);
    const reusing = newer.reusing(older);
    expect(reusing.keys[0]).toBe(older.keys[2]);
    expect(reusing.keys.slice(1)).toEqual(newer.keys.slice(1));
    expect(older.keys).not.toContain(reusing.keys[1]);
    expect(older.keys).not.toContain(reusing.keys[2]);
    expect(newer.reusing(undefined)).toBe(newer);
  });
});
