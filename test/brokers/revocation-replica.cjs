/** A replica of an application, as a process of its own: revokes and decides by messages of its parent. */
require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { Redis } = require('ioredis');
const { OidcAuthService, OidcMultiAuthModule, OidcRevocations } = require('../../dist');
const { redisStore } = require('../../dist/redis');

const { issuer, jwks, port, whenUnavailable, maxLag } = JSON.parse(process.env.REPLICA);
const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 100, maxRetriesPerRequest: 0 });
client.on('error', () => undefined);

class AppModule {}
Module({
  imports: [
    OidcMultiAuthModule.forRoot({
      clients: [{ name: 'api', audience: 'api', issuer, jwks }],
      revocation: { store: redisStore({ client, prefix: 'test:' }), whenUnavailable, maxLag },
    }),
  ],
})(AppModule);

async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const [auth, revocations] = [app.get(OidcAuthService), app.get(OidcRevocations)];
  const commands = {
    revoke: async ({ jtis }) => {
      const at = Date.now();
      await Promise.all(jtis.map((jti) => revocations.revokeToken({ issuer, jti })));
      return at;
    },
    decide: async ({ token }) => (await auth.decide(token)).code ?? 'accepted',
    untilRefused: async ({ token }) => {
      for (;;) {
        const { code } = await auth.decide(token);
        if (code === 'token_revoked') {
          return Date.now();
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    status: async () => revocations.status(),
    stop: async () => {
      await app.close();
      client.disconnect();
      setTimeout(() => process.exit(0), 10);
    },
  };
  process.on('message', ({ id, command, ...rest }) => {
    commands[command](rest).then(
      (answer) => process.send({ id, answer }),
      (error) => process.send({ id, error: error.message }),
    );
  });
  process.send({ id: 0, answer: 'ready' });
}

void main();
