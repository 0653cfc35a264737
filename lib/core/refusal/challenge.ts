import { REFUSALS, type Refusal } from './refusal-code';
import type { RefusalStyle } from './refusal-style';

/** Characters that may stand in a `realm`: printable ASCII. */
export const REALM: RegExp = /^[\x20-\x7E]+$/;

/** Characters that may stand in an `error_description` (RFC 6750 section 3). */
export const ERROR_DESCRIPTION: RegExp = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/;

/** A scope token of RFC 6749 section 3.3; all that may stand in the `scope` attribute (RFC 6750 section 3). */
export const SCOPE_TOKEN: RegExp = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * The value of `WWW-Authenticate` for a refusal (RFC 6750 section 3), or undefined where the answer has none.
 *
 * It is made of constants and of configured values only, each checked when it was configured: nothing in it can come from
 * a token.
 */
export function challengeFor(refusal: Refusal, { realm, detail, resourceMetadata }: RefusalStyle): string | undefined {
  const { challenge, message } = REFUSALS[refusal.code];
  if (challenge === 'none') {
    return undefined;
  }
  const attributes = [attribute('realm', realm)];
  if (challenge !== 'without error') {
    attributes.push(attribute('error', challenge));
    if (detail === 'description') {
      attributes.push(attribute('error_description', refusal.message ?? message));
    }
  }
  if (refusal.requiredScopes !== undefined) {
    attributes.push(attribute('scope', refusal.requiredScopes.join(' ')));
  }
  if (resourceMetadata !== undefined) {
    attributes.push(attribute('resource_metadata', resourceMetadata));
  }
  return `Bearer ${attributes.join(', ')}`;
}

/** An attribute whose value is a quoted string (RFC 9110 section 5.6.4). */
function attribute(name: string, value: string): string {
  return `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
