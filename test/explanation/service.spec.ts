import { Controller, Get, Put } from '@nestjs/common';
import {
  AllRoles,
  Authorize,
  Clients,
  OidcAuthService,
  OidcMultiAuthModule,
  OptionalAuth,
  Public,
  Roles,
  Scopes,
  type DecisionEvent,
  type OidcMultiAuthOptions,
} from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { MemoryLogger, type TestApp } from '../support/test-app';
import { failedStep } from './explain-with';

const startApp = useApps();

@Controller('mines')
class MinesController {
  @Roles('view', { client: 'bcmi', any: ['batch'] })
  @Get(':id')
  find() {
    return 'found';
  }

  @AllRoles('view', 'edit')
  @Scopes('write')
  @Clients('web', 'gone')
  @Put(':id')
  update() {
    return 'updated';
  }

  @Roles('view')
  @Authorize(function isOwn() {
    return false;
  })
  @Get('own/:id')
  own() {
    return 'own';
  }

  @Public()
  @Get('types/all')
  types() {
    return 'types';
  }

  @OptionalAuth()
  @Get('news/all')
  news() {
    return 'news';
  }
}

const issuer = useTestIssuer();
let app: TestApp;
let auth: OidcAuthService;
const logger = new MemoryLogger();
const decisions: DecisionEvent[] = [];
beforeAll(async () => {
  const clients = ['web', 'bcmi'].map((name) => ({ name, audience: `mds-${name}`, issuer: issuer.issuer }));
  const options: OidcMultiAuthOptions = {
    clients,
    defaults: { preset: 'gold-sso' },
    onDecision: (event) => decisions.push(event),
  };
  app = await startApp({
    imports: [OidcMultiAuthModule.forRoot({ ...options, globalGuards: true })],
    controllers: [MinesController],
    configure: (nest) => nest.setGlobalPrefix('api'),
    logger,
  });
  auth = app.app.get(OidcAuthService);
});

const token = (client: string, roles: readonly string[], scopes: readonly string[] = []) =>
  issuer.tokenFor(`mds-${client}`, { roles, scopes });

describe('OidcAuthService.explain', () => {
  it('says nothing else than decide and the guards, for every route and caller', async () => {
    const tokens = [
      await token('web', []),
      await token('web', ['view']),
      await token('web', ['view', 'edit']),
      await token('web', ['view', 'edit'], ['write']),
      await token('bcmi', ['batch']),
      await token('bcmi', ['view', 'edit'], ['write']),
      await issuer.tokenFor('mds-web', { expiresIn: -100 }),
      await issuer.tokenFor('account'),
    ];
    const codes = new Set<string>();
    for (const [method, path] of [
      ['GET', '/api/mines/:id'],
      ['PUT', '/api/mines/:id'],
    ] as const) {
      for (const one of tokens) {
        const answer = await fetch(app.url + path.replace(':id', '1'), {
          method,
          headers: { authorization: `Bearer ${one}` },
        });
        const { code } = (await answer.json().catch(() => ({}))) as { code?: string };
        const explanation = await auth.explain(one, { route: `${method} ${path}` });
        expect([explanation.code, explanation.status ?? 200]).toEqual([code, answer.status]);
        codes.add(code ?? 'none');
      }
    }
    expect([...codes].sort()).toEqual([
      'client_not_allowed',
      'missing_a_valid_role',
      'missing_required_roles',
      'missing_scope',
      'none',
      'token_expired',
      'unknown_audience',
    ]);
  });

  it('explains every step and the principal of a good token', async () => {
    const explanation = await auth.explain(await token('web', ['view', 'edit'], ['write']), {
      route: 'PUT /api/mines/:id',
    });
    expect(explanation).toMatchObject({
      accepted: true,
      client: 'web',
      route: 'PUT /api/mines/:id',
      principal: { client: 'web', roles: ['view', 'edit'], scopes: ['write'] },
      hints: [],
    });
    expect(explanation.code).toBeUndefined();
    expect(explanation.steps.map(({ name }) => name)).toEqual(
      'parse client retired algorithm kind times claims key signature validate allowed_client all_roles scopes'.split(
        ' ',
      ),
    );
    expect(explanation.clients).toEqual([
      {
        name: 'web',
        isChosen: true,
        issuer: { expected: [issuer.issuer], matches: true },
        audience: { claim: 'aud', expected: ['mds-web'], matches: true },
        authorizedParty: { matches: true },
      },
      expect.objectContaining({ name: 'bcmi', isChosen: false, audience: expect.objectContaining({ matches: false }) }),
    ]);
  });

  it('lists rules, and does not ask them', async () => {
    const explanation = await auth.explain(await token('web', ['view']), { route: 'GET /api/mines/own/:id' });
    expect(explanation.accepted).toBe(true);
    expect(explanation.steps.at(-1)).toEqual({
      name: 'rules',
      outcome: 'not reached',
      expected: expect.stringContaining('isOwn of @Authorize()'),
    });
  });

  it('lets what is given stand before what the route says', async () => {
    const one = await token('web', ['other']);
    expect(await auth.explain(one, { route: 'GET /api/mines/:id' })).toMatchObject({ code: 'missing_a_valid_role' });
    expect(await auth.explain(one, { route: 'GET /api/mines/:id', roles: ['other'] })).toMatchObject({
      accepted: true,
    });
  });

  it.each([
    ['GET /api/mines/types/all', 'is public'],
    ['GET /api/mines/news/all', 'without a token'],
  ])('says that %s %s', async (route, words) => {
    const { hints, accepted } = await auth.explain(await token('web', []), { route });
    expect([accepted, hints]).toEqual([
      true,
      [expect.objectContaining({ code: 'open_route', text: expect.stringContaining(words) })],
    ]);
  });

  it.each([
    [{ route: 'GET /mines/:id' }, 'there is no route "GET /mines/:id"; the nearest is "GET /api/mines/:id"'],
    [{ route: 'put /api/mines/id' }, 'the nearest is "PUT /api/mines/:id"'],
    [{ clients: ['bmci'] }, 'there is no client "bmci"; the nearest is "bcmi"'],
    [{ roles: [{ client: 'wed', any: ['x'] }] }, 'there is no client "wed"; the nearest is "web"'],
    [{ roles: [] }, 'roles is empty'],
    [{ scopes: [] }, 'scopes is empty'],
  ])('rejects %j', async (options, message) => {
    const failure = await auth.explain('', options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(String(failure)).toContain(message);
  });

  it('is content with what is no string', async () => {
    for (const value of [undefined, null, 1, {}, ['x']] as string[]) {
      const explanation = await auth.explain(value);
      expect([explanation.code, failedStep(explanation)]).toEqual(['malformed_token', 'parse']);
    }
  });

  it('fetches within the bounds of every decision, once for each', async () => {
    const unknown = await issuer.sign(
      { iss: issuer.issuer, aud: 'mds-web', exp: 9e9 },
      { header: { kid: 'nobody-has-it' } },
    );
    await auth.decide(unknown);
    const before = issuer.requests.jwks;
    for (let index = 0; index < 20; index += 1) {
      expect(await auth.explain(unknown)).toMatchObject({ code: 'unknown_key' });
    }
    expect(issuer.requests.jwks - before).toBeLessThanOrEqual(2);
  });

  it('LIB-25 logs nothing, and is no decision that is counted or told', async () => {
    const before = logger.lines.length;
    const [usage, told] = [auth.usage(), decisions.length];
    const written: string[] = [];
    const spies = (['stdout', 'stderr'] as const).map((stream) =>
      jest.spyOn(process[stream], 'write').mockImplementation((chunk) => Boolean(written.push(String(chunk)))),
    );
    await auth.explain(await issuer.tokenFor('account'));
    await auth.explain(await token('web', []), { route: 'GET /api/mines/:id' });
    await auth.explain('nonsense');
    spies.forEach((spy) => spy.mockRestore());
    expect([logger.lines.slice(before), written]).toEqual([[], []]);
    expect([auth.usage(), decisions.length]).toEqual([usage, told]);
    await auth.decide('nonsense');
    expect(decisions.length).toBe(told + 1);
  });
});
