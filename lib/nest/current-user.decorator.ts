import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { OidcRequest } from '../passport/oidc-request';
import { OidcPrincipal } from '../principal/oidc-principal';

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
    const type = context.getType<string>();
    if (type !== 'http') {
      throw new Error(`@CurrentUser() does not know where the context "${type}" carries the user`);
    }
    const { user } = context.switchToHttp().getRequest<OidcRequest>();
    return user instanceof OidcPrincipal ? user : undefined;
  },
);
