import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import type { Decision } from '../../core/decision/decision';
import { authenticationOf } from '../../observation/decision-observer';
import type { OidcRequest } from '../../core/token/oidc-request';
import { OidcPrincipal } from '../../core/principal/oidc-principal';
import { adoptRequest, connectionOf, isHttp } from '../transport/call';
import { isPresentation, type Presented } from '../../passport/token-sources';
import { rememberPrincipal } from '../transport/principals';
import { accessOf } from '../access/access-metadata';
import { AccessGuard } from './access.guard';
import { OidcRuntime } from '../runtime/oidc-runtime';
import type { Snapshot } from '../runtime/snapshot';

/** A call that has been decided on. */
interface Admission {
  readonly request: OidcRequest;
  readonly context: ExecutionContext;
  readonly startedAt: number | undefined;
  readonly isOptional: boolean;
  readonly presented: Presented;
  /** What it was decided by. */
  readonly current: Snapshot;
}

/**
 * Authenticates: takes the token of the request, selects the one client with its exact issuer and audience, runs that
 * client's strategy, and sets the principal on `request.user`. Enforces `@Public()`, `@OptionalAuth()` and `@Clients()`.
 * Use `RolesGuard` after it for roles and scopes.
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

  /** @throws OidcAuthException (or the result of `createException`) if the request is refused. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const access = accessOf(context.getClass(), context.getHandler());
    if (access.isPublic) {
      return true;
    }
    const request = this.getRequest(context);
    adoptRequest(context, request);
    const startedAt = this.runtime.observer.start();
    const { current } = this.runtime;
    const presented = current.tokenSources.read(request);
    const decision = current.authenticator.authenticate(presented, request, access.clients);
    const admission: Admission = { request, context, startedAt, isOptional: access.isOptional, presented, current };
    return decision instanceof Promise
      ? decision.then((settled) => this.admit(settled, admission))
      : this.admit(decision, admission);
  }

  private admit(decision: Decision, admission: Admission): boolean | Promise<boolean> {
    const { request, context, startedAt, isOptional, presented, current } = admission;
    // If the token is optional, a request without one is not refused, and there is no decision to record.
    if (isOptional && !decision.accepted && decision.code === 'authorization_header_missing') {
      // A principal that is already there does not belong to this request's token.
      request.user = request.user instanceof OidcPrincipal ? undefined : request.user;
      rememberPrincipal(context, undefined);
      return true;
    }
    const call = isHttp(context) ? request : context;
    this.runtime.observer.record(authenticationOf(decision, this.routeOf(context)), startedAt, call);
    this.announceDeprecation(decision, context, current);
    if (!decision.accepted) {
      return this.refuse(decision, context);
    }
    request.user = decision.principal;
    rememberPrincipal(context, decision.principal);
    if (decision.dpopNonce !== undefined) {
      this.setHeader(context, 'DPoP-Nonce', decision.dpopNonce);
      // A cached nonce would be old (RFC 9449 section 8.2).
      this.setHeader(context, 'Cache-Control', 'no-store');
    }
    if (isPresentation(presented) && presented.source === 'query') {
      // A shared cache must not give the answer to somebody else who knows this URL (RFC 6750 section 2.3).
      this.setHeader(context, 'Cache-Control', 'private');
    }
    const connection = connectionOf(context);
    if (connection !== undefined) {
      this.runtime.endWithToken(decision.principal, connection, current.generation);
    }
    return true;
  }

  /** Tells callers of a deprecated client when it ends. */
  private announceDeprecation(decision: Decision, context: ExecutionContext, { deprecationHeaders }: Snapshot): void {
    if (deprecationHeaders.size === 0) {
      return;
    }
    const client = decision.accepted ? decision.principal.client : decision.client;
    // If refusals give no reason, headers give none either.
    const isSaid = decision.accepted || (decision.code === 'client_retired' && this.runtime.saysWhy);
    if (client === undefined || !isSaid) {
      return;
    }
    for (const [name, value] of deprecationHeaders.get(client) ?? []) {
      // Other links may be present. The other headers have one value each (RFC 9745, RFC 8594).
      if (name === 'Link') {
        this.addHeader(context, name, value);
      } else {
        this.setHeader(context, name, value);
      }
    }
  }
}
