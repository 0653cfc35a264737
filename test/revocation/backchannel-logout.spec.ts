import { All, Controller, VersioningType } from '@nestjs/common';
import { MemoryRevocationStore, Public } from 'nestjs-oidc-multi-auth';
import { request } from 'node:http';
import { useApps, useFreshTestIssuer } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger, type TestApp } from '../support/test-app';
import { appOf, LOGOUT_EVENT, MinesController, now, post, revocationsOf } from './support';

const FORM = 'application/x-www-form-urlencoded';
const PATH = '/oidc/backchannel-logout';

/** Takes every path, as the page of a single-page application does. */
@Public()
@Controller()
class CatchAllController {
  @All('*')
  everything() {
    return 'a page';
  }
}

const startApp = useApps();
const issuer = useFreshTestIssuer();

describe.each(ADAPTERS)('back-channel logout on %s', (adapter) => {
  const revocation = { backchannelLogout: {} };
  const start = (options = {}) => startApp(appOf(issuer, { revocation, ...options }, { adapter }));

  const logoutToken = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
    issuer.sign(
      {
        iss: issuer.issuer,
        aud: 'web',
        iat: now(),
        exp: now() + 120,
        jti: `j${Math.random()}`,
        sid: 's',
        events: { [LOGOUT_EVENT]: {} },
        ...claims,
      },
      { header: { typ: 'logout+jwt', ...header } },
    );
  const logOut = ({ url }: TestApp, token: string) =>
    post(url + PATH, new URLSearchParams({ logout_token: token }).toString(), FORM);
  const session = (sid: string, claims = {}) => issuer.tokenFor('api', { claims: { azp: 'web', sid, ...claims } });
  const refusedWith = async (app: TestApp, token: string) => {
    const answer = await logOut(app, token);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(answer).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', error_description: expect.any(String) },
    });
    expect(revocationsOf(app).status().entries).toBe(0);
    return (answer.body as { error_description: string }).error_description;
  };

  it('BCL-01 BCL-09 BCL-11 BCL-12 refuses the access tokens of the session, and no others', async () => {
    const app = await start();
    const [mine, other] = [await session('s'), await session('t')];
    expect((await app.get('/me', mine)).status).toBe(200);
    const answer = await logOut(app, await logoutToken());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(await app.get('/me', mine)).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
    expect((await app.get('/me', other)).status).toBe(200);
  });

  it('BCL-12 by sub alone, refuses tokens issued until then', async () => {
    const app = await start();
    const of = (iat: number) => session('s', { sub: 'u', iat });
    const loggedOutAt = now() - 5;
    expect((await logOut(app, await logoutToken({ sid: undefined, sub: 'u', iat: loggedOutAt }))).status).toBe(200);
    expect((await app.get('/me', await of(loggedOutAt))).status).toBe(401);
    expect((await app.get('/me', await of(loggedOutAt + 1))).status).toBe(200);
  });

  it('takes the audiences and the authorized parties of the clients', async () => {
    const app = await start();
    for (const aud of ['api', 'web', 'spa', 'app', ['web', 'x']]) {
      expect([aud, (await logOut(app, await logoutToken({ aud }))).status]).toEqual([aud, 200]);
    }
  });

  it('BCL-01 takes one form-encoded logout_token alone', async () => {
    const app = await start();
    const token = await logoutToken();
    for (const [body, type] of [
      [JSON.stringify({ logout_token: token }), 'application/json'],
      [`logout_token=${token}`, 'text/plain'],
      ['', FORM],
      [`logout_token=${token}&logout_token=${token}`, FORM],
      [`logout_token=${token}.x`, FORM],
      ['logout_token=', FORM],
    ] as const) {
      expect([body.slice(0, 20), (await post(app.url + PATH, body, type)).status]).toEqual([body.slice(0, 20), 400]);
    }
    expect(revocationsOf(app).status().entries).toBe(0);
    const got = await fetch(app.url + PATH);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await post(app.url + PATH, `logout_token=${token}`, `${FORM}; charset=utf-8`)).status).toBe(200);
  });

  it.each<[string, Record<string, unknown>, RegExp, Record<string, unknown>?]>([
    ['BCL-02 none', {}, /alg|well-formed/, { alg: 'none' }],
    ['BCL-02 an algorithm that is not allowed', {}, /alg/, { alg: 'HS256' }],
    ['BCL-02 an unknown key', {}, /signature/, { kid: 'nobody' }],
    ['BCL-03 another issuer', { iss: 'https://elsewhere.example' }, /iss and aud/],
    ['BCL-03 no issuer', { iss: undefined }, /iss and aud/],
    ['BCL-03 another audience', { aud: 'elsewhere' }, /iss and aud/],
    ['BCL-03 no audience', { aud: undefined }, /iss and aud/],
    ['BCL-03 no iat', { iat: undefined }, /iat/],
    ['BCL-03 iat in the future', { iat: now() + 3600 }, /iat/],
    ['BCL-03 no exp', { exp: undefined }, /exp/],
    ['BCL-03 exp over', { exp: now() - 3600 }, /exp/],
    ['BCL-04 neither sub nor sid', { sid: undefined }, /sub and sid/],
    ['BCL-04 a sid that is no string', { sid: 7, sub: 'u' }, /sub and sid/],
    ['BCL-05 no events', { events: undefined }, /events/],
    ['BCL-05 events that are a string', { events: LOGOUT_EVENT }, /events/],
    ['BCL-05 an event that is a string', { events: { [LOGOUT_EVENT]: '' } }, /events/],
    ['BCL-05 another event', { events: { 'https://elsewhere.example': {} } }, /events/],
    ['BCL-06 a nonce', { nonce: 'n' }, /nonce/],
    ['BCL-07 no jti', { jti: undefined }, /jti/],
    ['BCL-08 the type of an access token', {}, /typ/, { typ: 'at+jwt' }],
    ['BCL-08 the type of a security event', {}, /typ/, { typ: 'secevent+jwt' }],
  ])('%s is 400 and changes nothing (BCL-10)', async (_name, claims, description, ...[header]) => {
    expect(await refusedWith(await start(), await logoutToken(claims, header))).toMatch(description);
  });

  it('BCL-02 a signature of another key is 400', async () => {
    const app = await start();
    expect(await refusedWith(app, (await logoutToken()).replace(/\.[^.]*$/, `.${'A'.repeat(342)}`))).toMatch(
      /signature/,
    );
  });

  it.each([undefined, 'LOGOUT+JWT', 'application/logout+jwt', 'JWT'])('BCL-08 takes the type %s', async (typ) => {
    expect((await logOut(await start(), await logoutToken({}, { typ }))).status).toBe(200);
  });

  it('BCL-07 refuses a logout token that was used, on every replica', async () => {
    const store = new MemoryRevocationStore();
    const replicas = [
      await start({ revocation: { ...revocation, store } }),
      await start({ revocation: { ...revocation, store } }),
    ];
    const token = await logoutToken();
    expect((await logOut(replicas[0] as TestApp, token)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const app of replicas) {
      expect(await logOut(app, token)).toMatchObject({
        status: 400,
        body: { error_description: 'jti was used before' },
      });
    }
  });

  it('BCL-12 refuses the session at every instance that shares the store', async () => {
    const store = new MemoryRevocationStore();
    const [one, other] = [
      await start({ revocation: { ...revocation, store } }),
      await start({ revocation: { ...revocation, store } }),
    ];
    const mine = await session('s');
    expect((await other.get('/me', mine)).status).toBe(200);
    expect((await logOut(one, await logoutToken())).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await other.get('/me', mine)).body.code).toBe('token_revoked');
  });

  it('BCL-13 a logout token is no access token, an access token no logout token', async () => {
    const app = await start();
    const token = await logoutToken({ aud: 'api', azp: 'web' }, { typ: 'JWT' });
    expect((await app.get('/me', token)).body.code).toBe('wrong_token_type');
    await refusedWith(app, await session('s'));
    await refusedWith(app, await issuer.tokenFor('api', { claims: { azp: 'web', typ: 'ID', sid: 's', nonce: 'n' } }));
  });

  it('BCL-14 remembers no longer than tokens live, and made-up tokens not at all', async () => {
    const app = await start({ revocation: { backchannelLogout: {}, maxTokenLifetime: 60 } });
    for (let index = 0; index < 100; index += 1) {
      await logOut(app, await logoutToken({ iss: 'https://elsewhere.example' }));
      await logOut(app, await logoutToken({}, { kid: `made-up-${index}` }));
    }
    expect(revocationsOf(app).status().entries).toBe(0);
    // One for the first token, and those that the budget allows for unknown keys.
    expect(issuer.requests.jwks).toBeLessThanOrEqual(4);
  });

  it('is outside prefix and versions, and before a route that takes everything', async () => {
    const app = await startApp(
      appOf(
        issuer,
        { revocation: { backchannelLogout: { path: '/logout' } } },
        {
          adapter,
          controllers: [MinesController, CatchAllController],
          configure: (nest) => {
            nest.setGlobalPrefix('api');
            nest.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
          },
        },
      ),
    );
    const body = `logout_token=${await logoutToken()}`;
    expect((await post(`${app.url}/logout`, body, FORM)).status).toBe(200);
    expect((await post(`${app.url}/api/v1/logout`, body, FORM)).text).toBe('a page');
  });

  it('SSF-10 answers 413 to a large body, by its length or once it is too long', async () => {
    const app = await start();
    const large = `logout_token=${'a'.repeat(70_000)}`;
    expect((await post(app.url + PATH, large, FORM)).status).toBe(413);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(app.url + PATH, { method: 'POST', headers: { 'content-type': FORM } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
      sent.write(large);
    });
    expect(status).toBe(413);
  });

  it('serves nothing unless it is configured', async () => {
    const app = await start({ revocation: {} });
    expect((await post(app.url + PATH, `logout_token=${await logoutToken()}`, FORM)).status).toBe(404);
  });

  it('answers 503 while the store cannot be reached, revokes here, and takes the next attempt', async () => {
    const store = new MemoryRevocationStore();
    const app = await start({ revocation: { ...revocation, store } });
    const append = jest.spyOn(store, 'append').mockRejectedValue(new Error('down'));
    const [mine, token] = [await session('s'), await logoutToken()];
    const answer = await logOut(app, token);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await app.get('/me', mine)).body.code).toBe('token_revoked');
    append.mockRestore();
    expect((await logOut(app, token)).status).toBe(200);
  }, 20_000);

  it('says in the log what it did, and never whose', async () => {
    const logger = new MemoryLogger();
    const app = await startApp(appOf(issuer, { revocation }, { adapter, logger }));
    await logOut(app, await logoutToken({ sid: 'session-of-somebody' }));
    await logOut(app, await logoutToken({ nonce: 'n' }));
    const lines = logger.lines.join('\n');
    expect(lines).toContain(`received a logout token, revoked a session at ${issuer.issuer}`);
    expect(lines).toContain('refused a logout token: 400 invalid_request, nonce must be absent');
    expect(lines).not.toContain('session-of-somebody');
  });
});
