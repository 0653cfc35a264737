import { REFUSALS, type Refusal } from './refusal-code';
import type { RefusalStyle } from './refusal-style';

/** Characters that may stand in a `realm`: printable ASCII. */
export const REALM: RegExp = /^[\x20-\x7E]+$/;

/** Characters that may stand in an `error_description` (RFC 6750 section 3). */
export const ERROR_DESCRIPTION: RegExp = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/;

/** A scope token of RFC 6749 section 3.3; all that may stand in the `scope` attribute (RFC 6750 section 3). */
export const SCOPE_TOKEN: RegExp = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** A header of an answer. */
export type Header = readonly [name: string, value: string];

/**
 * The challenges of a refusal, one for each scheme that the caller may use (RFC 9110 section 11.6.1); none where the answer
 * has no challenge. Made of constants and of configured values only, each checked when it was configured: nothing in them
 * comes from a token.
 */
export function challengesFor(
  { code, message, requiredScopes }: Refusal,
  { realm, detail, resourceMetadata }: RefusalStyle,
): readonly string[] {
  const { challenge, message: meaning } = REFUSALS[code];
  if (challenge === 'none') {
    return [];
  }
  const attributes = [attribute('realm', realm)];
  if (challenge !== 'without error') {
    attributes.push(attribute('error', challenge));
    if (detail === 'description') {
      attributes.push(attribute('error_description', message ?? meaning));
    }
  }
  if (requiredScopes !== undefined) {
    attributes.push(attribute('scope', requiredScopes.join(' ')));
  }
  if (resourceMetadata !== undefined) {
    attributes.push(attribute('resource_metadata', resourceMetadata));
  }
  return [`Bearer ${attributes.join(', ')}`];
}

/** The headers of a refusal: its challenges in one `WWW-Authenticate`, and when the next attempt makes sense. */
export function refusalHeaders(refusal: Refusal, style: RefusalStyle): readonly Header[] {
  const challenges = challengesFor(refusal, style);
  const headers: Header[] = challenges.length === 0 ? [] : [['WWW-Authenticate', challenges.join(', ')]];
  if (refusal.retryAfter !== undefined) {
    headers.push(['Retry-After', String(refusal.retryAfter)]);
  }
  return headers;
}

/** An attribute whose value is a quoted string (RFC 9110 section 5.6.4). */
function attribute(name: string, value: string): string {
  return `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
