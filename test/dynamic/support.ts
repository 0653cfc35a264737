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
import { setTimeout as sleep } from 'node:timers/promises';
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

/** Waits until something is so. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 5000;
  // oxlint-disable-next-line no-await-in-loop
  while (!(await condition())) {
    if (Date.now() > end) {
      throw new Error('it did not come true within 5 s');
    }
    // oxlint-disable-next-line no-await-in-loop
    await sleep(20);
  }
}
