import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from './command';

/**
 * What a JavaScript file exports, of whichever module system.
 *
 * @returns each export under its name; what a CommonJS module exports, under the names it has there.
 * @throws UsageError where there is no such file, or Node.js cannot load it as it is.
 */
export async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(file);
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new UsageError(`there is no file ${path}`);
  }
  try {
    const namespace = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    const { default: inner } = namespace;
    return { ...(typeof inner === 'object' ? inner : {}), ...namespace };
  } catch (error) {
    if (/^\.[cm]?ts$/.test(extname(path))) {
      throw new UsageError(
        `${path} is TypeScript that Node.js cannot load as it is: compile it and name the compiled file, such as dist/app.module.js`,
        { cause: error },
      );
    }
    throw error;
  }
}
