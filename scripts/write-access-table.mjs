/** Writes the access table of the sample into its README, between two comments. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const table = execFileSync(process.execPath, ['dist/cli/main.js', 'routes', '.sample/app.module.js'], {
  cwd: root,
  encoding: 'utf8',
});
const readme = new URL('../sample-app/README.md', import.meta.url);
const text = readFileSync(readme, 'utf8');
const written = text.replace(
  /(<!-- access table -->\n)[\s\S]*(<!-- \/access table -->)/,
  (_match, start, end) => `${start}\n${table}\n${end}`,
);
writeFileSync(readme, written);
