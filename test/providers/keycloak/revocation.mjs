/**
 * What a real Keycloak sends when sessions end, and that the API refuses their access tokens:
 *
 *   npm run build && node test/providers/keycloak/revocation.mjs
 *
 * Prints one line for each way in which a session can end. Exits 1 if any is not as docs/revocation.md says.
 */
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../support/server-process.mjs';
import { KeycloakServer } from './keycloak-server.mjs';

const { OidcMultiAuthModule } = createRequire(import.meta.url)('../../../dist/index.js');
const WEB = 'mines-digital-services-mds-public-client-4414';

const folder = await mkdtemp(join(tmpdir(), 'oidc-revocation-'));
const server = await KeycloakServer.start(folder);
const issuer = server.issuer('standard');
const port = await freePort();

class MeController {
  me() {
    return 'me';
  }
}
Controller()(MeController);
Get('me')(MeController.prototype, 'me', Object.getOwnPropertyDescriptor(MeController.prototype, 'me'));
class AppModule {}
Module({
  imports: [
    OidcMultiAuthModule.forRoot({
      clients: [{ name: 'web', audience: WEB, issuer }],
      revocation: { backchannelLogout: {} },
      globalGuards: true,
    }),
  ],
  controllers: [MeController],
})(AppModule);
const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
await app.listen(port, '127.0.0.1');

const [client] = await server.admin('GET', `/standard/clients?clientId=${WEB}`);
await server.admin('PUT', `/standard/clients/${client.id}`, {
  ...client,
  directAccessGrantsEnabled: true,
  attributes: {
    ...client.attributes,
    'backchannel.logout.url': `http://127.0.0.1:${port}/oidc/backchannel-logout`,
    'backchannel.logout.session.required': 'true',
  },
});
const [alice] = await server.admin('GET', '/standard/users?username=alice');

const endpoint = (name, body) =>
  fetch(`${issuer}/protocol/openid-connect/${name}`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: WEB, ...body }),
  });

async function logIn() {
  const tokens = await (
    await endpoint('token', { grant_type: 'password', username: 'alice', password: 'alice', scope: 'openid' })
  ).json();
  if (tokens.access_token === undefined) {
    throw new Error(`no token: ${JSON.stringify(tokens)}`);
  }
  const { sid } = JSON.parse(Buffer.from(tokens.access_token.split('.')[1], 'base64url').toString());
  return { ...tokens, sid };
}

async function answerTo({ access_token }) {
  const response = await fetch(`http://127.0.0.1:${port}/me`, { headers: { authorization: `Bearer ${access_token}` } });
  return response.ok ? 'accepted' : (await response.json()).code;
}

/** @type {[string, string, (session: Record<string, string>) => Promise<unknown>][]} */
const WAYS = [
  ['a user logs out', 'token_revoked', ({ refresh_token }) => endpoint('logout', { refresh_token })],
  [
    'an administrator ends a session',
    'token_revoked',
    ({ sid }) => server.admin('DELETE', `/standard/sessions/${sid}`),
  ],
  [
    'an administrator signs a user out',
    'token_revoked',
    () => server.admin('POST', `/standard/users/${alice.id}/logout`),
  ],
  ['an administrator signs everybody out', 'accepted', () => server.admin('POST', '/standard/logout-all')],
  [
    'a client revokes the refresh token at /revoke',
    'accepted',
    ({ refresh_token }) => endpoint('revoke', { token: refresh_token, token_type_hint: 'refresh_token' }),
  ],
  [
    'a client revokes the access token at /revoke',
    'accepted',
    ({ access_token }) => endpoint('revoke', { token: access_token, token_type_hint: 'access_token' }),
  ],
  [
    'an administrator disables a user',
    'accepted',
    () => server.admin('PUT', `/standard/users/${alice.id}`, { ...alice, enabled: false }),
  ],
];

let isAsExpected = true;
try {
  for (const [name, expected, end] of WAYS) {
    const session = await logIn();
    const before = await answerTo(session);
    await end(session);
    let after = await answerTo(session);
    for (let waited = 0; after === 'accepted' && waited < 2000; waited += 100) {
      await wait(100);
      after = await answerTo(session);
    }
    isAsExpected &&= before === 'accepted' && after === expected;
    process.stdout.write(`${name}: ${before}, then ${after}${after === expected ? '' : ` (expected ${expected})`}\n`);
  }
} finally {
  await app.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = isAsExpected ? 0 : 1;
