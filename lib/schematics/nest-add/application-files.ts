import type { Tree } from '@angular-devkit/schematics';
import { posix } from 'node:path';
import { isSetUp } from './edit-module';
import type { TypeScript } from './load-typescript';

/** The file, if any, that sets `OidcMultiAuthModule` up already; tests may do so for themselves. */
export function findSetUp(typescript: TypeScript, tree: Tree, sourceRoot: string): string | undefined {
  let found: string | undefined;
  tree.getDir(sourceRoot).visit((path) => {
    const isSource = /\.[cm]?ts$/.test(path) && !/[.-](?:spec|test)\.[cm]?ts$|\/node_modules\//.test(path);
    if (found === undefined && isSource) {
      found = isSetUp(typescript, tree.readText(path)) ? path : undefined;
    }
  });
  return found;
}

/**
 * The file of the application's module: the given one, else `app.module.ts`, else the only module in the source root.
 *
 * @throws Error if there is no such file, or more than one.
 */
export function findModule(tree: Tree, sourceRoot: string, named: string | undefined): string {
  const folder = posix.join('/', sourceRoot);
  if (named !== undefined && named !== '') {
    const candidates = [posix.join(folder, named), posix.join('/', named)];
    const path = candidates.find((candidate) => tree.exists(candidate));
    if (path === undefined) {
      throw new Error(`There is no module ${candidates[0]}: give --module, its file from the source root ${folder}`);
    }
    return path;
  }
  const modules = tree.getDir(folder).subfiles.filter((file) => /\.module\.[cm]?ts$/.test(file));
  const [only] = modules.includes('app.module.ts' as (typeof modules)[number]) ? ['app.module.ts'] : modules;
  if (only === undefined || (modules.length > 1 && only !== 'app.module.ts')) {
    const what = modules.length === 0 ? 'no module' : `more than one module (${modules.join(', ')})`;
    throw new Error(
      `There is ${what} in ${folder}: say by --module which file, from there, has the application's module`,
    );
  }
  return posix.join(folder, only);
}
