import { Controller, Get } from '@nestjs/common';
import {
  CurrentUser,
  OidcMultiAuthModule,
  OidcRevocations,
  type OidcMultiAuthOptions,
  type OidcPrincipal,
} from 'nestjs-oidc-multi-auth';
import type { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import type { TestApp, TestAppOptions } from '../support/test-app';

@Controller()
export class MinesController {
  @Get('me')
  me(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
}

/** An application with one route and two clients of one issuer. */
export const appOf = (
  issuer: TestIssuer,
  options: Partial<OidcMultiAuthOptions> = {},
  rest: Partial<TestAppOptions> = {},
): TestAppOptions => ({
  imports: [
    OidcMultiAuthModule.forRoot({
      clients: [
        { name: 'web', audience: 'api', issuer: issuer.issuer, authorizedParties: ['web', 'spa'] },
        { name: 'app', audience: 'app', issuer: issuer.issuer },
      ],
      revocation: {},
      globalGuards: true,
      ...options,
    }),
  ],
  controllers: [MinesController],
  ...rest,
});

export const revocationsOf = ({ app }: TestApp): OidcRevocations => app.get(OidcRevocations);

export const now = (): number => Math.floor(Date.now() / 1000);

export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Posts a body as it is. */
export async function post(
  url: string,
  body: string,
  type: string | undefined,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: unknown; text: string }> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { ...(type !== undefined && { 'content-type': type }), ...headers },
  });
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = text === '' ? undefined : JSON.parse(text);
  } catch {
    parsed = text;
  }
  return { status: response.status, headers: response.headers, body: parsed, text };
}
