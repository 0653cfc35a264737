import { quote } from '../issuer/quote';

/** What a terminal, or a reader, takes for something else than a character: controls, line separators, bidi controls. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text with everything in it spelt out that a terminal may act on. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Several values, quoted. */
export function quoteAll(values: Iterable<unknown>): string {
  return [...values].map(quote).join(', ');
}
