import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { OidcPrincipal } from '../../core/principal/oidc-principal';
import { principalOf } from '../transport/principals';

/**
 * The principal of the request: who calls. Undefined where nobody established one: on a `@Public()` route, where no token
 * is looked at, unless something else put one there, and on an `@OptionalAuth()` route without a token.
 *
 * @example
 * ```ts
 * @Get('me')
 * me(@CurrentUser() user: OidcPrincipal) {
 *   return { client: user.client, roles: user.roles };
 * }
 * ```
 */
export const CurrentUser: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext): OidcPrincipal | undefined => {
    const user = principalOf(context);
    return user instanceof OidcPrincipal ? user : undefined;
  },
);
