import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { OidcPrincipal } from '../principal/oidc-principal';
import { checkAccess, hasRules } from '../roles/access';
import { accessOf } from './access-metadata';
import { AccessPolicies } from './access-policies';
import { AccessGuard } from './access.guard';

/**
 * Authorizes: compares what `@Roles()`, `@AllRoles()`, `@Scopes()` and `@Authorize()` ask with the principal that
 * `MultiJwtGuard` (or a stock `AuthGuard('oidc:<client>')`) left on `request.user`. Stands behind one of them; without a
 * principal a route with a rule is refused with 401 `not_authenticated`.
 */
@Injectable()
export class RolesGuard extends AccessGuard {
  @Inject(AccessPolicies)
  private readonly policies!: AccessPolicies;

  /**
   * @throws OidcAuthException (or what `createException` makes) where the request is refused, and whatever a rule of
   *   `@Authorize()` throws.
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = accessOf(context.getClass(), context.getHandler());
    if (access.isPublic || !hasRules(access)) {
      return true;
    }
    const request = this.getRequest(context);
    const principal = request.user instanceof OidcPrincipal ? request.user : undefined;
    const refusal = checkAccess(access, principal);
    if (refusal !== undefined) {
      return this.refuse(refusal, context);
    }
    if (access.rules === undefined || principal === undefined) {
      return true;
    }
    const accepted = this.policies.accept(access.rules, principal, request, context);
    return accepted instanceof Promise
      ? accepted.then((settled) => this.admit(settled, context))
      : this.admit(accepted, context);
  }

  private admit(accepted: boolean, context: ExecutionContext): boolean {
    return accepted || this.refuse({ code: 'access_denied' }, context);
  }
}
