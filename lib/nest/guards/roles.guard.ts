import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { OidcPrincipal } from '../../core/principal/oidc-principal';
import type { Refusal } from '../../core/refusal/refusal-code';
import { checkAccess } from '../../core/access/access';
import { ACCESS_KINDS } from '../../core/access/access-kinds';
import { accessOf } from '../access/access-metadata';
import { StepUpRequired } from '../../passport/step-up-required';
import { AuthorizeRules } from '../access/authorize-rules';
import { AccessGuard } from './access.guard';
import { OidcRuntime } from '../runtime/oidc-runtime';

/**
 * Authorizes: checks `@Roles()`, `@AllRoles()`, `@Scopes()`, `@AuthenticationContext()` and `@Authorize()` against the principal that `MultiJwtGuard`
 * (or a stock `AuthGuard('oidc:<client>')`) set on `request.user`. Use it after one of them: without a principal, a route
 * with a rule is refused with 401 `not_authenticated`.
 */
@Injectable()
export class RolesGuard extends AccessGuard {
  @Inject(OidcRuntime)
  private readonly runtime!: OidcRuntime;

  @Inject(AuthorizeRules)
  private readonly rules!: AuthorizeRules;

  /**
   * @throws OidcAuthException (or the result of `createException`) if the request is refused, and anything that a rule of
   *   `@Authorize()` throws.
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = accessOf(context.getClass(), context.getHandler());
    if (access.isPublic || !access.hasRules) {
      return true;
    }
    const startedAt = this.runtime.observer.start();
    const request = this.getRequest(context);
    const principal = request.user instanceof OidcPrincipal ? request.user : undefined;
    const refusal = checkAccess(access, principal, this.runtime.accessClock);
    if (refusal !== undefined || access.rules === undefined || principal === undefined) {
      return this.conclude(refusal, principal, context, startedAt);
    }
    const denied = { code: ACCESS_KINDS.rules.code };
    const settle = (isAccepted: boolean): boolean | Promise<boolean> =>
      this.conclude(isAccepted ? undefined : denied, principal, context, startedAt);
    // The exception of a rule is the answer, and counts as a refusal.
    const fail = (error: unknown): boolean | Promise<boolean> => {
      if (error instanceof StepUpRequired) {
        return this.conclude(error.refusal, principal, context, startedAt);
      }
      this.record(denied, principal, context, startedAt);
      throw error;
    };
    let accepted: boolean | Promise<boolean>;
    try {
      accepted = this.rules.accept(access.rules, principal, request, context);
    } catch (error) {
      return fail(error);
    }
    return accepted instanceof Promise ? accepted.then(settle, fail) : settle(accepted);
  }

  private conclude(
    refusal: Refusal | undefined,
    principal: OidcPrincipal | undefined,
    context: ExecutionContext,
    startedAt: number | undefined,
  ): boolean | Promise<boolean> {
    this.record(refusal, principal, context, startedAt);
    return refusal === undefined || this.refuse(refusal, context);
  }

  private record(
    refusal: Refusal | undefined,
    principal: OidcPrincipal | undefined,
    context: ExecutionContext,
    startedAt: number | undefined,
  ): void {
    this.runtime.observer.record(
      {
        stage: 'authorization',
        accepted: refusal === undefined,
        ...(refusal && { code: refusal.code }),
        ...(principal && { client: principal.client, issuer: principal.issuer }),
        route: this.routeOf(context),
      },
      startedAt,
    );
  }
}
