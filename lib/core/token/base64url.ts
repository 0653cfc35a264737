import { isAscii, isUtf8 } from 'node:buffer';

/**
 * Decodes base64url, or returns undefined if the text is not canonical: no padding, no white space, no other alphabet,
 * unused trailing bits zero (RFC 7515 section 2, RFC 4648 section 3.5).
 *
 * Node.js decodes leniently, so the result is encoded again and compared.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  return decodeOctets(text)?.octets;
}

/** The same, with the decoded characters in a string of their own. */
export function decodeOctets(text: string): { readonly octets: Buffer; readonly spelling: string } | undefined {
  const octets = Buffer.from(text, 'base64url');
  const spelling = octets.toString('base64url');
  return spelling === text ? { octets, spelling } : undefined;
}

/** A text in base64url, decoded. */
export interface DecodedText {
  readonly text: string;
  /** The decoded characters, in a string of their own. */
  readonly spelling: string;
}

/** A buffer for decoding shorter texts. Its contents are not used after that. */
const scratch = Buffer.alloc(16_384);

/**
 * Decodes base64url to text: canonical as above, and UTF-8.
 *
 * Does not make a buffer for each text: such buffers would be most of the garbage of a token.
 */
export function decodeBase64urlText(text: string): DecodedText | undefined {
  const buffer = text.length > scratch.length ? Buffer.alloc(text.length) : scratch;
  const length = buffer.write(text, 0, 'base64url');
  const spelling = buffer.toString('base64url', 0, length);
  if (spelling !== text) {
    return undefined;
  }
  const octets = buffer.subarray(0, length);
  // Most texts are ASCII, and copying is cheaper than decoding.
  const encoding = isAscii(octets) ? 'latin1' : 'utf8';
  return encoding === 'latin1' || isUtf8(octets) ? { text: octets.toString(encoding), spelling } : undefined;
}
