import { HttpException } from '@nestjs/common';
import { OidcAuthException, type RefusalCode } from 'nestjs-oidc-multi-auth';
import { challengesFor, refusalHeaders } from '../../../lib/core/refusal/challenge';
import { REFUSALS } from '../../../lib/core/refusal/refusal-code';
import { exceptionOf } from '../../../lib/passport/oidc-auth.exception';

/** Status and `error` of the challenge for each code; null where there is no challenge, '' where it has no error. */
const TABLE: Record<RefusalCode, [status: number, error: string | null]> = {
  authorization_header_missing: [401, ''],
  invalid_request: [400, 'invalid_request'],
  malformed_token: [401, 'invalid_token'],
  unknown_issuer: [401, 'invalid_token'],
  unknown_audience: [401, 'invalid_token'],
  ambiguous_client: [401, 'invalid_token'],
  client_retired: [401, 'invalid_token'],
  algorithm_not_allowed: [401, 'invalid_token'],
  wrong_token_type: [401, 'invalid_token'],
  token_expired: [401, 'invalid_token'],
  token_not_active: [401, 'invalid_token'],
  invalid_claims: [401, 'invalid_token'],
  unknown_key: [401, 'invalid_token'],
  invalid_signature: [401, 'invalid_token'],
  not_authenticated: [401, ''],
  client_not_allowed: [403, 'insufficient_scope'],
  missing_a_valid_role: [403, 'insufficient_scope'],
  missing_required_roles: [403, 'insufficient_scope'],
  missing_scope: [403, 'insufficient_scope'],
  access_denied: [403, 'insufficient_scope'],
  keys_unavailable: [503, null],
};

it('LIB-24 the codes are a closed set', () => {
  expect(Object.keys(REFUSALS).sort()).toEqual(Object.keys(TABLE).sort());
});

describe.each(Object.entries(TABLE))('%s', (code, [status, error]) => {
  const exception = new OidcAuthException(code as RefusalCode);

  it("R6750-13 has its status and Nest's own body with the code", () => {
    expect(exception).toBeInstanceOf(HttpException);
    expect(exception.getStatus()).toBe(status);
    expect(exception.code).toBe(code);
    expect(exception.getResponse()).toEqual({
      statusCode: status,
      message: exception.message,
      error: { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' }[status],
      code,
    });
  });

  it('R6750-07 R6750-08 R6750-10 R6750-12 ATK-9 has its challenge', () => {
    if (error === null) {
      expect(exception.challenge).toBeUndefined();
    } else {
      const attributes = error === '' ? '' : `, error="${error}", error_description="${exception.message}"`;
      expect(exception.challenge).toBe(`Bearer realm="api"${attributes}`);
    }
  });
});

it('names the realm and the scopes it is given', () => {
  const { challenge } = new OidcAuthException('missing_scope', { realm: 'mines', requiredScopes: ['a', 'b'] });
  expect(challenge).toMatch(/^Bearer realm="mines", error="insufficient_scope", .*, scope="a b"$/);
});

it('carries the seconds to wait', () => {
  expect(new OidcAuthException('keys_unavailable', { retryAfter: 7 }).retryAfter).toBe(7);
  expect(new OidcAuthException('token_expired').retryAfter).toBeUndefined();
});

describe('the headers of a refusal', () => {
  const style = { realm: 'api', detail: 'code' } as const;

  it('R6750-07 R6750-08 are its challenges, one for each scheme, in one WWW-Authenticate', () => {
    expect(challengesFor({ code: 'token_expired' }, style)).toEqual(['Bearer realm="api", error="invalid_token"']);
    expect(challengesFor({ code: 'keys_unavailable' }, style)).toEqual([]);
    expect(refusalHeaders({ code: 'missing_scope', requiredScopes: ['a', 'b'] }, style)).toEqual([
      ['WWW-Authenticate', 'Bearer realm="api", error="insufficient_scope", scope="a b"'],
    ]);
  });

  it('say when the next attempt makes sense', () => {
    expect(refusalHeaders({ code: 'keys_unavailable', retryAfter: 7 }, style)).toEqual([['Retry-After', '7']]);
  });

  it.each((Object.keys(TABLE) as RefusalCode[]).map((code) => ({ code, retryAfter: 1, requiredScopes: ['a'] })))(
    'are those of the exception, $code',
    (refusal) => {
      const exception = exceptionOf(refusal, style);
      expect(exception.headers).toEqual(refusalHeaders(refusal, style));
      expect(exception.challenge ?? 'none').toBe(challengesFor(refusal, style)[0] ?? 'none');
      expect(exception).toEqual(new OidcAuthException(refusal.code, { ...style, ...refusal }));
    },
  );
});

describe('the stack trace', () => {
  it('is not taken for a refusal of a guard, which is expected', () => {
    const limit = Error.stackTraceLimit;
    const { stack = '' } = exceptionOf({ code: 'token_expired' }, { realm: 'api', detail: 'code' });
    expect(stack).not.toContain('\n    at ');
    expect(Error.stackTraceLimit).toBe(limit);
  });

  it('is there where an application makes the exception', () => {
    expect(new OidcAuthException('token_expired').stack).toContain('\n    at ');
  });
});
