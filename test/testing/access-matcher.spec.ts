import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Authenticated, describeAccess, OidcMultiAuthModule, Public, Roles } from 'nestjs-oidc-multi-auth';
import { toHaveAccess } from 'nestjs-oidc-multi-auth/testing';
import 'nestjs-oidc-multi-auth/testing/jest';

@Controller('mines')
class MinesController {
  @Roles('a', 'b', { client: 'nris', any: ['view'] })
  @Get()
  findAll() {}
  @Authenticated()
  @Post()
  add() {}
  @Public()
  @Get('types')
  types() {}
}

@Module({
  imports: [
    OidcMultiAuthModule.forRoot({
      clients: [{ name: 'nris', audience: 'nris', issuer: 'https://issuer.example' }],
      globalGuards: true,
    }),
  ],
  controllers: [MinesController],
})
class AppModule {}

const preview = () => NestFactory.createApplicationContext(AppModule, { preview: true, logger: false });
const listed = {
  'GET /mines': { roles: ['a', 'b', { client: 'nris', any: ['view'] }] },
  'GET /mines/types': 'public',
  'POST /mines': 'authenticated',
} as const;

describe('toHaveAccess()', () => {
  it('holds for exactly what is listed, of an application or of its table', async () => {
    const app = await preview();
    expect(app).toHaveAccess(listed);
    expect(describeAccess(app)).toHaveAccess(listed);
    expect(toHaveAccess(app, listed).pass).toBe(true);
  });

  it('does not care in which order names stand', async () => {
    expect(await preview()).toHaveAccess({
      ...listed,
      'GET /mines': { roles: [{ client: 'nris', any: ['view'] }, 'b', 'a'] },
    });
  });

  it.each([
    ['a route more', { ...listed, 'GET /new': 'public' }, ['- GET /new: "public"']],
    [
      'a route less',
      { 'GET /mines': listed['GET /mines'], 'GET /mines/types': 'public' },
      ['+ POST /mines: "authenticated"'],
    ],
    [
      'another role',
      { ...listed, 'GET /mines': { roles: ['a'] } },
      ['- GET /mines: {"roles":["a"]}', '+ GET /mines: {"roles":["a","b",{"client":"nris","any":["view"]}]}'],
    ],
    [
      'a kind more',
      { ...listed, 'GET /mines': { ...listed['GET /mines'], scopes: ['s'] } },
      ['- GET /mines:', '+ GET /mines:'],
    ],
    [
      'openness',
      { ...listed, 'GET /mines/types': 'optional' },
      ['- GET /mines/types: "optional"', '+ GET /mines/types: "public"'],
    ],
    ['a name of every object', { ...listed, toString: 'public' }, ['- toString: "public"']],
  ] as const)('does not hold with %s, and says so', async (_what, expected, lines) => {
    const app = await preview();
    expect(() => expect(app).toHaveAccess(expected)).toThrow('not as listed');
    const { pass, message } = toHaveAccess(app, expected);
    expect(pass).toBe(false);
    for (const line of lines) {
      expect(message()).toContain(line);
    }
    expect(app).not.toHaveAccess(expected);
  });
});
