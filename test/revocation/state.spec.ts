import {
  MemoryRevocationStore,
  OidcHealthIndicator,
  REVOCATION_CHANNEL,
  type RevocationEvent,
} from 'nestjs-oidc-multi-auth';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as wait } from 'node:timers/promises';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { MemoryLogger } from '../support/test-app';
import { appOf, post, revocationsOf } from './support';

const startApp = useApps();
const issuer = useTestIssuer();

/** A store that can be taken away. */
class FlakyStore extends MemoryRevocationStore {
  isDown = false;
  override append(...args: Parameters<MemoryRevocationStore['append']>) {
    return this.isDown ? Promise.reject(new Error('gone')) : super.append(...args);
  }
  override async read(...args: Parameters<MemoryRevocationStore['read']>) {
    if (this.isDown) {
      throw new Error('gone');
    }
    const batch = await super.read(...args);
    if (this.isDown) {
      throw new Error('gone');
    }
    return batch;
  }
}

const until = async (isSo: () => boolean | Promise<boolean>) => {
  const end = Date.now() + 4000;
  while (!(await isSo())) {
    if (Date.now() > end) {
      throw new Error('it never was so');
    }
    await wait(20);
  }
};

describe('the store of revocations', () => {
  it.each(['accept', 'refuse'] as const)('whenUnavailable: %s', async (whenUnavailable) => {
    const [store, logger] = [new FlakyStore(), new MemoryLogger()];
    const revocation = { store, whenUnavailable, maxLag: 1 };
    const app = await startApp(appOf(issuer, { revocation }, { logger }));
    const health = app.app.get(OidcHealthIndicator);
    const token = await issuer.tokenFor('app');
    const answer = async () => (await app.get('/me', token)).status;
    expect(await answer()).toBe(200);
    expect(health.isHealthy()['oidc']).toMatchObject({ status: 'up', revocation: { status: 'up', isRefusing: false } });
    store.isDown = true;
    await until(() => revocationsOf(app).status().store === 'down');
    expect(health.revocation()).toMatchObject({ status: 'down', unavailableSince: expect.any(String) });
    if (whenUnavailable === 'refuse') {
      await until(async () => (await answer()) === 503);
      const refused = await app.get('/me', token);
      expect(refused).toMatchObject({ status: 503, body: { code: 'state_unavailable' } });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(health.isHealthy()['oidc']).toMatchObject({ status: 'down', revocation: { isRefusing: true } });
    } else {
      await wait(1200);
      expect(await answer()).toBe(200);
      expect(health.isHealthy()['oidc']).toMatchObject({ status: 'up', revocation: { status: 'down' } });
    }
    store.isDown = false;
    await until(async () => (await answer()) === 200 && revocationsOf(app).status().store === 'up');
    expect(logger.warnings.join()).toContain('the store of revocations cannot be reached: gone; after 1 s');
    expect(logger.lines.join()).toContain('the store of revocations is back');
  });

  it('revokes here at once, and elsewhere once the store is back: nothing is lost, nothing is twice', async () => {
    const store = new FlakyStore();
    const apps = [
      await startApp(appOf(issuer, { revocation: { store } })),
      await startApp(appOf(issuer, { revocation: { store } })),
    ] as const;
    store.isDown = true;
    const token = await issuer.tokenFor('app', { claims: { jti: 'j0' } });
    const pending = Array.from({ length: 50 }, (_, index) =>
      revocationsOf(apps[0]).revokeToken({ issuer: issuer.issuer, jti: `j${index}` }),
    );
    await wait(100);
    expect((await apps[0].get('/me', token)).body.code).toBe('token_revoked');
    expect((await apps[1].get('/me', token)).status).toBe(200);
    expect(revocationsOf(apps[0]).status().pending).toBe(50);
    store.isDown = false;
    await Promise.all(pending);
    await until(() => revocationsOf(apps[1]).status().entries === 50);
    expect((await apps[1].get('/me', token)).body.code).toBe('token_revoked');
    await wait(300);
    expect((await store.read(undefined, 0)).entries.length).toBe(50);
    const late = await startApp(appOf(issuer, { revocation: { store } }));
    expect((await late.get('/me', token)).body.code).toBe('token_revoked');
  });

  it('publishes what happens, and never whose', async () => {
    const events: RevocationEvent[] = [];
    const listener = (event: unknown): void => void events.push(event as RevocationEvent);
    subscribe(REVOCATION_CHANNEL, listener);
    try {
      const store = new FlakyStore();
      const app = await startApp(appOf(issuer, { revocation: { store } }));
      await revocationsOf(app).revokeSubject({ issuer: issuer.issuer, subject: 'somebody' });
      await revocationsOf(app).revokeClient({ client: 'web' });
      store.isDown = true;
      await until(() => events.length === 3);
      store.isDown = false;
      await until(() => events.length === 4);
    } finally {
      unsubscribe(REVOCATION_CHANNEL, listener);
    }
    const common = { time: expect.any(Number) };
    expect(events).toEqual([
      { ...common, type: 'revoked', kind: 'subject', issuer: issuer.issuer, origin: 'application', isOwn: true },
      { ...common, type: 'revoked', kind: 'client', client: 'web', origin: 'application', isOwn: true },
      { ...common, type: 'store_unavailable' },
      { ...common, type: 'store_available' },
    ]);
  });

  it('takes the logout tokens and security events of the test kit', async () => {
    const transmitters = [{ issuer: issuer.issuer, audience: 'receiver', issuers: [issuer.issuer] }];
    const app = await startApp(
      appOf(issuer, { revocation: { backchannelLogout: {}, sharedSignals: { transmitters } } }),
    );
    const logOut = async (options: object) => {
      const logout_token = await issuer.logoutToken({ audience: 'web', sid: 's', ...options });
      const body = new URLSearchParams({ logout_token }).toString();
      return (await post(`${app.url}/oidc/backchannel-logout`, body, 'application/x-www-form-urlencoded')).status;
    };
    const push = async (options: object) => {
      const set = await issuer.securityEvent({ audience: 'receiver', subject: 'u', ...options });
      return (await post(`${app.url}/oidc/events`, set, 'application/secevent+jwt')).status;
    };
    expect([
      await logOut({}),
      await logOut({ claims: { nonce: 'n' } }),
      await logOut({ header: { typ: 'at+jwt' } }),
    ]).toEqual([200, 400, 400]);
    expect([
      await push({ sid: 't' }),
      await push({ event: 'account-disabled' }),
      await push({ claims: { sub: 'u' } }),
    ]).toEqual([202, 202, 400]);
    const codeOf = async (claims: object) =>
      (await app.get('/me', await issuer.tokenFor('app', { claims: { ...claims } }))).body.code;
    expect([await codeOf({ sid: 's' }), await codeOf({ sid: 't' }), await codeOf({ sub: 'u' })]).toEqual(
      Array(3).fill('token_revoked'),
    );
  });
});
