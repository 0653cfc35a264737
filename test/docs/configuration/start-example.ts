import { Controller, Get, type Type } from '@nestjs/common';
import { CurrentUser, Roles, type OidcPrincipal } from '../../../lib';
import { startApp, type TestApp } from '../../support/test-app';

@Controller()
class MinesController {
  @Roles('core_view_all')
  @Get('mines')
  mines(@CurrentUser() user: OidcPrincipal): string {
    return user.client;
  }
}

/** Starts the application's module of an example, with a route that says which client calls. */
export function startExample(AppModule: Type): Promise<TestApp> {
  return startApp({ imports: [AppModule], controllers: [MinesController] });
}
