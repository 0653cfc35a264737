import { decodeBase64url } from '../core/token/base64url';
import { isJsonObject, own, parseJsonObject, type JsonObject } from '../core/token/json-object';
import { parseToken } from '../core/token/unverified-token';
import type { ExplanationHint, ExplanationHintCode } from './explanation';
import { listed } from './wording';

/** What a text that is no token has instead. Says nothing of the text but its shape: it may be a secret. */
interface Examination {
  readonly found: string;
  readonly hints: readonly ExplanationHint[];
}

/** What surrounds a token that was copied from somewhere. */
const SURROUNDING: ReadonlySet<string> = new Set(' \t\r\n\u00a0\ufeff"\'`<>()[]{},;');

/** The scheme before a token, as in a header that was copied whole. */
const SCHEME = /^(?:authorization:\s{0,9})?bearer\s{1,9}/i;

/** What a malformed token is instead, in few words. */
export function describeText(text: string, maxTokenBytes: number): string {
  return examineText(text, maxTokenBytes).found;
}

/** What is probably wrong with a malformed token. */
export function textHints(text: string, maxTokenBytes: number): readonly ExplanationHint[] {
  return examineText(text, maxTokenBytes).hints;
}

function examineText(text: string, maxTokenBytes: number): Examination {
  if (text.length > maxTokenBytes) {
    return one(
      'oversized_token',
      `${text.length} bytes`,
      'have the provider put less into it (groups, roles of other clients), or raise maxTokenBytes and the maxHeaderSize of Node.js',
    );
  }
  const bare = trimmed(text);
  const scheme = SCHEME.exec(bare)?.[0] ?? '';
  const token = trimmed(bare.slice(scheme.length));
  const around: ExplanationHint[] = [
    ...(scheme === ''
      ? []
      : [
          hint(
            'bearer_prefix',
            'it begins with the word Bearer: give the token alone; the scheme is part of the header',
          ),
        ]),
    ...(bare === text && token === bare.slice(scheme.length)
      ? []
      : [hint('surrounding_characters', 'quotes, brackets or white space surround it: take them away')]),
  ];
  if (around.length > 0 && parseToken(token, maxTokenBytes) !== undefined) {
    return { found: 'a token, and something before or behind it', hints: around };
  }
  const { found, hints } = examineToken(token);
  return { found, hints: [...around, ...hints] };
}

function examineToken(token: string): Examination {
  if (token === '') {
    return one('unreadable_token', 'nothing', 'give the access token that the provider issued');
  }
  if (/\s/.test(token)) {
    return one('surrounding_characters', 'white space inside', 'copy it as one line, without line breaks and spaces');
  }
  if (token.includes('...') || token.includes('\u2026')) {
    return one('truncated_token', 'an ellipsis', 'it was shortened where it was copied from: copy all of it');
  }
  const parts = token.split('.');
  const header = readPart(parts[0]);
  if (parts.length === 5 && header !== undefined && Object.hasOwn(header, 'enc')) {
    return one(
      'encrypted_token',
      'five parts: an encrypted token (JWE)',
      'nobody but the provider can read it: have it issue signed tokens (JWS) for this API',
    );
  }
  if (header === undefined) {
    return one(
      'opaque_token',
      parts.length === 1 ? 'one part' : `${count(parts.length)}, of which the first is no header`,
      'it is opaque, or none of the formats of a JWT: have the provider issue JWT access tokens (for some by asking for ' +
        'the audience of this API, for others by a setting of the client)',
    );
  }
  return examineJwt(header, parts);
}

function examineJwt(header: JsonObject, parts: readonly string[]): Examination {
  const [, claims = '', signature = ''] = parts;
  const cut = 'the end is missing: copy all of it, three parts with dots between them';
  if (parts.length < 3) {
    return one('truncated_token', `${count(parts.length)} instead of three`, cut);
  }
  if (parts.length > 3) {
    return one('unreadable_token', `${count(parts.length)} instead of three`, 'give one token, and nothing behind it');
  }
  if (signature === '') {
    return own(header, 'alg') === 'none'
      ? one(
          'unsigned_token',
          'no signature, and alg none',
          'anybody could have made it: have the provider sign its tokens',
        )
      : one('truncated_token', 'no signature', cut);
  }
  const unsupported = ['crit', 'b64', 'cty'].filter((name) => Object.hasOwn(header, name));
  if (Object.hasOwn(header, 'kid') && typeof header['kid'] !== 'string') {
    unsupported.push('kid');
  }
  if (readPart(claims) !== undefined && decodeBase64url(signature) !== undefined && unsupported.length > 0) {
    return one(
      'unsupported_header',
      `a header with ${listed(unsupported, 'and')}`,
      'such a header changes how the token is to be read, and is not supported: have the provider leave it out',
    );
  }
  if (/[+/=]/.test(parts.join(''))) {
    return one(
      'unreadable_token',
      'base64 with +, / or =',
      'it was encoded again on the way: send it as it was issued',
    );
  }
  return decodeBase64url(signature) === undefined
    ? one(
        'truncated_token',
        'a signature that is not canonical base64url',
        'its end is missing or was changed: copy all of it',
      )
    : one(
        'unreadable_token',
        'claims that are not a JSON object in UTF-8 that says each name once',
        'it was changed or cut in the middle, or the provider makes JSON that readers disagree about',
      );
}

function readPart(part: string | undefined): JsonObject | undefined {
  const octets = part === undefined ? undefined : decodeBase64url(part);
  const value = octets && parseJsonObject(octets)?.value;
  return isJsonObject(value) ? value : undefined;
}

function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && SURROUNDING.has(text.charAt(start))) {
    start += 1;
  }
  while (end > start && SURROUNDING.has(text.charAt(end - 1))) {
    end -= 1;
  }
  return text.slice(start, end);
}

function count(parts: number): string {
  return parts === 1 ? 'one part' : `${parts} parts`;
}

function hint(code: ExplanationHintCode, text: string): ExplanationHint {
  return { code, text };
}

function one(code: ExplanationHintCode, found: string, text: string): Examination {
  return { found, hints: [{ code, text }] };
}
