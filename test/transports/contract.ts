import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import type { OidcMultiAuthOptions, RefusalCode } from 'nestjs-oidc-multi-auth';
import { optionsFor, type HandlerName } from './handlers';

/** What came of a call: what the handler said, or the body of a refusal, however the context tells it. */
export type Outcome =
  | { readonly accepted: true; readonly value: { readonly client: string | null; readonly roles: readonly string[] } }
  | { readonly accepted: false; readonly code?: RefusalCode; readonly statusCode?: number };

/** An application that listens, and how it is called. */
export interface Harness {
  /** @param tokens what the call carries as its token: none, one, or two in the same place. */
  call(handler: HandlerName, ...tokens: readonly string[]): Promise<Outcome>;
  close(): Promise<unknown>;
}

/** A way into an application. */
export interface Way {
  /** As in the table of the documentation. */
  readonly name: string;
  /** Whether its clients can send but one token, whatever they do. */
  readonly isSingle?: boolean;
  start(options: OidcMultiAuthOptions): Promise<Harness>;
}

/** The same decision and the same code, by whatever way a call comes. */
export function describeWay(way: Way): void {
  const { name, isSingle = false } = way;
  describe(`${name}, with LIB-36: the same decision as HTTP`, () => {
    let issuer: TestIssuer;
    let down: TestIssuer;
    let app: Harness;
    let good: string;
    beforeAll(async () => {
      [issuer, down] = await Promise.all([TestIssuer.start(), TestIssuer.start()]);
      await down.fail('error');
      app = await way.start(optionsFor(issuer, down));
      good = await issuer.tokenFor('core-web', { roles: ['core_view'] });
    });
    afterAll(async () => {
      await app.close();
      await Promise.all([issuer.stop(), down.stop()]);
    });

    const refused = (code: RefusalCode, statusCode: number): Outcome => ({ accepted: false, code, statusCode });

    it('who calls', async () => {
      expect(await app.call('me', good)).toEqual({
        accepted: true,
        value: { client: 'core-web', roles: ['core_view'] },
      });
    });
    it('no token', async () => {
      expect(await app.call('me')).toEqual(refused('authorization_header_missing', 401));
    });
    if (!isSingle) {
      it('two tokens', async () => {
        expect(await app.call('me', good, good)).toEqual(refused('invalid_request', 400));
      });
    }
    it('a token that is none', async () => {
      expect(await app.call('me', 'a.b.c')).toEqual(refused('malformed_token', 401));
      expect(await app.call('me', 'a b')).toEqual(refused('invalid_request', 400));
    });
    it('an expired token', async () => {
      const expired = await issuer.tokenFor('core-web', { expiresIn: -1 });
      expect(await app.call('admin', expired)).toEqual(refused('token_expired', 401));
    });
    it('a token of nobody here', async () => {
      expect(await app.call('me', await issuer.tokenFor('other'))).toEqual(refused('unknown_audience', 401));
    });
    it('a forged token', async () => {
      const [header, claims] = good.split('.');
      const [, , signature] = (await issuer.tokenFor('bcmi')).split('.');
      expect(await app.call('me', `${header}.${claims}.${signature}`)).toEqual(refused('invalid_signature', 401));
    });
    it('@Roles()', async () => {
      expect(await app.call('admin', good)).toEqual(refused('missing_a_valid_role', 403));
      const admin = await issuer.tokenFor('bcmi', { roles: ['admin'] });
      expect(await app.call('admin', admin)).toEqual({ accepted: true, value: { client: 'bcmi', roles: ['admin'] } });
    });
    it('@Clients()', async () => {
      expect(await app.call('bcmi', good)).toEqual(refused('client_not_allowed', 403));
      expect(await app.call('bcmi', await issuer.tokenFor('bcmi'))).toMatchObject({ value: { client: 'bcmi' } });
    });
    it('@Authorize()', async () => {
      expect(await app.call('rule', good)).toEqual(refused('access_denied', 403));
      const admin = await issuer.tokenFor('bcmi', { roles: ['admin'] });
      expect(await app.call('rule', admin)).toMatchObject({ accepted: true });
    });
    it('@Public()', async () => {
      expect(await app.call('open')).toEqual({ accepted: true, value: { client: null, roles: [] } });
      expect(await app.call('open', 'a.b.c')).toMatchObject({ accepted: true, value: { client: null } });
    });
    it('@OptionalAuth()', async () => {
      expect(await app.call('optional')).toEqual({ accepted: true, value: { client: null, roles: [] } });
      expect(await app.call('optional', good)).toMatchObject({ value: { client: 'core-web' } });
      expect(await app.call('optional', 'a.b.c')).toEqual(refused('malformed_token', 401));
    });
    it('keys that cannot be had', async () => {
      expect(await app.call('me', await down.tokenFor('down'))).toEqual(refused('keys_unavailable', 503));
    });
  });
}
