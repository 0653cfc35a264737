import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { OidcPrincipal } from '../../core/principal/oidc-principal';
import { principalOf } from '../transport/principals';

/**
 * The principal of the request. Undefined on a `@Public()` route, where tokens are ignored, unless something else has set
 * one, and on an `@OptionalAuth()` route without a token.
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
