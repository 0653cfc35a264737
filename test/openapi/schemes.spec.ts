import { Controller, Get } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject } from '@nestjs/swagger';
import { Clients, Roles, Scopes, type OidcClientOptions } from 'nestjs-oidc-multi-auth';
import { generateKeyPairSync } from 'node:crypto';
import { CLIENTS, documentOf, type Documented } from './document-of';

@Controller()
class Mines {
  @Get('all')
  all() {}
  @Clients('bcmi')
  @Get('bcmi')
  bcmi() {}
  @Clients('core-web', 'nris')
  @Roles('view', { client: 'nris', any: ['inspect'] })
  @Scopes('mines.read')
  @Get('two')
  two() {}
}

const documented = (more: Documented) => documentOf({ controllers: [Mines], ...more });
const schemesOf = ({ components }: OpenAPIObject) => components?.securitySchemes ?? {};
const securityOf = ({ paths }: OpenAPIObject, path: string) => paths[path]?.get?.security;

describe('the security scheme of a client', () => {
  const issuer = 'https://sso.example/realms/standard';
  const wellKnown = `${issuer}/.well-known/openid-configuration`;
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();

  const openIdConnect = {
    type: 'openIdConnect',
    openIdConnectUrl: wellKnown,
    description: 'An access token of client a.',
  };
  const bearer = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token of client a.' };

  it.each([
    [
      { authorization: false, header: 'x-assertion' },
      { type: 'apiKey', in: 'header', name: 'x-assertion' },
    ],
    [
      { authorization: false, cookie: 'token' },
      { type: 'apiKey', in: 'cookie', name: 'token' },
    ],
    [
      { authorization: false, query: true },
      { type: 'http', scheme: 'bearer' },
    ],
    [{ header: 'x-assertion' }, { type: 'openIdConnect' }],
  ])('with the sources of tokens %j is %j', async (tokenSources, scheme) => {
    const { after } = await documented({ clients: [{ name: 'a', audience: 'a', issuer }], auth: { tokenSources } });
    expect(schemesOf(after)['a']).toMatchObject(scheme);
  });

  it.each<[string, Omit<OidcClientOptions, 'name' | 'audience'>, object]>([
    ['issuer', { issuer }, openIdConnect],
    ['issuer with a final slash', { issuer: `${issuer}/` }, openIdConnect],
    ['discovery URL', { discoveryUrl: wellKnown }, openIdConnect],
    [
      'discovery URL inside a cluster',
      {
        issuer,
        discoveryUrl: 'http://keycloak.svc:8080/realms/standard/.well-known/openid-configuration',
        allowInsecureHttp: true,
      },
      openIdConnect,
    ],
    [
      'issuer inside a cluster',
      {
        discoveryUrl: 'http://keycloak.svc:8080/realms/standard/.well-known/openid-configuration',
        allowInsecureHttp: true,
      },
      bearer,
    ],
    ['authorization server', { discoveryUrl: `${issuer}/.well-known/oauth-authorization-server` }, bearer],
    ['discovery URL of no known form', { issuer, discoveryUrl: 'https://sso.example/metadata?policy=1' }, bearer],
    ['key set', { issuer, jwksUri: 'https://internal.example/keys' }, bearer],
    ['public key', { issuer, publicKey: pem }, bearer],
    ['shared secret', { issuer, secret: 'a secret of thirty-two octets !!' }, bearer],
    ['issuer that is no URL', { issuer: 'accounts.example', publicKey: pem }, bearer],
  ])('that is known by its %s', async (_known, options, expected) => {
    const { after } = await documented({ clients: [{ name: 'a', audience: 'a-audience', ...options }] });
    expect(schemesOf(after)['a']).toEqual(expected);
  });

  it('says nothing of the issuer where it shares a secret, beside clients that do not', async () => {
    const clients: OidcClientOptions[] = [
      { name: 'a', audience: 'a', issuer, secret: 'a secret of thirty-two octets !!' },
      { name: 'b', audience: 'b', issuer },
    ];
    const { after } = await documented({ clients });
    expect(schemesOf(after)).toMatchObject({ a: bearer, b: { type: 'openIdConnect' } });
  });

  it('says nothing that is secret, internal, or for the provider to say', async () => {
    const secret = 'a secret of thirty-two octets !!';
    const clients: OidcClientOptions[] = [
      {
        name: 'inside',
        audience: 'audience-one',
        issuer: 'https://sso.example/realms/a',
        discoveryUrl: 'https://keycloak.internal/realms/a/.well-known/openid-configuration',
        discoveryIssuer: 'https://keycloak.internal/realms/a',
        jwksUriOrigin: 'https://keys.internal',
      },
      { name: 'shared', audience: 'audience-two', issuer: 'https://sso.example/realms/b', secret },
      {
        name: 'keys',
        audience: 'audience-three',
        issuer: 'https://sso.example/realms/c',
        jwksUri: 'https://keys.internal/c',
      },
    ];
    const { after } = await documented({ clients });
    const text = JSON.stringify(after);
    expect(schemesOf(after)).toMatchObject({ inside: { type: 'openIdConnect' }, shared: {}, keys: {} });
    for (const internal of [
      'internal',
      'audience-',
      secret,
      Buffer.from(secret).toString('base64'),
      'realms/b',
      'realms/c',
    ]) {
      expect([internal, text.includes(internal)]).toEqual([internal, false]);
    }
  });

  it('is none of a client that no operation is for', async () => {
    @Controller()
    class OnlyBcmi {
      @Clients('bcmi')
      @Get()
      bcmi() {}
    }
    expect(Object.keys(schemesOf((await documented({ controllers: [OnlyBcmi] })).after))).toEqual(['bcmi']);
  });

  it('stands in the order of the configuration, whatever asks first', async () => {
    @Controller()
    class LastFirst {
      @Clients('nris')
      @Get('a')
      nris() {}
      @Get('b')
      all() {}
    }
    const { after } = await documented({ controllers: [LastFirst] });
    expect(Object.keys(schemesOf(after))).toEqual(['core-web', 'bcmi', 'nris']);
  });

  it('is what the document says itself, with its scopes', async () => {
    const flows = {
      authorizationCode: {
        authorizationUrl: 'https://sso.example/authorize',
        tokenUrl: 'https://sso.example/token',
        scopes: { 'mines.read': 'read mines' },
      },
    };
    const build = (builder: DocumentBuilder) => builder.addOAuth2({ type: 'oauth2', flows }, 'core-web');
    const { after } = await documented({ build, options: { discovery: false } });
    expect(schemesOf(after)['core-web']).toEqual({ type: 'oauth2', flows });
    expect(securityOf(after, '/two')).toEqual([{ 'core-web': ['mines.read'] }, { nris: [] }]);
  });

  it('is called by a name that a document may use, one for each client', async () => {
    const clients = ['two words', 'two_words', 'ünï', 'two words!'].map((name) => ({
      name,
      audience: name,
      issuer: 'https://sso.example',
    }));
    @Controller()
    class Everybody {
      @Get('all')
      all() {}
    }
    const { after } = await documented({ clients, controllers: [Everybody] });
    expect(Object.keys(schemesOf(after))).toHaveLength(clients.length);
    for (const key of Object.keys(schemesOf(after))) {
      expect(key).toMatch(/^[\w.-]+$/);
    }
    const descriptions = Object.values(schemesOf(after)).map((scheme) => Reflect.get(scheme, 'description'));
    for (const { name } of clients) {
      expect(descriptions).toContain(`An access token of client ${name}.`);
    }
    expect(securityOf(after, '/all')).toHaveLength(4);
  });

  it('is none of a client whose time is over', async () => {
    const [first, ...others] = CLIENTS;
    const retired = { ...first, deprecated: { since: '2020-01-01', sunset: '2020-02-01' } } as OidcClientOptions;
    const { after } = await documented({ clients: [retired, ...others] });
    expect(securityOf(after, '/all')).toEqual([{ bcmi: [] }, { nris: [] }]);
    expect(Object.keys(schemesOf(after))).not.toContain('core-web');
  });
});

describe('what a document says', () => {
  it('names the clients it is told to; the others share one scheme', async () => {
    const { after } = await documented({ options: { clients: ['core-web', 'misspelled'] } });
    expect(schemesOf(after)).toEqual({
      'core-web': expect.objectContaining({ type: 'openIdConnect' }),
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token (JWT).' },
    });
    expect(securityOf(after, '/all')).toEqual([{ 'core-web': [] }, { bearer: [] }]);
    expect(securityOf(after, '/bcmi')).toEqual([{ bearer: [] }]);
    expect(JSON.stringify(after)).not.toMatch(/nris|misspelled/);
    expect(Reflect.get(after.paths['/two']?.get ?? {}, 'x-required-roles')).toEqual({
      any: ['view', { any: ['inspect'] }],
    });
  });

  it('names no client, in one scheme that may be that of addBearerAuth()', async () => {
    const { after } = await documented({ options: { clients: [] }, build: (builder) => builder.addBearerAuth() });
    expect(schemesOf(after)).toEqual({ bearer: { scheme: 'bearer', bearerFormat: 'JWT', type: 'http' } });
    expect(securityOf(after, '/two')).toEqual([{ bearer: [] }]);
  });

  it('keeps the shared scheme and a client of that name apart', async () => {
    const clients = ['bearer', 'other'].map((name) => ({ name, audience: name, issuer: 'https://sso.example' }));
    const { after } = await documented({ clients, options: { clients: ['bearer'] } });
    expect(securityOf(after, '/all')).toEqual([{ bearer: [] }, { bearer2: [] }]);
    expect(schemesOf(after)['bearer2']).toMatchObject({ type: 'http', description: 'An access token (JWT).' });
  });

  it('says no issuer, no role, where it is told so', async () => {
    const { after } = await documented({ options: { discovery: false, roles: false } });
    const text = JSON.stringify(after);
    expect(text).not.toContain('sso.example');
    expect(text).not.toMatch(/inspect|x-required-roles/);
    // Scopes are in the challenge of a refusal, too.
    expect(text).toContain('mines.read');
  });
});
