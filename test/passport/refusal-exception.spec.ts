import { OidcAuthException } from 'nestjs-oidc-multi-auth';
import type { RefusedDecision } from '../../lib/core/decision/decision';
import type { Refusal } from '../../lib/core/refusal/refusal-code';
import { DEFAULT_STYLE } from '../../lib/core/refusal/refusal-style';
import { exceptionOf } from '../../lib/passport/oidc-auth.exception';
import { withoutStackTrace } from '../../lib/passport/without-stack-trace';

const FRAME = /\n\s+at /;

describe('the exception of a refusal', () => {
  it.each<[Refusal]>([
    [{ code: 'token_expired' }],
    [{ code: 'client_retired', message: 'Use v2' }],
    [{ code: 'missing_scope', requiredScopes: ['a', 'b'] }],
    [{ code: 'keys_unavailable', retryAfter: 7 }],
  ])('is the one that the public constructor makes: %j', (refusal) => {
    for (const detail of ['none', 'code', 'description'] as const) {
      const style = { realm: 'mines', detail, resourceMetadata: 'https://mines.example/metadata' };
      const { code, ...rest } = refusal;
      const expected = new OidcAuthException(code, { ...rest, ...style });
      const made = exceptionOf(refusal, style);
      expect(made).toBeInstanceOf(OidcAuthException);
      expect([made.name, made.message, made.code, made.retryAfter, made.challenge]).toEqual([
        expected.name,
        expected.message,
        expected.code,
        expected.retryAfter,
        expected.challenge,
      ]);
      expect([made.getStatus(), made.getResponse()]).toEqual([expected.getStatus(), expected.getResponse()]);
    }
  });

  it('shows nothing of the decision that it was made from', () => {
    const decision: RefusedDecision = {
      accepted: false,
      code: 'token_expired',
      client: 'a',
      issuer: 'https://i.example',
    };
    expect(JSON.stringify(Object.entries(exceptionOf(decision, DEFAULT_STYLE)))).not.toMatch(
      /accepted|i\.example|client/,
    );
  });

  it('keeps the defaults for options that are undefined', () => {
    const { challenge, message } = new OidcAuthException('token_expired', { realm: undefined, detail: undefined });
    expect(challenge).toBe('Bearer realm="api", error="invalid_token", error_description="The token has expired"');
    expect(message).toBe('The token has expired');
  });

  it('does not change with the options that it was made from', () => {
    const options = { realm: 'mines', requiredScopes: ['a'] };
    const refusal = new OidcAuthException('not_authenticated', options);
    options.realm = 'changed';
    options.requiredScopes = ['changed'];
    expect(refusal.challenge).toBe('Bearer realm="mines", scope="a"');
  });
});

describe('the stack trace of a refusal', () => {
  it('is missing where this library made it, but for name and message', () => {
    const { stack } = exceptionOf({ code: 'token_expired' }, DEFAULT_STYLE);
    expect(stack).not.toMatch(FRAME);
  });

  it('is there where the application made it', () => {
    expect(new OidcAuthException('token_expired').stack).toContain('refusal-exception.spec');
  });

  it('is missing in no error that is made afterwards', () => {
    const { stackTraceLimit } = Error;
    exceptionOf({ code: 'token_expired' }, DEFAULT_STYLE);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
    expect(() =>
      withoutStackTrace(() => {
        throw new RangeError('not made');
      }),
    ).toThrow('not made');
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
    expect(new Error('afterwards').stack).toMatch(FRAME);
  });

  it('is there where built-in objects are frozen, and the refusal is the same', () => {
    const { stackTraceLimit } = Error;
    Object.defineProperty(Error, 'stackTraceLimit', { value: stackTraceLimit, writable: false });
    try {
      const refusal = exceptionOf({ code: 'token_expired' }, DEFAULT_STYLE);
      expect([refusal.code, refusal.getStatus()]).toEqual(['token_expired', 401]);
      expect(refusal.stack).toMatch(FRAME);
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', { value: stackTraceLimit, writable: true });
    }
  });
});
