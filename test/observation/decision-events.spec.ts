import { Controller, ForbiddenException, Get, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  Authorize,
  Clients,
  DECISION_CHANNEL,
  OidcAuthService,
  OidcMultiAuthModule,
  OptionalAuth,
  Public,
  Roles,
  type DecisionEvent,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger, type TestApp } from '../support/test-app';

const startApp = useApps();

@Controller('mines')
class MinesController {
  @Get(':id')
  find() {}
  @Roles('core_admin')
  @Get(':id/admin')
  admin() {}
  @Clients('bcmi')
  @Get(':id/bcmi')
  bcmi() {}
  @Public()
  @Get(':id/public')
  open() {}
  @OptionalAuth()
  @Get(':id/optional')
  optional() {}
}

@Controller('stock')
class StockController {
  @UseGuards(AuthGuard('oidc:web'))
  @Get()
  get() {}
}

describe.each(ADAPTERS)('every decision is told on %s', (adapter) => {
  const issuer = useTestIssuer();
  const down = useTestIssuer();
  let app: TestApp;
  let logger: MemoryLogger;
  const events: DecisionEvent[] = [];
  const published: unknown[] = [];
  const onMessage = (message: unknown) => published.push(message);

  beforeAll(async () => {
    await down.fail('error');
    logger = new MemoryLogger();
    app = await startApp({
      adapter,
      logger,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [
            { name: 'web', audience: 'web', issuer: issuer.issuer },
            { name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer },
            { name: 'down', audience: 'down', issuer: down.issuer },
            {
              name: 'loose',
              audience: 'loose',
              issuer: issuer.issuer,
              strictness: { mode: 'report', accessTokenType: true },
            },
          ],
          defaults: { preset: 'gold-sso' },
          globalGuards: true,
          onDecision: (event) => events.push(event),
        }),
      ],
      controllers: [MinesController, StockController],
    });
    subscribe(DECISION_CHANNEL, onMessage);
  });
  afterAll(async () => {
    unsubscribe(DECISION_CHANNEL, onMessage);
  });
  beforeEach(() => {
    events.splice(0);
    published.splice(0);
  });
  /** What was told, without times. */
  const told = () => events.map(({ time: _time, duration: _duration, ...rest }) => rest);
  const keyId = () => (issuer.jwks.keys[0] as { kid: string }).kid;

  it('once for who calls, with client, issuer, key, route and times', async () => {
    const before = Date.now();
    await app.get('/mines/7', await issuer.tokenFor('web'));
    expect(told()).toEqual([
      {
        stage: 'authentication',
        accepted: true,
        client: 'web',
        issuer: issuer.issuer,
        keyId: keyId(),
        route: 'GET /mines/:id',
      },
    ]);
    expect(events[0]?.time).toBeGreaterThanOrEqual(before);
    expect(events[0]?.time).toBeLessThanOrEqual(Date.now());
    expect(events[0]?.duration).toBeGreaterThan(0);
    expect(events[0]?.duration).toBeLessThan(5_000);
    expect(published).toEqual(events);
  });

  it('and once for whether the caller may', async () => {
    await app.get('/mines/7/admin', await issuer.tokenFor('web', { roles: ['core_admin'] }));
    await app.get('/mines/7/admin', await issuer.tokenFor('web'));
    const common = { client: 'web', issuer: issuer.issuer, route: 'GET /mines/:id/admin' };
    expect(told()).toEqual([
      { stage: 'authentication', accepted: true, keyId: keyId(), ...common },
      { stage: 'authorization', accepted: true, ...common },
      { stage: 'authentication', accepted: true, keyId: keyId(), ...common },
      { stage: 'authorization', accepted: false, code: 'missing_a_valid_role', ...common },
    ]);
  });

  it('LIB-25 of a refused token by configured values only', async () => {
    const stranger = await TestIssuer.start();
    const claims = { iss: issuer.issuer, aud: 'web', exp: Math.floor(Date.now() / 1000) + 60 };
    const cases: [string | undefined, object][] = [
      [undefined, { code: 'authorization_header_missing' }],
      ['garbage', { code: 'malformed_token' }],
      [await stranger.tokenFor('web'), { code: 'unknown_issuer' }],
      [await issuer.tokenFor('nobody'), { code: 'unknown_audience', issuer: issuer.issuer }],
      [
        await issuer.tokenFor('web', { expiresIn: -60 }),
        { code: 'token_expired', client: 'web', issuer: issuer.issuer },
      ],
      // The key id of this one is its own idea.
      [await stranger.sign(claims), { code: 'unknown_key', client: 'web', issuer: issuer.issuer }],
      // And of this one, that of a key of the issuer's.
      [
        await stranger.sign(claims, { header: { kid: keyId() } }),
        { code: 'invalid_signature', client: 'web', issuer: issuer.issuer, keyId: keyId() },
      ],
      [await down.tokenFor('down'), { code: 'keys_unavailable', client: 'down', issuer: down.issuer }],
    ];
    await stranger.stop();
    for (const [token] of cases) {
      await app.get('/mines/secret-id', token);
    }
    expect(told()).toEqual(
      cases.map(([, event]) => ({ stage: 'authentication', accepted: false, route: 'GET /mines/:id', ...event })),
    );
  });

  it('also of a client that is not allowed, of a stock AuthGuard, and outside of guards', async () => {
    const token = await issuer.tokenFor('web');
    await app.get('/mines/7/bcmi', token);
    await app.app.get(OidcAuthService).decide(token);
    await app.app.get(OidcAuthService).decide('garbage');
    const accepted = { stage: 'authentication', accepted: true, client: 'web', issuer: issuer.issuer, keyId: keyId() };
    expect(told()).toEqual([
      { ...accepted, accepted: false, code: 'client_not_allowed', route: 'GET /mines/:id/bcmi' },
      accepted,
      { stage: 'authentication', accepted: false, code: 'malformed_token' },
    ]);
    events.splice(0);
    await app.get('/stock', token);
    // Two guards authenticate it, and it counts once.
    expect(told()).toEqual([{ ...accepted, route: 'GET /stock' }]);
  });

  it('not where nothing is decided: on a public route, and where a token is optional and there is none', async () => {
    await app.get('/mines/7/public', await issuer.tokenFor('web'));
    await app.get('/mines/7/optional');
    expect(events).toEqual([]);
    await app.get('/mines/7/optional', 'garbage');
    expect(told()).toMatchObject([{ accepted: false, code: 'malformed_token' }]);
  });

  it('with the added rules that a token breaks', async () => {
    await app.get('/mines/7', await issuer.tokenFor('loose'));
    expect(told()).toMatchObject([{ accepted: true, client: 'loose', reported: ['accessTokenType'] }]);
  });

  it('by a line of the log for each refusal', async () => {
    // No more than a few lines a second are written, and the tests before have had theirs.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    logger.lines.splice(0);
    await app.get('/mines/7', await issuer.tokenFor('nobody'));
    await app.get('/mines/7', await issuer.tokenFor('web', { expiresIn: -60 }));
    await app.get('/mines/7', await issuer.tokenFor('loose'));
    await app.get('/mines/7', await issuer.tokenFor('web'));
    expect(logger.lines.filter((line) => line.startsWith('debug')).slice(-3)).toEqual([
      `debug refused: unknown_audience, no client, issuer ${issuer.issuer}, GET /mines/:id`,
      'debug refused: token_expired, client "web", GET /mines/:id',
      'debug client "loose", GET /mines/:id breaks added rules that are only reported: accessTokenType',
    ]);
  });

  it('in numbers for each client, so that one can be retired', async () => {
    const usage = app.app.get(OidcAuthService).usage();
    expect(Object.keys(usage)).toEqual(['web', 'bcmi', 'down', 'loose']);
    expect(usage['bcmi']).toEqual({ accepted: 0, refused: {}, reported: {} });
    expect(usage['down']).toEqual({ accepted: 0, refused: { keys_unavailable: 1 }, reported: {} });
    expect(usage['web']).toMatchObject({
      firstSeen: expect.any(Date),
      lastSeen: expect.any(Date),
      accepted: expect.any(Number),
      refused: { token_expired: 2, missing_a_valid_role: 1, client_not_allowed: 1 },
      lastRoute: 'GET /mines/:id',
    });
    expect(usage['loose']).toMatchObject({ accepted: 2, reported: { accessTokenType: 2 } });
  });
});

it.each([
  [
    'throws',
    () => {
      throw new Error('full');
    },
  ],
  [
    'gives a promise that is rejected',
    async () => {
      throw new Error('full');
    },
  ],
])('a listener that %s changes no decision, and is told about once', async (_how, onDecision) => {
  const issuer = await TestIssuer.start();
  const logger = new MemoryLogger();
  const app = await startApp({
    logger,
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [{ name: 'web', audience: 'web', issuer: issuer.issuer }],
        globalGuards: true,
        onDecision,
      }),
    ],
    controllers: [MinesController],
  });
  expect((await app.get('/mines/7', await issuer.tokenFor('web'))).status).toBe(200);
  expect((await app.get('/mines/7')).status).toBe(401);
  expect(logger.warnings.filter((line) => line.includes('listener'))).toEqual([
    'warn a listener of decisions fails: full',
  ]);
  await issuer.stop();
});

describe('an event', () => {
  const issuer = useTestIssuer();
  let app: TestApp;
  const events: DecisionEvent[] = [];
  beforeAll(async () => {
    const controllers = ['v1', 'v2'].map((version) => {
      @Controller(`${version}/mines`)
      class VersionedController {
        @Get()
        get() {}
      }
      return VersionedController;
    });
    @Controller('rules')
    class RulesController {
      @Authorize(() => {
        throw new ForbiddenException('not yours');
      })
      @Get('throws')
      throws() {}
      @Authorize(async () => {
        throw new Error('the database is down');
      })
      @Get('rejects')
      rejects() {}
    }
    app = await startApp({
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [{ name: 'web', audience: 'web', issuer: issuer.issuer }],
          globalGuards: true,
          onDecision: (event) => events.push(event),
        }),
      ],
      controllers: [...controllers, RulesController],
      logger: new MemoryLogger(),
    });
  });
  beforeEach(() => events.splice(0));

  it('names the route that was called, of classes of one name too', async () => {
    for (const path of ['/v1/mines', '/v2/mines']) {
      await app.get(path, await issuer.tokenFor('web'));
    }
    expect(events.map(({ route }) => route)).toEqual(['GET /v1/mines', 'GET /v2/mines']);
    expect(app.app.get(OidcAuthService).usage()['web']?.lastRoute).toBe('GET /v2/mines');
  });

  it.each([
    ['throws', 403],
    ['rejects', 500],
  ])('is told of a rule that %s: the decision is no', async (path, status) => {
    expect((await app.get(`/rules/${path}`, await issuer.tokenFor('web'))).status).toBe(status);
    expect(events.map(({ stage, accepted, code }) => [stage, accepted, code])).toEqual([
      ['authentication', true, undefined],
      ['authorization', false, 'access_denied'],
    ]);
  });

  it('cannot be changed by who is told of it', async () => {
    await app.get('/v1/mines', await issuer.tokenFor('web'));
    expect(Object.isFrozen(events[0])).toBe(true);
  });
});
