import { Controller, Get } from '@nestjs/common';
import { OidcMultiAuthModule, Roles } from 'nestjs-oidc-multi-auth';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, type TestApp } from '../support/test-app';

const startApp = useApps();

// Many requests, or processes of their own: slow where the machine is busy.
jest.setTimeout(60_000);

@Controller()
class MinesController {
  @Get('me')
  me() {
    return 'me';
  }
  @Roles('admin')
  @Get('admin')
  admin() {
    return 'admin';
  }
}

/** One of each type that JSON has, and some of their edges. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  '',
  'x',
  [],
  [null],
  [[]],
  ['a', 1],
  [['a']],
  {},
  { a: 'a' },
  { length: 1, 0: 'a' },
];

describe.each(ADAPTERS)('LIB-11 a member of another type, on %s', (adapter) => {
  const issuer = useTestIssuer();
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      adapter,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [{ name: 'a', audience: 'a', issuer: issuer.issuer, preset: 'keycloak' }],
          globalGuards: true,
        }),
      ],
      controllers: [MinesController],
    });
  });

  /** Status, code and challenge for a signed token with these claims and header members. */
  async function answer(claims: object, header: object = {}, path = '/me'): Promise<[number, string, string | null]> {
    const now = Math.floor(Date.now() / 1000);
    const token = await issuer.sign(
      { iss: issuer.issuer, aud: 'a', sub: 's', exp: now + 300, ...claims },
      { header: { ...header } },
    );
    const { status, body, headers } = await app.get(path, token);
    return [status, String(body.code), headers.get('www-authenticate')];
  }

  it.each(['iss', 'aud', 'sub'])('%s: 401 and never 500', async (claim) => {
    for (const value of VALUES) {
      const [status, , challenge] = await answer({ [claim]: value });
      const isFine = claim === 'sub' && value === 'x';
      expect([value, status]).toEqual([value, isFine ? 200 : 401]);
      expect(challenge === null).toBe(isFine);
    }
  });

  it('kid: 401 and never 500', async () => {
    for (const kid of VALUES) {
      const [status, code] = await answer({}, { kid });
      expect([kid, status, code]).toEqual([kid, 401, typeof kid === 'string' ? 'unknown_key' : 'malformed_token']);
    }
  });

  it('missing: 401 for iss and aud, and nothing to object to for sub and kid', async () => {
    expect((await answer({ iss: undefined }))[1]).toBe('unknown_issuer');
    expect((await answer({ aud: undefined }))[1]).toBe('unknown_audience');
    expect((await answer({ sub: undefined }))[0]).toBe(200);
    expect((await answer({}, { kid: undefined }))[0]).toBe(200);
  });

  it.each(['exp', 'nbf', 'iat', 'jti', 'azp', 'client_id', 'typ', 'scope', 'cnf', 'events', 'realm_access'])(
    '%s: refused or of no weight, and never 500',
    async (claim) => {
      for (const value of VALUES) {
        expect([200, 401]).toContain((await answer({ [claim]: value }))[0]);
        expect([401, 403]).toContain((await answer({ [claim]: value }, {}, '/admin'))[0]);
      }
    },
  );

  it.each(['alg', 'typ', 'cty', 'crit', 'b64', 'jwk', 'x5c'])('%s in the header: never 500', async (member) => {
    for (const value of VALUES) {
      expect([200, 401]).toContain((await answer({}, { [member]: value }))[0]);
    }
  });
});
