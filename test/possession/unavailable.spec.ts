import type { ReplayStore } from 'nestjs-oidc-multi-auth';
import { TestIssuer, TestProofKey } from 'nestjs-oidc-multi-auth/testing';
import { ORIGIN, refusal, startApi } from './support';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.stop());

const STORES: readonly [string, () => unknown][] = [
  ['rejects', () => Promise.reject(new Error('no store'))],
  [
    'throws',
    () => {
      throw new Error('no store');
    },
  ],
  ['answers with a string', () => 'OK'],
  ['answers with nothing', () => Promise.resolve()],
];

it.each(STORES)('R9449-24 a store that %s: 503, and plain tokens go on', async (_what, remember) => {
  const replayStore = { remember } as ReplayStore;
  const api = await startApi(issuer, { proofOfPossession: { origins: [ORIGIN], replayStore } });
  try {
    const key = await TestProofKey.create();
    const token = await issuer.tokenFor('web', { claims: { cnf: key.confirmation } });
    const answer = await api.get('/mines', key.headersFor(token, { url: `${ORIGIN}/mines` }));
    expect(answer).toEqual(refusal('state_unavailable'));
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.headers.get('www-authenticate')).toBeNull();
    expect(await api.get('/mines', await issuer.tokenFor('web'))).toMatchObject({ status: 200 });
  } finally {
    await api.close();
  }
});
