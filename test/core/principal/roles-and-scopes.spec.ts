import type { OidcClientOptions } from '../../../lib/configuration/options';
import { createPrincipal } from '../../../lib/core/principal/create-principal';
import { OidcPrincipal } from '../../../lib/core/principal/oidc-principal';
import type { Client } from '../../../lib/core/client/client';
import { audiencesIn } from '../../../lib/core/client/select-client';
import { conclude, type VerifiedToken } from '../../../lib/core/checks/verification';
import type { UnverifiedToken } from '../../../lib/core/token/unverified-token';
import { clientOf, configurationOf, SIGNER, unverified } from '../../support/clients';

function principalOf(
  claims: Readonly<Record<string, unknown>>,
  options: Partial<OidcClientOptions> = {},
): OidcPrincipal {
  const token = unverified({ iss: 'https://issuer.example', aud: 'a', ...claims });
  const realm = options.preset && { issuer: 'https://issuer.example/realms/r' };
  return createPrincipal(verified(token, clientOf({ ...realm, ...options })));
}

/** A token of which nothing but its claims matters, as one that was verified. */
function verified(token: UnverifiedToken, client: Client): VerifiedToken {
  const audiences = audiencesIn(token.unverifiedClaims, client.audienceClaim);
  const verdict = conclude(token, client, SIGNER, audiences);
  if ('code' in verdict) {
    throw new Error(verdict.code);
  }
  return verdict;
}

const rolesOf = (claims: Readonly<Record<string, unknown>>, roles: OidcClientOptions['roles'], more = {}) =>
  principalOf(claims, { roles, ...more }).roles;

describe('where roles are', () => {
  it('are at a dotted path', () => {
    expect(rolesOf({ realm_access: { roles: ['a', 'b'] } }, 'realm_access.roles')).toEqual(['a', 'b']);
  });

  it('are at a path of segments, for names that contain dots', () => {
    expect(rolesOf({ 'https://example.org/roles': ['a'] }, [['https://example.org/roles']])).toEqual(['a']);
    expect(rolesOf({ a: { 'b.c': ['x'] } }, [['a', 'b.c']])).toEqual(['x']);
  });

  it('are at several paths, each role once', () => {
    expect(rolesOf({ one: ['a', 'b'], two: { three: ['b', 'c'] } }, ['one', 'two.three', 'four'])).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('are in objects of a list, by the name of the member that has them', () => {
    const claims = {
      roles: [{ owner: 'org', name: 'core view' }, { name: 'edit' }, { other: 'x' }, 'y', null, { name: 7 }],
    };
    expect(rolesOf(claims, 'roles[].name')).toEqual(['core view', 'edit']);
    expect(rolesOf(claims, 'roles.name')).toEqual(['core view', 'edit']);
    expect(rolesOf(claims, [['roles', 'name']])).toEqual(['core view', 'edit']);
    expect(rolesOf({ apps: [{ id: 'a', grants: [{ role: 'r1' }, { role: 'r2' }] }] }, 'apps[].grants[].role')).toEqual([
      'r1',
      'r2',
    ]);
    expect(rolesOf({ teams: [{ roles: ['a', 'b'] }, { roles: 'c' }] }, 'teams[].roles')).toEqual(['a', 'b', 'c']);
    expect(rolesOf({ roles: ['a'] }, 'roles[]')).toEqual(['a']);
    expect(rolesOf({ roles: [[{ name: 'a' }]] }, 'roles[].name')).toEqual([]);
    expect(rolesOf({ roles: [JSON.parse('{"__proto__":{"name":"a"}}')] }, 'roles[].name')).toEqual([]);
  });

  it('are what a function says of the verified claims', () => {
    expect(
      rolesOf({ groups: ['/mines/admin'] }, (claims) => (claims['groups'] as string[]).map((g) => g.slice(1))),
    ).toEqual(['mines/admin']);
  });

  it.each<[string, OidcClientOptions['roles']]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['gives a promise', (async () => ['a']) as never],
    [
      'gives a promise that is rejected',
      (async () => {
        throw new Error('no');
      }) as never,
    ],
    ['gives nothing', (() => undefined) as never],
  ])('are none where the function %s', (_name, roles) => {
    expect(rolesOf({}, roles)).toEqual([]);
  });

  it('are none where nobody said where they are', () => {
    expect(principalOf({ roles: ['a'], client_roles: ['a'] }).roles).toEqual([]);
  });
});

describe('ATK-8 what a path finds', () => {
  it.each<[string, unknown, string[]]>([
    ['an array of strings, never split or trimmed', ['a', ' b ', 'c d', 'e,f'], ['a', ' b ', 'c d', 'e,f']],
    ['an array with other members, which are skipped', ['a', 1, null, ['b'], { c: 1 }], ['a']],
    ['one string, split at commas and white space', ' a,b  c\n,\td ', ['a', 'b', 'c', 'd']],
    ['an object whose values are all objects', { admin: { 1: 'x' }, viewer: {} }, ['admin', 'viewer']],
    ['an object with another value', { admin: { 1: 'x' }, viewer: true }, []],
    ['an object with an array', { admin: [] }, []],
    ['an object with null', { admin: null }, []],
    ['a number', 1, []],
    ['true', true, []],
    ['null', null, []],
    ['an empty string', '', []],
  ])('%s', (_name, value, expected) => {
    expect(rolesOf({ r: value }, 'r')).toEqual(expected);
  });

  it('is never inherited', () => {
    expect(rolesOf({ a: 'x' }, 'constructor.name')).toEqual([]);
    expect(rolesOf({ a: ['x'] }, 'a.length')).toEqual([]);
    expect(rolesOf({ a: 'xyz' }, 'a.0')).toEqual([]);
    expect(rolesOf(JSON.parse('{"__proto__":{"roles":["x"]}}'), 'roles')).toEqual([]);
  });
});

describe('presets', () => {
  it('gold-sso reads client_roles', () => {
    expect(
      principalOf({ client_roles: ['core_view_all'], realm_access: { roles: ['x'] } }, { preset: 'gold-sso' }).roles,
    ).toEqual(['core_view_all']);
  });

  it('LIB-10 keycloak reads the realm and the audiences that are configured and in the token, no other client', () => {
    const claims = {
      aud: ['a', 'account', 'a.b'],
      realm_access: { roles: ['realm'] },
      resource_access: {
        a: { roles: ['own'] },
        'a.b': { roles: ['dotted'] },
        c: { roles: ['configured, not in the token'] },
        account: { roles: ['manage-account'] },
      },
    };
    expect(principalOf(claims, { preset: 'keycloak', audience: ['a', 'a.b', 'c'] }).roles).toEqual([
      'realm',
      'own',
      'dotted',
    ]);
  });

  it('read by the audience within the name of a claim', () => {
    const claims = { aud: ['a', 'b'], 'project:a:roles': ['own'], 'project:b:roles': ['other'] };
    expect(principalOf(claims, { roles: 'project:<audience>:roles' }).roles).toEqual(['own']);
    expect(principalOf(claims, { roles: 'project:<audience>:roles', audience: ['a', 'b', 'c'] }).roles).toEqual([
      'own',
      'other',
    ]);
  });

  it("lose to the client's own settings", () => {
    expect(principalOf({ client_roles: ['a'], r: ['b'] }, { preset: 'gold-sso', roles: 'r' }).roles).toEqual(['b']);
  });
});

describe('scopes', () => {
  it.each<[Record<string, unknown>, string[]]>([
    [{ scope: 'openid profile' }, ['openid', 'profile']],
    [{ scp: 'access_as_user' }, ['access_as_user']],
    [{ scp: ['openid', 'mines.read'] }, ['openid', 'mines.read']],
    [{ scope: ['a'], scp: ['b'] }, ['a']],
    [{ scope: 1, scp: ['b'] }, []],
    [{}, []],
  ])('of %j', (claims, scopes) => {
    expect(principalOf(claims).scopes).toEqual(scopes);
  });

  it('are where the client says', () => {
    expect(principalOf({ scope: 'a', permissions: ['b'] }, { scopes: 'permissions' }).scopes).toEqual(['b']);
  });
});

describe('the principal', () => {
  const claims = { sub: 's1', client_roles: ['a', 'b'], dept: { name: 'mines' } };
  const principal = () => principalOf(claims, { preset: 'gold-sso' });

  it('LIB-33 says who and from where', () => {
    expect(principal()).toMatchObject({ client: 'a', issuer: 'https://issuer.example', subject: 's1' });
    expect(principalOf({}).subject).toBeUndefined();
  });

  it('knows its roles', () => {
    expect(principal().hasRole('a')).toBe(true);
    expect(principal().hasRole('A')).toBe(false);
    expect(principal().hasAnyRole('x', 'b')).toBe(true);
    expect(principal().hasAnyRole('x')).toBe(false);
    expect(principal().hasAnyRole()).toBe(false);
    expect(principal().hasAllRoles('a', 'b')).toBe(true);
    expect(principal().hasAllRoles('a', 'x')).toBe(false);
    expect(principal().hasAllRoles()).toBe(false);
  });

  it('has its own copy of the claims, made once', () => {
    const token = unverified({ iss: 'https://issuer.example', aud: 'a', ...claims });
    const one = createPrincipal(verified(token, clientOf({ roles: 'client_roles' })));
    const two = createPrincipal(verified(token, clientOf({ roles: 'client_roles' })));
    expect(one.claims).toBe(one.claims);
    expect(one.claims['dept']).toEqual({ name: 'mines' });
    Object.assign(one.claims['dept'] as object, { name: 'changed' });
    (one.roles as string[]).push('core_admin');
    expect(two.claims['dept']).toEqual({ name: 'mines' });
    expect(two.roles).toEqual(['a', 'b']);
    expect(token.unverifiedClaims['dept']).toEqual({ name: 'mines' });
  });

  it('MCP-05 R9068-12 shows neither claims nor token to JSON or a logger', () => {
    expect(Object.keys(JSON.parse(JSON.stringify(principal())))).toEqual([
      'client',
      'issuer',
      'subject',
      'roles',
      'scopes',
    ]);
    expect(require('node:util').inspect(principal(), { depth: 9, showHidden: true })).not.toContain('mines');
  });
});

describe("the application's own roles", () => {
  const own = (
    claims: Readonly<Record<string, unknown>>,
    client: Partial<OidcClientOptions>,
    roleHierarchy: Record<string, string | string[]> = {},
  ): readonly string[] => {
    const options = { name: 'a', audience: 'a', issuer: 'https://issuer.example', roles: 'roles', ...client };
    const [configured] = configurationOf([options], { roleHierarchy }).clients.clients;
    if (configured === undefined) {
      throw new Error('no client');
    }
    return createPrincipal(verified(unverified({ iss: options.issuer, aud: 'a', ...claims }), configured)).roles;
  };

  it('are those of the provider under other names, and no others', () => {
    const roleMapping = { 'mines-viewer': 'core_view_all', 'mines-boss': ['core_admin', 'core_view_all'] };
    expect(own({ roles: ['mines-viewer', 'core_admin'] }, { roleMapping })).toEqual(['core_view_all']);
    expect(own({ roles: ['mines-boss', 'mines-viewer'] }, { roleMapping })).toEqual(['core_admin', 'core_view_all']);
    expect(own({ roles: ['mines-viewe', 'MINES-VIEWER', 'mines-viewer '] }, { roleMapping })).toEqual([]);
  });

  it('are those that the mapping does not list, too, where that is wanted', () => {
    const client = { roleMapping: { boss: 'core_admin' }, keepUnmappedRoles: true };
    expect(own({ roles: ['boss', 'core_view_all'] }, client)).toEqual(['core_admin', 'core_view_all']);
  });

  it.each(['__proto__', 'constructor', 'toString'])('are none that every object has (%s)', (role) => {
    expect(own({ roles: [role] }, { roleMapping: { boss: 'core_admin' } }, { boss: 'x' })).toEqual([]);
    expect(own({ roles: [role] }, {}, { boss: 'x' })).toEqual([role]);
  });

  it('are those granted to the client as such, beside those of its tokens', () => {
    expect(own({}, { grantedRoles: ['batch'] })).toEqual(['batch']);
    expect(own({ roles: ['a', 'batch'] }, { grantedRoles: ['batch', 'b'] })).toEqual(['a', 'batch', 'b']);
    expect(own({}, { grantedRoles: ['batch'], roleMapping: { a: 'b' } })).toEqual(['batch']);
  });

  it('are all that these imply, however many steps away', () => {
    const hierarchy = {
      core_admin: ['core_edit_mines', 'core_close_mines'],
      core_edit_mines: 'core_view_all',
      core_close_mines: 'core_view_all',
    };
    expect(own({ roles: ['core_admin'] }, {}, hierarchy)).toEqual([
      'core_admin',
      'core_edit_mines',
      'core_close_mines',
      'core_view_all',
    ]);
    expect(own({ roles: ['core_edit_mines', 'x'] }, {}, hierarchy)).toEqual(['core_edit_mines', 'x', 'core_view_all']);
    expect(own({ roles: ['core_view_all'] }, {}, hierarchy)).toEqual(['core_view_all']);
    expect(own({}, { grantedRoles: ['core_edit_mines'] }, hierarchy)).toEqual(['core_edit_mines', 'core_view_all']);
    expect(own({ roles: ['boss'] }, { roleMapping: { boss: 'core_edit_mines' } }, hierarchy)).toEqual([
      'core_edit_mines',
      'core_view_all',
    ]);
  });

  it('are found in a hierarchy of any size', () => {
    const names = Array.from({ length: 10 }, (_, layer) =>
      Array.from({ length: 100 }, (_role, at) => `${layer}-${at}`),
    );
    const layered = names.flatMap((layer, index) => layer.map((role) => [role, names[index + 1] ?? ['end']] as const));
    expect(
      own({ roles: ['0-0'] }, {}, Object.fromEntries(layered.map(([role, below]) => [role, [...below]]))),
    ).toHaveLength(902);
    const chain = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`r${at}`, `r${at + 1}`]));
    expect(own({ roles: ['r0'] }, {}, chain)).toHaveLength(20_001);
  });

  it('are not shared between principals', () => {
    const [one, two] = [own({}, { grantedRoles: ['batch'] }), own({}, { grantedRoles: ['batch'] })];
    expect(one).not.toBe(two);
  });
});
