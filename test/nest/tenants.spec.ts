import { OidcAuthService, OidcHealthIndicator, OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSigningKey, signJwt, type SigningKey } from '../../lib/testing/signing-key';
import { ADAPTERS, startApp, type TestApp } from '../support/test-app';
import { MinesController } from '../testing/mines-app';

const [ONE, TWO, DOWN, STRANGER] = ['11111111', '22222222', '33333333', '44444444'].map(
  (start) => `${start}-aaaa-bbbb-cccc-dddddddddddd`,
) as [string, string, string, string];

/** A provider whose every tenant has a document and keys of its own, all under one key id. */
async function startProvider(keys: ReadonlyMap<string, SigningKey>): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    const [, tenant = '', ...rest] = (request.url ?? '').split('/');
    const key = keys.get(tenant);
    const { port } = server.address() as AddressInfo;
    const base = `http://127.0.0.1:${port}/${tenant}`;
    const documents: Readonly<Record<string, object>> = {
      'v2.0/.well-known/openid-configuration': { issuer: `${base}/v2.0`, jwks_uri: `${base}/keys` },
      keys: { keys: [key?.jwk] },
    };
    const document = key && documents[rest.join('/')];
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe.each(ADAPTERS)('a client of several tenants, on %s', (adapter) => {
  let keys: Map<string, SigningKey>;
  let provider: Awaited<ReturnType<typeof startProvider>>;
  let app: TestApp;
  beforeAll(async () => {
    const pairs = [ONE, TWO, STRANGER].map(async (tenant) => [tenant, await createSigningKey('ES256', 'k')] as const);
    keys = new Map(await Promise.all(pairs));
    provider = await startProvider(keys);
    app = await startApp({
      adapter,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [
            {
              name: 'bcmi',
              audience: 'mines-api',
              preset: 'entra-v2',
              issuer: `${provider.origin}/{tenantid}/v2.0`,
              tenants: [ONE, TWO, DOWN],
            },
          ],
          globalGuards: true,
        }),
      ],
      controllers: [MinesController],
    });
  });
  afterAll(async () => {
    await app.close();
    provider.server.close();
  });

  /** A token that says one tenant, signed by the key of another or of the same. */
  function token(tenant: string, signer = tenant, claims: object = {}): string {
    const key = keys.get(signer);
    if (key === undefined) {
      throw new Error('there is no such key');
    }
    const issuer = tenant.includes('://') ? tenant : `${provider.origin}/${tenant}/v2.0`;
    const now = Math.floor(Date.now() / 1000);
    return signJwt(
      { alg: 'ES256', typ: 'JWT', kid: 'k' },
      {
        iss: issuer,
        aud: 'mines-api',
        azp: 'web',
        tid: signer,
        ver: '2.0',
        roles: ['admin'],
        exp: now + 60,
        ...claims,
      },
      'ES256',
      key.privateKey,
    );
  }

  const answer = async (bearer: string, path = '/bcmi'): Promise<[number, unknown]> => {
    const { status, body } = await app.get(path, bearer);
    return [status, status === 200 ? body.client : body.code];
  };

  it.each([ONE, TWO])('takes tokens of tenant %s, with its issuer', async (tenant) => {
    const { status, body } = await app.get('/me', token(tenant));
    expect([status, body.client, body.issuer, body.roles]).toEqual([
      200,
      'bcmi',
      `${provider.origin}/${tenant}/v2.0`,
      ['admin'],
    ]);
    expect((await answer(token(tenant)))[0]).toBe(200);
  });

  it("takes no token of one tenant that is signed by another's key", async () => {
    expect(await answer(token(ONE, TWO))).toEqual([401, 'invalid_signature']);
    expect(await answer(token(TWO, STRANGER))).toEqual([401, 'invalid_signature']);
  });

  it.each([
    ['a tenant that is not listed', STRANGER],
    ['the template itself', '{tenantid}'],
    ['no tenant', ''],
    ['all tenants', 'common'],
    ['another case', ONE.toUpperCase()],
    ['more than a tenant', `${ONE}/x`],
  ])('knows no issuer of %s', async (_what, tenant) => {
    const bearer = token(`${provider.origin}/${tenant}/v2.0`, STRANGER);
    expect(await answer(bearer)).toEqual([401, 'unknown_issuer']);
  });

  it('has one tenant in trouble delay or refuse no other', async () => {
    expect(await answer(token(DOWN, ONE))).toEqual([503, 'keys_unavailable']);
    expect((await answer(token(ONE)))[0]).toBe(200);
    const { bcmi } = app.app.get(OidcHealthIndicator).clients();
    expect(bcmi).toMatchObject({ status: 'down', issuer: `${provider.origin}/${DOWN}/v2.0` });
  });

  it('is one client by its name: in usage, and in an explanation by tenant', async () => {
    const auth = app.app.get(OidcAuthService);
    expect(Object.keys(auth.usage())).toEqual(['bcmi']);
    const { accepted, clients } = await auth.explain(token(TWO));
    expect([accepted, clients.map(({ isChosen }) => isChosen)]).toEqual([true, [false, true, false]]);
  });
});
