import { Controller, Get, Injectable, Module, Scope, UseGuards } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  MultiJwtGuard,
  OidcAuthException,
  OidcAuthService,
  OidcConfigurationError,
  OidcMultiAuthModule,
  OidcPrincipal,
  type OidcMultiAuthOptions,
  type OidcMultiAuthOptionsFactory,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { useTestIssuer } from '../support/life-cycle';
import { MemoryLogger, startApp, type TestAppOptions } from '../support/test-app';

const issuer = useTestIssuer();

const options = (): OidcMultiAuthOptions => ({ clients: [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer }] });

@Controller()
class OpenController {
  @Get()
  get() {
    return 'open';
  }
}

/** Whether `/` is guarded globally, and what a good token verified by the service says. */
async function tryOut(imports: NonNullable<TestAppOptions['imports']>) {
  const app = await startApp({ imports, controllers: [OpenController] });
  try {
    const principal = await app.app.get(OidcAuthService, { strict: false }).verify(await issuer.tokenFor('bcmi'));
    return { guarded: (await app.get('/')).status === 401, client: principal.client };
  } finally {
    await app.close();
  }
}

describe('forRootAsync', () => {
  @Injectable()
  class Factory implements OidcMultiAuthOptionsFactory {
    createOidcMultiAuthOptions(): OidcMultiAuthOptions {
      return options();
    }
  }
  @Module({ providers: [Factory, { provide: 'AUDIENCE', useValue: 'bcmi' }], exports: [Factory, 'AUDIENCE'] })
  class ConfigModule {}

  it('takes options from useFactory, with imports and inject', async () => {
    const module = OidcMultiAuthModule.forRootAsync({
      imports: [ConfigModule],
      inject: ['AUDIENCE'],
      useFactory: async (audience: string) => ({ clients: [{ name: 'x', audience, issuer: issuer.issuer }] }),
      globalGuards: true,
    });
    expect(await tryOut([module])).toEqual({ guarded: true, client: 'x' });
  });

  it('takes options from useClass', async () => {
    expect(await tryOut([OidcMultiAuthModule.forRootAsync({ useClass: Factory })])).toEqual({
      guarded: false,
      client: 'bcmi',
    });
  });

  it('takes options from useExisting', async () => {
    const module = OidcMultiAuthModule.forRootAsync({ imports: [ConfigModule], useExisting: Factory });
    expect(await tryOut([module])).toEqual({ guarded: false, client: 'bcmi' });
  });

  it('reports faults, and what comes too late in what a factory returns', async () => {
    const module = OidcMultiAuthModule.forRootAsync({
      useFactory: () => ({ ...options(), globalGuards: true }) as never,
    });
    await expect(startApp({ imports: [module] })).rejects.toThrow(/globalGuards: .* give it beside useFactory/);
  });

  it.each([false, true])('refuses options that depend on the request, with globalGuards: %s', async (globalGuards) => {
    const module = OidcMultiAuthModule.forRootAsync({ inject: [REQUEST], useFactory: () => options(), globalGuards });
    // With global guards, newer versions of Nest say so themselves.
    const message = globalGuards ? /on a request-scoped provider/ : /the options depend on a request-scoped provider/;
    await expect(startApp({ imports: [module], controllers: [OpenController] })).rejects.toThrow(message);
  });

  it('refuses options from a request-scoped factory', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class RequestFactory extends Factory {}
    const module = OidcMultiAuthModule.forRootAsync({ useClass: RequestFactory });
    await expect(startApp({ imports: [module] })).rejects.toThrow('depend on a request-scoped provider');
  });
});

describe('forRoot', () => {
  it('takes what optionsFromEnv returns, beside what shapes the module', async () => {
    expect(await tryOut([OidcMultiAuthModule.forRoot({ ...options(), globalGuards: true })])).toEqual({
      guarded: true,
      client: 'bcmi',
    });
  });

  it('reports all faults when the module starts', async () => {
    const module = OidcMultiAuthModule.forRoot({ clients: [{ name: '', audience: '', issuer: 'x' }] });
    await expect(startApp({ imports: [module] })).rejects.toThrow(OidcConfigurationError);
    await expect(startApp({ imports: [module] })).rejects.toThrow(/3 faults in the configuration/);
  });

  it('reports the lack of options as a fault, too', async () => {
    await expect(startApp({ imports: [OidcMultiAuthModule.forRoot(undefined as never)] })).rejects.toThrow(
      /clients: is not an array/,
    );
  });

  it('is called once in an application', async () => {
    const modules = [
      OidcMultiAuthModule.forRoot(options()),
      OidcMultiAuthModule.forRoot({ ...options(), realm: 'other' }),
    ];
    await expect(startApp({ imports: modules })).rejects.toThrow(
      'OidcMultiAuthModule is configured 2 times in one application',
    );
  });

  it('resolves guards only where it is imported, if it is not global', async () => {
    @UseGuards(MultiJwtGuard)
    @Controller('feature')
    class GuardedController extends OpenController {}
    const auth = OidcMultiAuthModule.forRoot({ ...options(), isGlobal: false });

    @Module({ controllers: [GuardedController] })
    class WithoutModule {}
    await expect(startApp({ imports: [auth, WithoutModule] })).rejects.toThrow(/can't resolve dependencies/);

    @Module({ imports: [auth], controllers: [GuardedController] })
    class WithModule {}
    const app = await startApp({ imports: [auth, WithModule] });
    expect((await app.get('/feature')).status).toBe(401);
    await app.close();
  });

  it('does not change the options it is given', async () => {
    const frozen = Object.freeze({ clients: Object.freeze(options().clients.map((client) => Object.freeze(client))) });
    expect(await tryOut([OidcMultiAuthModule.forRoot(frozen)])).toMatchObject({ client: 'bcmi' });
  });
});

describe('start and shutdown', () => {
  it('LIB-18 starts with every provider down, and accepts tokens once one is up', async () => {
    const down = await TestIssuer.start();
    await down.fail('error');
    const logger = new MemoryLogger();
    const app = await startApp({
      imports: [OidcMultiAuthModule.forRoot({ clients: [{ name: 'a', audience: 'a', issuer: down.issuer }] })],
      logger,
    });
    const auth = app.app.get(OidcAuthService);
    const token = await down.tokenFor('a');
    expect(await auth.decide(token)).toMatchObject({ accepted: false, code: 'keys_unavailable', client: 'a' });
    expect(logger.warnings).toHaveLength(1);
    await down.fail(undefined);
    expect(await auth.decide(token)).toMatchObject({ accepted: true });
    await app.close();
    await down.stop();
  });

  it('warms key sets up in the background', async () => {
    const fresh = await TestIssuer.start();
    const app = await startApp({
      imports: [OidcMultiAuthModule.forRoot({ clients: [{ name: 'a', audience: 'a', issuer: fresh.issuer }] })],
    });
    for (let waited = 0; fresh.requests.jwks === 0 && waited < 2000; waited += 20) {
      await delay(20);
    }
    expect(fresh.requests).toEqual({ discovery: 1, jwks: 1 });
    await app.close();
    await fresh.stop();
  });

  it('fetches nothing any more when the application is closed', async () => {
    const fresh = await TestIssuer.start();
    const clients = [{ name: 'a', audience: 'a', issuer: fresh.issuer }];
    const app = await startApp({ imports: [OidcMultiAuthModule.forRoot({ clients })] });
    const auth = app.app.get(OidcAuthService);
    await auth.verify(await fresh.tokenFor('a'));
    await app.close();
    await fresh.rotateKeys();
    expect(await auth.decide(await fresh.tokenFor('a'))).toMatchObject({ accepted: false });
    expect(fresh.requests.jwks).toBe(1);
    await fresh.stop();
  });

  it('leaves nothing behind in the process when another module fails to start', async () => {
    @Injectable()
    class FailingService {
      onModuleInit(): void {
        throw new Error('another module');
      }
    }
    const fresh = await TestIssuer.start();
    const clients = [{ name: 'left-over', audience: 'a', issuer: fresh.issuer }];
    const imports = [OidcMultiAuthModule.forRoot({ clients })];
    await expect(startApp({ imports, providers: [FailingService] })).rejects.toThrow('another module');
    const logger = new MemoryLogger();
    await (await startApp({ imports, logger })).close();
    expect(logger.warnings).toEqual([]);
    await fresh.stop();
  });
});

describe('OidcAuthService', () => {
  it('verifies and decides as the guards do', async () => {
    const app = await startApp({ imports: [OidcMultiAuthModule.forRoot({ ...options(), realm: 'mines' })] });
    const auth = app.app.get(OidcAuthService);
    const [good, expired] = [await issuer.tokenFor('bcmi'), await issuer.tokenFor('bcmi', { expiresIn: -60 })];

    expect(await auth.verify(good)).toBeInstanceOf(OidcPrincipal);
    const decision = await auth.decide(good);
    expect(decision.accepted && decision.principal.client).toBe('bcmi');

    const refusal = await auth.verify(expired).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(OidcAuthException);
    expect(refusal).toMatchObject({ code: 'token_expired', challenge: expect.stringContaining('realm="mines"') });
    expect(await auth.decide(expired)).toEqual({
      accepted: false,
      code: 'token_expired',
      client: 'bcmi',
      issuer: issuer.issuer,
    });
    for (const nonsense of ['', 'Bearer x', undefined, null, 1, {}]) {
      expect(await auth.decide(nonsense as string)).toEqual({ accepted: false, code: 'malformed_token' });
    }
    await app.close();
  });
});

describe('a client known by its discovery URL alone', () => {
  const start = (fresh: TestIssuer) =>
    startApp({
      imports: [
        OidcMultiAuthModule.forRoot({ clients: [{ name: 'a', audience: 'a', discoveryUrl: fresh.discoveryUrl }] }),
      ],
    });

  it('R8414-04 waits for the first answer, and then knows only the exact issuer', async () => {
    const fresh = await TestIssuer.start();
    const app = await start(fresh);
    const auth = app.app.get(OidcAuthService);
    const withSlash = await fresh.tokenFor('a', { claims: { iss: `${fresh.issuer}/` } });
    const [exact, other] = await Promise.all([auth.decide(await fresh.tokenFor('a')), auth.decide(withSlash)]);
    expect([exact.accepted, other]).toEqual([true, { accepted: false, code: 'unknown_issuer' }]);
    await app.close();
    await fresh.stop();
  });

  it('answers 503 as long as there is no answer, but at once to what is for nobody', async () => {
    const fresh = await TestIssuer.start();
    await fresh.fail('error');
    const app = await start(fresh);
    const auth = app.app.get(OidcAuthService);
    const withSlash = await fresh.tokenFor('a', { claims: { iss: `${fresh.issuer}/` } });
    expect(await auth.decide(await fresh.tokenFor('a'))).toMatchObject({ code: 'keys_unavailable' });
    expect(await auth.decide(withSlash)).toMatchObject({ code: 'keys_unavailable' });
    expect(await auth.decide(await fresh.tokenFor('b'))).toMatchObject({ code: 'unknown_audience' });
    expect(await auth.decide(await fresh.tokenFor('a', { claims: { iss: `${fresh.issuer}//` } }))).toMatchObject({
      code: 'unknown_issuer',
    });
    await app.close();
    await fresh.stop();
  });
});

describe('a client with a secret', () => {
  it('R8725-02 R8725-04 verifies HS256 with it, and nothing with the keys of its issuer', async () => {
    const client = {
      name: 'hs',
      audience: 'hs',
      issuer: issuer.issuer,
      secret: 'a shared secret of at least 32 octets',
    };
    const app = await startApp({ imports: [OidcMultiAuthModule.forRoot({ clients: [...options().clients, client] })] });
    const auth = app.app.get(OidcAuthService);
    expect(await auth.decide(await issuer.tokenFor(client))).toMatchObject({ accepted: true });
    expect(await auth.decide(await issuer.tokenFor('hs'))).toMatchObject({ code: 'algorithm_not_allowed' });
    expect(await auth.decide(await issuer.tokenFor({ ...client, audience: 'bcmi' }))).toMatchObject({
      code: 'algorithm_not_allowed',
    });
    expect(
      await auth.decide(await issuer.tokenFor({ ...client, secret: 'another secret of at least 32 octets' })),
    ).toMatchObject({
      code: 'invalid_signature',
    });
    await app.close();
  });
});

describe.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const)(
  '%s',
  (algorithm) => {
    it('R8725-01 is verified with the keys of the issuer, and refused by a client that does not list it', async () => {
      const fresh = await TestIssuer.start({ algorithm });
      const other = algorithm === 'RS256' ? 'ES256' : 'RS256';
      const app = await startApp({
        imports: [
          OidcMultiAuthModule.forRoot({
            clients: [
              { name: 'any', audience: 'any', issuer: fresh.issuer },
              { name: 'one', audience: 'one', issuer: fresh.issuer, algorithms: [other] },
            ],
          }),
        ],
      });
      const auth = app.app.get(OidcAuthService);
      expect(await auth.decide(await fresh.tokenFor('any'))).toMatchObject({ accepted: true });
      expect(await auth.decide(await fresh.tokenFor('one'))).toMatchObject({ code: 'algorithm_not_allowed' });
      await app.close();
      await fresh.stop();
    });
  },
);
