import { REFUSALS, type Refusal } from './refusal-code';

/** Characters that may stand in a `realm` as they are: printable ASCII without quote and backslash. */
export const REALM: RegExp = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/;

/** A scope token of RFC 6749 section 3.3; all that may stand in the `scope` attribute (RFC 6750 section 3). */
export const SCOPE_TOKEN: RegExp = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * The value of `WWW-Authenticate` for a refusal (RFC 6750 section 3), or undefined where the answer has none.
 *
 * It is made of constants and of configured values only, each checked when it was configured, so nothing in it needs
 * escaping and nothing in it can come from a token.
 */
export function challengeFor(refusal: Refusal, realm: string): string | undefined {
  const { challenge, message } = REFUSALS[refusal.code];
  if (challenge === 'none') {
    return undefined;
  }
  const attributes = [`realm="${realm}"`];
  if (challenge !== 'without error') {
    attributes.push(`error="${challenge}"`, `error_description="${message}"`);
  }
  if (refusal.requiredScopes !== undefined) {
    attributes.push(`scope="${refusal.requiredScopes.join(' ')}"`);
  }
  return `Bearer ${attributes.join(', ')}`;
}
