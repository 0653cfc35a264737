import { TestIssuer, TestProofKey } from 'nestjs-oidc-multi-auth/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeNonce, makeNonce } from '../../lib/core/proof/nonce';
import { ADAPTERS, type TestApp } from '../support/test-app';
import { challenges, ORIGIN, refusal, startApi } from './support';

const [OLD, NEW] = ['o'.repeat(32), 'n'.repeat(32)];
const now = () => Math.floor(Date.now() / 1000);

describe.each(ADAPTERS)('nonces on %s', (adapter) => {
  let issuer: TestIssuer;
  let key: TestProofKey;
  let api: TestApp;
  let replica: TestApp;
  let token: string;
  const url = `${ORIGIN}/mines`;
  const start = (secrets: readonly string[]) =>
    startApi(issuer, { proofOfPossession: { origins: [ORIGIN], nonce: { secrets, lifetime: 100 } } }, adapter, (app) =>
      app.enableCors({ exposedHeaders: ['WWW-Authenticate', 'DPoP-Nonce'] }),
    );

  beforeAll(async () => {
    [issuer, key] = await Promise.all([TestIssuer.start(), TestProofKey.create()]);
    token = await issuer.tokenFor('web', { claims: { cnf: key.confirmation } });
    [api, replica] = await Promise.all([start([OLD]), start([NEW, OLD])]);
  });
  afterAll(async () => {
    await Promise.all([api.close(), replica.close()]);
    await issuer.stop();
  });

  const ask = (nonce?: string, app = api) =>
    app.get('/mines', key.headersFor(token, { url, ...(nonce !== undefined && { nonce }) }));

  it('R9449-11 R9449-22 R9449-23 R9449-25 asks for a nonce, and accepts a proof that has it', async () => {
    const answer = await ask();
    expect(answer).toEqual(refusal('use_dpop_nonce'));
    expect(answer.headers.get('www-authenticate')).toBe(challenges('use_dpop_nonce', 'DPoP'));
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const nonce = answer.headers.get('dpop-nonce') ?? '';
    expect(nonce).toMatch(/^[A-Za-z0-9_-]{32}$/);
    const accepted = await ask(nonce);
    expect(accepted).toMatchObject({ status: 200 });
    expect(accepted.headers.get('dpop-nonce')).toBeNull();
    // Another replica knows the secret too.
    expect(await ask(nonce, replica)).toMatchObject({ status: 200 });
    expect(await ask()).toEqual(refusal('use_dpop_nonce'));
  });

  it('R9449-26 pages of other origins may read challenge and nonce, where CORS is set as docs/proof-of-possession.md says', async () => {
    const answer = await ask();
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/^WWW-Authenticate, ?DPoP-Nonce$/);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(readFileSync(join(__dirname, '../../docs/proof-of-possession.md'), 'utf8')).toContain(
      'Access-Control-Expose-Headers: WWW-Authenticate, DPoP-Nonce',
    );
  });

  it('R9449-22 gives a new nonce with the answer past half of a life', async () => {
    const old = makeNonce({ secrets: [OLD], lifetime: 100 }, now() - 60);
    const answer = await ask(old);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const fresh = answer.headers.get('dpop-nonce') ?? '';
    expect(fresh).not.toBe(old);
    expect(await ask(fresh)).toMatchObject({ status: 200 });
  });

  it.each([
    ['that is over', () => makeNonce({ secrets: [OLD], lifetime: 100 }, now() - 101)],
    ['from the future', () => makeNonce({ secrets: [OLD], lifetime: 100 }, now() + 60)],
    ['of another secret', () => makeNonce({ secrets: [NEW], lifetime: 100 }, now())],
    ['of another form', () => 'nonce'],
    ['that is longer', () => `${makeNonce({ secrets: [OLD], lifetime: 100 }, now())}AAAA`],
  ])('R9449-11 asks again for a nonce %s', async (_what, nonce) => {
    const answer = await ask(nonce());
    expect(answer).toEqual(refusal('use_dpop_nonce'));
    expect(answer.headers.get('dpop-nonce')).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });

  it('checks the nonce after the signature, and uses up no proof for it', async () => {
    const other = await TestProofKey.create();
    const forged = other.proofFor(token, { url, header: { jwk: key.jwk } });
    expect(await api.get('/mines', { authorization: `DPoP ${token}`, dpop: forged })).toEqual(
      refusal('invalid_dpop_proof'),
    );
  });
});

it('judges a nonce by its age', () => {
  const settings = { secrets: [OLD], lifetime: 100 };
  const nonce = makeNonce(settings, 1000);
  const at = (time: number) => judgeNonce(nonce, settings, time);
  expect([at(989), at(990), at(1050), at(1051), at(1099), at(1100)]).toEqual([
    'bad',
    'good',
    'good',
    'aging',
    'aging',
    'bad',
  ]);
  expect(judgeNonce(undefined, settings, 1000)).toBe('bad');
  expect(judgeNonce([nonce], settings, 1000)).toBe('bad');
});
