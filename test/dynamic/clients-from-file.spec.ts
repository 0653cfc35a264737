import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientsFromFile, type OidcClientOptions } from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { client, clientsOf, startSourced, until } from './support';

const issuer = useTestIssuer();
const startApp = useApps();

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clients-'));
});
afterEach(() => rm(folder, { recursive: true }));

const textOf = (...clients: OidcClientOptions[]): string =>
  JSON.stringify({ $schema: './options.schema.json', clients });

it('follows a file that is written, replaced, broken and mended', async () => {
  const file = join(folder, 'clients.json');
  await writeFile(file, textOf(client(issuer, 'web')));
  const app = await startSourced(startApp, clientsFromFile(file));
  const clients = clientsOf(app);
  expect((await app.get('/me', await issuer.tokenFor('web'))).status).toBe(200);

  await writeFile(file, textOf(client(issuer, 'app')));
  await until(() => clients.names[0] === 'app');
  expect((await app.get('/me', await issuer.tokenFor('web'))).status).toBe(401);

  await writeFile(`${file}.new`, textOf(client(issuer, 'new')));
  await rename(`${file}.new`, file);
  await until(() => clients.names[0] === 'new');

  await writeFile(file, textOf(client(issuer, 'half')).slice(0, 40));
  await until(() => clients.status().status === 'degraded');
  expect(clients.status().lastError).toBe(`${file} is not JSON`);
  expect(clients.names).toEqual(['new']);

  await rm(file);
  await writeFile(file, textOf(client(issuer, 'mended')));
  await until(() => clients.names[0] === 'mended');
  expect(clients.status().status).toBe('up');
}, 30_000);

it.each([
  ['{"clients":[],"defaults":{}}', 'it has defaults, which belongs into the options of the module'],
  ['[]', 'is not { "clients": [...] }'],
  ['{"clients":{}}', 'is not { "clients": [...] }'],
])('does not take %s', async (text, message) => {
  const file = join(folder, 'clients.json');
  await writeFile(file, text);
  await expect(async () => clientsFromFile(file).load()).rejects.toThrow(message);
});
