import { Controller, Get } from '@nestjs/common';
import { OidcAuthService, OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { inspect } from 'node:util';
import { MemoryLogger, startApp } from '../support/test-app';

@Controller()
class SomeController {
  @Get('me')
  me() {
    return 'me';
  }
}

/** Every run of 16 characters of a token's claims and signature. */
function fragments(token: string): string[] {
  return token
    .split('.')
    .slice(1)
    .flatMap((part) => Array.from({ length: Math.max(0, part.length - 15) }, (_, at) => part.slice(at, at + 16)));
}

it('LIB-08 LIB-25 R6750-16 ATK-10 nothing of a token gets into the log, headers, bodies or exceptions', async () => {
  const issuer = await TestIssuer.start();
  const logger = new MemoryLogger();
  const written: string[] = [];
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    jest.spyOn(process[stream], 'write').mockImplementation((chunk) => Boolean(written.push(String(chunk)))),
  );
  const secret = 'a-very-shared-secret-of-enough-octets';
  const app = await startApp({
    logger,
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [
          { name: 'web', audience: 'web', issuer: issuer.issuer },
          { name: 'hs', audience: 'hs', issuer: issuer.issuer, secret },
        ],
        globalGuards: true,
      }),
    ],
    controllers: [SomeController],
  });
  const personal = 'somebody.very.personal@example.org';
  const claims = { sub: personal, email: personal };
  const good = await issuer.tokenFor('web', { claims });
  const tokens = [
    good,
    `${good.slice(0, -20)}${good.at(-20) === 'A' ? 'B' : 'A'}${good.slice(-19)}`,
    await issuer.tokenFor('web', { claims, expiresIn: -100 }),
    await issuer.tokenFor('web-evil', { claims }),
    await issuer.tokenFor('web', { claims: { ...claims, iss: personal } }),
    await issuer.tokenFor('web', { claims: { ...claims, nbf: personal } }),
    await issuer.sign({ iss: issuer.issuer, aud: 'web', exp: 9e9, ...claims }, { header: { kid: personal } }),
    await issuer.sign({ iss: issuer.issuer, aud: 'web', exp: 9e9, ...claims }, { header: { typ: personal } }),
    await issuer.tokenFor({ name: 'hs', audience: 'hs', secret }, { claims }),
    `${good}.${good}`,
  ];
  const answers: string[] = [];
  for (const token of tokens) {
    const { status, headers, body } = await app.get('/me', token);
    answers.push(inspect([status, [...headers], body]));
    answers.push(inspect(await app.app.get(OidcAuthService).decide(token), { depth: 9 }));
    answers.push(
      inspect(
        await app.app
          .get(OidcAuthService)
          .verify(token)
          .catch((error: unknown) => error),
        { depth: 9 },
      ),
    );
  }
  spies.forEach((spy) => spy.mockRestore());
  await app.close();
  await issuer.stop();

  // The good token's own principal names its subject, on purpose.
  const sinks = [...logger.lines, ...written, ...answers].join('\n').replaceAll(`subject: '${personal}'`, '');
  expect(answers).toHaveLength(3 * tokens.length);
  expect(sinks).not.toContain(personal);
  expect(sinks).not.toContain(secret);
  for (const fragment of new Set(tokens.flatMap(fragments))) {
    expect(sinks.includes(fragment)).toBe(false);
  }
});
