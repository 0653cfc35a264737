import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  CurrentUser,
  MultiJwtGuard,
  OidcMultiAuthModule,
  OidcPrincipal,
  Public,
  Roles,
  type OidcRequest,
  type Refusal,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer, withTestIssuer, withUser } from 'nestjs-oidc-multi-auth/testing';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UseGuards, type ExecutionContext } from '@nestjs/common';

/** What a user may override. */
class OwnGuard extends MultiJwtGuard {
  protected override getRequest(context: ExecutionContext): OidcRequest {
    return super.getRequest(context);
  }
  protected override createException(refusal: Refusal, context: ExecutionContext): Error {
    return super.createException(refusal, context);
  }
}

@Controller()
class AppController {
  @Roles('core_view_all')
  @Get('mines')
  mines(@CurrentUser() user: OidcPrincipal): OidcPrincipal {
    return user;
  }
  @UseGuards(OwnGuard)
  @Get('own')
  own(): string {
    return 'own';
  }
  @UseGuards(AuthGuard('oidc:bcmi'))
  @Get('stock')
  stock(): string {
    return 'stock';
  }
  @Public()
  @Get('public')
  open(): string {
    return 'open';
  }
}

/** The helpers for modules under test compile, and load, where `@nestjs/testing` is not installed. */
function tryHelpers(issuer: TestIssuer): void {
  const overridden: unknown[] = [];
  const builder = {
    overrideProvider: (token: unknown) => ({ useFactory: (options: object) => overridden.push(token, options) }),
  };
  assert.equal(withTestIssuer(builder, issuer), builder);
  assert.equal(
    withUser(builder, (request) => (request.headers?.['x-user'] === 'anna' ? { subject: 'anna' } : undefined)),
    builder,
  );
  assert.equal(overridden.length, 4);
}

const load = createRequire(join(process.cwd(), 'package.json'));

/** What else the package exports can be imported. */
async function tryImports(): Promise<void> {
  let matchers = {};
  Object.assign(globalThis, { expect: { extend: (added: object) => (matchers = added) } });
  await import('nestjs-oidc-multi-auth/testing/jest');
  assert.deepEqual(Object.keys(matchers), ['toHaveAccess']);
  assert.deepEqual(load('nestjs-oidc-multi-auth/options.schema.json').required, ['clients']);
}

/** All of this works where none of the optional peers is installed. */
function assertNoOptionalPeers(): void {
  const peers: Record<string, { optional?: boolean }> = load(
    'nestjs-oidc-multi-auth/package.json',
  ).peerDependenciesMeta;
  const optional = Object.keys(peers).filter((name) => peers[name]?.optional === true);
  assert.ok(optional.length > 0);
  for (const name of optional) {
    assert.throws(() => load.resolve(name), { code: 'MODULE_NOT_FOUND' }, `${name} is installed`);
  }
}

async function main(adapterName: string | undefined): Promise<void> {
  await tryImports();
  assertNoOptionalPeers();
  const issuer = await TestIssuer.start();
  tryHelpers(issuer);
  @Module({
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [{ name: 'bcmi', audience: 'mds-bcmi-4587', issuer: issuer.issuer, preset: 'gold-sso' }],
        globalGuards: true,
      }),
    ],
    controllers: [AppController],
  })
  class AppModule {}
  const adapter = adapterName === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(AppModule, adapter, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  const url: string = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const answer = async (path: string, token?: string): Promise<{ status: number; body: string }> => {
    const response = await fetch(
      url + path,
      token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
    );
    return { status: response.status, body: await response.text() };
  };
  const status = async (path: string, token?: string): Promise<number> => (await answer(path, token)).status;
  const token = await issuer.tokenFor('mds-bcmi-4587', { roles: ['core_view_all'] });
  assert.equal(await status('/public'), 200);
  const refused = await answer('/mines');
  assert.deepEqual([refused.status, JSON.parse(refused.body).code], [401, 'authorization_header_missing']);
  assert.equal(await status('/mines', token), 200);
  assert.equal(await status('/mines', await issuer.tokenFor('mds-bcmi-4587')), 403);
  assert.equal(await status('/mines', await issuer.tokenFor('mds-bcmi-4587-evil')), 401);
  assert.equal(await status('/own', token), 200);
  assert.equal(await status('/stock', token), 200);
  assert.deepEqual(issuer.requests, { discovery: 1, jwks: 1 });
  await app.close();
  await issuer.stop();
  console.log(`all answers are as they should be: ${adapter.getType()}`);
}

void main(process.argv[2]);
