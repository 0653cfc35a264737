import { Controller, Get } from '@nestjs/common';
import {
  CurrentUser,
  MemoryRevocationStore,
  OidcAuthService,
  OidcMultiAuthModule,
  OidcRevocations,
  type OidcMultiAuthOptions,
  type OidcPrincipal,
} from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, type AdapterName, type TestApp } from '../support/test-app';

@Controller()
class MinesController {
  @Get('me')
  me(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
}

const issuer = useTestIssuer();
const startApp = useApps();

const start = (options: Partial<OidcMultiAuthOptions> = {}, adapter: AdapterName = 'express'): Promise<TestApp> =>
  startApp({
    adapter,
    imports: [
      OidcMultiAuthModule.forRoot({
        clients: [
          { name: 'web', audience: 'web', issuer: issuer.issuer },
          { name: 'app', audience: 'app', issuer: issuer.issuer },
        ],
        revocation: {},
        globalGuards: true,
        ...options,
      }),
    ],
    controllers: [MinesController],
  });

const revocationsOf = ({ app }: TestApp) => app.get(OidcRevocations);
const seconds = () => Date.now() / 1000;
const token = (claims: Record<string, unknown>, audience = 'web') => issuer.tokenFor(audience, { claims });

describe.each(ADAPTERS)('revoked tokens on %s', (adapter) => {
  it.each([
    ['token', (of: OidcRevocations) => of.revokeToken({ issuer: issuer.issuer, jti: 'j' })],
    ['session', (of: OidcRevocations) => of.revokeSession({ issuer: issuer.issuer, sid: 's' })],
    [
      'subject',
      (of: OidcRevocations) => of.revokeSubject({ issuer: issuer.issuer, subject: 'u', issuedBefore: seconds() + 1 }),
    ],
    ['client', (of: OidcRevocations) => of.revokeClient({ client: 'web', issuedBefore: seconds() + 1 })],
  ])('are refused by %s, remembered ones too, and no others', async (_kind, revoke) => {
    const app = await start({}, adapter);
    const [mine, other] = [
      await token({ jti: 'j', sid: 's', sub: 'u' }),
      await token({ jti: 'k', sid: 't', sub: 'v' }, 'app'),
    ];
    for (const accepted of [mine, mine, other]) {
      expect((await app.get('/me', accepted)).status).toBe(200);
    }
    await revoke(revocationsOf(app));
    for (const refused of [mine, mine, await token({ jti: 'j', sid: 's', sub: 'u', acr: '2' })]) {
      const answer = await app.get('/me', refused);
      expect(answer).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    expect((await app.get('/me', other)).status).toBe(200);
  });
});

describe('revocation', () => {
  it('compares exactly, and per issuer', async () => {
    const app = await start();
    const revocations = revocationsOf(app);
    await revocations.revokeToken({ issuer: `${issuer.issuer}/`, jti: 'j' });
    await revocations.revokeToken({ issuer: issuer.issuer, jti: 'J' });
    await revocations.revokeSession({ issuer: issuer.issuer, sid: 'j' });
    await revocations.revokeSubject({ issuer: issuer.issuer, subject: 'j' });
    expect((await app.get('/me', await token({ jti: 'j', sid: 's', sub: 'u' }))).status).toBe(200);
  });

  it('refuses only tokens issued before, and those without iat', async () => {
    const app = await start();
    const now = Math.floor(seconds());
    await revocationsOf(app).revokeSubject({
      issuer: issuer.issuer,
      subject: 'u',
      issuedBefore: new Date((now - 10) * 1000),
    });
    const statusOf = async (claims: Record<string, unknown>) =>
      (await app.get('/me', await token({ sub: 'u', ...claims }))).status;
    expect(await statusOf({ iat: now - 11 })).toBe(401);
    expect(await statusOf({ iat: now - 10 })).toBe(200);
    expect(await statusOf({ iat: undefined })).toBe(401);
  });

  it('asks no store on the way of a request', async () => {
    const store = new MemoryRevocationStore();
    const app = await start({ revocation: { store } });
    const read = jest.spyOn(store, 'read');
    const append = jest.spyOn(store, 'append');
    const good = await token({});
    const before = read.mock.calls.length;
    for (let times = 0; times < 20; times += 1) {
      await app.get('/me', good);
    }
    expect(read.mock.calls.length - before).toBeLessThan(3);
    expect(append).not.toHaveBeenCalled();
  });

  it('takes a token that has no jti, sid or sub', async () => {
    const app = await start();
    const bare = await token({ jti: undefined, sub: undefined });
    expect((await app.get('/me', bare)).status).toBe(200);
    await revocationsOf(app).revokeClient({ client: 'web', issuedBefore: seconds() + 1 });
    expect((await app.get('/me', bare)).body.code).toBe('token_revoked');
  });

  it('says what is wrong with a call', async () => {
    const revocations = revocationsOf(await start());
    await expect(revocations.revokeToken({ issuer: issuer.issuer, jti: '' })).rejects.toThrow('jti is not a text');
    await expect(revocations.revokeClient({ client: 'wob' })).rejects.toThrow('there is no client "wob"');
    await expect(revocations.revokeSubject({ issuer: 'i', subject: 's', issuedBefore: NaN })).rejects.toThrow(
      'issuedBefore',
    );
    const without = revocationsOf(await start({ revocation: undefined }));
    await expect(without.revokeToken({ issuer: 'i', jti: 'j' })).rejects.toThrow(
      'give the module the option revocation',
    );
  });

  it('says when and by what a token was revoked, and nothing of who asked', async () => {
    const app = await start();
    const auth = app.app.get(OidcAuthService);
    const mine = await token({ jti: 'j' });
    const before = await auth.explain(mine);
    expect(before.steps.find(({ name }) => name === 'revoked')).toMatchObject({ outcome: 'passed', found: 'none' });
    await revocationsOf(app).revokeToken({ issuer: issuer.issuer, jti: 'j' });
    const { code, steps, hints } = await auth.explain(mine);
    expect(code).toBe('token_revoked');
    expect(steps.find(({ name }) => name === 'revoked')).toMatchObject({
      outcome: 'failed',
      found: expect.stringMatching(/^this token was revoked on \d{4}-.* by the application/),
    });
    expect(hints.map((hint) => hint.code)).toEqual(['revoked']);
  });

  it('reports its state without naming anybody', async () => {
    const app = await start({ revocation: { store: new MemoryRevocationStore() } });
    await revocationsOf(app).revokeSubject({ issuer: issuer.issuer, subject: 'somebody' });
    expect(revocationsOf(app).status()).toEqual({
      entries: 1,
      lastRevocation: expect.any(Date),
      pending: 0,
      store: 'up',
    });
  });
});
