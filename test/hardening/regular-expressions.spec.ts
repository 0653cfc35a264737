import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const LIB = join(__dirname, '../../lib');

/** A regular expression of the library, and where it is. */
interface Found {
  readonly place: string;
  readonly expression: RegExp;
}

/** Every regular expression of the library, and whatever makes one at run time. */
function regularExpressions(): { readonly found: readonly Found[]; readonly made: readonly string[] } {
  const found: Found[] = [];
  const made: string[] = [];
  const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  for (const name of files.toSorted()) {
    const source = ts.createSourceFile(name, readFileSync(join(LIB, name), 'utf8'), ts.ScriptTarget.ES2022);
    const visit = (node: ts.Node): void => {
      const place = `${name}:${source.getLineAndCharacterOfPosition(node.pos).line + 1}`;
      if (ts.isRegularExpressionLiteral(node)) {
        const [, body = '', flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(node.text) ?? [];
        found.push({ place, expression: new RegExp(body, flags) });
      } else if (
        (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
        /(?:^|\.)RegExp$/.test(node.expression.getText(source))
      ) {
        made.push(place);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return { found, made };
}

/** Texts from which hard inputs are made: what the expression spells, and one of every kind of character. */
function wordsOf({ source }: RegExp): readonly string[] {
  // Runs of characters that stand for themselves, such as "application/" or "-----BEGIN ".
  const runs = source
    .replaceAll(/\[(?:[^\]\\]|\\.)*\]|\\[bBdDsSwWp](?:\{\w+\})?|[*+?]|\{[\d,]+\}|[()|^$]|\?:/g, '\u0000')
    .split('\u0000')
    .map((run) => run.replaceAll(/\\(.)/g, '$1'))
    .filter((run) => run !== '');
  const characters = [...new Set(`${runs.join('')}aZ0_-. \t\n"\\/,;:=+é`.split(''))];
  const pairs = characters.slice(0, 5).flatMap((one) => characters.slice(0, 5).map((other) => one + other));
  return [...new Set([...runs, runs.join(''), ...characters, ...pairs])].filter((word) => word !== '');
}

/** Ways to use an expression. Each searches, so that none is easier on it than the library is. */
const USES: readonly ((expression: RegExp, text: string) => unknown)[] = [
  (expression, text) => new RegExp(expression.source, expression.flags).test(text),
  (expression, text) => text.replace(expression, ''),
  (expression, text) => text.split(expression),
];

/** An input that can be made as long as one likes, and what is done with it. */
interface Attack {
  readonly textOf: (length: number) => string;
  readonly use: (text: string) => unknown;
  readonly what: string;
}

function* attacksOn(expression: RegExp): Generator<Attack> {
  const words = wordsOf(expression);
  const [longest = '', second = ''] = words.toSorted((one, other) => other.length - one.length);
  for (const prefix of new Set(['', longest, second])) {
    for (const suffix of new Set(['', '!', '\n', prefix])) {
      for (const word of words) {
        for (const use of USES) {
          yield {
            textOf: (length) => prefix + word.repeat(Math.ceil(length / word.length)) + suffix,
            use: (text) => use(expression, text),
            what: JSON.stringify([prefix, word, suffix]),
          };
        }
      }
    }
  }
}

/** The least time that an attack of some length takes, in milliseconds. */
function timeOf({ textOf, use }: Attack, length: number, repetitions: number): number {
  const text = textOf(length);
  let least = Infinity;
  for (let count = 0; count < repetitions; count += 1) {
    const start = performance.now();
    use(text);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** A time that is suspicious for a text of at most a few thousand characters, in milliseconds. */
const SUSPICIOUS = 0.5;
const A_FEW_THOUSAND = 4_096;
/** A time that can be measured well, in milliseconds, and the longest text to get there. */
const MEASURABLE = 1;
const LONGEST = 1_048_576;

/**
 * By how much the time grows when the hardest inputs that can be found become twice as long: about 2 where it is linear,
 * 4 where it goes with the square. Inputs grow step by step, so that what is exponential is found out while it is short.
 */
function growthOf(expression: RegExp): { readonly ratio: number; readonly what: string } {
  const hardest = [...attacksOn(expression)].map((attack) => {
    let length = 8;
    let time = 0;
    for (;;) {
      time = timeOf(attack, length, 1);
      // Once more: it may have been something else that took so long.
      if (time >= SUSPICIOUS) {
        time = timeOf(attack, length, 3);
      }
      if (time >= SUSPICIOUS || length >= A_FEW_THOUSAND) {
        break;
      }
      length = Math.min(A_FEW_THOUSAND, Math.floor(length * 1.5));
    }
    return { attack, length, time };
  });
  hardest.sort((one, other) => other.time / other.length - one.time / one.length);
  let worst = { ratio: 0, what: 'nothing takes time' };
  for (const { attack, ...found } of hardest.slice(0, 5)) {
    let { length, time } = found;
    while (time < MEASURABLE && length >= A_FEW_THOUSAND && length < LONGEST) {
      length *= 2;
      time = timeOf(attack, length, 3);
    }
    // Over two doublings, where what is linear and what is not are farther apart. Of three measurements the least: what
    // disturbs one makes it greater.
    const ratio = Math.min(
      ...[1, 2, 3].map(() => Math.sqrt(timeOf(attack, length, 5) / timeOf(attack, length / 4, 5))),
    );
    if (ratio > worst.ratio) {
      worst = { ratio, what: `${attack.what} of ${length} characters` };
    }
  }
  return worst;
}

/** Measures up to ten times, for a machine may be disturbed, and takes the first result that is as wanted. */
function ratioOf(expression: RegExp, isWanted: (ratio: number) => boolean): number {
  let { ratio } = growthOf(expression);
  for (let attempt = 1; attempt < 10 && !isWanted(ratio); attempt += 1) {
    ({ ratio } = growthOf(expression));
  }
  return ratio;
}

describe('the regular expressions of the library', () => {
  const { found, made } = regularExpressions();

  it('are all in its source: none is made at run time, least of all of what comes from outside', () => {
    expect(made).toEqual([]);
    expect(found.length).toBeGreaterThan(15);
  });

  // Most could be judged by reading: those between ^ and $ whose repeated parts share no character with what follows
  // them (B64TOKEN, REALM, SCOPE_TOKEN, max-age) never go back more than once over the text, and those without
  // repetition look at each place once. But the next one that somebody writes is measured as well.
  it.each(found)(
    'ATK-1 take a time that grows with the text and not with its square: $expression ($place)',
    ({ expression }) => {
      expect(ratioOf(expression, (ratio) => ratio < 3)).toBeLessThan(3);
    },
    60_000,
  );

  // oxlint-disable-next-line no-regex-spaces
  it.each([/\s+$/, /^(a+)+$/, /[a-z]+=/, /^key=\w*\d*!/, /-*-----END/])(
    'would be found out by this test: %s',
    (expression) => {
      expect(ratioOf(expression, (ratio) => ratio > 3)).toBeGreaterThan(3);
    },
    60_000,
  );
});
