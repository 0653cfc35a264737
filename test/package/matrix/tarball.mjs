import { join } from 'node:path';
import { run } from './run.mjs';

const EXPECTED =
  /^(dist\/.*\.(js|d\.ts|json)|docs\/.*\.md|package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/;

/** Packs the repository as it is built, into a folder. Gives the path of the tarball. */
export function pack(root, folder) {
  const [{ filename, files }] = JSON.parse(
    run(folder, ['npm', 'pack', root, '--json', '--silent', '--ignore-scripts']),
  );
  const strays = files.map(({ path }) => path).filter((path) => !EXPECTED.test(path));
  if (strays.length > 0) {
    throw new Error(`the tarball holds what it should not: ${strays.join(', ')}`);
  }
  return join(folder, filename);
}
