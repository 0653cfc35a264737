import { HttpException } from '@nestjs/common';
import { OidcAuthException, type RefusalCode } from 'nestjs-oidc-multi-auth';
import { REFUSALS } from '../../../lib/core/refusal/refusal-code';

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
  token_inactive: [401, 'invalid_token'],
  token_not_active: [401, 'invalid_token'],
  invalid_claims: [401, 'invalid_token'],
  unknown_key: [401, 'invalid_token'],
  invalid_signature: [401, 'invalid_token'],
  not_authenticated: [401, ''],
  client_not_allowed: [403, 'insufficient_scope'],
  missing_a_valid_role: [403, 'insufficient_scope'],
  missing_required_roles: [403, 'insufficient_scope'],
  missing_scope: [403, 'insufficient_scope'],
  insufficient_user_authentication: [401, 'insufficient_user_authentication'],
  access_denied: [403, 'insufficient_scope'],
  keys_unavailable: [503, null],
  proof_required: [401, 'invalid_token'],
  unbound_token: [401, 'invalid_token'],
  binding_mismatch: [401, 'invalid_token'],
  invalid_dpop_proof: [401, 'invalid_dpop_proof'],
  use_dpop_nonce: [401, 'use_dpop_nonce'],
  token_revoked: [401, 'invalid_token'],
  state_unavailable: [503, null],
  introspection_unavailable: [503, null],
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
