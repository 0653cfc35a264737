import { spawn } from 'node:child_process';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const DIST = join(__dirname, '../../dist');

/** Misbehaviours of a function, as source text. */
const WAYS = {
  throws: `() => { throw new Error('of the application'); }`,
  'throws later': `async () => { throw new Error('of the application'); }`,
  'returns true later': `async () => true`,
  'returns a rejecting thenable': `() => ({ then(_resolve, reject) { setTimeout(() => reject(new Error('of the application')), 5); } })`,
  'returns a thenable that throws': `() => ({ then() { throw new Error('of the application'); } })`,
  'returns an object whose then throws': `() => ({ get then() { throw new Error('of the application'); } })`,
  'returns a proxy that throws': `() => new Proxy({}, { get() { throw new Error('of the application'); }, ownKeys() { throw new Error('of the application'); } })`,
} as const;

/** Where the function is given, and the status that the good token of that client gets. */
const PLACES: Readonly<Record<string, readonly [options: string, client: string, status: number]>> = {
  'tokenSources.custom': ['{ tokenSources: { custom: FUNCTION } }', '{}', 400],
  onDecision: ['{ onDecision: FUNCTION }', '{}', 200],
  roles: ['{}', '{ roles: FUNCTION }', 403],
  scopes: ['{}', '{ roles: "client_roles", scopes: FUNCTION }', 200],
  validate: ['{}', '{ roles: "client_roles", validate: FUNCTION }', 401],
  'strictness.validate': ['{}', '{ roles: "client_roles", strictness: { validate: FUNCTION } }', 401],
  'strictness.validate, reported': [
    '{}',
    '{ roles: "client_roles", strictness: { mode: "report", validate: FUNCTION } }',
    200,
  ],
  enrich: ['{}', '{ roles: "client_roles", enrich: FUNCTION }', 503],
  fetchHeaders: [
    '{}',
    '{ roles: "client_roles", jwks: undefined, jwksUri: issuer.issuer + "/certs", fetchHeaders: FUNCTION }',
    503,
  ],
  dispatcher: [
    '{}',
    '{ roles: "client_roles", jwks: undefined, jwksUri: issuer.issuer + "/certs", dispatcher: { dispatch: FUNCTION, close() {}, destroy() {} } }',
    503,
  ],
};

/** A program that starts an application for each way, and prints the statuses that a good token gets. */
const program = (options: string, client: string) => `
const { Controller, Get, Module } = { ...require('@nestjs/common') };
const { NestFactory } = require('@nestjs/core');
const { OidcMultiAuthModule, Roles } = require(${JSON.stringify(DIST)});
const { TestIssuer } = require(${JSON.stringify(join(DIST, 'testing'))});
class Mines { get() { return 'mines'; } }
Get()(Mines.prototype, 'get', Object.getOwnPropertyDescriptor(Mines.prototype, 'get'));
Roles('admin')(Mines);
Controller('mines')(Mines);
async function statusesWith(FUNCTION, issuer) {
  class App {}
  const client = { name: 'a', audience: 'a', issuer: issuer.issuer, jwks: issuer.jwks, roles: 'client_roles', ...${client} };
  const clients = [Object.fromEntries(Object.entries(client).filter(([, value]) => value !== undefined))];
  Module({
    imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true, fetchTimeout: 1, ...${options} })],
    controllers: [Mines],
  })(App);
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
  const headers = { authorization: 'Bearer ' + (await issuer.tokenFor('a', { roles: ['admin'] })) };
  const statuses = [];
  for (let time = 0; time < 2; time += 1) {
    statuses.push((await fetch((await app.getUrl()) + '/mines', { headers })).status);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await app.close();
  return statuses;
}
(async () => {
  const issuer = await TestIssuer.start();
  const all = {};
  for (const [way, FUNCTION] of Object.entries({ ${Object.entries(WAYS)
    .map(([way, source]) => `${JSON.stringify(way)}: ${source}`)
    .join(', ')} })) {
    all[way] = await statusesWith(FUNCTION, issuer);
  }
  console.log(JSON.stringify(all));
  process.exit(0);
})();
`;

/** Runs a program in a process of its own, which an unhandled rejection would end. */
async function run(source: string): Promise<{ readonly code: unknown; readonly output: string }> {
  const folder = mkdtempSync(join(__dirname, '../../node_modules/.functions-'));
  try {
    const file = join(folder, 'program.cjs');
    writeFileSync(file, source);
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    const code: unknown = await new Promise((resolve) => child.once('close', resolve));
    return { code, output: output.trim() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('SRC-1 whatever a function of the application returns or throws, now or later', () => {
  it.each(Object.entries(PLACES))(
    'as %s, it neither ends the process nor admits',
    async (_place, [options, client, status]) => {
      const { code, output } = await run(program(options, client));
      expect({ code, output }).toEqual({
        code: 0,
        output: JSON.stringify(Object.fromEntries(Object.keys(WAYS).map((way) => [way, [status, status]]))),
      });
    },
    60_000,
  );
});
