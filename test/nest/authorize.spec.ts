import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  NotFoundException,
  Param,
  Scope,
  type ExecutionContext,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  Authorize,
  OidcMultiAuthModule,
  OidcPrincipal,
  Roles,
  type AccessPolicy,
  type AccessRequest,
} from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger, type TestApp } from '../support/test-app';

const startApp = useApps();

@Injectable()
class PermitsService {
  async mayEdit(subject: string | undefined, mine: string | undefined): Promise<boolean> {
    return subject === `owner-of-${mine}`;
  }
}

/** Injected into, and asynchronous. */
@Injectable()
class MayEditMine implements AccessPolicy {
  constructor(@Inject(PermitsService) private readonly permits: PermitsService) {}
  authorize(principal: OidcPrincipal, request: AccessRequest): Promise<boolean> {
    return this.permits.mayEdit(principal.subject, request.params['id']);
  }
}

/** Made anew for each request, with that request. */
@Injectable({ scope: Scope.REQUEST })
class SameMineInQuery implements AccessPolicy {
  constructor(@Inject(REQUEST) private readonly injected: AccessRequest) {}
  authorize(_principal: OidcPrincipal, request: AccessRequest): boolean {
    return this.injected === request && this.injected.query['mine'] === request.params['id'];
  }
}

const asked: string[] = [];
const noted = (name: string, answer: unknown) => () => {
  asked.push(name);
  return answer as boolean;
};

@Controller('mines')
class MinesController {
  @Authorize((principal, request) => principal.claims['mine'] === request.params['id'])
  @Get(':id/claim')
  byClaim(@Param('id') id: string) {
    return { id };
  }
  @Authorize(MayEditMine)
  @Get(':id/policy')
  byPolicy(@Param('id') id: string) {
    return { id };
  }
  @Authorize(SameMineInQuery)
  @Get(':id/scoped')
  byScoped(@Param('id') id: string) {
    return { id };
  }
  @Authorize((_principal, _request, context: ExecutionContext) => context.getHandler().name === 'byContext')
  @Get(':id/context')
  byContext() {
    return {};
  }
  @Authorize(noted('first', true), noted('second', Promise.resolve(true)), noted('third', true), MayEditMine)
  @Get(':id/every')
  byEvery() {
    return {};
  }
  @Authorize(noted('first', Promise.resolve(false)), noted('second', true))
  @Get(':id/stops')
  stops() {
    return {};
  }
  @Roles('boss')
  @Authorize(noted('never', true))
  @Get(':id/after-roles')
  afterRoles() {
    return {};
  }
  @Authorize(() => {
    throw new NotFoundException('there is no such mine');
  })
  @Get(':id/throws')
  throws() {
    return {};
  }
  @Authorize(async () => {
    throw new Error('the database is down');
  })
  @Get(':id/rejects')
  rejects() {
    return {};
  }
}

/** A promise that is none of Node's own. */
class Thenable {
  // That it is one is what is tested.
  // oxlint-disable-next-line unicorn/no-thenable
  then(resolve: (value: unknown) => void): void {
    resolve({});
  }
}

@Controller('answers')
class AnswersController {
  @Authorize(noted('truthy', 1))
  @Get('0')
  one() {}
  @Authorize(noted('truthy', 'true'))
  @Get('1')
  text() {}
  @Authorize(noted('truthy', undefined))
  @Get('2')
  nothing() {}
  @Authorize(noted('truthy', Promise.resolve('yes')))
  @Get('3')
  promised() {}
  @Authorize(noted('truthy', new Thenable()))
  @Get('4')
  thenable() {}
}

@Module({
  controllers: [MinesController, AnswersController],
  providers: [PermitsService, MayEditMine, SameMineInQuery],
})
class MinesModule {}

describe.each(ADAPTERS)('@Authorize() on %s', (adapter) => {
  const issuer = useTestIssuer();
  let app: TestApp;
  beforeAll(async () => {
    const clients = [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer, preset: 'gold-sso' as const }];
    app = await startApp({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true }), MinesModule],
    });
  });
  beforeEach(() => asked.splice(0));
  const owner = (id: string) => issuer.tokenFor('bcmi', { claims: { sub: `owner-of-${id}`, mine: id } });
  const denied = { status: 403, body: { code: 'access_denied' } };

  it('lets through by a function of principal and request', async () => {
    expect(await app.get('/mines/7/claim', await owner('7'))).toMatchObject({ status: 200, body: { id: '7' } });
    expect(await app.get('/mines/8/claim', await owner('7'))).toMatchObject(denied);
  });

  it('lets through by a class that Nest injects into, and that takes its time', async () => {
    expect(await app.get('/mines/7/policy', await owner('7'))).toMatchObject({ status: 200, body: { id: '7' } });
    expect(await app.get('/mines/8/policy', await owner('7'))).toMatchObject(denied);
  });

  it('lets through by a class that is made for each request', async () => {
    expect(await app.get('/mines/7/scoped?mine=7', await owner('7'))).toMatchObject({ status: 200 });
    expect(await app.get('/mines/7/scoped?mine=8', await owner('7'))).toMatchObject(denied);
  });

  it('gives a rule what Nest knows of the call', async () => {
    expect((await app.get('/mines/7/context', await owner('7'))).status).toBe(200);
  });

  it('wants every rule to accept, in turn', async () => {
    expect((await app.get('/mines/7/every', await owner('7'))).status).toBe(200);
    expect(await app.get('/mines/8/every', await owner('7'))).toMatchObject(denied);
    expect(asked).toEqual(['first', 'second', 'third', 'first', 'second', 'third']);
  });

  it('ATK-8 asks no further once a rule does not accept, nor where a role is missing, nor without a principal', async () => {
    expect(await app.get('/mines/7/stops', await owner('7'))).toMatchObject(denied);
    expect(asked.splice(0)).toEqual(['first']);
    expect(await app.get('/mines/7/after-roles', await owner('7'))).toMatchObject({
      body: { code: 'missing_a_valid_role' },
    });
    expect(await app.get('/mines/7/every')).toMatchObject({ status: 401 });
    expect(asked).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4])('takes nothing but true for yes (%i)', async (index) => {
    expect(await app.get(`/answers/${index}`, await owner('7'))).toMatchObject(denied);
    expect(asked).toEqual(['truthy']);
  });

  it('lets nothing through where a rule throws: what it throws is the answer', async () => {
    expect(await app.get('/mines/7/throws', await owner('7'))).toMatchObject({
      status: 404,
      body: { message: 'there is no such mine' },
    });
    expect(await app.get('/mines/7/rejects', await owner('7'))).toMatchObject({ status: 500 });
  });

  it('can be overridden in a test as any provider', async () => {
    const clients = [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer }];
    const overridden = await startApp({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true }), MinesModule],
      override: (builder) => builder.overrideProvider(MayEditMine).useValue({ authorize: () => true }),
    });
    expect((await overridden.get('/mines/8/policy', await owner('7'))).status).toBe(200);
    await overridden.close();
  });

  it('takes the provider of the module that the controller is in', async () => {
    const answering = (accepts: boolean) => ({ provide: MayEditMine, useValue: { authorize: () => accepts } });
    @Controller('here')
    class HereController {
      @Authorize(MayEditMine)
      @Get()
      get() {}
    }
    @Module({ providers: [answering(true)] })
    class OtherModule {}
    @Module({ controllers: [HereController], providers: [answering(false)] })
    class HereModule {}
    const clients = [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer }];
    const here = await startApp({
      adapter,
      imports: [OtherModule, HereModule, OidcMultiAuthModule.forRoot({ clients, globalGuards: true })],
    });
    expect(await here.get('/here', await owner('7'))).toMatchObject(denied);
    await here.close();
  });

  it('is a fault at start where no module provides the class', async () => {
    const clients = [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer }];
    const starting = startApp({
      adapter,
      imports: [OidcMultiAuthModule.forRoot({ clients, globalGuards: true })],
      controllers: [MinesController],
      logger: new MemoryLogger(),
    });
    await expect(starting).rejects.toThrow(/MinesController\.byPolicy.*MayEditMine.*no module provides/s);
  });
});
