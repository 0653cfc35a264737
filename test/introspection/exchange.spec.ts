import { OidcClients, type OidcClientOptions } from 'nestjs-oidc-multi-auth';
import { randomUUID } from 'node:crypto';
import { startStatic } from '../dynamic/support';
import { useApps, useFreshTestIssuer } from '../support/life-cycle';

const startApp = useApps();
const issuer = useFreshTestIssuer();

const client = (cacheFor = 60): OidcClientOptions => ({
  name: 'b',
  audience: 'api',
  issuer: issuer.issuer,
  introspection: { clientId: 'api', clientSecret: 'secret', cacheFor },
});
const another = (): OidcClientOptions => ({ name: 'c', audience: 'other', issuer: issuer.issuer });

it('answers survive an exchange that does not change how the issuer is asked, and no other', async () => {
  const app = await startStatic(startApp, [client()]);
  const directory = app.app.get(OidcClients);
  const token = await issuer.tokenFor(client(), { format: 'opaque' });
  expect((await app.get('/me', token)).status).toBe(200);
  await directory.replace([client(), another()]);
  expect((await app.get('/me', token)).status).toBe(200);
  expect(issuer.introspection.requests).toHaveLength(1);
  await directory.replace([client(50)]);
  expect((await app.get('/me', token)).status).toBe(200);
  expect(issuer.introspection.requests).toHaveLength(2);
  // The answer goes on, and the client does not.
  await directory.replace([{ ...client(50), audience: 'third' }]);
  expect((await app.get('/me', token)).body.code).toBe('unknown_audience');
});

it('exchanges let no flood of made-up tokens through', async () => {
  const app = await startStatic(startApp, [client()]);
  const directory = app.app.get(OidcClients);
  const startedAt = performance.now();
  const codes = new Set<string>();
  for (let round = 0; round < 4; round += 1) {
    const answers = await Promise.all(Array.from({ length: 150 }, () => app.get('/me', randomUUID())));
    answers.forEach(({ body }) => codes.add(body.code));
    // Also an exchange that changes how the issuer is asked.
    await directory.replace([client(round + 1), another()]);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  expect(codes).toEqual(new Set(['token_inactive', 'introspection_unavailable']));
  expect(issuer.introspection.requests.length).toBeLessThan(100 + 20 * seconds + 32);
});
