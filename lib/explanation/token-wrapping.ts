import type { ExplanationHint } from './explanation';
import { hint } from './hint';
import { shown } from './wording';

/** Characters around a token that was copied from somewhere. */
const SURROUNDING = ' \t\r\n\u00a0\ufeff"\'`<>()[]{},;';

/** The name of the header, as in one that was copied whole. */
const HEADER = /^authorization:\s{0,9}/i;

/** A known scheme, or any word before a JWT. Other words may be part of a secret. Bounded, because callers choose the text. */
const SCHEME = /^(bearer|basic|dpop|jwt|token|[a-z][a-z-]{0,19}(?=:?\s{1,9}["']?ey))(:?)\s{1,9}(?=\S)/i;

/** What a text has inside, and hints at what is around it. */
export interface Unwrapped {
  readonly token: string;
  readonly hints: readonly ExplanationHint[];
}

/** Takes away what surrounds a token: quotes, white space, the name of the header and the scheme. */
export function unwrapHeader(text: string): Unwrapped {
  const bare = trimmed(text);
  const name = HEADER.exec(bare)?.[0] ?? '';
  const value = trimmed(bare.slice(name.length));
  const [scheme = '', word, colon] = SCHEME.exec(value) ?? [];
  const token = trimmed(value.slice(scheme.length));
  const isTrimmed = bare !== text || value !== bare.slice(name.length) || token !== value.slice(scheme.length);
  return {
    token,
    hints: [
      ...schemeHints(name !== '', word, colon === ':'),
      ...(isTrimmed
        ? [hint('surrounding_characters', 'quotes, brackets or white space surround it', 'take them away')]
        : []),
    ],
  };
}

function schemeHints(isHeader: boolean, word: string | undefined, hasColon: boolean): ExplanationHint[] {
  if (word === undefined) {
    return isHeader
      ? [
          hint(
            'scheme_missing',
            'the Authorization header has no scheme before the token',
            'send "Authorization: Bearer" and the token, with one space between (RFC 6750 section 2.1)',
          ),
        ]
      : [];
  }
  if (word.toLowerCase() === 'bearer' && !hasColon) {
    return [
      hint(
        'bearer_prefix',
        'it begins with the word Bearer, which is the scheme of the header',
        'explain takes the token alone. In the Authorization header the word is right',
      ),
    ];
  }
  return [
    hint(
      'wrong_scheme',
      `it begins with ${shown(word + (hasColon ? ':' : ''))}, and the scheme of access tokens is Bearer`,
      'callers must send "Authorization: Bearer" and the token (RFC 6750 section 2.1). For callers that cannot change, read the ' +
        'header by tokenSources.custom',
    ),
  ];
}

/** A text without what surrounds copied tokens. In linear time, whatever the text. */
function trimmed(text: string): string {
  let start = 0;
  while (start < text.length && SURROUNDING.includes(text.charAt(start))) {
    start += 1;
  }
  return withoutTrailing(text.slice(start), SURROUNDING);
}

/** A text without some characters at its end. In linear time, whatever the text. */
export function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) {
    end -= 1;
  }
  return text.slice(0, end);
}
