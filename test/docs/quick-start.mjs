/**
 * Does what docs/quick-start.md says, word for word, in an empty folder: writes its files, runs its commands, and compares what
 * they print with what the page says they print. Only the package comes from here, packed, and ports are free ones.
 *
 * node test/docs/quick-start.mjs
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { printedAs, stepsOf } from './page-steps.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'quick-start-'));
/** What goes on until somebody stops it. */
const SERVERS = ['npm run start', 'node issuer.mjs'];
const servers = [];
const environment = { ...process.env };
let cwd = folder;
let output = () => '';
/** How long a server may take to print what it should, in milliseconds; commands have printed it when they end. */
let patience = 0;

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

/** Starts a server, and from then on looks at what it prints. */
function serve(command) {
  // A group of its own, so that all it starts is stopped with it.
  const server = spawn('bash', ['-c', command], { cwd, env: environment, detached: true });
  let printed = '';
  server.stdout.on('data', (text) => (printed += text));
  server.stderr.on('data', (text) => (printed += text));
  servers.push(server);
  output = () => printed;
  patience = 60_000;
}

/** Runs commands to their end, and stays in the folder in which they end. */
function run(commands) {
  const printed = execFileSync('bash', ['-ec', `${commands}\npwd >"$QUICK_START_FOLDER"`], {
    cwd,
    env: { ...environment, QUICK_START_FOLDER: join(folder, 'cwd') },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 300_000,
  });
  cwd = readFileSync(join(folder, 'cwd'), 'utf8').trim();
  output = () => printed;
  patience = 0;
}

/** Waits until what the page says is printed. */
async function expectPrinted(text) {
  for (let waited = 0; !printedAs(text, output()); waited += 200) {
    if (waited >= patience) {
      throw new Error(`the page says that this is printed:\n\n${text}\nbut it was:\n\n${output()}`);
    }
    await wait(200);
  }
  // The line to paste into another terminal.
  const [, token] = /^TOKEN=(.+)$/m.exec(output()) ?? [];
  environment.TOKEN = token ?? environment.TOKEN;
}

try {
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', root, '--json', '--silent', '--ignore-scripts'], { cwd: folder, encoding: 'utf8' }),
  );
  environment.PORT = await freePort();
  // An application listens a moment after it says that it has started.
  writeFileSync(join(folder, '.curlrc'), 'silent\nretry = 5\nretry-connrefused\n');
  environment.CURL_HOME = folder;
  const page = readFileSync(join(root, 'docs/quick-start.md'), 'utf8')
    .replace('npm install nestjs-oidc-multi-auth', `npm install "${join(folder, filename)}"`)
    .replaceAll('http://localhost:3000', `http://localhost:${environment.PORT}`)
    .replaceAll('8090', await freePort());

  for (const { kind, text, file } of stepsOf(page)) {
    console.log(`${kind}: ${file ?? text.trim().split('\n').join('\n    ')}`);
    if (kind === 'file') {
      writeFileSync(join(cwd, file), text);
    } else if (kind === 'printed') {
      await expectPrinted(text);
    } else if (SERVERS.includes(text.trim())) {
      serve(text);
    } else {
      run(text);
    }
  }
  console.log('the quick start does what it says');
} finally {
  for (const { pid } of servers) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
