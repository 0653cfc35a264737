import { Injectable, type ExecutionContext } from '@nestjs/common';
import { OidcPrincipal } from '../principal/oidc-principal';
import { checkAccess, hasRules } from '../roles/access';
import { accessOf } from './access-metadata';
import { AccessGuard } from './access.guard';

/**
 * Authorizes: compares what `@Roles()`, `@AllRoles()` and `@Scopes()` ask with the principal that `MultiJwtGuard` (or a
 * stock `AuthGuard('oidc:<client>')`) left on `request.user`. Stands behind one of them; without a principal a route
 * with a rule is refused with 401 `not_authenticated`.
 */
@Injectable()
export class RolesGuard extends AccessGuard {
  /**
   * @throws OidcAuthException (or what `createException` makes) where the request is refused.
   */
  canActivate(context: ExecutionContext): boolean {
    const access = accessOf(context.getClass(), context.getHandler());
    if (access.isPublic || !hasRules(access)) {
      return true;
    }
    const { user } = this.getRequest(context);
    const refusal = checkAccess(access, user instanceof OidcPrincipal ? user : undefined);
    return refusal === undefined || this.refuse(refusal, context);
  }
}
