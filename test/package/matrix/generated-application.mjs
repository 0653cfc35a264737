import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { install, run } from './run.mjs';

const AUDIENCE = 'mds-bcmi-4587';

/**
 * Has the Nest CLI make an application, adds this package from the tarball and runs its schematic as `nest add` does, then
 * builds.
 *
 * @returns {{ folder: string }}
 */
export function makeGeneratedApplication(parent, tarball, nest, issuer) {
  const place = join(parent, `generated-${nest}`);
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{ "private": true }');
  install(place, `@nestjs/cli@${nest}`);
  run(place, ['npx', 'nest', 'new', 'app', '--skip-install', '--skip-git', '--strict', '--package-manager', 'npm']);
  const folder = join(place, 'app');
  install(folder);
  // npm would take the newest of a peer, which for Nest 10 does not fit: docs/configuration.md says so.
  install(folder, tarball, ...(nest === '10' ? ['@nestjs/passport@10', 'passport'] : []));

  // What `nest add` runs once the package is installed; from a registry, it would install it itself.
  const answers = ['--issuer', issuer, '--audience', AUDIENCE, '--name', 'bcmi', '--preset', 'gold-sso'];
  const schematics = join('node_modules', '@angular-devkit/schematics-cli/bin/schematics.js');
  const schematic = 'nestjs-oidc-multi-auth:nest-add';
  run(folder, [process.execPath, schematics, schematic, '--source-root=src', ...answers], { env: { CI: '1' } });
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  assert.match(dependencies['@nestjs/passport'], new RegExp(`^\\^${nest}\\.`));
  assert.match(dependencies['passport'], /^\^0\.7\./);
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules/@nestjs/passport/package.json'), 'utf8'));
  assert.equal(version.split('.')[0], nest);

  const module = readFileSync(join(folder, 'src/app.module.ts'), 'utf8');
  const again = run(folder, ['npx', 'nest', 'add', 'nestjs-oidc-multi-auth', '--skip-install', ...answers]);
  assert.match(again, /Nothing to be done/);
  assert.equal(readFileSync(join(folder, 'src/app.module.ts'), 'utf8'), module);

  edit(join(folder, 'src/main.ts'), (text) => {
    assert.match(text, /\?\? 3000\)/);
    return text.replace('?? 3000)', "?? 3000, '127.0.0.1')");
  });
  run(folder, ['npx', 'nest', 'build']);
  return { folder };
}

/** Starts what was built on a Node.js, and calls it without a token, with a good one and with one for somebody else. */
export async function tryGeneratedApplication({ folder }, node, testIssuer) {
  const port = await freePort();
  console.log(`$ PORT=${port} ${node.command} dist/main.js`);
  const server = spawn(node.command, ['dist/main.js'], { cwd: folder, env: { ...process.env, PORT: String(port) } });
  let printed = '';
  server.stdout.on('data', (chunk) => (printed += chunk));
  server.stderr.on('data', (chunk) => (printed += chunk));
  const ended = once(server, 'exit');
  try {
    const call = async (token) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
      const body = await response.text();
      return [response.status, response.ok ? body : JSON.parse(body).code];
    };
    await untilListening(call, server);
    assert.deepEqual(await call(), [401, 'authorization_header_missing']);
    assert.deepEqual(await call(await testIssuer.tokenFor(AUDIENCE)), [200, 'Hello World!']);
    assert.deepEqual(await call(await testIssuer.tokenFor('mds')), [401, 'unknown_audience']);
  } catch (error) {
    throw new Error(`${error.message}\n${printed}`, { cause: error });
  } finally {
    server.kill();
    await ended;
  }
}

async function untilListening(call, server) {
  for (let attempt = 0; attempt < 200 && server.exitCode === null; attempt++) {
    try {
      await call();
      return;
    } catch {
      await setTimeout(100);
    }
  }
  throw new Error('the application did not start');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function edit(file, change) {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
