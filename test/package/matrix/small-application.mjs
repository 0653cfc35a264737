import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError, install, run } from './run.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** How an application may load the package. */
export const FORMATS = { CommonJS: 'app.cjs', 'ES module': 'app.mjs' };

const COMPILE = ['--target', 'es2022', '--strict', '--experimentalDecorators', '--emitDecoratorMetadata'];
const NODENEXT = [...COMPILE, '--module', 'nodenext', '--types', 'node'];
const NODE10 = ['--module', 'commonjs', '--moduleResolution', 'node10', '--esModuleInterop', '--resolveJsonModule'];

/**
 * Installs the tarball with a version of Nest, Express and Fastify into an empty application, as a new user would, and
 * compiles that as CommonJS and as an ES module, without the types of passport or express.
 *
 * @returns {{ folder: string, version: string }} where it is, and which Nest it has.
 */
export function makeSmallApplication(parent, tarball, nest) {
  const folder = join(parent, `small-${nest}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'small-application', private: true }));
  const parts = ['common', 'core', 'platform-express', 'platform-fastify', 'passport'];
  install(folder, tarball, ...parts.map((part) => `@nestjs/${part}@${nest}`), 'passport');
  install(folder, '-D', 'typescript@~6.0.3', '@types/node@20');
  // An application need not have these; whoever brings them may hoist them.
  for (const name of readdirSync(join(folder, 'node_modules/@types')).filter((types) => types !== 'node')) {
    rmSync(join(folder, 'node_modules/@types', name), { recursive: true });
  }
  for (const [source, target] of [
    ['app.ts', 'app.cts'],
    ['app.ts', 'app.mts'],
    ['should-not-compile.ts', 'should-not-compile.cts'],
    ['old-resolver.ts', 'old-resolver.ts'],
    ['openapi.ts', 'openapi.cts'],
    ['../../cli/fixtures/app.module.cjs', 'app.module.cjs'],
  ]) {
    cpSync(here(source), join(folder, target));
  }
  compile(folder, [...NODENEXT, 'app.cts', 'app.mts', 'should-not-compile.cts']);
  compile(folder, [...COMPILE, ...NODE10, '--types', 'node', '--ignoreDeprecations', '6.0', 'old-resolver.ts']);
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules/@nestjs/core/package.json'), 'utf8'));
  return { folder, version };
}

/** Starts the application on a Node.js and an adapter, which calls itself and fails where an answer is not as it should be. */
export function tryApplication({ folder }, node, format, adapter) {
  run(folder, [node.command, FORMATS[format], adapter]);
}

/**
 * The application gets an `@nestjs/swagger` of each major version that goes with its Nest, and its document is looked at. Last of
 * all: it is an optional peer, and the rest is tried without.
 */
export function tryOpenApi({ folder }, swagger, nodes) {
  install(folder, `@nestjs/swagger@${swagger}`);
  compile(folder, [...NODENEXT, 'openapi.cts']);
  for (const node of nodes) {
    run(folder, [node.command, 'openapi.cjs']);
  }
}

/** The command line looks at an application of this version of Nest, without making anything of it. */
export function tryCommandLine({ folder }, node) {
  for (const [name, path] of [
    ['GuardedModule', '/other'],
    ['createApp', '/api/other'],
  ]) {
    const command = 'node_modules/nestjs-oidc-multi-auth/dist/cli/main.js';
    const table = run(folder, [node.command, command, 'routes', 'app.module.cjs', '--export', name, '--check']);
    if (!table.includes(`| GET    | \`${path}\``) || !table.includes('MultiJwtGuard, RolesGuard')) {
      throw new Error(`the access table of ${name} is not what it should be:\n${table}`);
    }
  }
}

/** The application's own declarations and this package's must be right; other packages may want types nobody has here. */
function compile(folder, args) {
  try {
    run(folder, ['npx', 'tsc', ...args]);
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    const faults = error.message.split('\n').filter((line) => /: error TS/.test(line));
    const ours = faults.filter(
      (fault) => !fault.startsWith('node_modules/') || fault.includes('nestjs-oidc-multi-auth'),
    );
    if (ours.length > 0 || faults.length === 0) {
      throw new Error(`type faults:\n${ours.join('\n') || error.message}`, { cause: error });
    }
  }
}
