/** A way to fill a token with something that may be costly to read: JSON members, in about so many characters. */
export interface Shape {
  readonly name: string;
  readonly fill: (length: number) => string;
}

const times = (length: number, unit: string): number => Math.max(1, Math.floor((length - 16) / unit.length));

const text = (name: string, unit: string): Shape => ({
  name,
  fill: (length) => `"x":"${unit.repeat(times(length, unit))}"`,
});

const list = (name: string, unit: string): Shape => ({
  name,
  fill: (length) => `"x":[${`${unit},`.repeat(times(length, `${unit},`))}0]`,
});

const nested = (name: string, open: string, close: string): Shape => ({
  name,
  fill: (length) => {
    const depth = times(length, open + close);
    return `"x":${open.repeat(depth)}0${close.repeat(depth)}`;
  },
});

/** As many members as fit, each with another name. */
const members = (name: string, nameOf: (index: number) => string): Shape => ({
  name,
  fill: (length) => {
    const all: string[] = [];
    for (let size = 0; size < length - 32; size += all.at(-1)?.length ?? 0) {
      all.push(`"${nameOf(all.length)}":0,`);
    }
    return `${all.join('')}"x":0`;
  },
});

/** Every one that anybody could think of. */
export const SHAPES: readonly Shape[] = [
  text('a long string', 'a'),
  text('a string of escapes', '\\n'),
  text('a string of Unicode escapes', '\\u00e9'),
  text('a string of lone surrogates', '\\ud800'),
  text('a string of backslashes', '\\\\'),
  text('a string that looks like names', '\\":'),
  { name: 'a string of other than ASCII', fill: (length) => `"x":"${'é'.repeat(times(length / 2, 'é'))}"` },
  { name: 'white space', fill: (length) => `"x":${' '.repeat(times(length, ' '))}0` },
  { name: 'a long number', fill: (length) => `"x":${'1'.repeat(times(length, '1'))}` },
  { name: 'a long fraction', fill: (length) => `"x":0.${'1'.repeat(times(length, '1'))}` },
  list('numbers', '1'),
  list('numbers with exponents', '1e1'),
  list('numbers of many digits', '0.12345678901234567e-300'),
  list('numbers too large', '9e999'),
  list('strings', '"a"'),
  list('empty strings', '""'),
  list('empty arrays', '[]'),
  list('empty objects', '{}'),
  list('objects with one name', '{"":0}'),
  list('words', 'null'),
  nested('nested arrays', '[', ']'),
  nested('nested objects', '{"":', '}'),
  nested('nested objects named __proto__', '{"__proto__":', '}'),
  members('many names', (index) => `n${index.toString(36)}`),
  members('many names with one beginning', (index) => `aaaaaaaaaaaaaaaa${index.toString(36)}`),
  members('many names that are numbers', (index) => String(index)),
  members('many names that are scattered numbers', (index) => String((index * 1_048_573) % 4_294_967_291)),
  members('many names that are multiples of a power of two', (index) => String(index * 8_192)),
  members('many names that are larger than any index', (index) => String(4_294_967_296 + index * 65_536)),
  members('many names in escapes', (index) => `\\u${(0x4e00 + index).toString(16)}`),
];
