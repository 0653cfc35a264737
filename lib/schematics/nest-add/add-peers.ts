import type { Tree } from '@angular-devkit/schematics';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../core/token/json-object';

/** Peers that an application made by the Nest CLI does not have. */
const NEEDED = ['@nestjs/passport', 'passport'] as const;

/**
 * Adds missing peer dependencies to the package.json of the application.
 *
 * @returns whether it added any.
 */
export function addPeers(tree: Tree): boolean {
  const text = tree.readText('package.json');
  const manifest: unknown = JSON.parse(text);
  if (!isJsonObject(manifest)) {
    throw new Error('package.json is not an object');
  }
  const dependencies = objectAt(manifest, 'dependencies');
  const missing = NEEDED.filter((name) => !Object.hasOwn(dependencies, name));
  if (missing.length === 0) {
    return false;
  }
  const added = missing.map((name): [string, string] => [name, rangeOf(name, dependencies['@nestjs/common'])]);
  const sorted = Object.entries({ ...dependencies, ...Object.fromEntries(added) }).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  const indentation = /^[{[]\r?\n([ \t]+)/.exec(text)?.[1] ?? 2;
  const written = JSON.stringify({ ...manifest, dependencies: Object.fromEntries(sorted) }, undefined, indentation);
  tree.overwrite('package.json', text.endsWith('\n') ? `${written}\n` : written);
  return true;
}

/** What this package asks for; of a part of Nest, the major version that the application has. */
function rangeOf(name: string, nest: unknown): string {
  const own: unknown = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8'));
  const range = isJsonObject(own) ? objectAt(own, 'peerDependencies')[name] : undefined;
  const ranges = String(range).split(' || ');
  const major = typeof nest === 'string' ? /\d+/.exec(nest)?.[0] : undefined;
  return ranges.find((candidate) => candidate.startsWith(`^${major}.`)) ?? ranges.at(-1) ?? '*';
}

function objectAt(object: JsonObject, field: string): JsonObject {
  const value = object[field];
  return isJsonObject(value) ? value : {};
}
