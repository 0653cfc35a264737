import type { RefusalCode } from 'nestjs-oidc-multi-auth';
import { challengesFor } from '../../../lib/core/refusal/challenge';
import { REFUSALS } from '../../../lib/core/refusal/refusal-code';
import { challengeListFor, headerNamesFor, headersFor } from '../../../lib/core/refusal/refusal-headers';
import { DEFAULT_STYLE } from '../../../lib/core/refusal/refusal-style';
import { OidcAuthException } from '../../../lib/passport/oidc-auth.exception';

const CODES = Object.keys(REFUSALS) as RefusalCode[];
const METADATA = 'https://mines.example/.well-known/oauth-protected-resource';

describe('the challenges of a refusal', () => {
  it.each(CODES)('are one of Bearer, or none where the code has none: %s', (code) => {
    const challenges = challengesFor({ code }, DEFAULT_STYLE);
    expect(challenges).toHaveLength(REFUSALS[code].challenge === 'none' ? 0 : 1);
    for (const challenge of challenges) {
      expect(challenge).toMatch(/^Bearer realm="api"/);
    }
  });

  it('R6750-11 name realm, error, description, scopes and metadata, in this order', () => {
    expect(
      challengesFor(
        { code: 'missing_scope', requiredScopes: ['mines.read', 'mines.write'] },
        { realm: 'mines', detail: 'description', resourceMetadata: METADATA },
      ),
    ).toEqual([
      'Bearer realm="mines", error="insufficient_scope", ' +
        'error_description="Not every scope that this resource requires is granted", ' +
        `scope="mines.read mines.write", resource_metadata="${METADATA}"`,
    ]);
  });

  it.each(['none', 'code'] as const)('have no description with the detail %s', (detail) => {
    expect(challengesFor({ code: 'token_expired' }, { realm: 'api', detail })).toEqual([
      'Bearer realm="api", error="invalid_token"',
    ]);
  });

  it('have the configured message as description', () => {
    expect(challengesFor({ code: 'client_retired', message: 'Use v2' }, DEFAULT_STYLE)).toEqual([
      'Bearer realm="api", error="invalid_token", error_description="Use v2"',
    ]);
  });

  it('R6750-11 escape quotes and backslashes, each of them', () => {
    expect(
      challengesFor({ code: 'not_authenticated' }, { realm: String.raw`"a" \ "b"`, detail: 'description' }),
    ).toEqual([String.raw`Bearer realm="\"a\" \\ \"b\""`]);
  });

  it('are one value of a header, which is the challenge of the exception', () => {
    for (const code of CODES) {
      const value = challengeListFor({ code }, DEFAULT_STYLE);
      expect(value).toBe(challengesFor({ code }, DEFAULT_STYLE)[0]);
      expect(new OidcAuthException(code).challenge).toBe(value);
    }
  });
});

describe('the headers of a refusal', () => {
  it('are its challenges and the seconds to wait, in this order', () => {
    expect(headersFor({ code: 'token_expired' }, { realm: 'api', detail: 'code' })).toEqual([
      ['WWW-Authenticate', 'Bearer realm="api", error="invalid_token"'],
    ]);
    expect(headersFor({ code: 'keys_unavailable', retryAfter: 7 }, DEFAULT_STYLE)).toEqual([['Retry-After', '7']]);
    expect(headersFor({ code: 'keys_unavailable' }, DEFAULT_STYLE)).toEqual([]);
    expect(headersFor({ code: 'not_authenticated', retryAfter: 0 }, DEFAULT_STYLE)).toEqual([
      ['WWW-Authenticate', 'Bearer realm="api"'],
      ['Retry-After', '0'],
    ]);
  });

  it('are those that the exception carries', () => {
    const exception = new OidcAuthException('missing_scope', { realm: 'mines', requiredScopes: ['a'], retryAfter: 3 });
    expect(exception.refusalHeaders).toEqual([
      ['WWW-Authenticate', exception.challenge],
      ['Retry-After', '3'],
    ]);
    expect(exception.challenge).toContain('Bearer realm="mines", error="insufficient_scope"');
  });

  it.each(CODES)('have the names that the code allows: %s', (code) => {
    const isUnavailable = REFUSALS[code].status === 503;
    const isNonce = code === 'use_dpop_nonce';
    const refusal = { code, ...(isUnavailable && { retryAfter: 7 }), ...(isNonce && { dpopNonce: 'x' }) };
    expect(headerNamesFor([code])).toEqual(headersFor(refusal, DEFAULT_STYLE).map(([name]) => name));
  });

  it('have the names of any of several codes, each once', () => {
    expect(headerNamesFor([])).toEqual([]);
    expect(headerNamesFor(['keys_unavailable', 'token_expired', 'unknown_key'])).toEqual([
      'WWW-Authenticate',
      'Retry-After',
    ]);
  });
});
