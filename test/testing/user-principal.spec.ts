import { Controller, Get } from '@nestjs/common';
import { CurrentUser, OidcPrincipal } from 'nestjs-oidc-multi-auth';
import { testPrincipal, type TestUser } from 'nestjs-oidc-multi-auth/testing';
import { MemoryLogger } from '../support/test-app';
import { SSO, startAs, stopAll } from './user-app';

afterEach(stopAll);

describe('the principal of a user', () => {
  it('is of the first client that is configured, unless one is named', async () => {
    const { body } = await (await startAs({})).get('/me');
    expect(body).toMatchObject({ client: 'web', issuer: SSO, subject: 'test-user', roles: [], scopes: [] });
  });

  it('is of the issuer and audience of its client, as a token would be', async () => {
    const web = (await (await startAs({ client: 'web' })).get('/me')).body;
    expect(web.claims).toMatchObject({ iss: SSO, aud: 'core-web', sub: 'test-user' });
    const { body } = await (await startAs({ client: 'bcmi' })).get('/me');
    expect([body.issuer, body.claims.iss, body.claims.aud]).toEqual([
      'https://bcmi.example',
      'https://bcmi.example',
      'mds-bcmi-4587',
    ]);
  });

  it('has what it is given: issuer, subject, roles as they are, claims', async () => {
    const user = {
      issuer: 'https://own.example',
      subject: 'anna',
      roles: ['a b', 'c,d'],
      claims: { email: 'a@b.example' },
    };
    const { body } = await (await startAs(user)).get('/me');
    expect(body).toMatchObject({ issuer: 'https://own.example', subject: 'anna', roles: ['a b', 'c,d'] });
    expect(body.claims).toMatchObject({ email: 'a@b.example', iss: 'https://own.example', sub: 'anna' });
  });

  it('is a copy of one that is given', async () => {
    const given = testPrincipal({
      client: 'bcmi',
      subject: 'anna',
      roles: ['admin'],
      claims: { email: 'a@b.example' },
    });
    const { body } = await (await startAs(given)).get('/me');
    expect(body).toEqual(Object.assign({}, given, { claims: given.claims }));
  });

  it.each([
    ['options', { roles: ['viewer'], claims: { dept: { name: 'mines' } } }],
    ['a principal', testPrincipal({ client: 'web', roles: ['viewer'], claims: { dept: { name: 'mines' } } })],
  ])('is made for each request, from %s', async (_from, user) => {
    const seen: OidcPrincipal[] = [];
    @Controller()
    class ChangingController {
      @Get('change')
      change(@CurrentUser() principal: OidcPrincipal) {
        seen.push(principal);
        const before = JSON.stringify([principal.roles, principal.claims['dept']]);
        Object.assign(principal.roles, { 0: 'admin' });
        Object.assign(principal.claims['dept'] as object, { name: 'changed' });
        return before;
      }
    }
    const app = await startAs(user, { controllers: [ChangingController] });
    const bodies = [(await app.get('/change')).body, (await app.get('/change')).body];
    const unchanged = [['viewer'], { name: 'mines' }];
    expect(bodies).toEqual([unchanged, unchanged]);
    expect(seen[0]).not.toBe(seen[1]);
  });
});

describe('a user of a client that is not configured', () => {
  const message = 'withUser: client "wbe" is not configured; configured: "web", "bcmi"';

  it.each([['options', { client: 'wbe' }] as const, ['a principal', testPrincipal({ client: 'wbe' })] as const])(
    'is told at start, from %s',
    async (_from, user) => {
      await expect(startAs(user)).rejects.toThrow(new TypeError(message));
    },
  );

  it('is told at the request, from a function', async () => {
    const logger = new MemoryLogger();
    const app = await startAs(() => ({ client: 'wbe' }), { logger });
    expect((await app.get('/me')).status).toBe(500);
    expect(logger.lines.join('\n')).toContain(message);
  });
});

describe('what is no user', () => {
  it.each([Promise.resolve({}), 'anna', 1, true])(
    'is not taken for one about whom nothing is said: %s',
    async (user) => {
      const app = await startAs(() => user as TestUser);
      expect((await app.get('/me')).status).toBe(500);
      expect((await app.get('/public')).status).toBe(200);
    },
  );
});
