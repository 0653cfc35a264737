import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Controller, Get } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import {
  Clients,
  CLIENTS_CHANNEL,
  describeAccess,
  OidcAuthService,
  OidcConfigurationError,
  OidcHealthIndicator,
  type OidcClientOptions,
  type OidcClientsEvent,
} from 'nestjs-oidc-multi-auth';
import { addOidcSecurity } from 'nestjs-oidc-multi-auth/openapi';
import passport from 'passport';
import { useApps, useFreshTestIssuer, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger } from '../support/test-app';
import { client, clientsOf, MinesController, startStatic } from './support';

const issuer = useTestIssuer();
const other = useTestIssuer();
const startApp = useApps();

@Clients('web')
@Controller()
class WebController {
  @Get('web')
  web() {}
}

const strategyOf = (name: string): unknown => Reflect.apply(Reflect.get(passport, '_strategy'), passport, [name]);

describe.each(ADAPTERS)('clients that are exchanged on %s', (adapter) => {
  it('DYN-2 refuses tokens of removed clients from the first request on, remembered ones too', async () => {
    const app = await startStatic(startApp, [client(issuer, 'web'), client(issuer, 'app')], {}, { adapter });
    const [web, mobile] = [await issuer.tokenFor('web'), await issuer.tokenFor('app')];
    for (const token of [web, web, mobile]) {
      expect((await app.get('/me', token)).status).toBe(200);
    }
    const change = await clientsOf(app).replace([client(issuer, 'app')]);
    expect(change).toEqual({ generation: 2, added: [], removed: ['web'], changed: [] });
    for (const token of [web, await issuer.tokenFor('web', { claims: { jti: 'new' } })]) {
      expect(await app.get('/me', token)).toMatchObject({ status: 401, body: { code: 'unknown_audience' } });
    }
    expect((await app.get('/me', mobile)).status).toBe(200);
  });

  it('LIB-23 refuses a removed issuer, and accepts a new one, whose keys are there already', async () => {
    const app = await startStatic(startApp, [client(issuer, 'web')], {}, { adapter });
    const [mine, theirs] = [await issuer.tokenFor('web'), await other.tokenFor('web')];
    expect((await app.get('/me', mine)).status).toBe(200);
    expect(await app.get('/me', theirs)).toMatchObject({ status: 401, body: { code: 'unknown_issuer' } });
    await clientsOf(app).replace([client(other, 'web')]);
    const fetched = { ...other.requests };
    expect(await app.get('/me', mine)).toMatchObject({ status: 401, body: { code: 'unknown_issuer' } });
    expect((await app.get('/me', theirs)).status).toBe(200);
    expect(other.requests).toEqual(fetched);
  });

  it('DYN-5 decides remembered tokens of changed clients anew', async () => {
    const web = client(issuer, 'web', { roles: 'roles' });
    const app = await startStatic(startApp, [web], {}, { adapter });
    const token = await issuer.tokenFor('web', { claims: { roles: ['old'], groups: ['new'], azp: 'spa' } });
    const me = () => app.get('/me', token);
    expect((await me()).body).toEqual({ client: 'web', roles: ['old'] });
    await clientsOf(app).replace([{ ...web, roles: 'groups' }]);
    expect((await me()).body).toEqual({ client: 'web', roles: ['new'] });
    await clientsOf(app).replace([{ ...web, authorizedParties: ['another'] }]);
    expect(await me()).toMatchObject({ status: 401, body: { code: 'invalid_claims' } });
    await clientsOf(app).replace([{ ...web, requiredClaims: ['tenant'] }]);
    expect(await me()).toMatchObject({ status: 401, body: { code: 'invalid_claims' } });
    await clientsOf(app).replace([web]);
    expect((await me()).body).toEqual({ client: 'web', roles: ['old'] });
  });

  it('DYN-9 unregisters strategies of removed clients, which refuse from then on, and registers new ones', async () => {
    const app = await startStatic(startApp, [client(issuer, 'web')], {}, { adapter });
    const token = await issuer.tokenFor('web');
    expect((await app.get('/stock/web', token)).status).toBe(200);
    const kept = strategyOf('oidc:web');
    await clientsOf(app).replace([client(issuer, 'app')]);
    expect(strategyOf('oidc:web')).toBeUndefined();
    expect(strategyOf('oidc:app')).toBeDefined();
    expect((await app.get('/stock/web', token)).status).toBe(500);
    // Somebody kept it and registers it again.
    passport.use('oidc:web', kept as never);
    expect((await app.get('/stock/web', token)).status).toBe(401);
    passport.unuse('oidc:web');
    await clientsOf(app).replace([client(issuer, 'web')]);
    expect((await app.get('/stock/web', token)).status).toBe(200);
    await app.close();
    expect(strategyOf('oidc:web')).toBeUndefined();
  });
});

describe('an exchange of clients', () => {
  it('DYN-3 changes nothing because of a fault, and names every fault as the start does', async () => {
    const logger = new MemoryLogger();
    const app = await startStatic(startApp, [client(issuer, 'web')], {}, { logger });
    const token = await issuer.tokenFor('web');
    const clients = [client(issuer, 'a', { clockTolerance: -1 }), { name: 'b' }, client(issuer, 'a')];
    const error: unknown = await clientsOf(app)
      .replace(clients as OidcClientOptions[])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OidcConfigurationError);
    const { faults } = error as OidcConfigurationError;
    expect(faults.map(({ client: name, field }) => [name, field])).toEqual(
      expect.arrayContaining([
        ['"a"', 'clockTolerance'],
        ['"b"', 'audience'],
        ['"a"', 'name'],
      ]),
    );
    expect((await app.get('/me', token)).status).toBe(200);
    expect(clientsOf(app).generation).toBe(1);
    expect(clientsOf(app).status()).toMatchObject({ status: 'degraded', generation: 1, clients: 1 });
    expect(app.app.get(OidcHealthIndicator).isHealthy()).toMatchObject({
      oidc: { status: 'up', directory: { status: 'degraded', lastError: expect.stringContaining('clockTolerance') } },
    });
    expect(logger.warnings.filter((line) => line.includes('cannot be changed'))).toHaveLength(1);
    await clientsOf(app).replace([client(issuer, 'web'), client(issuer, 'app')]);
    expect(clientsOf(app).status()).toEqual({ status: 'up', generation: 2, clients: 2 });
  });

  it.each([
    ['an empty list', []],
    ['no list', 'web'],
    ['nothing', undefined],
    ['a list of garbage', [1, null]],
  ])('DYN-3 changes nothing because of %s', async (_case, clients) => {
    const app = await startStatic(startApp, [client(issuer, 'web')]);
    await expect(clientsOf(app).replace(clients as never)).rejects.toThrow(OidcConfigurationError);
    expect(clientsOf(app).names).toEqual(['web']);
    expect((await app.get('/me', await issuer.tokenFor('web'))).status).toBe(200);
  });

  it('DYN-10 comes after those that were asked for before', async () => {
    const app = await startStatic(startApp, [client(issuer, 'web')]);
    const clients = clientsOf(app);
    const names = Array.from({ length: 20 }, (_, index) => `client-${index}`);
    const changes = await Promise.all(
      names.map((name, index) => clients.replace(index % 5 === 4 ? [] : [client(issuer, name)]).catch(() => undefined)),
    );
    expect(changes.map((change) => change?.generation)).toEqual(
      names.map((_, index) => (index % 5 === 4 ? undefined : 2 + index - Math.floor(index / 5))),
    );
    expect(clients.names).toEqual(['client-18']);
  });

  it('does nothing where nothing is different, and keeps what is remembered', async () => {
    const app = await startStatic(startApp, [client(issuer, 'web')]);
    expect(await clientsOf(app).replace([client(issuer, 'web')])).toEqual({
      generation: 1,
      added: [],
      removed: [],
      changed: [],
    });
  });

  it('checks what it was given, and not what became of it meanwhile', async () => {
    const app = await startStatic(startApp, [client(issuer, 'web')]);
    const audience = ['app'];
    const replaced = clientsOf(app).replace([client(issuer, 'app', { audience })]);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    audience[0] = 'web';
    await replaced;
    expect(clientsOf(app).get('app')?.audiences).toEqual(['app']);
  });

  it('publishes and describes what changed', async () => {
    const app = await startStatic(startApp, [client(issuer, 'web')]);
    const events: OidcClientsEvent[] = [];
    const listen = (event: unknown): void => void events.push(event as OidcClientsEvent);
    subscribe(CLIENTS_CHANNEL, listen);
    try {
      await clientsOf(app).replace([client(issuer, 'web', { clockTolerance: 1 }), client(other, 'app')]);
      await clientsOf(app)
        .replace([])
        .catch(() => undefined);
    } finally {
      unsubscribe(CLIENTS_CHANNEL, listen);
    }
    const time = expect.any(Number);
    expect(events).toEqual([
      { time, type: 'changed', generation: 2, added: ['app'], removed: [], changed: ['web'] },
      {
        time,
        type: 'failed',
        generation: 2,
        added: [],
        removed: [],
        changed: [],
        reason: expect.stringContaining('is empty'),
      },
    ]);
    expect(clientsOf(app).get('app')).toEqual({
      name: 'app',
      issuers: [other.issuer],
      audiences: ['app'],
      isRetired: false,
    });
    expect(clientsOf(app).get('gone')).toBeUndefined();
    await expect(clientsOf(app).reload()).rejects.toThrow('the module has no clientSource');
  });

  it('DYN-9 goes on counting clients that stay, and ends the count of those that go', async () => {
    const app = await startStatic(startApp, [client(issuer, 'web'), client(issuer, 'app')]);
    await app.get('/me', await issuer.tokenFor('web'));
    await clientsOf(app).replace([client(issuer, 'web', { clockTolerance: 1 }), client(issuer, 'new')]);
    await app.get('/me', await issuer.tokenFor('web'));
    const usage = app.app.get(OidcAuthService).usage();
    expect(Object.keys(usage).sort()).toEqual(['new', 'web']);
    expect(usage['web']?.accepted).toBe(2);
  });

  it('DYN-9 announces the deprecation and the metadata of the clients of now', async () => {
    const resource = 'https://api.example';
    const app = await startStatic(startApp, [client(issuer, 'web')], { resourceMetadata: { resource } });
    const token = await issuer.tokenFor('web');
    expect((await app.get('/me', token)).headers.get('deprecation')).toBeNull();
    const deprecated = { since: '2020-01-01' };
    await clientsOf(app).replace([client(issuer, 'web', { deprecated }), client(other, 'app')]);
    expect((await app.get('/me', token)).headers.get('deprecation')).toBe('@1577836800');
    const { body, headers } = await app.get('/.well-known/oauth-protected-resource');
    expect(body.authorization_servers).toEqual([issuer.issuer, other.issuer].sort());
    expect(headers.get('cache-control')).toBe('public, max-age=60');
  });
});

describe('what describes an application', () => {
  it('DYN-9 describes the clients of now: OpenAPI and the access table', async () => {
    const app = await startStatic(
      startApp,
      [client(issuer, 'web')],
      {},
      { controllers: [MinesController, WebController] },
    );
    const schemes = () => {
      const config = new DocumentBuilder().build();
      const document = addOidcSecurity(SwaggerModule.createDocument(app.app, config), app.app);
      return Object.keys(document.components?.securitySchemes ?? {});
    };
    const findings = () => describeAccess(app.app).findings.map(({ code }) => code);
    expect(schemes()).toEqual(['web']);
    expect(findings()).not.toContain('unknown_client');
    await clientsOf(app).replace([client(issuer, 'app')]);
    // A route for a client that is gone still says which it is for.
    expect(schemes().sort()).toEqual(['app', 'web']);
    expect(findings()).toContain('unknown_client');
  });
});

describe('keys', () => {
  const fresh = useFreshTestIssuer();

  it('DYN-4 of an unchanged source are neither fetched again nor lost', async () => {
    const app = await startStatic(startApp, [client(fresh, 'web')]);
    const token = await fresh.tokenFor('web');
    expect((await app.get('/me', token)).status).toBe(200);
    const fetched = { ...fresh.requests };
    await fresh.fail('down');
    for (const clockTolerance of [1, 2, 3]) {
      await clientsOf(app).replace([client(fresh, 'web', { clockTolerance }), client(other, 'app')]);
      expect((await app.get('/me', token)).status).toBe(200);
    }
    expect(fresh.requests).toEqual(fetched);
  });

  it('of a new issuer that does not answer hold up an exchange for fetchTimeout at most', async () => {
    await fresh.fail('hang');
    const app = await startStatic(startApp, [client(issuer, 'web')], { fetchTimeout: 0.5 });
    const startedAt = Date.now();
    await clientsOf(app).replace([client(issuer, 'web'), client(fresh, 'app')]);
    const waited = Date.now() - startedAt;
    expect(waited).toBeGreaterThan(300);
    expect(waited).toBeLessThan(1500);
    expect(await app.get('/me', await fresh.tokenFor('app'))).toMatchObject({
      status: 503,
      body: { code: 'keys_unavailable' },
    });
  });
});
