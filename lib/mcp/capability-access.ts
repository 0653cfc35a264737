import { checkAccess } from '../core/access/access';
import { ACCESS_KINDS } from '../core/access/access-kinds';
import type { Refusal } from '../core/refusal/refusal-code';
import { accessOf } from '../nest/access/access-metadata';
import type { AuthorizeRules } from '../nest/access/authorize-rules';
import type { OidcRuntime } from '../nest/runtime/oidc-runtime';
import { exceptionOf } from '../passport/oidc-auth.exception';
import { StepUpRequired } from '../passport/step-up-required';
import { mcpError } from '../nest/transport/mcp-call';
import { messageOf } from '../nest/transport/refusal-exception';
import { executionContextOf, type Carrier } from './message-context';
import type { Capability } from './strategy-hooks';

/** Decides who may use a tool, resource or prompt: as `MultiJwtGuard` and `RolesGuard` before it would. */
export class CapabilityAccess {
  constructor(
    private readonly runtime: OidcRuntime,
    private readonly rules: AuthorizeRules,
  ) {}

  /**
   * Why a caller may not use it by what the decorators list, the application's own rules aside.
   *
   * @param carrier the HTTP request of the message; undefined over stdio.
   */
  refusalOf(capability: Capability, carrier: Carrier | undefined): Refusal | undefined {
    const { controller, handler, isPublicTool } = capability;
    const access = accessOf(controller, handler);
    const needsClient = access.clients !== undefined;
    if (access.isPublic || (isPublicTool && !access.hasRules && !needsClient)) {
      return undefined;
    }
    const principal = carrier?.principal;
    if (principal === undefined) {
      // Over stdio there is no token. What has no rule is open there, as mcp-nest has it.
      const isOpen = access.isOptional || (carrier === undefined && !access.hasRules && !needsClient);
      return isOpen ? undefined : { code: 'not_authenticated' };
    }
    if (access.clients?.has(principal.client) === false) {
      return { code: ACCESS_KINDS.clients.code };
    }
    const refusal = checkAccess(access, principal, this.runtime.accessClock);
    return refusal?.code === 'missing_scope' ? { ...refusal, requiredScopes: access.scopes } : refusal;
  }

  /**
   * Why a caller may not use it, with the application's own rules.
   *
   * @param data the arguments of the call; undefined for a list.
   * @throws whatever a rule throws, but `StepUpRequired`.
   */
  async decide(capability: Capability, data: unknown, carrier: Carrier | undefined): Promise<Refusal | undefined> {
    const refusal = this.refusalOf(capability, carrier);
    const { rules } = accessOf(capability.controller, capability.handler);
    if (refusal !== undefined || rules === undefined || carrier?.principal === undefined) {
      return refusal;
    }
    try {
      const context = executionContextOf(capability, data, carrier);
      const isAccepted = await this.rules.accept(rules, carrier.principal, carrier.request, context);
      return isAccepted ? undefined : { code: ACCESS_KINDS.rules.code };
    } catch (error) {
      if (error instanceof StepUpRequired) {
        return error.refusal;
      }
      throw error;
    }
  }

  /**
   * Lets a call pass, and records the decision.
   *
   * @throws an error of JSON-RPC with the code of the refusal.
   */
  async enforce(capability: Capability, data: unknown, carrier: Carrier | undefined): Promise<void> {
    const startedAt = this.runtime.observer.start();
    let refusal: Refusal | undefined;
    try {
      refusal = await this.decide(capability, data, carrier);
    } catch {
      // What a rule threw is not for the caller: it may tell of the inside.
      refusal = { code: ACCESS_KINDS.rules.code };
    }
    this.record(capability, refusal, carrier, startedAt);
    if (refusal !== undefined) {
      throw this.errorOf(refusal, carrier);
    }
  }

  /** Whether a list shows it to a caller. A rule that cannot be asked without arguments hides it. */
  async isVisible(capability: Capability, carrier: Carrier | undefined): Promise<boolean> {
    try {
      return (await this.decide(capability, undefined, carrier)) === undefined;
    } catch {
      return false;
    }
  }

  errorOf(refusal: Refusal, carrier: Carrier | undefined): Error {
    const exception = exceptionOf(refusal, this.runtime.styleFor(carrier?.request));
    return mcpError(exception, messageOf(exception));
  }

  record(
    { controller, handler }: Capability,
    refusal: Refusal | undefined,
    carrier: Carrier | undefined,
    startedAt: number | undefined,
  ): void {
    const principal = carrier?.principal;
    this.runtime.observer.record(
      {
        stage: 'authorization',
        accepted: refusal === undefined,
        ...(refusal && { code: refusal.code }),
        ...(principal && { client: principal.client, issuer: principal.issuer }),
        route: this.runtime.routes.of(controller, handler),
      },
      startedAt,
    );
  }
}
