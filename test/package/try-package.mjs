/**
 * Installs the packed tarball into an empty application and uses it there, as a new user would: type-checked without the
 * types of passport or express, started as CommonJS and as an ES module, called over HTTP.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const nest = process.argv[2] ?? '12';
// For Nest 10 there are two majors of @nestjs/swagger, 7 and 8.
const swagger = process.argv[3] ?? { 10: '8' }[nest] ?? nest;
const folder = mkdtempSync(join(tmpdir(), 'try-package-'));

const run = (command, ...args) => {
  console.log(`$ ${command} ${args.join(' ')}`);
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
};

try {
  const [{ filename, files }] = JSON.parse(run('npm', 'pack', root, '--json', '--silent', '--ignore-scripts'));
  const strays = files
    .map(({ path }) => path)
    .filter(
      (path) =>
        !/^(dist\/.*\.(js|d\.ts)|docs\/.*\.md|package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/.test(path),
    );
  if (strays.length > 0) {
    throw new Error(`the tarball holds what it should not: ${strays.join(', ')}`);
  }

  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'try-package', private: true }));
  const packages = ['common', 'core', 'platform-express', 'passport'].map((part) => `@nestjs/${part}@${nest}`);
  packages.push(`@nestjs/swagger@${swagger}`);
  run('npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', `./${filename}`, ...packages, 'passport');
  run('npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', '-D', 'typescript@~6.0.3', '@types/node@20');
  // An application need not have these; whoever brings them may hoist them.
  for (const name of readdirSync(join(folder, 'node_modules/@types')).filter((types) => types !== 'node')) {
    rmSync(join(folder, 'node_modules/@types', name), { recursive: true });
  }

  cpSync(join(root, 'test/package/app.ts'), join(folder, 'app.cts'));
  cpSync(join(root, 'test/package/app.ts'), join(folder, 'app.mts'));
  cpSync(join(root, 'test/package/openapi.ts'), join(folder, 'openapi.cts'));
  cpSync(join(root, 'test/package/should-not-compile.ts'), join(folder, 'should-not-compile.cts'));
  const compile = [
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--strict',
    '--experimentalDecorators',
    '--emitDecoratorMetadata',
  ];
  // The application's own declarations and this package's are checked; other packages may want types nobody has here.
  const faults = listFaults([
    ...compile,
    '--types',
    'node',
    'app.cts',
    'app.mts',
    'openapi.cts',
    'should-not-compile.cts',
  ]);
  const ours = faults.filter((fault) => !fault.startsWith('node_modules/') || fault.includes('nestjs-oidc-multi-auth'));
  if (ours.length > 0) {
    throw new Error(`type faults:\n${ours.join('\n')}`);
  }
  for (const file of ['app.cjs', 'app.mjs', 'openapi.cjs']) {
    console.log(run(process.execPath, file).trim());
  }
  // The command line looks at an application of this version of Nest, without making anything of it.
  cpSync(join(root, 'test/cli/fixtures/app.module.cjs'), join(folder, 'app.module.cjs'));
  for (const [name, path] of [
    ['GuardedModule', '/other'],
    ['createApp', '/api/other'],
  ]) {
    const table = run('npx', 'nestjs-oidc-multi-auth', 'routes', 'app.module.cjs', '--export', name, '--check');
    if (!table.includes(`| GET    | \`${path}\``) || !table.includes('MultiJwtGuard, RolesGuard')) {
      throw new Error(`the access table of ${name} is not what it should be:\n${table}`);
    }
  }
  const version = (name) =>
    JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
  console.log(
    `works with Nest ${version('@nestjs/core')}, @nestjs/swagger ${version('@nestjs/swagger')}, Node ${process.version}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function listFaults(args) {
  try {
    run('npx', 'tsc', ...args);
    return [];
  } catch (error) {
    return String(error.stdout)
      .split('\n')
      .filter((line) => /: error TS/.test(line));
  }
}
