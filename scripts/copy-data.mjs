/** Copies what the compiler does not: the JSON files of lib/, into the same place of dist/. */
import { cpSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

cpSync(folder('lib'), folder('dist'), {
  recursive: true,
  filter: (path) => path.endsWith('.json') || statSync(path).isDirectory(),
});
