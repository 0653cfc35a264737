import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isJsonObject, type JsonObject } from '../core/token/json-object';
import { UsageError } from './command';
import { importFile } from './import-file';

/** The options of every command that wants the configuration of an application. */
export const CONFIG_OPTIONS = {
  config: {
    type: 'string',
    description: "a JSON file with forRoot's options, or a module that exports them or a function that returns them",
  },
  export: {
    type: 'string',
    description: 'which export of the module; by default "default", "options" or the only one',
  },
} as const;

/**
 * Loads the options of the module for a command.
 *
 * @returns the options as they are, unchecked, without what shapes the module (`isGlobal`, `globalGuards`, `clientSource`) and without what
 *   says to editors where the schema is (`$schema`).
 * @throws UsageError where the file does not say which.
 */
export async function loadOptions(file: string | undefined, exportName: string | undefined): Promise<JsonObject> {
  if (file === undefined) {
    throw new UsageError(`give --config: ${CONFIG_OPTIONS.config.description}`);
  }
  const value = file.endsWith('.json') ? await readJson(file) : await fromExports(file, exportName);
  if (typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))) {
    throw new UsageError(`${file} exports the class ${value.name}, and no options: export what you give to forRoot`);
  }
  const options: unknown = typeof value === 'function' ? await value() : value;
  if (!isJsonObject(options)) {
    throw new UsageError(`${file} has no options, such as { "clients": [...] }`);
  }
  const {
    $schema: _schema,
    isGlobal: _isGlobal,
    globalGuards: _globalGuards,
    clientSource: _clientSource,
    ...rest
  } = options;
  return rest;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(resolve(file), 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new UsageError(`${file} ${reason}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function fromExports(file: string, exportName: string | undefined): Promise<unknown> {
  const exported = await importFile(file);
  const isOptions = (value: unknown): boolean =>
    typeof value === 'function' || (isJsonObject(value) && 'clients' in value);
  if (exportName !== undefined) {
    return exported[exportName];
  }
  const [named] = ['default', 'options'].filter((name) => isOptions(exported[name]));
  // If the exports of a module are the options, a default export is one of them.
  if (named === undefined && isOptions(exported)) {
    return exported;
  }
  const candidates = named === undefined ? Object.keys(exported).filter((name) => isOptions(exported[name])) : [named];
  if (candidates.length !== 1) {
    throw new UsageError(`${file} exports ${Object.keys(exported).join(', ')}: say by --export which are the options`);
  }
  return exported[candidates[0] ?? ''];
}
