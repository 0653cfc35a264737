import {
  Body,
  Catch,
  Controller,
  Get,
  Post,
  UseGuards,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import { ApolloDriver } from '@nestjs/apollo';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import {
  AuthenticationContext,
  Authorize,
  describeAccess,
  MultiJwtGuard,
  OidcAuthException,
  OidcAuthService,
  OidcMultiAuthModule,
  Public,
  Roles,
  RolesGuard,
  Scopes,
  StepUpRequired,
  type DecisionEvent,
} from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, type TestApp } from '../support/test-app';

const startApp = useApps();

@AuthenticationContext({ maxAge: 3600 })
@Controller()
class MinesController {
  @AuthenticationContext({ acr: ['phr', 'phrh'] })
  @Get('strong')
  strong() {
    return 'strong';
  }
  @Get('recent')
  recent() {
    return 'recent';
  }
  @AuthenticationContext({ acr: ['phr', 'https://refeds.org/profile/mfa'], maxAge: 300 })
  @Scopes('mines.write')
  @Get('both')
  both() {
    return 'both';
  }
  @AuthenticationContext({ acr: ['phr'] })
  @Roles('admin')
  @Get('roles-first')
  rolesFirst() {
    return 'roles-first';
  }
  @Authorize((principal) => {
    if (principal.claims['acr'] !== 'phr') {
      throw new StepUpRequired({ acr: ['phr'], maxAge: 60 });
    }
    return true;
  })
  @AuthenticationContext({ maxAge: 1e9 })
  @Get('rule')
  rule() {
    return 'rule';
  }
  @Authorize(async () => {
    throw new StepUpRequired({ maxAge: 0 });
  })
  @Get('async-rule')
  asyncRule() {
    return 'never';
  }
  @AuthenticationContext({ maxAge: 1e9 })
  @Post('payments')
  pay(@Body() { amount }: { amount: number }) {
    if (amount > 100) {
      throw new StepUpRequired({ acr: ['phr'] });
    }
    return 'paid';
  }
  @Public()
  @Get('open')
  open() {
    return 'open';
  }
}

describe.each(ADAPTERS)('step-up on %s', (adapter) => {
  const issuer = useTestIssuer();
  const events: DecisionEvent[] = [];
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      adapter,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [{ name: 'web', audience: 'web', issuer: issuer.issuer, preset: 'gold-sso', clockTolerance: 5 }],
          globalGuards: true,
          realm: 'mines',
          onDecision: (event) => events.push(event),
        }),
      ],
      controllers: [MinesController],
    });
  });

  const now = () => Math.floor(Date.now() / 1000);
  const tokenWith = (claims: object, options: object = {}) =>
    issuer.tokenFor('web', { claims: { ...claims }, ...options });
  const challengeOf = async (path: string, claims: object, options: object = {}) => {
    const { status, body, headers } = await app.get(path, await tokenWith(claims, options));
    return { status, code: body.code, challenge: headers.get('www-authenticate') };
  };
  const insufficient = (rest: string) => ({
    status: 401,
    code: 'insufficient_user_authentication',
    challenge:
      'Bearer realm="mines", error="insufficient_user_authentication", ' +
      `error_description="The user must authenticate more strongly or again", ${rest}`,
  });

  it('R9470-01 ASVS-10.3.4 answers 401, not 403, to a lower acr', async () => {
    expect(await challengeOf('/strong', { acr: 'pwd' })).toEqual(insufficient('acr_values="phr phrh"'));
  });

  it('R9470-02 accepts any of the values, exactly, and lists them in order of preference', async () => {
    for (const acr of ['phr', 'phrh']) {
      expect((await app.get('/strong', await tokenWith({ acr }))).status).toBe(200);
    }
    for (const acr of ['PHR', 'phr ', 'phr phrh', ['phr'], null, 1, '']) {
      expect((await challengeOf('/strong', { acr })).status).toBe(401);
    }
  });

  it('R9470-03 compares auth_time with max_age in seconds, with the clock tolerance', async () => {
    for (const age of [0, 3600, 3603, -4]) {
      expect((await app.get('/recent', await tokenWith({ auth_time: now() - age }))).status).toBe(200);
    }
    for (const age of [3610, 1e6, -20]) {
      expect(await challengeOf('/recent', { auth_time: now() - age })).toEqual(insufficient('max_age="3600"'));
    }
  });

  it('R9470-04 adds the scopes of the route', async () => {
    expect(await challengeOf('/both', { acr: 'pwd', auth_time: now() }, { scopes: ['mines.write'] })).toEqual(
      insufficient('scope="mines.write", acr_values="phr https://refeds.org/profile/mfa", max_age="300"'),
    );
  });

  it('R9470-05 a missing claim, or one of another type, does not meet it', async () => {
    expect((await challengeOf('/strong', {})).code).toBe('insufficient_user_authentication');
    for (const auth_time of [undefined, String(now()), null, [now()]]) {
      expect((await challengeOf('/recent', { auth_time })).code).toBe('insufficient_user_authentication');
    }
    const acr = 'phr';
    expect((await challengeOf('/both', { acr }, { scopes: ['mines.write'] })).status).toBe(401);
    const both = { acr, auth_time: now() };
    expect((await app.get('/both', await tokenWith(both, { scopes: ['mines.write'] }))).status).toBe(200);
  });

  it('R9470-07 asks for it only where the token is otherwise good', async () => {
    expect(await challengeOf('/strong', { acr: 'pwd' }, { expiresIn: -600 })).toMatchObject({ code: 'token_expired' });
    expect((await app.get('/strong')).body.code).toBe('authorization_header_missing');
    expect((await app.get('/strong')).headers.get('www-authenticate')).not.toContain('acr_values');
    expect(await challengeOf('/roles-first', { acr: 'pwd' })).toMatchObject({
      status: 403,
      code: 'missing_a_valid_role',
    });
    expect(await challengeOf('/roles-first', { acr: 'pwd' }, { roles: ['admin'] })).toMatchObject({ status: 401 });
    expect((await app.get('/open', await tokenWith({}))).status).toBe(200);
  });

  it('a decorator on a handler overrides that of its class', async () => {
    expect((await app.get('/strong', await tokenWith({ acr: 'phr', auth_time: 1 }))).status).toBe(200);
  });

  it('rules raise it, at once and later', async () => {
    const fresh = { auth_time: now() };
    expect(await challengeOf('/rule', fresh)).toEqual(insufficient('acr_values="phr", max_age="60"'));
    expect((await app.get('/rule', await tokenWith({ ...fresh, acr: 'phr' }))).status).toBe(200);
    expect(await challengeOf('/async-rule', fresh)).toEqual(insufficient('max_age="0"'));
    expect(events.at(-1)).toMatchObject({ stage: 'authorization', code: 'insufficient_user_authentication' });
  });

  it('handlers raise it, by what the request says', async () => {
    const pay = async (amount: number) => {
      const response = await fetch(`${app.url}/payments`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await tokenWith({ auth_time: now() })}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ amount }),
      });
      return {
        status: response.status,
        challenge: response.headers.get('www-authenticate'),
        body: await response.text(),
      };
    };
    expect(await pay(1)).toMatchObject({ status: 201, challenge: null });
    const { status, challenge, body } = await pay(1000);
    expect({ status, challenge, code: JSON.parse(body).code }).toEqual(insufficient('acr_values="phr"'));
  });

  it('is in the access table', () => {
    const table = describeAccess(app.app);
    expect(table.toMatrix()).toMatchObject({
      'GET /both': {
        scopes: ['mines.write'],
        authenticationContext: [{ acr: ['phr', 'https://refeds.org/profile/mfa'], maxAge: 300 }],
      },
      'GET /recent': { authenticationContext: [{ maxAge: 3600 }] },
    });
    expect(table.toMarkdown()).toContain('authenticated by acr phr or phrh (handler)');
    expect(table.toMarkdown()).toContain('authenticated at most 3600 s ago (class)');
  });

  it('is explained', async () => {
    const explain = async (claims: object) => {
      const explanation = await app.app.get(OidcAuthService).explain(await tokenWith(claims), { route: 'GET /strong' });
      return { step: explanation.steps.at(-1), hints: explanation.hints.map(({ code }) => code) };
    };
    expect(await explain({ acr: 'pwd' })).toEqual({
      step: {
        name: 'authentication_context',
        outcome: 'failed',
        expected: 'authenticated by acr phr or phrh',
        found: 'acr "pwd", auth_time absent',
        code: 'insufficient_user_authentication',
      },
      hints: ['authentication_weak'],
    });
    expect((await explain({})).hints).toEqual(['authentication_unknown']);
    expect((await explain({ acr: 'phr' })).step).toMatchObject({ outcome: 'passed' });
  });
});

describe('step-up elsewhere', () => {
  const issuer = useTestIssuer();
  const module = () =>
    OidcMultiAuthModule.forRoot({
      clients: [{ name: 'web', audience: 'web', issuer: issuer.issuer }],
      globalGuards: true,
    });

  it('answers GraphQL, by decorator and by code', async () => {
    @Resolver()
    class MinesResolver {
      @AuthenticationContext({ acr: ['phr'] })
      @Query(() => String)
      declared() {
        return 'never';
      }
      @Query(() => String)
      thrown(): string {
        throw new StepUpRequired({ acr: ['phr'] });
      }
    }
    const app = await startApp({
      imports: [GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true, graphiql: false }), module()],
      providers: [MinesResolver],
    });
    for (const field of ['declared', 'thrown']) {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await issuer.tokenFor('web')}`, 'content-type': 'application/json' },
        body: JSON.stringify({ query: `{ ${field} }` }),
      });
      const { errors } = (await response.json()) as {
        errors: { extensions: { code: string; originalError: object } }[];
      };
      expect(errors[0]?.extensions).toMatchObject({
        code: 'UNAUTHENTICATED',
        originalError: { code: 'insufficient_user_authentication' },
      });
      expect(response.headers.get('www-authenticate')).toContain('acr_values="phr"');
    }
  });

  it('leaves the exception to a filter of the application', async () => {
    @Catch(OidcAuthException)
    class OwnFilter implements ExceptionFilter {
      catch(exception: OidcAuthException, host: ArgumentsHost) {
        const { challenge } = exception;
        host.switchToHttp().getResponse().status(499).json({ challenge });
      }
    }
    @Controller()
    class ThrowingController {
      @Get()
      get() {
        throw new StepUpRequired({ maxAge: 1 });
      }
    }
    const app = await startApp({
      imports: [module()],
      controllers: [ThrowingController],
      configure: (nest) => nest.useGlobalFilters(new OwnFilter()),
    });
    expect(await app.get('/', await issuer.tokenFor('web'))).toMatchObject({
      status: 499,
      body: { challenge: expect.stringContaining('max_age="1"') },
    });
  });

  it('has no effect without RolesGuard, and the application does not start', async () => {
    @UseGuards(MultiJwtGuard)
    @AuthenticationContext({ maxAge: 1 })
    @Controller()
    class UnenforcedController {
      @Get()
      get() {}
    }
    const clients = [{ name: 'web', audience: 'web', issuer: issuer.issuer }];
    await expect(
      startApp({ imports: [OidcMultiAuthModule.forRoot({ clients })], controllers: [UnenforcedController] }),
    ).rejects.toThrow(/UnenforcedController/);
    expect(RolesGuard).toBeDefined();
  });

  it.each([
    [undefined, /needs \{ acr, maxAge \}/],
    [{}, /needs acr, maxAge or both/],
    [{ acr: [] }, /acr must be a list/],
    [{ acr: 'phr' }, /acr must be a list/],
    [{ acr: ['a b'] }, /acr must be a list/],
    [{ acr: ['a"b'] }, /acr must be a list/],
    [{ maxAge: -1 }, /maxAge must be an integer/],
    [{ maxAge: 1.5 }, /maxAge must be an integer/],
    [{ maxAge: '300' }, /maxAge must be an integer/],
    [{ maxage: 300 }, /"maxage" is unknown/],
  ])('a malformed requirement is a TypeError: %j', (requirement, message) => {
    expect(() => AuthenticationContext(requirement as never)).toThrow(message);
    expect(() => new StepUpRequired(requirement as never)).toThrow(message);
    expect(() => AuthenticationContext(requirement as never)).toThrow(TypeError);
  });
});
