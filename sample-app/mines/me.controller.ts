import { Controller, Get } from '@nestjs/common';
import { Authenticated, CurrentUser, OidcPrincipal } from 'nestjs-oidc-multi-auth';

/** Any token of any client will do. */
@Authenticated()
@Controller('me')
export class MeController {
  @Get()
  me(@CurrentUser() user: OidcPrincipal): OidcPrincipal {
    return user;
  }
}
