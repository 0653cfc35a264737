import { isAscii, isUtf8 } from 'node:buffer';

/**
 * The octets that a base64url text stands for, or undefined unless the text is their one canonical spelling: no padding,
 * no white space, no other alphabet, and unused trailing bits zero (RFC 7515 section 2, RFC 4648 section 3.5).
 *
 * Node decodes leniently, so the result is spelled again and compared: the only texts that survive are canonical ones.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  return decodeOctets(text)?.octets;
}

/** The same, and the characters that were decoded, in a string that is part of no other. */
export function decodeOctets(text: string): { readonly octets: Buffer; readonly spelling: string } | undefined {
  const octets = Buffer.from(text, 'base64url');
  const spelling = octets.toString('base64url');
  return spelling === text ? { octets, spelling } : undefined;
}

/** A text in base64url, decoded. */
export interface DecodedText {
  readonly text: string;
  /** The same characters that were decoded, in a string that is part of no other. */
  readonly spelling: string;
}

/** Where texts are decoded that are no longer than this: what is in it is of no use to anybody after that. */
const scratch = Buffer.alloc(16_384);

/**
 * The text that a base64url text stands for: canonical as above, and UTF-8.
 *
 * The same as decoding the octets, without a buffer for each text: they are most of what garbage there is of a token.
 */
export function decodeBase64urlText(text: string): DecodedText | undefined {
  const buffer = text.length > scratch.length ? Buffer.alloc(text.length) : scratch;
  const length = buffer.write(text, 0, 'base64url');
  const spelling = buffer.toString('base64url', 0, length);
  if (spelling !== text) {
    return undefined;
  }
  const octets = buffer.subarray(0, length);
  // Most are ASCII, and to copy takes less than to decode.
  const encoding = isAscii(octets) ? 'latin1' : 'utf8';
  return encoding === 'latin1' || isUtf8(octets) ? { text: octets.toString(encoding), spelling } : undefined;
}
