import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import type { Decision } from '../decision/decision';
import { refused } from '../decision/decision';
import { driveStrategy } from '../passport/drive-strategy';
import { PreparedToken } from '../passport/oidc-jwt.strategy';
import { headersOf, type OidcRequest } from '../passport/oidc-request';
import { readBearer } from '../token/bearer';
import { accessOf } from './access-metadata';
import { AccessGuard } from './access.guard';
import { OidcRuntime } from './oidc-runtime';

/**
 * Authenticates: takes the request's bearer token, selects the one client it is for by its exact issuer and audience,
 * runs that client's strategy and no other, and puts the principal on `request.user`. Enforces `@Public()` and
 * `@Clients()`; roles and scopes are for `RolesGuard`, which stands behind it.
 *
 * @example
 * ```ts
 * @UseGuards(MultiJwtGuard, RolesGuard)
 * @Controller('mines')
 * export class MinesController {}
 * ```
 */
@Injectable()
export class MultiJwtGuard extends AccessGuard {
  @Inject(OidcRuntime)
  private readonly runtime!: OidcRuntime;

  /**
   * @throws OidcAuthException (or what `createException` makes) where the request is refused.
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = accessOf(context.getClass(), context.getHandler());
    if (access.isPublic) {
      return true;
    }
    const request = this.getRequest(context);
    const decision = this.authenticate(request, access.clients);
    return decision instanceof Promise
      ? decision.then((settled) => this.admit(settled, request, context))
      : this.admit(decision, request, context);
  }

  private authenticate(request: OidcRequest, allowed: ReadonlySet<string> | undefined): Decision | Promise<Decision> {
    const credentials = readBearer(headersOf(request));
    if (credentials.kind !== 'bearer') {
      return refused(credentials.kind === 'none' ? 'authorization_header_missing' : 'invalid_request');
    }
    const selected = this.runtime.verifier.select(credentials.token, allowed);
    if (selected.client === undefined) {
      return selected.decision;
    }
    const strategy = this.runtime.strategies.get(selected.client.name);
    if (strategy === undefined) {
      throw new Error(`client ${JSON.stringify(selected.client.name)} has no strategy`);
    }
    return driveStrategy(strategy, request, new PreparedToken(selected, allowed));
  }

  private admit(decision: Decision, request: OidcRequest, context: ExecutionContext): boolean {
    if (!decision.accepted) {
      return this.refuse(decision, context);
    }
    request.user = decision.principal;
    return true;
  }
}
