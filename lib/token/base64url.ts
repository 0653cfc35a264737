import { isUtf8 } from 'node:buffer';

/**
 * The octets that a base64url text stands for, or undefined unless the text is their one canonical spelling: no padding,
 * no white space, no other alphabet, and unused trailing bits zero (RFC 7515 section 2, RFC 4648 section 3.5).
 *
 * Node decodes leniently, so the result is spelled again and compared: the only texts that survive are canonical ones.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const octets = Buffer.from(text, 'base64url');
  return octets.toString('base64url') === text ? octets : undefined;
}

/** Where texts are decoded that are no longer than this: what is in it is of no use to anybody after that. */
const scratch = Buffer.alloc(16_384);

/**
 * The text that a base64url text stands for: canonical as above, and UTF-8.
 *
 * The same as decoding the octets, without a buffer for each text: they are most of what garbage there is of a token.
 */
export function decodeBase64urlText(text: string): string | undefined {
  if (text.length > scratch.length) {
    const octets = decodeBase64url(text);
    return octets !== undefined && isUtf8(octets) ? octets.toString('utf8') : undefined;
  }
  const length = scratch.write(text, 0, 'base64url');
  if (scratch.toString('base64url', 0, length) !== text) {
    return undefined;
  }
  const decoded = scratch.toString('utf8', 0, length);
  // What is not UTF-8 becomes U+FFFD, and nothing else does but itself.
  return !decoded.includes('\uFFFD') || isUtf8(scratch.subarray(0, length)) ? decoded : undefined;
}
