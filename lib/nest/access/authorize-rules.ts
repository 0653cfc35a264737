import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { ContextIdFactory, ModuleRef, ModulesContainer } from '@nestjs/core';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';
import { isRuleClass, type AccessPolicy, type AccessPolicyType, type AccessRule } from './access-rule';
import { findRuleProvider, type RuleProvider } from './rule-provider';

/**
 * Runs the rules of `@Authorize()`. A rule class is the provider that Nest would inject into the controller.
 *
 * @internal
 */
@Injectable()
export class AuthorizeRules {
  readonly #found = new WeakMap<object, WeakMap<object, RuleProvider>>();

  constructor(@Inject(ModulesContainer) private readonly modules: ModulesContainer) {}

  /**
   * Whether every rule accepts. Runs them in order and stops at the first that does not. Returns no promise if the rules
   * return none.
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
    if (!isRuleClass(rule)) {
      return (rule as AccessRule<object>)(principal, request, context);
    }
    const ruleClass = this.resolve(rule, context.getClass(), request);
    return ruleClass instanceof Promise
      ? ruleClass.then((resolved) => resolved.authorize(principal, request, context))
      : ruleClass.authorize(principal, request, context);
  }

  private resolve(
    ruleClass: AccessPolicyType,
    controller: Function,
    request: object,
  ): AccessPolicy<object> | Promise<AccessPolicy<object>> {
    const { module } = this.find(ruleClass, controller);
    const wrapper = module.providers.get(ruleClass);
    // For request-scoped and transient providers, the wrapper's instance is a bare prototype.
    if (wrapper !== undefined && wrapper.isDependencyTreeStatic() && !wrapper.isTransient) {
      return wrapper.instance as AccessPolicy<object>;
    }
    const moduleRef: unknown = module.providers.get(ModuleRef)?.instance;
    if (!(moduleRef instanceof ModuleRef)) {
      throw new Error(`${ruleClass.name}, a rule of ${controller.name}, cannot be made`);
    }
    const contextId = ContextIdFactory.getByRequest(request);
    moduleRef.registerRequestByContextId(request, contextId);
    return moduleRef.resolve<AccessPolicy<object>>(ruleClass, contextId, { strict: true });
  }

  /**
   * @throws Error if the provider is missing or ambiguous. The start-up audit reports it, and the rule never accepts.
   */
  private find(ruleClass: AccessPolicyType, controller: Function): RuleProvider {
    let ofClass = this.#found.get(ruleClass);
    if (ofClass === undefined) {
      ofClass = new WeakMap();
      this.#found.set(ruleClass, ofClass);
    }
    let found = ofClass.get(controller);
    if (found === undefined) {
      const answer = findRuleProvider(this.modules, ruleClass, controller);
      if (typeof answer === 'string') {
        throw new Error(`${ruleClass.name} is a rule of ${controller.name}, and is ${answer}`);
      }
      found = answer;
      ofClass.set(controller, found);
    }
    return found;
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
