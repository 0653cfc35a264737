/** The table that the command prints, provider by scenario. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';

const PAGE = fileURLToPath(new URL('../../docs/interoperability.md', import.meta.url));
const [BEGIN, END] = ['<!-- results -->', '<!-- /results -->'];

/**
 * What was seen with one provider.
 * @typedef {object} Result
 * @property {string} name
 * @property {string} version
 * @property {string[]} [missing] what is not installed, if it could not be tried
 * @property {Record<string, string>} cells what came of each scenario
 * @property {[string, boolean][]} particulars what is particular to it, and whether it was so
 * @property {string[]} faults
 */

/** Both tables, in Markdown. */
export async function formatResults(results, scenarios) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rows = (head, body) => [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
  const columns = results.map(({ name, version }) => `${name} ${version}`.trim());
  const answers = scenarios.map((scenario) => [
    scenario,
    ...results.map(({ cells, missing }) => cells[scenario] ?? (missing ? '**not installed**' : '**not reached**')),
  ]);
  const particulars = results.flatMap(({ name, particulars: found }) =>
    found.map(([what, holds], index) => [index === 0 ? name : '', what, holds ? 'yes' : '**no**']),
  );
  const tables = [
    rows(['scenario', ...columns], answers),
    rows(['provider', 'what is particular to it', 'seen in this run'], particulars),
  ];
  const options = await prettier.resolveConfig(PAGE);
  return (await prettier.format(tables.join('\n\n'), { ...options, parser: 'markdown' })).trim();
}

/** The page of the documentation, with these tables in it. */
function pageWith(tables) {
  const page = readFileSync(PAGE, 'utf8');
  const before = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
  return `${before}\n\n${tables}\n\n${page.slice(page.indexOf(END))}`;
}

export function writeResults(tables) {
  writeFileSync(PAGE, pageWith(tables));
}

/** Whether the page says what these tables say. */
export function areWritten(tables) {
  return readFileSync(PAGE, 'utf8') === pageWith(tables);
}
