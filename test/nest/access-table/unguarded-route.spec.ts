import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describeAccess, OidcMultiAuthModule, Roles } from 'nestjs-oidc-multi-auth';
import 'nestjs-oidc-multi-auth/testing/jest';
import { runCli } from '../../cli/run-cli';
import { MemoryLogger } from '../../support/test-app';

/** The same application as in the fixture of the command line: one route is guarded by nobody. */
@Controller('mines')
class MinesController {
  @Get('forgotten')
  forgotten() {}
  @Roles('core_view_all')
  @Get()
  findAll() {}
}

function moduleWith(requireExplicitAccess: boolean): object {
  const clients = [
    { name: 'bcmi', audience: 'bcmi', issuer: 'https://sso.example/realms/r', preset: 'gold-sso' as const },
  ];
  @Module({
    imports: [OidcMultiAuthModule.forRoot({ clients, requireExplicitAccess, unenforcedAccess: 'warn' })],
    controllers: [MinesController],
  })
  class AppModule {}
  return AppModule;
}

const start = async (requireExplicitAccess: boolean, logger = new MemoryLogger()) => {
  const app = await NestFactory.create(moduleWith(requireExplicitAccess), { logger, abortOnError: false });
  try {
    await app.init();
  } finally {
    await app.close();
  }
  return logger;
};

describe('a route that somebody forgot to guard is found', () => {
  it('by describeAccess()', async () => {
    const app = await NestFactory.create(moduleWith(false), { logger: false });
    expect(describeAccess(app).findings).toContainEqual(
      expect.objectContaining({
        code: 'unguarded',
        handler: expect.objectContaining({ method: 'GET', path: '/mines/forgotten', access: 'unguarded' }),
      }),
    );
  });

  it('at start, by a warning or by a refusal', async () => {
    expect((await start(false)).warnings).toContainEqual(
      expect.stringContaining('MinesController.forgotten() is unguarded: anybody may call GET /mines/forgotten'),
    );
    await expect(start(true)).rejects.toThrow('MinesController.forgotten(): is unguarded');
  });

  it('by the command', async () => {
    const { code, stdout } = await runCli(['routes', 'one.module.mjs', '--check']);
    expect([code, stdout]).toEqual([1, expect.stringContaining('MinesController.forgotten() is unguarded')]);
  });

  it('by the matcher', async () => {
    const app = await NestFactory.create(moduleWith(false), { logger: false });
    expect(() =>
      expect(app).toHaveAccess({
        'GET /mines': { roles: ['core_view_all'] },
        'GET /mines/forgotten': 'authenticated',
      }),
    ).toThrow('+ GET /mines/forgotten: "unguarded"');
  });
});
