import type { ExecutionContext } from '@nestjs/common';
import type { OidcRequest } from '../../core/token/oidc-request';
import type { OidcPrincipal } from '../../core/principal/oidc-principal';

/**
 * What a rule finds in an HTTP request, on Express and Fastify alike. A guard runs before pipes: nothing in it has been
 * validated or transformed.
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
 * A rule of the application's own over principal and request. Nothing but literal `true`, at once or by a promise,
 * lets the request through.
 *
 * @param principal the verified caller.
 * @param request the request as the guard sees it.
 * @param context what Nest knows of the call.
 */
export type AccessRule<Request = AccessRequest> = (
  principal: OidcPrincipal,
  request: Request,
  context: ExecutionContext,
) => boolean | Promise<boolean>;

/**
 * A rule as a class, with whatever Nest injects into it: a provider that Nest could inject into the controller. Its
 * `authorize` is a method, not a property that holds a function.
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
  /** Whether the caller may: only `true`, at once or by a promise, lets a request through. */
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
