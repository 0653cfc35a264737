import { MemoryRevocationStore, type OidcSharedSignalsTransmitter } from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useApps, useFreshTestIssuer } from '../support/life-cycle';
import { ADAPTERS, MemoryLogger, type TestApp } from '../support/test-app';
import { appOf, now, post, revocationsOf } from './support';

const TYPE = 'application/secevent+jwt';
const PATH = '/oidc/events';
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';

const startApp = useApps();
const issuer = useFreshTestIssuer();

const transmitterOf = (rest: Partial<OidcSharedSignalsTransmitter> = {}): OidcSharedSignalsTransmitter => ({
  issuer: issuer.issuer,
  audience: 'https://api.example',
  issuers: [issuer.issuer],
  ...rest,
});

const user = (sub = 'u', iss = issuer.issuer) => ({ format: 'iss_sub', iss, sub });

const setOf = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, by: TestIssuer = issuer) =>
  by.sign(
    {
      iss: by.issuer,
      aud: 'https://api.example',
      iat: now(),
      jti: `j${Math.random()}`,
      sub_id: user(),
      events: { [`${RISC}sessions-revoked`]: {} },
      ...claims,
    },
    { header: { typ: 'secevent+jwt', ...header } },
  );

describe.each(ADAPTERS)('shared signals on %s', (adapter) => {
  const start = (transmitter: Partial<OidcSharedSignalsTransmitter> = {}, rest = {}) =>
    startApp(
      appOf(
        issuer,
        { revocation: { sharedSignals: { transmitters: [transmitterOf(transmitter)] } } },
        { adapter, ...rest },
      ),
    );
  const push = ({ url }: TestApp, set: string, headers: Record<string, string> = {}) =>
    post(url + PATH, set, TYPE, headers);
  const token = (claims: Record<string, unknown> = {}) =>
    issuer.tokenFor('api', { claims: { azp: 'web', sub: 'u', sid: 's', iat: now() - 10, ...claims } });
  const isRevoked = async (app: TestApp, claims?: Record<string, unknown>) =>
    (await app.get('/me', await token(claims))).body.code === 'token_revoked';
  const refusedWith = async (app: TestApp, set: string, err: string) => {
    expect(await push(app, set)).toMatchObject({ status: 400, body: { err, description: expect.any(String) } });
    expect(revocationsOf(app).status().entries).toBe(0);
  };

  it('SSF-1 takes POST of a security event token alone', async () => {
    const app = await start();
    const set = await setOf();
    for (const type of ['application/json', 'application/jwt', 'text/plain', undefined]) {
      expect(await post(app.url + PATH, set, type)).toMatchObject({ status: 400, body: { err: 'invalid_request' } });
    }
    const got = await fetch(app.url + PATH, { method: 'PUT', body: set, headers: { 'content-type': TYPE } });
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect(revocationsOf(app).status().entries).toBe(0);
  });

  it('SSF-3 answers 202 with an empty body once the event is recorded', async () => {
    const app = await start();
    expect(await isRevoked(app)).toBe(false);
    expect(await push(app, await setOf())).toMatchObject({ status: 202, text: '' });
    expect(await isRevoked(app)).toBe(true);
    expect(await isRevoked(app, { sub: 'v' })).toBe(false);
    expect(await isRevoked(app, { iat: now() + 1 })).toBe(false);
  });

  it.each<[string, Record<string, unknown>, string, Record<string, unknown>]>([
    ['SSF-2 no typ', {}, 'invalid_request', { typ: undefined }],
    ['SSF-2 the typ of an access token', {}, 'invalid_request', { typ: 'at+jwt' }],
    ['SSF-2 another iss', { iss: 'https://elsewhere.example' }, 'invalid_issuer', {}],
    ['SSF-2 another aud', { aud: 'https://elsewhere.example' }, 'invalid_audience', {}],
    ['SSF-2 no aud', { aud: undefined }, 'invalid_audience', {}],
    ['SSF-2 no iat', { iat: undefined }, 'invalid_request', {}],
    ['SSF-2 iat in the future', { iat: now() + 3600 }, 'invalid_request', {}],
    ['SSF-2 no jti', { jti: undefined }, 'invalid_request', {}],
    ['SSF-2 a sub', { sub: 'u' }, 'invalid_request', {}],
    ['SSF-2 no events', { events: undefined }, 'invalid_request', {}],
    ['SSF-2 an event that is no object', { events: { [`${RISC}sessions-revoked`]: true } }, 'invalid_request', {}],
    ['SSF-2 an unknown key', {}, 'invalid_key', { kid: 'nobody' }],
    ['SSF-2 no signature', {}, 'invalid_key', { alg: 'none' }],
  ])('%s is 400 (SSF-3) and changes nothing', async (_name, claims, err, header) => {
    await refusedWith(await start(), await setOf(claims, header), err);
  });

  it('SSF-2 a signature of another key is 400, and the media type may be written in full', async () => {
    const app = await start();
    await refusedWith(app, (await setOf()).replace(/\.[^.]*$/, `.${'A'.repeat(342)}`), 'invalid_key');
    await refusedWith(app, 'no.token', 'invalid_request');
    expect((await push(app, await setOf({}, { typ: 'Application/SecEvent+JWT' }))).status).toBe(202);
  });

  it('SSF-4 compares the Authorization header of the transmitter', async () => {
    const app = await start({ authorization: 'Bearer secret' });
    for (const headers of [{}, { authorization: 'Bearer other' }, { authorization: 'bearer secret' }]) {
      const answer = await push(app, await setOf(), headers as Record<string, string>);
      expect(answer).toMatchObject({ status: 401, body: { err: 'authentication_failed' } });
    }
    expect(revocationsOf(app).status().entries).toBe(0);
    expect((await push(app, await setOf(), { authorization: 'Bearer secret' })).status).toBe(202);
  });

  it.each<[string, string, () => object, Record<string, unknown>, boolean]>([
    ['a user', `${CAEP}session-revoked`, () => user(), { sid: 'other' }, true],
    ['an opaque session', `${CAEP}session-revoked`, () => ({ format: 'opaque', id: 's' }), {}, true],
    ['another opaque session', `${CAEP}session-revoked`, () => ({ format: 'opaque', id: 't' }), {}, false],
    [
      'a session of a user',
      `${CAEP}session-revoked`,
      () => ({ format: 'complex', user: user(), session: { format: 'opaque', id: 's' } }),
      {},
      true,
    ],
    [
      'another session of the user',
      `${CAEP}session-revoked`,
      () => ({ format: 'complex', user: user(), session: { format: 'opaque', id: 't' } }),
      {},
      false,
    ],
    ['a user in a complex subject', `${CAEP}credential-change`, () => ({ format: 'complex', user: user() }), {}, true],
    ['a user', `${RISC}account-disabled`, () => user(), {}, true],
    ['a user', `${RISC}account-purged`, () => user(), {}, true],
    ['a user', `${RISC}sessions-revoked`, () => user(), {}, true],
    ['an address', `${RISC}account-disabled`, () => ({ format: 'email', email: 'u@example.test' }), {}, false],
    ['an unknown format', `${CAEP}session-revoked`, () => ({ format: 'did', url: 'did:example:u' }), {}, false],
    ['an opaque user', `${RISC}account-disabled`, () => ({ format: 'opaque', id: 's' }), {}, false],
    ['an unknown event', `${CAEP}token-claims-change`, () => user(), {}, false],
  ])('SSF-5 %s, by %s, is acknowledged', async (_subject, event, subject, claims, isMeant) => {
    const logger = new MemoryLogger();
    const app = await start({}, { logger });
    expect((await push(app, await setOf({ sub_id: subject(), events: { [event]: {} } }))).status).toBe(202);
    expect(await isRevoked(app, claims)).toBe(isMeant);
    expect(logger.lines.some((line) => line.includes('received a security event'))).toBe(true);
  });

  it('SSF-5 the cut-off is event_timestamp where it is given, and never in the future', async () => {
    const app = await start();
    const events = (event_timestamp: number) => ({ [`${CAEP}credential-change`]: { event_timestamp } });
    await push(app, await setOf({ events: events(now() - 100) }));
    expect(await isRevoked(app, { iat: now() - 101 })).toBe(true);
    expect(await isRevoked(app, { iat: now() - 90 })).toBe(false);
    await push(app, await setOf({ sub_id: user('v'), events: events(Date.now()) }));
    expect(await isRevoked(app, { sub: 'v' })).toBe(true);
    expect(await isRevoked(app, { sub: 'v', iat: now() + 2 })).toBe(false);
  });

  it('SSF-6 processes a jti once, on all replicas', async () => {
    const store = new MemoryRevocationStore();
    const revocation = { store, sharedSignals: { transmitters: [transmitterOf()] } };
    const [one, other] = [
      await startApp(appOf(issuer, { revocation }, { adapter })),
      await startApp(appOf(issuer, { revocation }, { adapter })),
    ];
    const append = jest.spyOn(store, 'append');
    const set = await setOf();
    expect((await push(one, set)).status).toBe(202);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await isRevoked(other)).toBe(true);
    for (const app of [one, other]) {
      expect((await push(app, set)).status).toBe(202);
    }
    expect(append).toHaveBeenCalledTimes(1);
  });

  it('SSF-7 a transmitter speaks for the issuers configured for it only', async () => {
    const app = await start({ issuers: ['https://other.example'] });
    expect((await push(app, await setOf())).status).toBe(202);
    expect(
      (
        await push(
          app,
          await setOf({ sub_id: { format: 'opaque', id: 's' }, events: { [`${CAEP}session-revoked`]: {} } }),
        )
      ).status,
    ).toBe(202);
    expect(await isRevoked(app)).toBe(false);
  });

  it('SSF-8 shows verification and changes of the stream', async () => {
    const app = await start();
    const sub_id = { format: 'opaque', id: 'stream' };
    await push(app, await setOf({ sub_id, events: { [`${SSF}verification`]: { state: 'x' } } }));
    await push(app, await setOf({ sub_id, events: { [`${SSF}stream-updated`]: { status: 'paused' } } }));
    expect(revocationsOf(app).status().transmitters).toEqual({
      [issuer.issuer]: { lastEvent: expect.any(Date), lastVerification: expect.any(Date), stream: 'paused' },
    });
  });

  it('SSF-9 a security event token is no access token, an access token no security event', async () => {
    const app = await start();
    for (const typ of ['secevent+jwt', 'JWT']) {
      const set = await setOf({ aud: 'api', azp: 'web', exp: now() + 60 }, { typ });
      expect((await app.get('/me', set)).body.code).toBe('wrong_token_type');
    }
    await refusedWith(app, await token({ aud: 'https://api.example' }), 'invalid_request');
  });

  it('SSF-10 a flood makes no fetches beyond the budget of the issuer, and a large body is 413', async () => {
    const app = await start();
    await push(app, await setOf());
    for (let index = 0; index < 50; index += 1) {
      await push(app, await setOf({}, { kid: `made-up-${index}` }));
    }
    expect(issuer.requests.jwks).toBeLessThanOrEqual(4);
    expect((await push(app, 'a'.repeat(70_000))).status).toBe(413);
  });

  it('takes the keys of a transmitter that is no issuer of a client', async () => {
    const other = await TestIssuer.start();
    try {
      const app = await start({ issuer: other.issuer, jwksUri: other.jwksUri });
      expect(await push(app, await setOf({}, {}, issuer))).toMatchObject({
        status: 400,
        body: { err: 'invalid_issuer' },
      });
      const forged = await setOf({ iss: other.issuer }, {}, issuer);
      expect(await push(app, forged)).toMatchObject({ status: 400, body: { err: 'invalid_key' } });
      expect((await push(app, await setOf({}, {}, other))).status).toBe(202);
      expect(await isRevoked(app)).toBe(true);
    } finally {
      await other.stop();
    }
  });
});

describe('a transmitter', () => {
  it('without keys is a fault at start', async () => {
    const transmitters = [{ issuer: 'https://elsewhere.example', audience: 'a', issuers: ['b'] }];
    await expect(startApp(appOf(issuer, { revocation: { sharedSignals: { transmitters } } }))).rejects.toThrow(
      /"https:\/\/elsewhere.example" is no issuer of a client.*give its jwksUri/s,
    );
  });

  it('is polled (RFC 8936): events are acknowledged once stored, bad ones reported', async () => {
    const requests: { ack: string[]; setErrs: Record<string, { err: string }>; authorization: string | undefined }[] =
      [];
    const sets = { good: await setOf({ jti: 'good' }), bad: await setOf({ jti: 'bad', aud: 'elsewhere' }) };
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        requests.push({ ...JSON.parse(body), authorization: request.headers.authorization });
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ sets: requests.length === 1 ? sets : {} }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const pollEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/poll`;
      const transmitters = [transmitterOf({ pollEndpoint, authorization: 'Bearer x' })];
      const app = await startApp(appOf(issuer, { revocation: { sharedSignals: { transmitters } } }));
      const until = Date.now() + 4000;
      while (requests.length < 2 && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(requests[0]).toMatchObject({ ack: [], setErrs: {}, authorization: 'Bearer x' });
      expect(requests[1]).toMatchObject({ ack: ['good'], setErrs: { bad: { err: 'invalid_audience' } } });
      const mine = await issuer.tokenFor('api', { claims: { azp: 'web', sub: 'u', iat: now() - 10 } });
      expect((await app.get('/me', mine)).body.code).toBe('token_revoked');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
