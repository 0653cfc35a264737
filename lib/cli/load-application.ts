import type { INestApplicationContext, Type } from '@nestjs/common';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { UsageError } from './command';
import { importFile } from './import-file';

/** What marks a class as a module of Nest. */
const MODULE_METADATA = ['imports', 'controllers', 'providers', 'exports'];

/** An application that was loaded to be looked at, with the copies of packages that are its own. */
export interface LoadedApplication {
  readonly app: INestApplicationContext;
  /** Loads a package as the application does. */
  readonly require: NodeJS.Require;
}

/**
 * Loads an application from a file: from a module it exports, in preview mode, so that nothing is instantiated and nothing
 * connects anywhere; or from a function it exports that makes the application.
 *
 * @param exportName which export; by default the only one that is a module.
 * @throws UsageError where the file does not say which application.
 */
export async function loadApplication(file: string, exportName: string | undefined): Promise<LoadedApplication> {
  const value = choose(await importFile(file), exportName, file);
  const require = createRequire(resolve(file));
  if (!isModule(value)) {
    return { app: await made(value, exportName ?? ''), require };
  }
  const core = require('@nestjs/core') as typeof import('@nestjs/core');
  // The paths of modules are set by the instance of this one.
  core.InitializeOnPreviewAllowlist.add(core.RouterModule);
  try {
    const options = { preview: true, logger: false, abortOnError: false } as const;
    return { app: await core.NestFactory.createApplicationContext(value, options), require };
  } catch (error) {
    throw new UsageError(
      `${value.name} of ${file} cannot be made into an application; is it the root module? ` +
        `Nest says: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

async function made(make: () => unknown, name: string): Promise<INestApplicationContext> {
  if (/^class\b/.test(Function.prototype.toString.call(make))) {
    throw new UsageError(`${name} is a class and no module: it has no @Module()`);
  }
  const app: unknown = await make();
  if (typeof app !== 'object' || app === null || !('get' in app) || !('close' in app)) {
    throw new UsageError(
      `${name} is a function and returns no application: let it return what NestFactory.create gives`,
    );
  }
  return app as INestApplicationContext;
}

function choose(
  exported: Readonly<Record<string, unknown>>,
  name: string | undefined,
  file: string,
): Type | (() => unknown) {
  const names = Object.keys(exported).filter((key) => typeof exported[key] === 'function');
  const modules = [...new Set(names.filter((key) => isModule(exported[key])).map((key) => exported[key]))];
  const chosen = name === undefined ? (modules.length === 1 ? modules[0] : undefined) : exported[name];
  if (typeof chosen !== 'function') {
    const found = names.length === 0 ? 'it exports no function or class' : `it exports ${names.join(', ')}`;
    throw new UsageError(
      name === undefined
        ? `${file} exports ${modules.length === 0 ? 'no module' : 'several modules'}; say by --export which module, or which function that makes the application: ${found}`
        : `${file} has no export ${name} that is a module or a function: ${found}`,
    );
  }
  return chosen as Type | (() => unknown);
}

function isModule(value: unknown): value is Type {
  return typeof value === 'function' && MODULE_METADATA.some((key) => Reflect.hasOwnMetadata(key, value));
}
