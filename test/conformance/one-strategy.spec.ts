import { Controller, Get } from '@nestjs/common';
import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OidcJwtStrategy } from '../../lib/passport/oidc-jwt.strategy';
import { startApp } from '../support/test-app';

@Controller()
class MeController {
  @Get('me')
  me() {
    return 'me';
  }
}

it('ATK-7 one strategy runs for a token, of however many, and none for a token that is for nobody', async () => {
  const issuers = await Promise.all(Array.from({ length: 5 }, () => TestIssuer.start()));
  const clients = issuers.flatMap(({ issuer }, at) =>
    Array.from({ length: 4 }, (_, index) => ({ name: `${at}-${index}`, audience: `aud-${index}`, issuer })),
  );
  const app = await startApp({
    imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true })],
    controllers: [MeController],
  });
  const run = jest.spyOn(OidcJwtStrategy.prototype, 'decide');
  try {
    for (const issuer of issuers) {
      expect((await app.get('/me', await issuer.tokenFor('aud-3'))).status).toBe(200);
    }
    expect(run).toHaveBeenCalledTimes(issuers.length);
    const ran = run.mock.contexts.map((strategy) => strategy.name);
    expect(ran).toEqual(issuers.map((_issuer, at) => `oidc:${at}-3`));

    const expired = await issuers[0]?.tokenFor('aud-0', { expiresIn: -60 });
    expect((await app.get('/me', expired)).body.code).toBe('token_expired');
    expect(run).toHaveBeenCalledTimes(issuers.length + 1);
    expect((await app.get('/me', await issuers[0]?.tokenFor('aud'))).body.code).toBe('unknown_audience');
    expect(run).toHaveBeenCalledTimes(issuers.length + 1);
  } finally {
    run.mockRestore();
    await app.close();
    await Promise.all(issuers.map((issuer) => issuer.stop()));
  }
});

it('ATK-7 no token ends the process, and jsonwebtoken is never asked', async () => {
  if (!existsSync(join(__dirname, '../../dist/index.js'))) {
    throw new Error('the library is not built: run "npm run build" first, or "npm test", which does');
  }
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const fixture = join(__dirname, 'fixtures/hostile-tokens.cjs');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [fixture], { env, timeout: 30_000 });
  expect({ ...JSON.parse(stdout), stderr }).toEqual({
    answers: {
      'an unknown key and no signature': 'malformed_token',
      'an unknown key and a short signature': 'unknown_key',
      'an unknown key': 'unknown_key',
      'no signature': 'malformed_token',
      'a key of another type': 'unknown_key',
      'a key set that is garbage': 'keys_unavailable',
      'a rule that throws': 'invalid_claims',
      'a rule that rejects': 'invalid_claims',
      'a header of null': 'malformed_token',
    },
    afterwards: 200,
    verifications: 0,
    stderr: '',
  });
}, 40_000);
