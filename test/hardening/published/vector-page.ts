import { EXCEPTIONS } from './exceptions';
import type { VectorFile } from './vector-files';

/** How a file of vectors fared. */
export interface Tally {
  readonly file: VectorFile;
  readonly valid: number;
  readonly verified: number;
  readonly invalid: number;
  readonly refused: number;
  readonly either: number;
  readonly exceptions: number;
}

/** Judges every vector of a file. */
export function tallyOf(file: VectorFile): Tally {
  const judged = file.vectors.map(({ expected, isAccepted }) => ({ expected, isAccepted: isAccepted() }));
  const count = (expected: string, isAccepted?: boolean): number =>
    judged.filter((one) => one.expected === expected && (isAccepted ?? one.isAccepted) === one.isAccepted).length;
  return {
    file,
    valid: count('valid'),
    verified: count('valid', true),
    invalid: count('invalid'),
    refused: count('invalid', false),
    either: count('acceptable'),
    exceptions: count('valid', false) + count('invalid', true),
  };
}

/** The page that says how the published vectors fared. */
export function vectorPage(tallies: readonly Tally[]): string {
  const columns = ['valid', 'verified', 'invalid', 'refused', 'either', 'exceptions'] as const;
  const rows = [
    ...tallies.map((tally) => [tally.file.name, tally.file.what, ...columns.map((column) => String(tally[column]))]),
    ['all', '', ...columns.map((column) => String(tallies.reduce((sum, tally) => sum + tally[column], 0)))],
  ];
  return `# Published test vectors

What others published to be verified or refused, and how the library fares. Written by the tests in \`test/hardening\`, which
fail where it is not current; the data, its sources and licences are in \`test/hardening/vectors\`.

${tableOf(['file', 'what', 'valid', 'verified', 'invalid', 'refused', 'either way', 'exceptions'], rows)}

Of the vectors that may go either way, the RSA signatures (one in each file, whose hash identifier lacks its NULL) are
refused; JSON numbers of any size and lone surrogates in escapes are read as JavaScript has them, and octets that are not
UTF-8, or begin with a byte order mark, are refused.

## Exceptions

The vectors on which the library is not of the publisher's opinion:

${tableOf(
  ['file', 'vectors', 'published as', 'why'],
  EXCEPTIONS.map(({ file, ids, published, why }) => [
    file,
    ids.length > 4 ? `${ids.length} vectors` : ids.join(', '),
    published,
    why,
  ]),
)}
`;
}

/** A Markdown table whose columns are aligned, as the formatter wants them. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
