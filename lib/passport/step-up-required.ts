import { copyRequirement, type AuthenticationRequirement } from '../core/access/authentication-requirement';
import { DEFAULT_STYLE } from '../core/refusal/refusal-style';
import { OidcAuthException } from './oidc-auth.exception';

/**
 * Asks the caller to authenticate more strongly or again (RFC 9470): 401 `insufficient_user_authentication`. Throw it where
 * the requirement depends on the request, such as an amount: in a rule of `@Authorize()`, on any transport, or in a handler
 * of HTTP, GraphQL or a microservice. For a fixed requirement use `@AuthenticationContext()`.
 *
 * @throws TypeError without `acr` and `maxAge`, or with a malformed one.
 * @example
 * ```ts
 * if (amount > 10_000 && user.claims['acr'] !== 'phr') {
 *   throw new StepUpRequired({ acr: ['phr'], maxAge: 300 });
 * }
 * ```
 */
export class StepUpRequired extends OidcAuthException {
  /**
   * Makes the refusal.
   *
   * @param requirement how the user must have been authenticated.
   */
  constructor(requirement: AuthenticationRequirement) {
    const authentication = copyRequirement(requirement, 'StepUpRequired');
    super({ code: 'insufficient_user_authentication', authentication }, DEFAULT_STYLE);
  }
}
