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

  it('finds the one key that fits a token without an id, and none where several do', () => {
    expect(ids(KeySet.fromJwks([rsa, ec]), undefined, 'ES256')).toEqual([['k1', 'ec']]);
    expect(ids(KeySet.fromJwks([rsa, otherRsa, ec]), undefined, 'RS256')).toEqual([]);
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
