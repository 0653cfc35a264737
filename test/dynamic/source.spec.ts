import { Inject, Injectable, Module } from '@nestjs/common';
import {
  OidcClients,
  OidcHealthIndicator,
  OidcMultiAuthModule,
  type OidcClientOptions,
  type OidcClientSource,
} from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger } from '../support/test-app';
import { client, clientsOf, MinesController, startSourced, until } from './support';

const issuer = useTestIssuer();
const startApp = useApps();

/** A source that answers what a test says, and is watched. */
class ScriptedSource implements OidcClientSource {
  loads = 0;
  isWatched = false;
  changed: () => void = () => undefined;
  constructor(public answer: () => unknown) {}
  load() {
    this.loads += 1;
    return this.answer() as OidcClientOptions[];
  }
  watch(changed: () => void) {
    this.isWatched = true;
    this.changed = changed;
    return () => {
      this.isWatched = false;
    };
  }
}

const web = () => [client(issuer, 'web')];

const failures = (logger: MemoryLogger) => logger.warnings.filter((line) => line.includes('cannot be changed'));

describe.each(ADAPTERS)('a source of clients on %s', (adapter) => {
  it('says who the clients are, at start and whenever it changes', async () => {
    const source = new ScriptedSource(web);
    const app = await startSourced(startApp, source, {}, { adapter });
    const [mine, theirs] = [await issuer.tokenFor('web'), await issuer.tokenFor('app')];
    expect((await app.get('/me', mine)).status).toBe(200);
    expect((await app.get('/me', theirs)).status).toBe(401);
    source.answer = () => [client(issuer, 'app')];
    source.changed();
    await until(async () => (await app.get('/me', theirs)).status === 200);
    expect((await app.get('/me', mine)).status).toBe(401);
    expect(source.isWatched).toBe(true);
    await app.close();
    expect(source.isWatched).toBe(false);
  });

  it('that does not answer at start leaves tokens to 503, until it does', async () => {
    const logger = new MemoryLogger();
    const source = new ScriptedSource(() => {
      throw new Error('the table is missing');
    });
    const app = await startSourced(startApp, source, {}, { adapter, logger });
    const token = await issuer.tokenFor('web');
    const refused = await app.get('/me', token);
    expect(refused).toMatchObject({ status: 503, body: { code: 'state_unavailable' } });
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(refused.headers.get('www-authenticate')).toBeNull();
    expect((await app.get('/me')).status).toBe(401);
    expect(clientsOf(app).status()).toMatchObject({
      status: 'down',
      generation: 0,
      clients: 0,
      lastError: 'the table is missing',
    });
    expect(app.app.get(OidcHealthIndicator).isHealthy()).toMatchObject({ oidc: { status: 'down' } });
    expect(failures(logger)).toHaveLength(1);
    source.answer = web;
    // It is tried again without being asked.
    await until(async () => (await app.get('/me', token)).status === 200);
    expect(clientsOf(app).generation).toBe(1);
    expect(app.app.get(OidcHealthIndicator).isHealthy()).toMatchObject({
      oidc: { status: 'up', directory: { status: 'up' } },
    });
  });
});

describe('a source of clients', () => {
  const bad: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('no connection\nto the database');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no connection'))],
    ['rejects with no Error', () => Promise.reject('no connection')],
    ['returns garbage', () => ({ clients: 'many' })],
    ['returns garbage in a list', () => [42]],
    ['returns nothing', () => undefined],
    ['returns an empty list', () => []],
    ['returns one fault among many', () => [...web(), ...many(1000), client(issuer, 'bad', { clockTolerance: -1 })]],
  ];

  function many(count: number): OidcClientOptions[] {
    return Array.from({ length: count }, (_, index) => client(issuer, `tenant-${index}`));
  }

  it.each(bad)(
    'DYN-6 that %s leaves the clients before in force, says so once, and is tried again',
    async (_case, answer) => {
      const logger = new MemoryLogger();
      const source = new ScriptedSource(web);
      const app = await startSourced(startApp, source, {}, { logger });
      const token = await issuer.tokenFor('web');
      source.answer = answer;
      const clients = clientsOf(app);
      await expect(clients.reload()).rejects.toBeDefined();
      await expect(clients.reload()).rejects.toBeDefined();
      expect((await app.get('/me', token)).status).toBe(200);
      expect(clients.status()).toMatchObject({ status: 'degraded', generation: 1, clients: 1 });
      expect(app.app.get(OidcHealthIndicator).isHealthy()).toMatchObject({
        oidc: { status: 'up', directory: { status: 'degraded' } },
      });
      expect(failures(logger)).toHaveLength(1);
      expect(failures(logger)[0]).not.toContain('\n');
      const { loads } = source;
      source.answer = () => [client(issuer, 'app')];
      await until(() => clients.generation === 2);
      expect(source.loads).toBeGreaterThan(loads);
      expect(clients.status()).toEqual({ status: 'up', generation: 2, clients: 1 });
    },
  );

  it('DYN-6 that hangs is given up, and does not keep others waiting for longer', async () => {
    const source = new ScriptedSource(web);
    const app = await startSourced(startApp, source);
    source.answer = () => new Promise(() => undefined);
    const hanging = clientsOf(app).reload();
    const next = clientsOf(app).replace([client(issuer, 'app')]);
    expect((await app.get('/me', await issuer.tokenFor('web'))).status).toBe(200);
    await expect(hanging).rejects.toThrow('did not answer within 10 s');
    expect((await next).generation).toBe(2);
  }, 20_000);

  it('with strictStart fails the start if it does not answer', async () => {
    const source = new ScriptedSource(() => []);
    await expect(startSourced(startApp, source, { strictStart: true })).rejects.toThrow(
      'strictStart: the source of clients does not say who they are: clients: is empty',
    );
  });

  it('is loaded once for all changes that come before its turn', async () => {
    const source = new ScriptedSource(web);
    const app = await startSourced(startApp, source);
    const changes = await Promise.all(Array.from({ length: 100 }, () => clientsOf(app).reload()));
    expect(new Set(changes.map(({ generation }) => generation))).toEqual(new Set([1]));
    expect(source.loads).toBeLessThanOrEqual(3);
  });

  it('may be a class, which may use OidcClients, a provider, or come by a factory', async () => {
    @Injectable()
    class Table {
      readonly clients = web();
    }
    @Module({ providers: [Table], exports: [Table] })
    class TableModule {}
    @Injectable()
    class TableSource implements OidcClientSource {
      @Inject(OidcClients)
      readonly clients!: OidcClients;
      constructor(@Inject(Table) private readonly table: Table) {}
      load() {
        return this.table.clients;
      }
    }
    @Module({ imports: [TableModule], providers: [TableSource], exports: [TableSource] })
    class SourceModule {}

    const byFactory = { useFactory: (table: Table) => ({ load: () => table.clients }), inject: [Table] };
    for (const [imports, clientSource] of [
      [[TableModule], TableSource],
      [[TableModule], byFactory],
      [[SourceModule], { useExisting: TableSource }],
    ] as const) {
      const app = await startApp({
        imports: [
          OidcMultiAuthModule.forRootAsync({
            imports: [...imports],
            clientSource,
            useFactory: () => ({}),
            globalGuards: true,
          }),
        ],
        controllers: [MinesController],
      });
      expect((await app.get('/me', await issuer.tokenFor('web'))).status).toBe(200);
      await app.close();
    }
  });

  it.each([
    ['no source', {}, 'clientSource: has no method load()'],
    ['clients beside it', new ScriptedSource(web), 'clients: are given beside clientSource'],
  ])('is a fault at start: %s', async (_case, source, message) => {
    const options = message.startsWith('clients') ? { clients: web() } : {};
    await expect(startSourced(startApp, source as OidcClientSource, options as object)).rejects.toThrow(message);
  });
});
