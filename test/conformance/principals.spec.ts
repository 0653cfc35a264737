import { Controller, Get } from '@nestjs/common';
import {
  Authorize,
  CurrentUser,
  OidcAuthService,
  OidcMultiAuthModule,
  OidcPrincipal,
  Roles,
  Scopes,
  type JsonObject,
} from 'nestjs-oidc-multi-auth';
import { inspect } from 'node:util';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { type TestApp } from '../support/test-app';

const startApp = useApps();

// Many requests, or processes of their own: slow where the machine is busy.
jest.setTimeout(60_000);

/** Somebody who has used a second factor within the last five minutes. */
function isFreshAndStrong({ claims }: OidcPrincipal): boolean {
  const { acr, amr, auth_time: at } = claims;
  return (
    acr === '2' && Array.isArray(amr) && amr.includes('otp') && typeof at === 'number' && at > Date.now() / 1000 - 300
  );
}

@Controller()
class MinesController {
  @Get('me')
  me(@CurrentUser() user: OidcPrincipal) {
    return user;
  }
  @Roles('admin')
  @Get('admin')
  admin() {
    return 'admin';
  }
  @Roles({ client: 'a', any: ['admin', 'boss'] })
  @Get('admin-of-a')
  adminOfA() {
    return 'admin of a';
  }
  @Scopes('mines.write')
  @Get('write')
  write() {
    return 'written';
  }
  @Authorize(isFreshAndStrong)
  @Get('strong')
  strong() {
    return 'strong';
  }
}

/** Names as SCIM has them: strings, or objects with a value (RFC 9068 section 2.2.3.1, RFC 7643 section 4.1.2). */
function scimNames(claims: JsonObject): string[] {
  return ['roles', 'groups', 'entitlements'].flatMap((name) => {
    const members: unknown[] = [claims[name] ?? []].flat();
    return members.flatMap((member) => {
      const value: unknown = typeof member === 'object' && member !== null && 'value' in member ? member.value : member;
      return typeof value === 'string' ? [value] : [];
    });
  });
}

const issuer = useTestIssuer();
const partners = useTestIssuer();
let app: TestApp;
beforeAll(async () => {
  app = await startApp({
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [
          { name: 'a', audience: 'a', issuer: issuer.issuer, preset: 'keycloak' },
          { name: 'b', audience: 'b', issuer: issuer.issuer, preset: 'keycloak' },
          { name: 'partner', audience: 'a', issuer: partners.issuer, preset: 'keycloak' },
          { name: 'profile', audience: 'p', issuer: issuer.issuer, roles: ['roles', 'groups', 'entitlements'] },
          { name: 'scim', audience: 'scim', issuer: issuer.issuer, roles: scimNames },
        ],
        globalGuards: true,
      }),
    ],
    controllers: [MinesController],
  });
});

const rolesAt = (audience: string, ...roles: string[]) => ({ resource_access: { [audience]: { roles } } });
const forbidden = { status: 403, body: { code: 'missing_a_valid_role' } };

describe('roles', () => {
  it('LIB-10 of another client in the token do not count', async () => {
    const own = await issuer.tokenFor('a', { claims: rolesAt('a', 'admin') });
    const ofB = await issuer.tokenFor('b', { claims: rolesAt('a', 'admin') });
    const ofPartner = await partners.tokenFor('a', { claims: rolesAt('b', 'admin') });
    expect((await app.get('/admin', own)).status).toBe(200);
    expect(await app.get('/admin', ofB)).toMatchObject(forbidden);
    expect(await app.get('/admin', ofPartner)).toMatchObject(forbidden);
  });

  it('LIB-10 of one client are met by its own tokens only', async () => {
    expect((await app.get('/admin-of-a', await issuer.tokenFor('a', { claims: rolesAt('a', 'boss') }))).status).toBe(
      200,
    );
    for (const token of [
      await issuer.tokenFor('b', { claims: rolesAt('b', 'boss') }),
      await issuer.tokenFor('b', { claims: { ...rolesAt('b', 'boss'), azp: 'a', client_id: 'a' } }),
      await partners.tokenFor('a', { claims: rolesAt('a', 'boss') }),
    ]) {
      expect(await app.get('/admin-of-a', token)).toMatchObject(forbidden);
    }
  });

  it('LIB-10 LIB-34 of a token for two clients are those of the one it is taken for', async () => {
    const claims = { aud: ['a', 'b'], resource_access: { a: { roles: ['role-a'] }, b: { roles: ['role-b'] } } };
    for (const name of ['a', 'b']) {
      const { body } = await app.get('/me', await issuer.tokenFor(name, { claims: { ...claims, azp: name } }));
      expect([body.client, body.roles]).toEqual([name, [`role-${name}`]]);
    }
  });

  it('LIB-34 of one token do not stay for the next, on one connection and from one caller', async () => {
    const tokens: [string, string[]][] = [
      [await issuer.tokenFor('a', { claims: rolesAt('a', 'admin') }), ['admin']],
      [await issuer.tokenFor('b', { claims: rolesAt('b', 'viewer') }), ['viewer']],
      [await issuer.tokenFor('a'), []],
    ];
    for (let round = 0; round < 3; round += 1) {
      for (const [token, roles] of tokens) {
        expect((await app.get('/me', token)).body.roles).toEqual(roles);
      }
    }
  });
});

describe('who calls', () => {
  it('LIB-33 ASVS-10.3.3 is told by issuer and subject: one sub at two issuers is two callers', async () => {
    const claims = { sub: 'the-same' };
    const { body: one } = await app.get('/me', await issuer.tokenFor('a', { claims }));
    const { body: other } = await app.get('/me', await partners.tokenFor('a', { claims }));
    expect([one.subject, other.subject]).toEqual(['the-same', 'the-same']);
    expect([one.issuer, other.issuer]).toEqual([issuer.issuer, partners.issuer]);
    expect([one.issuer, one.subject]).not.toEqual([other.issuer, other.subject]);
  });

  it('MCP-05 R9068-12 comes without the token, wherever one looks', async () => {
    const token = await issuer.tokenFor('a', { claims: { email: 'somebody@example.org' } });
    const principal = await app.app.get(OidcAuthService).verify(token);
    // Read once, so that whatever is made on reading is there.
    expect(principal.claims['email']).toBe('somebody@example.org');
    const shown = [
      JSON.stringify(principal),
      inspect(principal, { depth: 9, showHidden: true }),
      JSON.stringify(Object.entries(principal)),
    ].join('\n');
    for (const part of token.split('.')) {
      expect(shown).not.toContain(part.slice(0, 16));
    }
    expect(shown).not.toContain('somebody@example.org');
    const members = Reflect.ownKeys(principal).map((key) => Reflect.get(principal, key) as unknown);
    expect(members.flat()).not.toContain(token);
  });
});

describe('what a token says of authorization', () => {
  it('R9068-08 decides, as roles, groups or entitlements, and as scopes', async () => {
    for (const claim of ['roles', 'groups', 'entitlements']) {
      const [admin, other] = [{ [claim]: ['admin'] }, { [claim]: ['other'] }];
      expect((await app.get('/admin', await issuer.tokenFor('p', { claims: admin }))).status).toBe(200);
      expect(await app.get('/admin', await issuer.tokenFor('p', { claims: other }))).toMatchObject(forbidden);
      const scim = {
        [claim]: [
          { value: 'other', type: 'direct' },
          { value: 'admin', display: 'x' },
        ],
      };
      expect((await app.get('/admin', await issuer.tokenFor('scim', { claims: scim }))).status).toBe(200);
      expect(
        await app.get('/admin', await issuer.tokenFor('scim', { claims: { [claim]: [{ display: 'admin' }] } })),
      ).toMatchObject(forbidden);
    }
    expect((await app.get('/write', await issuer.tokenFor('p', { scopes: ['x', 'mines.write'] }))).status).toBe(200);
    expect(await app.get('/write', await issuer.tokenFor('p', { scopes: ['mines.writer'] }))).toMatchObject({
      status: 403,
      body: { code: 'missing_scope' },
    });
  });

  it('R9068-13 ASVS-10.3.2 of how and when somebody logged in can decide, by a rule', async () => {
    const now = Math.floor(Date.now() / 1000);
    const strong = { acr: '2', amr: ['pwd', 'otp'], auth_time: now - 60 };
    expect((await app.get('/strong', await issuer.tokenFor('a', { claims: strong }))).status).toBe(200);
    for (const change of [
      { acr: '1' },
      { acr: undefined },
      { amr: ['pwd'] },
      { amr: 'otp' },
      { auth_time: now - 3600 },
      { auth_time: undefined },
    ]) {
      expect(await app.get('/strong', await issuer.tokenFor('a', { claims: { ...strong, ...change } }))).toMatchObject({
        status: 403,
        body: { code: 'access_denied' },
      });
    }
  });
});
