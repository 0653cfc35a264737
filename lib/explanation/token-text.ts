import { decodeBase64url } from '../core/token/base64url';
import { unsupportedMember } from '../core/token/header';
import { isJsonObject, own, parseJsonObject, type JsonObject } from '../core/token/json-object';
import { parseToken } from '../core/token/unverified-token';
import type { ExplanationHint, ExplanationHintCode } from './explanation';
import { hint } from './hint';
import { unwrapHeader, withoutTrailing } from './token-wrapping';

/** What a text that is no token is instead. Describes only its shape: the text may be a secret. */
interface Examination {
  readonly found: string;
  readonly hints: readonly ExplanationHint[];
}

/** The shape of a malformed token, in few words. */
export function describeText(text: string, maxTokenBytes: number): string {
  return examineText(text, maxTokenBytes).found;
}

/** Possible causes of a malformed token. */
export function textHints(text: string, maxTokenBytes: number): readonly ExplanationHint[] {
  return examineText(text, maxTokenBytes).hints;
}

function examineText(text: string, maxTokenBytes: number): Examination {
  if (text.length > maxTokenBytes) {
    return one(
      'oversized_token',
      `${text.length} bytes`,
      `it has ${text.length} bytes, and maxTokenBytes is ${maxTokenBytes}`,
      'have the provider put less into it (groups, roles of other clients), or raise maxTokenBytes and the maxHeaderSize of Node.js',
    );
  }
  const { token, hints: around } = unwrapHeader(text);
  if (around.length > 0 && parseToken(token, maxTokenBytes) !== undefined) {
    return { found: 'a token, and something before or behind it', hints: around };
  }
  const { found, hints } = examineToken(token);
  return { found, hints: [...around, ...hints] };
}

function examineToken(token: string): Examination {
  if (token === '') {
    return one('unreadable_token', 'nothing', 'it is empty', 'give the access token that the provider issued');
  }
  if (/\s/.test(token)) {
    return one(
      'surrounding_characters',
      'white space inside',
      'there is white space in it',
      'copy it as one line, without line breaks and spaces',
    );
  }
  if (token.includes('...') || token.includes('\u2026')) {
    return one(
      'truncated_token',
      'an ellipsis',
      'it contains an ellipsis, as of a shortened text',
      'copy the whole token from its source',
    );
  }
  const parts = token.split('.');
  const header = readPart(withoutPadding(parts[0]));
  if (parts.length === 5 && header !== undefined && Object.hasOwn(header, 'enc')) {
    return one(
      'encrypted_token',
      'five parts: an encrypted token (JWE)',
      'its header has enc: it is encrypted, for a holder of the key to decrypt',
      'have the provider issue signed tokens (JWS) for this API',
    );
  }
  return header === undefined ? examineOpaque(token, parts) : examineJwt(header, parts);
}

function examineOpaque(token: string, parts: readonly string[]): Examination {
  const found = parts.length === 1 ? 'one part' : `${count(parts.length)}, of which the first is no header`;
  if (token.startsWith('ya29.')) {
    return one(
      'google_access_token',
      found,
      "it begins with ya29. as Google's access tokens do, which only Google can read",
      "send Google's ID token instead, and give the client preset: 'google' and its OAuth client id as audience",
    );
  }
  return one(
    'opaque_token',
    found,
    'its first part is not the header of a JWT: it is opaque, or of another format, or its beginning is missing',
    'have the provider issue JWT access tokens (for some by asking for the audience of this API, for others by a setting of ' +
      'the client)',
  );
}

function examineJwt(header: JsonObject, parts: readonly string[]): Examination {
  const [, claims = '', signature = ''] = parts;
  const all = 'copy all of it: three parts with dots between them';
  if (parts.length < 3) {
    return one(
      'truncated_token',
      `${count(parts.length)} instead of three`,
      `it has a header, and ${count(parts.length)} instead of three`,
      all,
    );
  }
  if (parts.length > 3) {
    return one(
      'unreadable_token',
      `${count(parts.length)} instead of three`,
      `it has a header, and ${count(parts.length)} instead of three`,
      'give one token, and nothing behind it',
    );
  }
  if (signature === '') {
    return own(header, 'alg') === 'none'
      ? one(
          'unsigned_token',
          'no signature, and alg none',
          'alg is none, and there is no signature: anybody could have made it',
          'have the provider sign its tokens',
        )
      : one('truncated_token', 'no signature', 'there is nothing behind its second dot', all);
  }
  return examineParts(header, claims, signature, parts);
}

function examineParts(header: JsonObject, claims: string, signature: string, parts: readonly string[]): Examination {
  const unsupported = unsupportedMember(header);
  const [bareClaims, bareSignature] = [withoutPadding(claims), withoutPadding(signature)];
  if (readPart(bareClaims) !== undefined && decodeBase64url(bareSignature) !== undefined && unsupported !== undefined) {
    return one(
      'unsupported_header',
      `a header with ${unsupported}`,
      `its header has ${unsupported}, which changes how the token is to be read, and is not supported`,
      'have the provider leave it out',
    );
  }
  if (
    parts.every((part) => decodeBase64url(withoutPadding(part)) !== undefined) &&
    parts.some((part) => part.endsWith('='))
  ) {
    return one(
      'padded_token',
      'parts with padding (=)',
      'its parts end in =, which base64url in a JWT never does (RFC 7515 section 2)',
      'send the token as its issuer made it. If the issuer pads its tokens, they cannot be used here: AWS load balancers do so in ' +
        'x-amzn-oidc-data, and x-amzn-oidc-accesstoken has the access token of the provider instead',
    );
  }
  if (/[+/=]/.test(parts.join(''))) {
    return one(
      'unreadable_token',
      'base64 with +, / or =',
      'its parts have characters of base64 that base64url does not have (+, / or =)',
      'send it as it was issued: something on the way encodes it again',
    );
  }
  return decodeBase64url(signature) === undefined
    ? one(
        'truncated_token',
        'a signature that is not canonical base64url',
        'its signature is not canonical base64url: its end is missing, or was changed',
        'copy all of it',
      )
    : one(
        'unreadable_token',
        'claims that are not a JSON object in UTF-8 that says each name once',
        'its claims are not a JSON object in UTF-8 that says each name once: the token was changed or cut in the middle, or the ' +
          'provider makes such JSON',
        'compare it with the token that the provider issued',
      );
}

function withoutPadding(part = ''): string {
  return withoutTrailing(part, '=');
}

function readPart(part: string): JsonObject | undefined {
  const octets = decodeBase64url(part);
  const value = octets && parseJsonObject(octets)?.value;
  return isJsonObject(value) ? value : undefined;
}

function count(parts: number): string {
  return parts === 1 ? 'one part' : `${parts} parts`;
}

function one(code: ExplanationHintCode, found: string, evidence: string, remedy: string): Examination {
  return { found, hints: [hint(code, evidence, remedy)] };
}
