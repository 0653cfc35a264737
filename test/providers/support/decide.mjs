/** The library's decision on a token, with options that the sample's environment variables cannot say. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { OidcAuthService, OidcMultiAuthModule } = require('nestjs-oidc-multi-auth');

/** `accepted`, or the code of the refusal, for a token of this one client. */
export async function decide(client, token) {
  class DecidingModule {}
  Module({ imports: [OidcMultiAuthModule.forRoot({ clients: [client] })] })(DecidingModule);
  const app = await NestFactory.createApplicationContext(DecidingModule, { logger: false });
  try {
    const decision = await app.get(OidcAuthService).decide(token);
    return decision.accepted ? 'accepted' : decision.code;
  } finally {
    await app.close();
  }
}
