import type { ServerReply } from './issuer-server';

/**
 * How introspection of a test issuer fails. Without an answer: `hang`, `error` (500), `unauthorized` (401), `html`, `redirect`,
 * `large` (10 MB), `array` (no JSON object), `twice` (one object with two values of `active`). With a false answer about an
 * active token: `active-string` (`"true"`), `active-number` (1), `active-missing`, `other-audience`, `no-audience`,
 * `other-issuer`, `expired`, `not-yet` (`nbf` is in the future), `expiry-string` (`exp` is no number).
 */
export type TestIntrospectionFault =
  | 'hang'
  | 'error'
  | 'unauthorized'
  | 'html'
  | 'redirect'
  | 'large'
  | 'array'
  | 'twice'
  | 'active-string'
  | 'active-number'
  | 'active-missing'
  | 'other-audience'
  | 'no-audience'
  | 'other-issuer'
  | 'expired'
  | 'not-yet'
  | 'expiry-string';

/** The size of a `large` answer, in bytes. */
const LARGE = 10 * 1024 * 1024;

const JSON_TYPE = { 'content-type': 'application/json' };

/** What a fault makes of the answer about an active token. */
const LIES: Readonly<Partial<Record<TestIntrospectionFault, object>>> = {
  'active-string': { active: 'true' },
  'active-number': { active: 1 },
  'active-missing': { active: undefined },
  'other-audience': { aud: 'another-api' },
  'no-audience': { aud: undefined },
  'other-issuer': { iss: 'https://another-issuer.test' },
  expired: { exp: 1 },
  'not-yet': { nbf: 9_999_999_999 },
  'expiry-string': { exp: '9999999999' },
};

/** An answer about a token, as a fault alters it. */
export function alteredBy(fault: TestIntrospectionFault | undefined, answer: object): object {
  return fault === undefined ? answer : { ...answer, ...LIES[fault] };
}

/**
 * What a failing endpoint replies instead of an answer.
 *
 * @returns undefined where it does reply with an answer; null where it never replies.
 */
export function replyOf(fault: TestIntrospectionFault | undefined, answer: object): ServerReply | null | undefined {
  switch (fault) {
    case 'hang':
      return null;
    case 'error':
      return { status: 500, headers: JSON_TYPE, body: '{}' };
    case 'unauthorized':
      return { status: 401, headers: JSON_TYPE, body: '{"error":"invalid_client"}' };
    case 'html':
      return { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html>' };
    case 'redirect':
      return { status: 302, headers: { location: '/' }, body: '' };
    case 'large':
      return { status: 200, headers: JSON_TYPE, body: JSON.stringify({ ...answer, padding: 'x'.repeat(LARGE) }) };
    case 'array':
      return { status: 200, headers: JSON_TYPE, body: JSON.stringify([answer]) };
    case 'twice':
      return { status: 200, headers: JSON_TYPE, body: `{"active":false,${JSON.stringify(answer).slice(1)}` };
    default:
      return undefined;
  }
}
