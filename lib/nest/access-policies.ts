import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { ContextIdFactory, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { OidcPrincipal } from '../principal/oidc-principal';
import { isPolicyType, type AccessPolicy, type AccessPolicyType, type AccessRule } from '../roles/access-rule';

/** The part of Nest's wrapper around a provider that is used. */
interface ProviderWrapper {
  readonly instance: unknown;
  isDependencyTreeStatic(): boolean;
}

/** The provider of a policy: of the module that a controller is in, else of any module. */
export function findPolicy(
  modules: ModulesContainer,
  policy: AccessPolicyType,
  controller: Function,
): ProviderWrapper | undefined {
  const providing = [...modules.values()].filter((module) => module.providers.has(policy));
  const nearest = providing.find((module) => [...module.controllers.keys()].includes(controller)) ?? providing[0];
  return nearest?.providers.get(policy);
}

/**
 * Asks the rules that `@Authorize()` lists. A rule that is a class is the provider of the module that its controller is
 * in, else of any module.
 *
 * @internal
 */
@Injectable()
export class AccessPolicies {
  constructor(
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {}

  /**
   * Whether every rule accepts; asks them in turn, and no further once one does not. Answers without a promise when the
   * rules do.
   */
  accept(
    rules: readonly Function[],
    principal: OidcPrincipal,
    request: object,
    context: ExecutionContext,
  ): boolean | Promise<boolean> {
    for (const [index, rule] of rules.entries()) {
      const answer = this.ask(rule, principal, request, context);
      if (isPromiseLike(answer)) {
        const rest = rules.slice(index + 1);
        return Promise.resolve(answer).then((settled) =>
          settled === true ? this.accept(rest, principal, request, context) : false,
        );
      }
      if (answer !== true) {
        return false;
      }
    }
    return true;
  }

  private ask(rule: Function, principal: OidcPrincipal, request: object, context: ExecutionContext): unknown {
    if (!isPolicyType(rule)) {
      return (rule as AccessRule<object>)(principal, request, context);
    }
    const policy = this.resolve(rule, context.getClass(), request);
    return policy instanceof Promise
      ? policy.then((resolved) => resolved.authorize(principal, request, context))
      : policy.authorize(principal, request, context);
  }

  private resolve(
    policy: AccessPolicyType,
    controller: Function,
    request: object,
  ): AccessPolicy<object> | Promise<AccessPolicy<object>> {
    const wrapper = findPolicy(this.modules, policy, controller);
    if (wrapper === undefined) {
      throw new Error(`${policy.name} is a rule of ${controller.name} and no module provides it`);
    }
    if (wrapper.isDependencyTreeStatic()) {
      return wrapper.instance as AccessPolicy<object>;
    }
    const contextId = ContextIdFactory.getByRequest(request);
    this.moduleRef.registerRequestByContextId(request, contextId);
    return this.moduleRef.resolve<AccessPolicy<object>>(policy, contextId, { strict: false });
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
