import 'reflect-metadata';
import * as library from 'nestjs-oidc-multi-auth';
import { accessFrom, findUnmet, type AskedRequirements } from '../../../lib/core/access/access';
import { ACCESS_KIND_NAMES, ACCESS_KINDS, type AccessKind } from '../../../lib/core/access/access-kinds';
import { REFUSALS } from '../../../lib/core/refusal/refusal-code';
import { accessOf } from '../../../lib/nest/access/access-metadata';
import { rulesOf } from '../../../lib/openapi/operation-rules';
import { testPrincipal } from '../../../lib/testing';

const OPEN = { isPublic: false, isOptional: false, isAuthenticated: false };
const mayCall = (): boolean => true;

/** One list of each kind, and a principal that does not meet it, where a principal alone can tell. */
const LISTS: { readonly [K in AccessKind]: readonly unknown[] } = {
  clients: ['web'],
  roles: ['view'],
  allRoles: ['view', 'edit'],
  scopes: ['read'],
  authenticationContext: [{ acr: ['phr'] }],
  rules: [mayCall],
};

describe.each(ACCESS_KIND_NAMES)('the kind of rule "%s"', (kind) => {
  const definition = ACCESS_KINDS[kind];
  const decorator = Reflect.get(library, definition.decorator) as (...names: readonly unknown[]) => ClassDecorator;
  const asked: AskedRequirements = { [kind]: LISTS[kind] };

  it('has a decorator, which guards read', () => {
    class Route {}
    decorator(...LISTS[kind])(Route);
    expect([...(accessOf(Route, Route)[kind] ?? [])]).toEqual(LISTS[kind]);
    expect(Reflect.getMetadataKeys(Route)).toEqual([definition.metadataKey]);
  });

  it('is checked by the guard that it names, with its code', () => {
    const access = accessFrom(OPEN, asked);
    expect(access.hasRules).toBe(definition.enforcedBy === 'RolesGuard');
    const refusal = findUnmet(access, testPrincipal({ client: 'other' }), { now: () => 0, toleranceOf: () => 0 });
    expect(refusal?.code).toBe(definition.isMet === undefined ? undefined : definition.code);
    // Authentication can be repeated; a role cannot be had by it.
    expect(REFUSALS[definition.code].status).toBe(kind === 'authenticationContext' ? 401 : 403);
  });

  it('is in OpenAPI documents', () => {
    class Route {}
    decorator(...LISTS[kind])(Route);
    const guards = (['authenticates by decorators', 'authorizes'] as const).map((does) => ({
      name: does,
      does,
      isGlobal: true,
    }));
    const table = { access: 'guarded' } as never;
    const { codes } = rulesOf(table, { controller: Route, handler: Route, guards } as never);
    expect(codes).toContain(definition.code);
  });
});

it('no two kinds share a key, a decorator, a code or a step', () => {
  for (const member of ['metadataKey', 'decorator', 'code', 'step'] as const) {
    expect(new Set(ACCESS_KIND_NAMES.map((kind) => ACCESS_KINDS[kind][member])).size).toBe(ACCESS_KIND_NAMES.length);
  }
});

it('metadata keys stay as they are: copies of this package read what each other left', () => {
  expect(Object.fromEntries(ACCESS_KIND_NAMES.map((kind) => [kind, ACCESS_KINDS[kind].metadataKey]))).toEqual({
    clients: 'nestjs-oidc-multi-auth:clients',
    roles: 'nestjs-oidc-multi-auth:roles',
    allRoles: 'nestjs-oidc-multi-auth:all-roles',
    scopes: 'nestjs-oidc-multi-auth:scopes',
    authenticationContext: 'nestjs-oidc-multi-auth:authentication-context',
    rules: 'nestjs-oidc-multi-auth:rules',
  });
});
