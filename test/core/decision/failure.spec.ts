import { inspect } from 'node:util';
import { failureOf, refused, refusedBecause } from '../../../lib/core/decision/decision';

describe('a refusal because a check failed', () => {
  const failure = { check: 'times', code: 'token_expired', claim: 'exp', expected: 2, actual: 'SECRET' } as const;
  const decision = refusedBecause(failure, { client: 'web', issuer: 'https://issuer.example' });

  it('says its code and what is configured, as any refusal', () => {
    expect({ ...decision }).toEqual({
      accepted: false,
      code: 'token_expired',
      client: 'web',
      issuer: 'https://issuer.example',
    });
    expect(decision).toEqual(refused('token_expired', { client: 'web', issuer: 'https://issuer.example' }));
  });

  it('LIB-25 keeps what failed for explanations alone', () => {
    expect(failureOf(decision)).toBe(failure);
    for (const text of [JSON.stringify(decision), inspect(decision, { showHidden: true, depth: null })]) {
      expect(text).toContain('token_expired');
      expect(text).not.toContain('SECRET');
    }
    expect(Object.values({ ...decision })).not.toContain(failure);
  });

  it('knows no failure where no check was made', () => {
    expect(failureOf(refused('authorization_header_missing'))).toBeUndefined();
    expect(failureOf({ accepted: false, code: 'malformed_token' })).toBeUndefined();
  });
});
