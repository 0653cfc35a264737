import { createRequire } from 'node:module';
import { join } from 'node:path';

export type TypeScript = typeof import('typescript');

/**
 * The TypeScript of the application that the schematic runs in, whose folder is the current one.
 *
 * @throws Error where it has none, or one without a compiler API (TypeScript 7).
 */
export function loadTypeScript(): TypeScript {
  let typescript: Partial<TypeScript> | undefined;
  try {
    typescript = createRequire(join(process.cwd(), 'package.json'))('typescript') as Partial<TypeScript>;
  } catch {
    // Said below, as of one that cannot be used.
  }
  if (typeof typescript?.createSourceFile !== 'function') {
    throw new Error(
      'The application has no TypeScript with a compiler API to read its module with: run nest add in the folder of its ' +
        'package.json, with TypeScript 4.8 to 6 installed there',
    );
  }
  return typescript as TypeScript;
}
