import { createRequire } from 'node:module';
import { join } from 'node:path';

export type TypeScript = typeof import('typescript');

/**
 * Loads the TypeScript of the application in the current folder.
 *
 * @throws Error if it has none, or one without a compiler API (TypeScript 7).
 */
export function loadTypeScript(): TypeScript {
  let typescript: Partial<TypeScript> | undefined;
  try {
    typescript = createRequire(join(process.cwd(), 'package.json'))('typescript') as Partial<TypeScript>;
  } catch {
    // Reported below, like a version that cannot be used.
  }
  if (typeof typescript?.createSourceFile !== 'function') {
    throw new Error(
      'The application has no TypeScript with a compiler API to read its module with: run nest add in the folder of its ' +
        'package.json, with TypeScript 4.8 to 6 installed there',
    );
  }
  return typescript as TypeScript;
}
