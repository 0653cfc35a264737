import {
  Catch,
  Controller,
  Get,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
} from '@nestjs/common';
import {
  Authorize,
  MultiJwtGuard,
  OidcAuthException,
  OidcMultiAuthModule,
  RolesGuard,
  type OidcRequest,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { createPrincipal } from '../../lib/core/principal/create-principal';
import type { VerifiedToken } from '../../lib/core/checks/verification';
import { unverified } from '../support/clients';
import { startApp } from '../support/test-app';

/** Everything behind verification that could be shown a claim, by the name under which it was asked. */
const asked: string[] = [];
const noting =
  <T>(name: string, answer: T) =>
  (): T => {
    asked.push(name);
    return answer;
  };

class GuardBehind implements CanActivate {
  canActivate(): boolean {
    return noting('a guard behind', true)();
  }
}

@UseGuards(MultiJwtGuard, RolesGuard, GuardBehind)
@Controller()
class MinesController {
  @Authorize(noting('a rule', true))
  @Get('mines')
  mines() {
    return noting('the handler', 'mines')();
  }
}

it('LIB-08 what is not verified reaches no function of the client, no rule, no guard behind, no request.user', async () => {
  const [issuer, stranger] = await Promise.all([TestIssuer.start(), TestIssuer.start()]);
  const users: unknown[] = [];
  @Catch(OidcAuthException)
  class UserFilter implements ExceptionFilter {
    catch(refusal: OidcAuthException, host: ArgumentsHost): void {
      users.push(host.switchToHttp().getRequest<OidcRequest>().user);
      host.switchToHttp().getResponse().status(refusal.getStatus()).send({ code: refusal.code });
    }
  }
  const app = await startApp({
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [
          {
            name: 'a',
            audience: 'a',
            issuer: issuer.issuer,
            roles: noting('roles', []),
            scopes: noting('scopes', []),
            validate: noting('validate', true),
          },
        ],
      }),
    ],
    controllers: [MinesController],
    configure: (nest) => nest.useGlobalFilters(new UserFilter()),
  });
  const good = await issuer.tokenFor('a');
  const [header = '', claims = '', signature = ''] = good.split('.');
  const changed = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), sub: 'somebody else' }),
  ).toString('base64url');
  const keyId = JSON.parse(Buffer.from(header, 'base64url').toString()).kid;
  const refused: [code: string, token: string][] = [
    ['invalid_signature', `${header}.${changed}.${signature}`],
    [
      'invalid_signature',
      await stranger.sign({ iss: issuer.issuer, aud: 'a', exp: 9e9, sub: 's' }, { header: { kid: keyId } }),
    ],
    ['unknown_key', await stranger.tokenFor('a', { claims: { iss: issuer.issuer } })],
    ['token_expired', await issuer.tokenFor('a', { expiresIn: -60 })],
    ['wrong_token_type', await issuer.tokenFor('a', { claims: { typ: 'ID' } })],
    ['unknown_audience', await issuer.tokenFor('b')],
    ['algorithm_not_allowed', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.${signature}`],
    ['malformed_token', `${good}=`],
  ];
  for (const [code, token] of refused) {
    expect((await app.get('/mines', token)).body.code).toBe(code);
  }
  expect(asked).toEqual([]);
  expect(users).toEqual(refused.map(() => undefined));

  expect((await app.get('/mines', good)).status).toBe(200);
  expect([...new Set(asked)].sort()).toEqual([
    'a guard behind',
    'a rule',
    'roles',
    'scopes',
    'the handler',
    'validate',
  ]);
  await app.close();
  await issuer.stop();
  await stranger.stop();
});

it('LIB-08 what is not verified is of another type than what is', () => {
  const token = unverified({ iss: 'https://issuer.example', aud: 'a' });
  // @ts-expect-error a token that is only parsed is no verified one
  const verified: VerifiedToken = token;
  expect(token.verified).toBe(false);
  // @ts-expect-error and becomes no principal
  expect(() => createPrincipal(token)).toThrow(TypeError);
  // @ts-expect-error nor has it claims by the name of those that may be believed
  expect(token.claims).toBeUndefined();
  expect(verified).toBe(token);
});
