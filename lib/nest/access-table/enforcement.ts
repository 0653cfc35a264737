import { accessOf } from '../access/access-metadata';
import { hasKindOf, type Access } from '../../core/access/access';
import { ACCESS_KIND_NAMES } from '../../core/access/access-kinds';
import type { AccessFinding } from './finding';
import type { GuardInForce } from './guards-in-force';
import type { Handler } from './handler';

/** Whether a guard establishes who calls. */
export function authenticates({ does }: GuardInForce): boolean {
  return does === 'authenticates' || does === 'authenticates by decorators';
}

/** Whether a guard ignores decorators. Then `@Public()` has no effect behind it. */
export function isBlind({ does }: GuardInForce): boolean {
  return does === 'authenticates';
}

/** Whether guards receive the class and the method that have the decorators. */
export function isSeenByGuards({ metatype, controller, handler, callback = handler }: Handler): boolean {
  try {
    return isSameAccess(accessOf(controller, callback), accessOf(metatype, handler));
  } catch {
    return false;
  }
}

function isSameAccess(one: Access, other: Access): boolean {
  return (
    one.isPublic === other.isPublic &&
    one.isOptional === other.isOptional &&
    one.isAuthenticated === other.isAuthenticated &&
    ACCESS_KIND_NAMES.every((kind) => isSameList([...(one[kind] ?? [])], [...(other[kind] ?? [])]))
  );
}

/** An empty list is no rule. */
function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((member, index) => member === other[index]);
}

/** What keeps the decorators of a handler from being enforced. */
export function enforcementOf(handler: Handler, access: Access, guards: readonly GuardInForce[]): AccessFinding[] {
  if (!isSeenByGuards(handler)) {
    return [
      {
        code: 'unenforced',
        problem: `has access decorators that guards do not see: to them its class is ${handler.controller.name || 'another one'}`,
        remedy: 'let the constructor of the prototype be the class itself; a mixin may have copied another',
      },
    ];
  }
  const authorizing = guards.findIndex(({ does }) => does === 'authorizes');
  const isLookedAt = guards.some(({ does }) => does === 'authenticates by decorators');
  const needsLookingAt = hasKindOf('MultiJwtGuard', access) || access.isOptional;
  const needsPrincipal = access.isAuthenticated && authorizing === -1 && !guards.some(authenticates);
  const needsAuthorizing = hasKindOf('RolesGuard', access);
  const missing = [
    ...((needsLookingAt && !isLookedAt) || needsPrincipal ? ['MultiJwtGuard'] : []),
    ...(needsAuthorizing && authorizing === -1 ? ['RolesGuard'] : []),
  ];
  if (missing.length > 0) {
    return [
      {
        code: 'unenforced',
        problem: 'has access decorators that nothing enforces',
        remedy: [
          ...remediesOf(handler),
          `it needs ${missing.join(' and ')}, by @UseGuards() or by globalGuards: true`,
        ].join('; '),
      },
    ];
  }
  const blind = guards.find(isBlind);
  if (access.isPublic && blind !== undefined) {
    return [
      {
        code: 'contradiction',
        problem: `has @Public(), which ${blind.name} before it does not look at`,
        remedy: 'take that guard away, or leave @Public() out',
      },
    ];
  }
  if (handler.context === 'other' && access.hasRules) {
    return [
      {
        code: 'unknown_context',
        problem: 'has access decorators, and is called in a way that is not known here: guards may not run before it',
        remedy:
          'call it once without a token to see; where guards do not run, move it to a class without these decorators',
      },
    ];
  }
  return access.hasRules && authorizing !== -1 && !guards.slice(0, authorizing).some(authenticates)
    ? [
        {
          code: 'always_refused',
          problem: 'has a rule, and no guard before RolesGuard authenticates: it always answers 401',
          remedy: 'put MultiJwtGuard before RolesGuard',
        },
      ]
    : [];
}

/** A guard that was made by `new` has no configuration. Each call ends with an error. */
export function uninjectedIn(guards: readonly GuardInForce[]): AccessFinding[] {
  return guards
    .filter(({ isBare }) => isBare)
    .map(({ name, isGlobal }) => ({
      code: 'uninjected_guard',
      problem: `is behind ${isGlobal ? 'a global' : 'an'} instance of ${name} that was made by "new": nothing was injected into it`,
      remedy: isGlobal
        ? `give globalGuards: true to OidcMultiAuthModule, or app.useGlobalGuards(app.get(${name}))`
        : `give the class itself, @UseGuards(${name})`,
    }));
}

/** Why guards do not apply to handlers of a context. */
export function remediesOf({ context, isBehindGuards, mcpTransport }: Handler): string[] {
  if (mcpTransport !== undefined) {
    return ['call protectMcp(app, strategy) before app.startAllMicroservices() and app.init()'];
  }
  return [
    ...(context === 'rpc'
      ? [
          'in a hybrid application give connectMicroservice() { inheritAppConfig: true }',
          'where that is given and was not seen (a handler made for each request, deferInitialization, Nest 10), ' +
            'put the guards on the controller by @UseGuards(MultiJwtGuard, RolesGuard)',
        ]
      : []),
    ...(context === 'ws' ? ['put the guards on the gateway itself, by @UseGuards(MultiJwtGuard, RolesGuard)'] : []),
    ...(context === 'graphql' && !isBehindGuards ? ["list 'guards' in the fieldResolverEnhancers of GraphQL"] : []),
  ];
}
