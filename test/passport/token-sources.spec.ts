import { Controller, Get, Post, UseGuards, type INestApplication } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { CurrentUser, MultiJwtGuard, OidcMultiAuthModule, OidcPrincipal } from 'nestjs-oidc-multi-auth';
import { isPresentation, TokenSources } from '../../lib/passport/token-sources';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, get, getRaw, type AdapterName, type TestApp } from '../support/test-app';

const startApp = useApps();

@Controller()
class MeController {
  @UseGuards(MultiJwtGuard)
  @Get('me')
  me(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
  @UseGuards(MultiJwtGuard)
  @Post('me')
  post(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
  @UseGuards(AuthGuard('oidc:bcmi'))
  @Get('stock')
  stock(@CurrentUser() user: OidcPrincipal) {
    return { client: user.client };
  }
}

const ALL = {
  cookie: 'oidc-jwt',
  query: true,
  body: true,
  custom: (request: { readonly headers?: Readonly<Record<string, unknown>> | undefined }) => {
    const value = request.headers?.['x-token'];
    if (value === 'throw') {
      throw new Error('no token of mine');
    }
    return value === 'promise' ? (Promise.resolve('x') as never) : typeof value === 'string' ? value : undefined;
  },
};

describe.each(ADAPTERS)('sources of tokens on %s', (adapter) => {
  const issuer = useTestIssuer();
  let token: string;
  const start = async (tokenSources: object | undefined, on: AdapterName = adapter) => {
    const clients = [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer }];
    const app = await startApp({
      adapter: on,
      imports: [OidcMultiAuthModule.forRoot({ clients, ...(tokenSources && { tokenSources }) })],
      controllers: [MeController],
    });
    return app;
  };
  const post = async (app: TestApp, type: string, body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${app.url}/me`, {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body,
    });
    return { status: response.status, body: (await response.json()) as { readonly code?: string } };
  };
  const FORM = 'application/x-www-form-urlencoded';

  beforeAll(async () => {
    token = await issuer.tokenFor('bcmi');
  });

  it('are off, and not looked at, unless they are turned on', async () => {
    const app = await start(undefined);
    for (const headers of [{ cookie: `oidc-jwt=${token}` }, { 'x-token': token }] as Record<string, string>[]) {
      expect((await app.get('/me', headers)).body.code).toBe('authorization_header_missing');
    }
    expect((await app.get(`/me?access_token=${token}`)).body.code).toBe('authorization_header_missing');
    expect((await post(app, FORM, `access_token=${token}`)).body.code).toBe('authorization_header_missing');
    const other = { authorization: `Bearer ${token}`, cookie: 'oidc-jwt=x; oidc-jwt=y', 'x-token': 'throw' };
    expect((await app.get('/me?access_token=x&access_token=y', other)).status).toBe(200);
  });

  it.each(['/me', '/stock'])('each take the token where it is on: %s', async (path) => {
    const app = await start(ALL);
    expect((await app.get(path, token)).body).toEqual({ client: 'bcmi' });
    expect((await app.get(path, { cookie: `a=b; oidc-jwt=${token}; c=d` })).body).toEqual({ client: 'bcmi' });
    expect((await app.get(`${path}?a=b&access_token=${token}`)).body).toEqual({ client: 'bcmi' });
    expect((await app.get(path, { 'x-token': token })).body).toEqual({ client: 'bcmi' });
    if (path === '/me') {
      expect(await post(app, FORM, `a=b&access_token=${token}`)).toEqual({ status: 201, body: { client: 'bcmi' } });
    }
  });

  it.each(['/me', '/stock'])('R6750-03 two tokens are a bad request, wherever they stand: %s', async (path) => {
    const app = await start(ALL);
    const places: readonly (readonly [string, Record<string, string>])[] = [
      [path, { authorization: `Bearer ${token}` }],
      [path, { cookie: `oidc-jwt=${token}` }],
      [`${path}?access_token=${token}`, {}],
      [path, { 'x-token': token }],
    ];
    for (const [one, headers] of places) {
      for (const [other, others] of places) {
        if (headers !== others) {
          const answer = await app.get(one === path ? other : one, { ...headers, ...others });
          expect(answer.body).toMatchObject({ statusCode: 400, code: 'invalid_request' });
        }
      }
    }
    expect((await app.get(`${path}?access_token=${token}&access_token=${token}`)).status).toBe(400);
    expect((await app.get(path, { cookie: `oidc-jwt=${token}; oidc-jwt=${token}` })).status).toBe(400);
    if (path === '/me') {
      const twice = `access_token=${token}&access_token=${token}`;
      expect((await post(app, FORM, twice)).status).toBe(400);
      expect((await post(app, FORM, `access_token=${token}`, { cookie: `oidc-jwt=${token}` })).status).toBe(400);
    }
  });

  it('what is no token is a bad request, and what throws or waits, too', async () => {
    const app = await start(ALL);
    for (const headers of [
      { cookie: 'oidc-jwt=a b' },
      { 'x-token': 'a b' },
      { 'x-token': 'throw' },
      { 'x-token': 'promise' },
    ] as Record<string, string>[]) {
      expect((await app.get('/me', headers)).body).toMatchObject({ statusCode: 400, code: 'invalid_request' });
    }
    expect((await app.get('/me?access_token=a%20b')).status).toBe(400);
    expect((await app.get('/me?access_token=')).status).toBe(400);
    expect((await post(app, FORM, 'access_token[x]=y')).body.code).toMatch(
      /^(?:invalid_request|authorization_header_missing)$/,
    );
    // A cookie that has been taken back is none.
    expect((await app.get('/me', { cookie: 'oidc-jwt=' })).body.code).toBe('authorization_header_missing');
    expect((await app.get('/me', { authorization: 'Basic eA==', cookie: `oidc-jwt=${token}` })).status).toBe(200);
  });

  it('a cookie of another name is another cookie, by a part of the name as well', async () => {
    const app = await start({ cookie: 'oidc-jwt' });
    for (const cookie of [
      `xoidc-jwt=${token}`,
      `oidc-jwt2=${token}`,
      `OIDC-JWT=${token}`,
      `a=oidc-jwt=${token}`,
      token,
    ]) {
      expect((await app.get('/me', { cookie })).body.code).toBe('authorization_header_missing');
    }
  });

  it.each([
    ['cross-site', 401],
    ['something new', 401],
    ['same-site', 200],
    ['same-origin', 200],
    ['none', 200],
  ])('a cookie that a browser sends %s: %d', async (site, status) => {
    const app = await start({ cookie: 'oidc-jwt' });
    const headers = { cookie: `oidc-jwt=${token}`, 'sec-fetch-site': site };
    expect((await app.get('/me', headers)).status).toBe(status);
    // A header is no cookie: no browser adds one by itself.
    expect((await app.get('/me', { authorization: `Bearer ${token}`, 'sec-fetch-site': site })).status).toBe(200);
  });

  it.each([
    ['of the API itself', (host: string) => `http://${host}`, 200],
    ['of the API itself, behind TLS', (host: string) => `https://${host}`, 200],
    ['of another host', () => 'https://evil.example', 401],
    ['of a host that begins alike', (host: string) => `http://${host}.evil.example`, 401],
    ['of another port', (host: string) => `http://${host}1`, 401],
    ['of nothing that can be named', () => 'null', 401],
  ])('a cookie of a browser that says nothing but an origin, %s', async (_case, originOf, status) => {
    const app = await start({ cookie: 'oidc-jwt' });
    const { host } = new URL(app.url);
    const lines: [string, string][] = [
      ['Cookie', `oidc-jwt=${token}`],
      ['Origin', originOf(host)],
    ];
    expect((await getRaw(`${app.url}/me`, lines)).status).toBe(status);
  });

  it('a cookie whose name has white space that only looks like none is another cookie', () => {
    const sources = new TokenSources({ cookie: '__Host-token' });
    const read = (cookie: string) => {
      const presented = sources.read({ headers: { cookie } });
      return isPresentation(presented) ? 'bearer' : presented.kind;
    };
    for (const space of ['\u00A0', '\u000B', '\u000C', '\uFEFF', '\u2003']) {
      expect(read(`${space}__Host-token=a`)).toBe('none');
      expect(read(`__Host-token${space}=a`)).toBe('none');
      expect(read(`__Host-token=a; ${space}__Host-token=b`)).toBe('bearer');
      expect(read(`__Host-token=a${space}`)).toBe('malformed');
    }
    expect(read(' \t__Host-token \t= \ta \t; x')).toBe('bearer');
  });

  it('R6750-06 what a token in the query opens is private', async () => {
    const app = await start({ query: true });
    const answer = await app.get(`/me?access_token=${token}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('private');
    expect((await app.get('/me', token)).headers.get('cache-control')).toBeNull();
    expect((await app.get('/me?access_token=a.b.c')).headers.get('cache-control')).toBeNull();
  });

  it('R6750-04 a token in a body counts in a form alone, all of ASCII, of a method whose body means something', async () => {
    const app = await start({ body: true });
    expect((await post(app, `${FORM}; charset=UTF-8`, `access_token=${token}`)).status).toBe(201);
    expect((await post(app, 'application/json', JSON.stringify({ access_token: token }))).status).toBe(401);
    expect((await post(app, FORM, `access_token=${token}&name=%C3%A9`)).status).toBe(401);
    expect((await post(app, FORM, `access_token=${token}&a[b]=%C3%A9`)).status).toBe(401);
    const sources = new TokenSources({ body: true });
    const form = { headers: { 'content-type': FORM }, body: { access_token: 'a' } };
    expect(sources.read({ ...form, method: 'PUT' })).toMatchObject({ scheme: 'Bearer', source: 'body', token: 'a' });
    for (const request of [
      { ...form, method: 'GET' },
      { ...form, method: 'head' },
      form,
      { ...form, method: 'POST', headers: {} },
      { ...form, method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
      { ...form, method: 'POST', headers: { 'content-type': `${FORM}x` } },
      { ...form, method: 'POST', body: Object.create({ access_token: 'a' }) as object },
      { ...form, method: 'POST', body: 'access_token=a' },
    ]) {
      expect(sources.read(request)).toEqual({ kind: 'none' });
    }
    expect(sources.read({ ...form, method: 'POST', body: { access_token: ['a'] } })).toEqual({ kind: 'malformed' });
  });
});

describe('options of sources', () => {
  it.each([
    [{ cookie: '' }, 'cookie is not the name of a cookie'],
    [{ cookie: 'a b' }, 'cookie is not the name of a cookie'],
    [{ cookie: true }, 'cookie is not the name of a cookie'],
    [{ query: 'access_token' }, 'query is not a boolean'],
    [{ body: 1 }, 'body is not a boolean'],
    [{ custom: 'x' }, 'custom is not a function'],
    [{ place: 'x' }, 'place is none of its options'],
    [{ header: false }, 'header is not the name of a header'],
    [{ header: 'a b' }, 'header is not the name of a header'],
    [{ header: 'Authorization' }, '"Authorization" is a source of its own'],
    [{ authorization: 'no' }, 'authorization is not a boolean'],
    [{ authorization: false }, 'leaves no other source'],
    [{ authorization: false, query: false }, 'leaves no other source'],
    ['cookie', 'is not a plain object'],
  ])('%j is a fault at start', async (tokenSources, problem) => {
    const clients = [{ name: 'a', audience: 'a', issuer: 'https://issuer.example' }];
    const options = { clients, tokenSources: tokenSources as never };
    const starting = startApp({ imports: [OidcMultiAuthModule.forRoot(options)] }) as Promise<{
      app: INestApplication;
    }>;
    await expect(starting).rejects.toThrow(problem);
  });
});

describe.each(ADAPTERS)('a header of its own on %s', (adapter) => {
  const HEADER = 'x-goog-iap-jwt-assertion';
  const issuer = useTestIssuer();
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    token = await issuer.tokenFor('bcmi');
    app = await startApp({
      adapter,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [{ name: 'bcmi', audience: 'bcmi', issuer: issuer.issuer }],
          tokenSources: { authorization: false, header: 'X-Goog-IAP-JWT-Assertion' },
        }),
      ],
      controllers: [MeController],
    });
  });
  afterAll(async () => {
    await app.app.close();
  });

  const call = (headers: readonly (readonly [string, string])[], path = '/me') =>
    getRaw(
      `${app.url}${path}`,
      headers.map(([name, value]) => [name, value]),
    );

  it('holds the token, whatever Authorization says', async () => {
    for (const authorization of ['Bearer of.another.api', 'Basic dTpw', 'Bearer a b', `Bearer ${token}`]) {
      expect(
        (
          await call([
            ['Authorization', authorization],
            [HEADER, token],
          ])
        ).status,
      ).toBe(200);
    }
    expect((await call([[HEADER, token]], '/stock')).status).toBe(200);
  });

  it('is the only place for it', async () => {
    const { status, body } = await get(`${app.url}/me`, token);
    expect(status).toBe(401);
    expect(body).toMatchObject({
      code: 'authorization_header_missing',
      message: 'An access token is required in the header X-Goog-IAP-JWT-Assertion',
    });
  });

  it.each([
    [
      'two lines',
      [
        [HEADER, 'TOKEN'],
        [HEADER, 'TOKEN'],
      ],
    ],
    ['the scheme Bearer before it', [[HEADER, 'Bearer TOKEN']]],
    ['white space in it', [[HEADER, 'TOKEN TOKEN']]],
  ] as const)('R6750-03 with %s is 400', async (_what, lines) => {
    const sent = lines.map(([name, value]) => [name, value.replaceAll('TOKEN', token)] as const);
    expect((await call(sent)).status).toBe(400);
  });

  it('that is empty is none', async () => {
    expect((await call([[HEADER, '']])).status).toBe(401);
  });
});

it('R6750-03 a token in a header of its own and one in Authorization are two where both are sources', () => {
  const sources = new TokenSources({ header: 'x-token' });
  expect(sources.read({ headers: { authorization: 'Bearer a', 'x-token': 'a' } })).toEqual({ kind: 'malformed' });
  expect(sources.read({ headers: { 'x-token': 'a' } })).toMatchObject({ source: 'header', token: 'a' });
});
