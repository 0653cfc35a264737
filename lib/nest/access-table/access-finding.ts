import {
  accessOf,
  declaredOnClass,
  declaredOnMethod,
  declaresAccess,
  declaresRule,
  type DeclaredAccess,
} from '../access/access-metadata';
import { hasKindOf, type Access } from '../../core/access/access';
import { ACCESS_KIND_NAMES } from '../../core/access/access-kinds';
import { isPolicyType, type AccessPolicyType } from '../access/access-rule';
import type { GuardInForce } from './guards-in-force';
import type { Handler } from './handler';

/**
 * What is wrong, or doubtful, about the access to a handler:
 *
 * - `unguarded`: no guard that is known to authenticate stands before it, and it does not say that it is public;
 * - `unenforced`: it has access decorators that no guard before it enforces;
 * - `unknown_context`: it has access decorators, and whether guards run before it is not known;
 * - `uninjected_guard`: a guard of this library before it was made by `new`, so it has no configuration;
 * - `outside_router`: a route that Nest's router does not know, so that no guard can stand before it;
 * - `always_refused`: it has a rule, and nothing before `RolesGuard` establishes who calls;
 * - `contradiction`: decorators contradict each other, or a guard, so that one of them has no effect;
 * - `undeclared`: it does not say who may call it, and `requireExplicitAccess` asks for it;
 * - `missing_policy`: a class in `@Authorize()` that no module provides;
 * - `ambiguous_policy`: one that several modules provide, and nothing says which is meant;
 * - `unknown_client`: it is for a client that is not configured.
 */
export type AccessFindingCode =
  | 'unguarded'
  | 'unenforced'
  | 'unknown_context'
  | 'uninjected_guard'
  | 'outside_router'
  | 'always_refused'
  | 'contradiction'
  | 'undeclared'
  | 'missing_policy'
  | 'ambiguous_policy'
  | 'unknown_client';

/** Who gets in: everybody; everybody, but tokens must be good; who a guard lets in; or everybody, and nobody said so. */
export type AccessOpenness = 'public' | 'optional' | 'guarded' | 'unguarded';

/** One thing that is wrong or doubtful about the access to a handler. */
export interface AccessFinding {
  readonly code: AccessFindingCode;
  /** What is wrong, as what follows the name of the handler in a sentence. */
  readonly problem: string;
  /** What would be right. */
  readonly remedy: string;
}

/**
 * What is known of an application beside its handlers.
 *
 * @internal
 */
export interface FindingContext {
  /** Whether each route must say who may call it. */
  readonly requireExplicitAccess: boolean;
  /** Whether a client is configured; undefined where the configuration is not known. */
  readonly isClient: ((name: string) => boolean) | undefined;
  /** What keeps a policy from being asked; undefined where nothing does. */
  readonly policyFault: (policy: AccessPolicyType, controller: Function) => 'missing' | 'ambiguous' | undefined;
}

/**
 * Everything that is wrong or doubtful about the access to one handler.
 *
 * @internal
 */
export function findingsOf(
  handler: Handler,
  guards: readonly GuardInForce[],
  { requireExplicitAccess, isClient, policyFault }: FindingContext,
): AccessFinding[] {
  const access = accessOf(handler.metatype, handler.handler);
  const places = [declaredOnMethod(handler.metatype, handler.handler), declaredOnClass(handler.metatype)];
  const findings = [...enforcementOf(handler, access, guards), ...uninjectedIn(guards)];
  for (const place of places) {
    findings.push(...contradictionsIn(place));
  }
  if (isUnguarded(handler, access, guards)) {
    // Where it has decorators, that they are not enforced says the same.
    findings.push(...(findings.some(({ code }) => code === 'unenforced') ? [] : [unguarded(handler, guards)]));
  } else if (requireExplicitAccess && !places.some(declaresAccess) && !guards.some(isOwnStatement)) {
    findings.push({
      code: 'undeclared',
      problem: 'does not say who may call it',
      remedy: 'give it @Roles() or another access decorator; @Authenticated() is for everybody with a good token',
    });
  }
  for (const client of clientsOf(access)) {
    if (isClient?.(client) === false) {
      findings.push({
        code: 'unknown_client',
        problem: `is for client "${client}", which is not configured`,
        remedy: 'configure it, or check its spelling',
      });
    }
  }
  for (const policy of access.rules ?? []) {
    const fault = isPolicyType(policy) ? policyFault(policy, handler.metatype) : undefined;
    if (fault === 'missing') {
      findings.push({
        code: 'missing_policy',
        problem: `has a rule in @Authorize(), ${policy.name}, that no module provides`,
        remedy: 'list it among the providers of the module that the controller is in',
      });
    }
    if (fault === 'ambiguous') {
      findings.push({
        code: 'ambiguous_policy',
        problem: `has a rule in @Authorize(), ${policy.name}, that several modules provide`,
        remedy: 'import the module that is meant where the controller is, or provide it there',
      });
    }
  }
  return findings;
}

/** Whether anybody may call a handler that does not say so. */
function isUnguarded(handler: Handler, access: Access, guards: readonly GuardInForce[]): boolean {
  return (
    !access.isPublic &&
    !guards.some(authenticates) &&
    // What asks for a principal that nobody establishes is closed, not open.
    !(access.hasRules && guards.some(({ does }) => does === 'authorizes')) &&
    // What this library has no word for may be no way into the application at all.
    handler.context !== 'other'
  );
}

/** Whether a guard establishes who calls. */
function authenticates({ does }: GuardInForce): boolean {
  return does === 'authenticates' || does === 'authenticates by decorators';
}

/**
 * How open a handler is.
 *
 * @internal
 */
export function opennessOf(handler: Handler, access: Access, guards: readonly GuardInForce[]): AccessOpenness {
  if (access.isPublic) {
    return guards.some(isBlind) ? 'guarded' : 'public';
  }
  if (
    access.isOptional &&
    handler.context !== 'other' &&
    guards.some(({ does }) => does === 'authenticates by decorators')
  ) {
    return 'optional';
  }
  const isUnknown = handler.context === 'other' || !isSeenByGuards(handler);
  return isUnknown || isUnguarded(handler, access, guards) ? 'unguarded' : 'guarded';
}

/** A guard that does not look at decorators and was put right there says itself who may call. */
function isOwnStatement({ does, isGlobal }: GuardInForce): boolean {
  return does === 'authenticates' && !isGlobal;
}

/** A guard that does not look at decorators: `@Public()` opens nothing behind it. */
function isBlind({ does }: GuardInForce): boolean {
  return does === 'authenticates';
}

/** Whether guards are told of the class and the method that the decorators are on. */
function isSeenByGuards({ metatype, controller, handler, callback = handler }: Handler): boolean {
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

/** No kind of rule has an empty list. */
function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((member, index) => member === other[index]);
}

function enforcementOf(handler: Handler, access: Access, guards: readonly GuardInForce[]): AccessFinding[] {
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

/** A guard that was made by `new` has no configuration: each call ends in an error. */
function uninjectedIn(guards: readonly GuardInForce[]): AccessFinding[] {
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

function contradictionsIn(place: DeclaredAccess): AccessFinding[] {
  const openings = [...(place.isPublic ? ['@Public()'] : []), ...(place.isOptional ? ['@OptionalAuth()'] : [])];
  const defeated = declaresRule(place) ? openings : openings.slice(0, -1);
  return defeated.map((decorator) => ({
    code: 'contradiction',
    problem: `has ${decorator} beside ${declaresRule(place) ? 'other access decorators' : '@OptionalAuth()'} in one place: ${decorator} has no effect there`,
    remedy: 'leave one of them out',
  }));
}

function unguarded(handler: Handler, guards: readonly GuardInForce[]): AccessFinding {
  const strangers = guards.filter(({ does }) => does === 'unknown').map(({ name }) => name);
  const unless = strangers.length > 0 ? `, unless ${strangers.join(' or ')} sees to that` : '';
  const remedies = [
    ...remediesOf(handler),
    'put MultiJwtGuard before it, by @UseGuards() or by globalGuards: true',
    ...(strangers.length > 0 ? ['list a guard of your own in authenticatingGuards'] : []),
    'or say so by @Public()',
  ];
  return {
    code: 'unguarded',
    problem: `is unguarded: anybody may call ${handler.method} ${handler.path}${unless}`,
    remedy: remedies.join('; '),
  };
}

/** What keeps guards from standing before handlers of a context. */
function remediesOf({ context, isBehindGuards }: Handler): string[] {
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

function clientsOf({ clients, roles }: Access): ReadonlySet<string> {
  return new Set([
    ...(clients ?? []),
    ...(roles ?? []).flatMap((role) => (typeof role === 'string' ? [] : [role.client])),
  ]);
}
