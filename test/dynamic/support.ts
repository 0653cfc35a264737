import { Controller, Get, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  CurrentUser,
  OidcClients,
  OidcMultiAuthModule,
  Public,
  type OidcClientOptions,
  type OidcClientSourceOption,
  type OidcMultiAuthOptions,
  type OidcPrincipal,
  type OidcSourcedOptions,
} from 'nestjs-oidc-multi-auth';
import type { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import type { TestApp, TestAppOptions } from '../support/test-app';

@Controller()
export class MinesController {
  @Get('me')
  me(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client, roles: user.roles };
  }
}

/** Stock guards of Passport, that know nothing of this library. */
@Public()
@Controller('stock')
export class StockController {
  @UseGuards(AuthGuard('oidc:web'))
  @Get('web')
  web(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
}

type Start = (options: TestAppOptions) => Promise<TestApp>;

export function startStatic(
  start: Start,
  clients: readonly OidcClientOptions[],
  options: Partial<OidcMultiAuthOptions> = {},
  more: TestAppOptions = {},
): Promise<TestApp> {
  return start({
    imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true, ...options })],
    controllers: [MinesController, StockController],
    ...more,
  });
}

export function startSourced(
  start: Start,
  clientSource: OidcClientSourceOption,
  options: Partial<OidcSourcedOptions> = {},
  more: TestAppOptions = {},
): Promise<TestApp> {
  return start({
    imports: [OidcMultiAuthModule.forRoot({ clientSource, globalGuards: true, ...options })],
    controllers: [MinesController],
    ...more,
  });
}

export const clientsOf = ({ app }: TestApp): OidcClients => app.get(OidcClients);

/** A client whose audience is its name. */
export const client = (issuer: TestIssuer, name: string, more: Partial<OidcClientOptions> = {}): OidcClientOptions => ({
  name,
  audience: name,
  issuer: issuer.issuer,
  ...more,
});
