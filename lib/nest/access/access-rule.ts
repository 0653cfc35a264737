import type { ExecutionContext } from '@nestjs/common';
import type { OidcRequest } from '../../core/token/oidc-request';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';

/**
 * The request that a rule receives, on Express and Fastify. Guards run before pipes, so nothing in it is validated or
 * transformed.
 */
export interface AccessRequest extends OidcRequest {
  readonly method: string;
  readonly url: string;
  /** Named parameters of the route, as in `mines/:id`. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/**
 * A rule of the application over principal and request. Only `true`, or a promise of it, accepts.
 *
 * @param principal the verified caller.
 * @param request the request as the guard sees it.
 * @param context the execution context of the call.
 */
export type AccessRule<Request = AccessRequest> = (
  principal: OidcPrincipal,
  request: Request,
  context: ExecutionContext,
) => boolean | Promise<boolean>;

/**
 * A rule as an injectable class: a provider that Nest could inject into the controller. `authorize` must be a method, not a
 * property that holds a function.
 *
 * @example
 * ```ts
 * @Injectable()
 * export class MayEditMine implements AccessPolicy {
 *   constructor(private readonly permits: PermitsService) {}
 *   authorize(principal: OidcPrincipal, request: AccessRequest) {
 *     return this.permits.mayEdit(principal.subject, request.params['id']);
 *   }
 * }
 * ```
 */
export interface AccessPolicy<Request = AccessRequest> {
  /** Whether the caller may. Only `true`, or a promise of it, accepts. */
  authorize: AccessRule<Request>;
}

/** A class that is an `AccessPolicy`; Nest makes its instances. */
export type AccessPolicyType<Request = AccessRequest> = abstract new (...injected: never[]) => AccessPolicy<Request>;

/**
 * Whether a rule is given as a class with a method `authorize`, and not as a function.
 *
 * @internal
 */
export function isRuleClass(rule: Function): rule is AccessPolicyType {
  const prototype: unknown = rule.prototype;
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    'authorize' in prototype &&
    typeof prototype.authorize === 'function'
  );
}
