import {
  accessOf,
  declaredOnClass,
  declaredOnMethod,
  declaresAccess,
  declaresRule,
  type DeclaredAccess,
} from '../access/access-metadata';
import type { Access } from '../../core/access/access';
import { authenticates, enforcementOf, isBlind, isSeenByGuards, remediesOf, uninjectedIn } from './enforcement';
import type { AccessFinding } from './finding';
import { isRuleClass, type AccessPolicyType } from '../access/access-rule';
import type { GuardInForce } from './guards-in-force';
import type { Handler } from './handler';

export type { AccessFinding, AccessFindingCode } from './finding';

/**
 * Who may call: everybody; everybody, with a valid token or none; callers that a guard accepts; or everybody, although no
 * decorator says so.
 */
export type AccessOpenness = 'public' | 'optional' | 'guarded' | 'unguarded';

/**
 * The facts about an application that findings need, besides its handlers.
 *
 * @internal
 */
export interface FindingContext {
  /** Whether each route must say who may call it. */
  readonly requireExplicitAccess: boolean;
  /** Whether a client is configured; undefined where the configuration is not known. */
  readonly isClient: ((name: string) => boolean) | undefined;
  /** Why a rule class cannot be asked; undefined if it can. */
  readonly ruleProviderFault: (policy: AccessPolicyType, controller: Function) => 'missing' | 'ambiguous' | undefined;
}

/**
 * All findings about one handler.
 *
 * @internal
 */
export function findingsOf(
  handler: Handler,
  guards: readonly GuardInForce[],
  { requireExplicitAccess, isClient, ruleProviderFault }: FindingContext,
): AccessFinding[] {
  const access = accessOf(handler.metatype, handler.handler);
  const places = [declaredOnMethod(handler.metatype, handler.handler), declaredOnClass(handler.metatype)];
  const findings = [...enforcementOf(handler, access, guards), ...uninjectedIn(guards)];
  for (const place of places) {
    findings.push(...contradictionsIn(place));
  }
  if (isUnguarded(handler, access, guards)) {
    // `unenforced` says the same.
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
    const fault = isRuleClass(policy) ? ruleProviderFault(policy, handler.metatype) : undefined;
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

/** Whether anybody may call a handler although it is not declared public. */
function isUnguarded(handler: Handler, access: Access, guards: readonly GuardInForce[]): boolean {
  return (
    !access.isPublic &&
    !guards.some(authenticates) &&
    // A rule without an authenticating guard refuses everybody.
    !(access.hasRules && guards.some(({ does }) => does === 'authorizes')) &&
    // An unknown context may not be reachable at all.
    handler.context !== 'other'
  );
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

/** Whether a guard on the route decides by itself who may call, without reading decorators. */
function isOwnStatement({ does, isGlobal }: GuardInForce): boolean {
  return does === 'authenticates' && !isGlobal;
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

function clientsOf({ clients, roles }: Access): ReadonlySet<string> {
  return new Set([
    ...(clients ?? []),
    ...(roles ?? []).flatMap((role) => (typeof role === 'string' ? [] : [role.client])),
  ]);
}
