import { REFUSALS, type Refusal } from './refusal-code';
import type { RefusalStyle } from './refusal-style';

/**
 * The challenges of a refusal, one for each scheme that a caller may use (RFC 9110 section 11.6.1). The list is empty where
 * the answer has none.
 *
 * A challenge consists of constants and configured values, each checked when it was configured. Nothing in it comes from
 * a token.
 */
export function challengesFor(refusal: Refusal, style: RefusalStyle): readonly string[] {
  return REFUSALS[refusal.code].challenge === 'none' ? NONE : [challengeOf('Bearer', refusal, style)];
}

const NONE: readonly string[] = [];

/** The challenge of one scheme, with the attributes of RFC 6750 section 3, RFC 9470 section 3 and RFC 9728 section 5.1. */
function challengeOf(scheme: string, refusal: Refusal, { realm, detail, resourceMetadata }: RefusalStyle): string {
  const { challenge: error, message } = REFUSALS[refusal.code];
  let text = `${scheme} ${attribute('realm', realm)}`;
  if (error !== 'without error') {
    text += `, ${attribute('error', error)}`;
    if (detail === 'description') {
      text += `, ${attribute('error_description', refusal.message ?? message)}`;
    }
  }
  if (refusal.requiredScopes !== undefined) {
    text += `, ${attribute('scope', refusal.requiredScopes.join(' '))}`;
  }
  const { acr, maxAge } = refusal.authentication ?? {};
  if (acr !== undefined) {
    text += `, ${attribute('acr_values', acr.join(' '))}`;
  }
  if (maxAge !== undefined) {
    text += `, ${attribute('max_age', String(maxAge))}`;
  }
  if (resourceMetadata !== undefined) {
    text += `, ${attribute('resource_metadata', resourceMetadata)}`;
  }
  return text;
}

/** Characters that a quoted string has behind a backslash (RFC 9110 section 5.6.4). */
const ESCAPED = /["\\]/;

/** An attribute whose value is a quoted string. */
function attribute(name: string, value: string): string {
  return `${name}="${ESCAPED.test(value) ? value.replaceAll(/["\\]/g, '\\$&') : value}"`;
}
