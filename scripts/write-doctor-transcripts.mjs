/**
 * Writes transcripts of the command doctor into docs/doctor.md, each between two comments: of the built command, against
 * providers on this machine. Ports, times and ids are made the same in every run, and the columns fitted to that.
 *
 * --check: writes nothing, and exits with 1 if the page is not what would be written.
 */
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'docs/doctor.md');
const { TestIssuer } = createRequire(import.meta.url)('../dist/testing/index.js');

/** Seconds: more than any machine needs, so that none is told to be slow. */
const PATIENCE = 30;

const stops = [];

/** What a port is called on the page: as long as the port itself, so that nothing moves. */
const ports = new Map();
const nameOfPort = (port) => {
  ports.set(port, ports.get(port) ?? String(50_001 + ports.size).padEnd(port.length, '0'));
  return ports.get(port);
};

async function startIssuer(options) {
  const issuer = await TestIssuer.start(options);
  stops.push(() => issuer.stop());
  return issuer;
}

async function serve(listener) {
  const server = createServer(listener);
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** A provider that names itself with a final slash, and one of whose keys is weak. */
async function startSlashed() {
  const json = (response, document) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
  const keys = [
    { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kid: 'es-1' },
    { ...generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }), kid: 'old' },
  ];
  const origin = await serve(({ url }, response) =>
    json(response, url === '/certs' ? { keys } : { issuer: `${origin}/`, jwks_uri: `${origin}/certs` }),
  );
  return origin;
}

const scenes = {
  well: {
    args: [],
    options: async () => {
      const { issuer } = await startIssuer();
      return {
        clients: [
          { name: 'core-web', audience: 'mines-digital-services-mds-public-client-4414', issuer },
          { name: 'bcmi', audience: 'mds-bcmi-4587', issuer },
        ],
        defaults: { preset: 'gold-sso' },
      };
    },
  },
  unwell: {
    args: ['--strict'],
    options: async () => {
      const sso = await startIssuer({ clockSkew: 90 });
      const slashed = await startSlashed();
      const moved = await serve((_request, response) =>
        response.writeHead(302, { location: 'https://login.partner.example/start' }).end(),
      );
      return {
        clients: [
          { name: 'core-web', audience: 'account', issuer: sso.issuer, preset: 'gold-sso', algorithms: ['ES256'] },
          { name: 'bcmi', audience: 'mds-bcmi-4587', issuer: sso.issuer },
          { name: 'inspections', audience: 'mines-api', issuer: slashed, roles: 'roles' },
          {
            name: 'inspections-keys',
            audience: 'mines-keys',
            issuer: `${slashed}/`,
            jwksUri: `${slashed}/certs`,
            roles: 'roles',
          },
          { name: 'partner', audience: 'mines-api', issuer: moved, roles: 'permissions' },
        ],
      };
    },
  },
  faults: {
    args: [],
    options: async () => ({
      clients: [
        { name: 'core-web', audience: '', issuer: 'https://sso.example/auth/realms/standard' },
        { name: 'bcmi', audience: 'mds-bcmi-4587' },
      ],
    }),
  },
  json: {
    args: ['--json'],
    options: async () => {
      const { issuer } = await startIssuer();
      return { clients: [{ name: 'bcmi', audience: 'mds-bcmi-4587', issuer, preset: 'gold-sso' }] };
    },
  },
};

async function transcriptOf({ args, options }) {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  stops.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'options.json');
  writeFileSync(file, JSON.stringify({ fetchTimeout: PATIENCE, ...(await options()) }));
  const { output, code } = await run(['doctor', '--config', file, ...args]);
  const called = ['doctor', '--config dist/auth.options.js', ...args].join(' ');
  return [`$ npx nestjs-oidc-multi-auth ${called}`, normalise(output).trimEnd(), '$ echo $?', code].join('\n');
}

function run(args) {
  const { NODE_OPTIONS: _options, NODE_ENV: _env, ...env } = process.env;
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...args], { env });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ output, code }));
  });
}

function normalise(output) {
  return output.split('\n\n').map(alignedBlock).join('\n\n');
}

/** A table has columns of the width of what was in them before. */
function alignedBlock(block) {
  const lines = block.split('\n').map(steady);
  if (!/^ +(?:issuer|client) /.test(lines[0] ?? '')) {
    return lines.join('\n');
  }
  const rows = lines.map((line) => line.split(/ {2,}/));
  const widths = rows[0].map((_head, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function steady(line) {
  return line
    .replaceAll(/127\.0\.0\.1:(\d+)/g, (_match, port) => `127.0.0.1:${nameOfPort(port)}`)
    .replaceAll(/\b\d+ ms\b/g, '12 ms')
    .replaceAll(/("\w+Milliseconds": )\d+/g, '$112')
    .replaceAll(/(?<![\w.])[+-]?[01] s\b/g, '0 s')
    .replaceAll(/("clockOffset": )-?[01]\b/g, '$10')
    .replaceAll(/\b(?:89|9[01]) s\b/g, '90 s')
    .replaceAll(/("keyId": )"[^"]+"/g, '$1"f2b0c1d4-6a53-4f0e-9f6e-0d7c8f0b5a11"')
    .replaceAll(/("thumbprint": )"[^"]+"/g, '$1"Qb3zY1mB8N2rH0dVbTq5v7sLwXk4JcEoGfUiRaPnMtA"');
}

try {
  const before = readFileSync(page, 'utf8');
  let after = before;
  for (const [name, scene] of Object.entries(scenes)) {
    const transcript = await transcriptOf(scene);
    const place = new RegExp(`(<!-- transcript ${name} -->\n)[\\s\\S]*?(<!-- /transcript -->)`);
    if (!place.test(after)) {
      throw new Error(`docs/doctor.md has no place for the transcript ${name}`);
    }
    after = after.replace(place, (_match, start, end) => `${start}\n\`\`\`console\n${transcript}\n\`\`\`\n\n${end}`);
  }
  if (!process.argv.includes('--check')) {
    writeFileSync(page, after);
  } else if (after !== before) {
    console.error('docs/doctor.md is not what the command prints: npm run docs:doctor writes it');
    process.exitCode = 1;
  }
} finally {
  await Promise.all(stops.map((stop) => stop()));
}
