import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';

const PAGE = fileURLToPath(new URL('../../../docs/compatibility.md', import.meta.url));

/** Rows that have the same fields, as Markdown. */
export function tableOf(rows) {
  const fields = Object.keys(rows[0]);
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return [line(fields), line(fields.map(() => '---')), ...rows.map((row) => line(Object.values(row)))].join('');
}

/** Writes the table into its page, between two comments. */
export async function writeTable(table) {
  const page = readFileSync(PAGE, 'utf8');
  const written = page.replace(/(<!-- matrix -->\n)[\s\S]*(<!-- \/matrix -->)/, `$1\n${table}\n$2`);
  const options = await prettier.resolveConfig(PAGE);
  writeFileSync(PAGE, await prettier.format(written, { ...options, filepath: PAGE }));
}
