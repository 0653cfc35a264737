import type { INestApplicationContext, Type } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from './command';

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
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new UsageError(`there is no file ${path}`);
  }
  const exported = await exportsOf(path);
  const value = choose(exported, exportName, file);
  const require = createRequire(path);
  if (!isModule(value)) {
    return { app: (await value()) as INestApplicationContext, require };
  }
  const core = require('@nestjs/core') as typeof import('@nestjs/core');
  // The paths of modules are set by the instance of this one.
  core.InitializeOnPreviewAllowlist.add(core.RouterModule);
  const app = await core.NestFactory.createApplicationContext(value, {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  return { app, require };
}

async function exportsOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const namespace = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    const { default: inner } = namespace;
    // What a CommonJS module exports may be found in its default export alone.
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
