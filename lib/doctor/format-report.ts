import type { Finding, FindingSeverity } from './finding';
import { printable } from './printable';
import type { DoctorReport, IssuerReport } from './report';

/** How a text is marked on a terminal. */
export type TextStyle = 'green' | 'yellow' | 'red' | 'bold' | 'dim';

/** Marks a text; plain where there is no terminal. */
export type Styler = (style: TextStyle, text: string) => string;

const STYLES: Readonly<Record<FindingSeverity, TextStyle>> = { ok: 'green', warning: 'yellow', problem: 'red' };

/** A cell of a table: a text, and how it is marked. */
type Cell = string | readonly [text: string, style: TextStyle];

/** The report as a text to read: a table of issuers, a table of clients, what was found, and the sum. */
export function formatReport(report: DoctorReport, style: Styler): string {
  return [
    ...table(
      ['', 'issuer', 'document', 'key set', 'keys', 'clock', 'certificate'],
      report.issuers.map((issuer) => [mark(issuer.status), issuer.issuer, ...measurementsOf(issuer)]),
      style,
    ),
    '',
    ...table(
      ['', 'client', 'audience', 'issuer', 'verifiable'],
      report.clients.map(({ status, name, audiences, issuer, verifiable }) => [
        mark(status),
        name,
        audiences.join(', '),
        issuer,
        verifiable === undefined ? '-' : verifiable.join(', ') || 'none',
      ]),
      style,
    ),
    '',
    ...report.findings.flatMap((found) => linesOf(found, style)),
    '',
    sumOf(report, style),
    '',
  ].join('\n');
}

function mark(status: FindingSeverity): Cell {
  return [status, STYLES[status]];
}

function measurementsOf(issuer: IssuerReport): string[] {
  const usable = issuer.keys.filter(({ ignored }) => ignored === undefined).length;
  const ignored = issuer.keys.length - usable;
  const { clockOffset } = issuer;
  return [
    milliseconds(issuer.discoveryMilliseconds),
    milliseconds(issuer.keySetMilliseconds),
    `${usable}${ignored === 0 ? '' : ` (${ignored} ignored)`}`,
    clockOffset === undefined ? '-' : `${clockOffset > 0 ? '+' : ''}${clockOffset} s`,
    issuer.certificateExpires?.slice(0, 10) ?? '-',
  ];
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : `${value} ms`;
}

/** Columns as wide as the widest of their cells. */
function table(head: readonly string[], rows: readonly (readonly Cell[])[], style: Styler): string[] {
  const texts = [head, ...rows.map((row) => row.map(textOf))];
  const widths = head.map((_name, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly Cell[], render: (cell: Cell, padded: string) => string): string =>
    row
      .map((cell, column) => render(cell, textOf(cell).padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [
    line(head, (_cell, padded) => style('bold', padded)),
    ...rows.map((row) => line(row, (cell, padded) => (typeof cell === 'string' ? padded : style(cell[1], padded)))),
  ];
}

/** Names come from the configuration, which is a file that anybody may have written. */
function textOf(cell: Cell): string {
  return printable(typeof cell === 'string' ? cell : cell[0]);
}

/** What a finding is and whom it is about, then what is wrong, then what would be right. */
function linesOf({ severity, code, client, issuer, message, remedy }: Finding, style: Styler): string[] {
  const subject = client !== undefined ? `client ${client}` : issuer !== undefined ? `issuer ${issuer}` : '';
  return [
    `${style(STYLES[severity], severity.padEnd(7))}  ${style('bold', code)}  ${printable(subject)}`.trimEnd(),
    `         ${message}`,
    ...(remedy === undefined ? [] : [`         ${style('dim', `-> ${remedy}`)}`]),
  ];
}

function sumOf({ status, problems, warnings }: DoctorReport, style: Styler): string {
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  return style(STYLES[status], `${count(problems, 'problem')}, ${count(warnings, 'warning')}`);
}
