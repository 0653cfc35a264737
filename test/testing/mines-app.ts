import { Controller, Get } from '@nestjs/common';
import { Clients, CurrentUser, OidcPrincipal, Public, Roles, Scopes } from 'nestjs-oidc-multi-auth';

/** An application's routes, each with one rule; they know nothing of tests. */
@Controller()
export class MinesController {
  @Get('me')
  me(@CurrentUser() user: OidcPrincipal) {
    return Object.assign({}, user, { claims: user.claims });
  }
  @Roles('admin')
  @Get('admin')
  admin() {
    return 'admin';
  }
  @Scopes('write')
  @Get('write')
  write() {
    return 'write';
  }
  @Clients('bcmi')
  @Get('bcmi')
  bcmi() {
    return 'bcmi';
  }
  @Public()
  @Get('public')
  open() {
    return 'open';
  }
}
