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
