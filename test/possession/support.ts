import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import {
  CurrentUser,
  MultiJwtGuard,
  OidcMultiAuthModule,
  OidcPrincipal,
  Roles,
  RolesGuard,
} from 'nestjs-oidc-multi-auth';
import type { OidcMultiAuthOptions } from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { request as httpRequest } from 'node:http';
import { REFUSALS, type RefusalCode } from '../../lib/core/refusal/refusal-code';
import { sinks } from '../support/sinks';
import { startApp, type AdapterName, type Answer, type TestApp, type TestAppOptions } from '../support/test-app';

/** The public origin of the API in these tests. */
export const ORIGIN = 'https://api.example';

export const ALGS = 'ES256 EdDSA Ed25519 PS256 RS256';

@UseGuards(MultiJwtGuard, RolesGuard)
@Controller()
export class MinesController {
  @Get('mines')
  list(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
  @Post('mines')
  add(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
  @Get('mines/:id')
  one(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
  @Roles('admin')
  @Get('admin')
  admin() {
    return 'admin';
  }
}

export async function startApi(
  issuer: TestIssuer,
  options: Partial<OidcMultiAuthOptions> = {},
  adapter: AdapterName = 'express',
  configure?: TestAppOptions['configure'],
): Promise<TestApp> {
  return startApp({
    adapter,
    ...(configure && { configure }),
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [
          { name: 'web', audience: 'web', issuer: issuer.issuer },
          { name: 'bound', audience: 'bound', issuer: issuer.issuer, requireSenderConstraint: true },
        ],
        proofOfPossession: { origins: [ORIGIN] },
        ...options,
      }),
    ],
    controllers: [MinesController],
  });
}

/** What a refusal looks like, for `toEqual`. */
export function refusal(code: RefusalCode): object {
  const { status, message } = REFUSALS[code];
  return expect.objectContaining({
    status,
    body: expect.objectContaining({ statusCode: status, code, message }),
  });
}

/** The challenges of a refusal where both schemes are accepted. */
export function challenges(code: RefusalCode, scheme: 'Bearer' | 'DPoP'): string {
  const { challenge, message } = REFUSALS[code];
  const why = `, error="${challenge}", error_description="${message}"`;
  return `Bearer realm="api"${scheme === 'Bearer' ? why : ''}, DPoP realm="api"${scheme === 'DPoP' ? why : ''}, algs="${ALGS}"`;
}

/** Sends a request with header lines exactly as given, which `fetch` cannot. */
export function send(url: string, method: string, lines: readonly (readonly [string, string])[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port, origin } = new URL(url);
    const path = url.slice(origin.length);
    const request = httpRequest({ hostname, port, path, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        sinks.cameOut(text);
        const headers = new Headers();
        for (const [name, value] of Object.entries(response.headers)) {
          headers.set(name, String(value));
        }
        resolve({ status: response.statusCode ?? 0, headers, body: text.startsWith('{') ? JSON.parse(text) : text });
      });
    });
    request.on('error', reject);
    const names = new Set(lines.map(([name]) => name));
    for (const name of names) {
      const values = lines.filter(([each]) => each === name).map(([, value]) => value);
      request.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
    }
    request.end();
  });
}
