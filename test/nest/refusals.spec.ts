import { Controller, Get, UseGuards } from '@nestjs/common';
import {
  AllRoles,
  AuthenticationContext,
  Authorize,
  Clients,
  CurrentUser,
  MultiJwtGuard,
  OidcMultiAuthModule,
  OidcPrincipal,
  Public,
  Roles,
  RolesGuard,
  Scopes,
  type RefusalCode,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { REFUSALS } from '../../lib/core/refusal/refusal-code';
import { Endpoint, json } from '../introspection/support';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, getRaw, type TestApp } from '../support/test-app';

const startApp = useApps();

/** Refusals that need proofs of possession: test/possession has a request for each. */
const OF_POSSESSION: readonly RefusalCode[] = [
  'proof_required',
  'unbound_token',
  'binding_mismatch',
  'invalid_dpop_proof',
  'use_dpop_nonce',
];
/** Refusals of revoked tokens: test/revocation has a request for each. */
const OF_REVOCATION: readonly RefusalCode[] = ['token_revoked', 'state_unavailable'];

@UseGuards(MultiJwtGuard, RolesGuard)
@Controller()
class MinesController {
  @Get('me')
  me(@CurrentUser() user: OidcPrincipal) {
    return { ...JSON.parse(JSON.stringify(user)), sub: user.claims.sub };
  }
  @Roles('core_view_all', 'core_admin')
  @Get('any')
  any() {
    return 'any';
  }
  @AllRoles('core_view_all', 'core_edit_mines')
  @Get('all')
  all() {
    return 'all';
  }
  @Scopes('mines.read', 'mines.write')
  @Get('scopes')
  scopes() {
    return 'scopes';
  }
  @Clients('bcmi')
  @Get('bcmi')
  bcmi() {
    return 'bcmi';
  }
  @AuthenticationContext({ maxAge: 300 })
  @Get('recent')
  recent() {
    return 'recent';
  }
  @Authorize((principal) => principal.subject === 'owner')
  @Get('own')
  own() {
    return 'own';
  }
  @Public()
  @Get('public')
  open(@CurrentUser() user?: OidcPrincipal) {
    return { user: user ?? null };
  }
}

@Controller('unauthenticated')
class RolesAloneController {
  @UseGuards(RolesGuard)
  @Roles('core_view_all')
  @Get()
  get() {
    return 'never';
  }
}

describe.each(ADAPTERS)('refusals on %s', (adapter) => {
  const issuer = useTestIssuer();
  const partners = useTestIssuer();
  const down = useTestIssuer();
  let testApp: TestApp;
  const seen = new Set<string>();

  const endpoint = new Endpoint();
  beforeAll(() => endpoint.start());
  afterAll(() => endpoint.stop());
  beforeAll(async () => {
    await down.fail('error');
    testApp = await startApp({
      adapter,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [
            { name: 'core-web', audience: 'mds-core-web', issuer: issuer.issuer },
            { name: 'bcmi', audience: 'mds-bcmi-4587', issuer: issuer.issuer },
            { name: 'strict', audience: 'strict', issuer: issuer.issuer, validate: () => false },
            { name: 'partner', audience: 'partner', issuer: partners.issuer },
            { name: 'down', audience: 'down', issuer: down.issuer },
            {
              name: 'retired',
              audience: 'retired',
              issuer: issuer.issuer,
              deprecated: { since: '2020-01-01', sunset: '2021-01-01' },
            },
            {
              name: 'opaque',
              audience: 'opaque',
              issuer: 'https://opaque.example/realms/r',
              jwks: issuer.jwks,
              introspection: { clientId: 'api', clientSecret: 's', endpoint: endpoint.url, tokenPrefix: 'opaque_' },
            },
          ],
          defaults: { preset: 'gold-sso' },
        }),
      ],
      controllers: [MinesController, RolesAloneController],
    });
  });

  /** Expects a refusal with this code: its status, body and exact challenge. */
  async function refused(
    path: string,
    credentials: string | Record<string, string> | undefined,
    code: RefusalCode,
    scope?: string,
    rest = '',
  ) {
    const answer = await testApp.get(path, credentials);
    const { status, challenge, message } = REFUSALS[code];
    expect({ status: answer.status, body: answer.body }).toEqual({
      status,
      body: {
        statusCode: status,
        message,
        error: expect.stringMatching(/^(Unauthorized|Forbidden|Bad Request|Service Unavailable)$/),
        code,
      },
    });
    const error = challenge === 'without error' ? '' : `, error="${challenge}", error_description="${message}"`;
    expect(answer.headers.get('www-authenticate')).toBe(
      challenge === 'none'
        ? null
        : `Bearer realm="api"${error}${scope === undefined ? '' : `, scope="${scope}"`}${rest}`,
    );
    expect(answer.headers.get('retry-after')).toEqual(
      REFUSALS[code].status === 503 ? expect.stringMatching(/^\d+$/) : null,
    );
    seen.add(code);
    return answer;
  }

  const token = (audience = 'mds-core-web', options = {}) => issuer.tokenFor(audience, options);

  it('accept a good token, and say who that is', async () => {
    const { status, body } = await testApp.get('/me', await token('mds-bcmi-4587', { roles: ['a'], scopes: ['s'] }));
    expect(status).toBe(200);
    expect(body).toEqual({
      client: 'bcmi',
      issuer: issuer.issuer,
      subject: 'test-user',
      sub: 'test-user',
      roles: ['a'],
      scopes: ['s'],
    });
  });

  it('R6750-07 R6750-12 authorization_header_missing', async () => {
    await refused('/me', undefined, 'authorization_header_missing');
    await refused('/me', { authorization: 'Basic dXNlcjpwYXNz' }, 'authorization_header_missing');
  });

  it('R6750-05 R6750-16 MCP-06 FAPI-01 authorization_header_missing for a token in the query, which is not looked at', async () => {
    await refused(`/me?access_token=${await token()}`, undefined, 'authorization_header_missing');
  });

  it('R6750-02 R6750-13 MCP-07 invalid_request', async () => {
    await refused('/me', { authorization: 'Bearer' }, 'invalid_request');
    await refused('/me', { authorization: `Bearer ${await token()} x` }, 'invalid_request');
  });

  it('R6750-03 invalid_request for two header lines', async () => {
    const lines: [string, string][] = [
      ['Authorization', `Bearer ${await token()}`],
      ['Authorization', `Bearer ${await token()}`],
    ];
    const { status, body } = await getRaw(`${testApp.url}/me`, lines);
    expect([status, JSON.parse(body).code]).toEqual([400, 'invalid_request']);
    expect((await getRaw(`${testApp.url}/me`, lines.slice(1))).status).toBe(200);
  });

  it('R6750-10 R9068-07 malformed_token', async () => {
    await refused('/me', 'garbage', 'malformed_token');
    await refused('/me', 'a.b.c', 'malformed_token');
    await refused('/me', `${await token()}=`, 'malformed_token');
  });

  it('LIB-01 LIB-09 R7519-08 R9068-02 unknown_issuer, without asking anybody', async () => {
    const before = { ...issuer.requests };
    await refused(
      '/me',
      await issuer.tokenFor('mds-core-web', { claims: { iss: `${issuer.issuer}/` } }),
      'unknown_issuer',
    );
    expect(issuer.requests).toEqual(before);
  });

  it('LIB-01 LIB-09 R6750-15 R8725-12 R9068-03 MCP-04 unknown_audience, without asking anybody', async () => {
    const before = { ...issuer.requests };
    await refused('/me', await token('mds-bcmi-4587-evil'), 'unknown_audience');
    await refused('/me', await partners.tokenFor('mds-core-web'), 'unknown_audience');
    expect(issuer.requests).toEqual(before);
  });

  it('LIB-06 ambiguous_client', async () => {
    const claims = { aud: ['mds-core-web', 'mds-bcmi-4587'], azp: 'somebody-else' };
    await refused('/me', await token('mds-core-web', { claims }), 'ambiguous_client');
  });

  it('R7519-10 R8725-03 R9068-04 algorithm_not_allowed for a token that nobody signed', async () => {
    const good = await token();
    const [, claims, signature] = good.split('.');
    const header = Buffer.from('{"alg":"none"}').toString('base64url');
    await refused('/me', [header, claims, signature].join('.'), 'algorithm_not_allowed');
  });

  it('R8725-15 R9068-11 wrong_token_type', async () => {
    await refused('/me', await token('mds-core-web', { claims: { typ: 'ID', at_hash: 'x' } }), 'wrong_token_type');
    await refused('/me', await token('mds-core-web', { claims: { typ: 'Refresh' } }), 'wrong_token_type');
  });

  it('LIB-20 R7519-05 R9068-05 MCP-07 token_expired', async () => {
    await refused('/me', await token('mds-core-web', { expiresIn: -31 }), 'token_expired');
  });

  it('LIB-20 token_expired and not client_not_allowed, where both are the case', async () => {
    await refused('/bcmi', await token('mds-core-web', { expiresIn: -31 }), 'token_expired');
  });

  it('R7519-06 token_not_active', async () => {
    const nbf = Math.floor(Date.now() / 1000) + 60;
    await refused('/me', await token('mds-core-web', { claims: { nbf } }), 'token_not_active');
  });

  it('ATK-6 invalid_claims', async () => {
    await refused('/me', await token('mds-core-web', { claims: { exp: undefined } }), 'invalid_claims');
    await refused('/me', await token('mds-core-web', { claims: { cnf: { jkt: 'x' } } }), 'invalid_claims');
    await refused('/me', await token('strict'), 'invalid_claims');
  });

  it('unknown_key', async () => {
    const claims = JSON.parse(Buffer.from((await token()).split('.')[1] ?? '', 'base64url').toString());
    await refused('/me', await issuer.sign(claims, { header: { kid: 'nobody' } }), 'unknown_key');
  });

  it('LIB-07 R8725-10 unknown_key for a key of the other issuer', async () => {
    await refused('/me', await partners.tokenFor('mds-core-web', { claims: { iss: issuer.issuer } }), 'unknown_key');
  });

  it('R7515-12 R8725-05 R9068-04 invalid_signature', async () => {
    const [header, claims, signature] = (await token()).split('.');
    const changed = { ...JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()), client_roles: ['core_admin'] };
    const tampered = [header, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
    await refused('/any', tampered, 'invalid_signature');
  });

  it('R7515-11 R8725-13 invalid_signature for a key that the header brings along', async () => {
    const stranger = await TestIssuer.start();
    const { kid } = JSON.parse(Buffer.from((await token()).split('.')[0] ?? '', 'base64url').toString());
    const header = { kid, jwk: stranger.jwks.keys[0], jku: stranger.jwksUri };
    const claims = { iss: issuer.issuer, aud: 'mds-core-web', exp: Math.floor(Date.now() / 1000) + 60 };
    await refused('/me', await stranger.sign(claims, { header }), 'invalid_signature');
    expect(stranger.requests).toEqual({ discovery: 0, jwks: 0 });
    await stranger.stop();
  });

  it('client_retired', async () => {
    await refused('/me', await token('retired'), 'client_retired');
  });

  it('not_authenticated', async () => {
    await refused('/unauthenticated', await token('mds-core-web', { roles: ['core_view_all'] }), 'not_authenticated');
  });

  it('client_not_allowed', async () => {
    await refused('/bcmi', await token(), 'client_not_allowed');
    expect((await testApp.get('/bcmi', await token('mds-bcmi-4587'))).status).toBe(200);
  });

  it('ATK-8 LIB-20 FAPI-03 MCP-07 missing_a_valid_role, for whole names only', async () => {
    await refused('/any', await token(), 'missing_a_valid_role');
    await refused(
      '/any',
      await token('mds-core-web', { roles: ['core_view', 'core_view_all_x', 'CORE_VIEW_ALL'] }),
      'missing_a_valid_role',
    );
    await refused(
      '/any',
      await token('mds-core-web', { claims: { client_roles: { core_view_all: true } } }),
      'missing_a_valid_role',
    );
    expect((await testApp.get('/any', await token('mds-core-web', { roles: ['core_admin'] }))).status).toBe(200);
    expect(
      (await testApp.get('/any', await token('mds-core-web', { claims: { client_roles: 'x core_view_all' } }))).status,
    ).toBe(200);
  });

  it('missing_required_roles', async () => {
    await refused('/all', await token('mds-core-web', { roles: ['core_view_all'] }), 'missing_required_roles');
    const both = { roles: ['core_edit_mines', 'core_view_all'] };
    expect((await testApp.get('/all', await token('mds-core-web', both))).status).toBe(200);
  });

  it('R6750-13 R6750-14 FAPI-03 ASVS-10.3.2 missing_scope, which names the scopes', async () => {
    await refused(
      '/scopes',
      await token('mds-core-web', { scopes: ['mines.read'] }),
      'missing_scope',
      'mines.read mines.write',
    );
    const both = { scopes: ['mines.write', 'x', 'mines.read'] };
    expect((await testApp.get('/scopes', await token('mds-core-web', both))).status).toBe(200);
  });

  it('R9470-01 insufficient_user_authentication, which says what to request', async () => {
    const code = 'insufficient_user_authentication';
    await refused('/recent', await token(), code, undefined, ', max_age="300"');
  });

  it("ASVS-10.3.2 access_denied, by the application's own rule", async () => {
    await refused('/own', await token(), 'access_denied');
    expect((await testApp.get('/own', await token('mds-core-web', { claims: { sub: 'owner' } }))).status).toBe(200);
  });

  it('LIB-12 LIB-19 LIB-20 ATK-9 keys_unavailable, while other issuers go on', async () => {
    await refused('/me', await down.tokenFor('down'), 'keys_unavailable');
    expect((await testApp.get('/me', await partners.tokenFor('partner'))).status).toBe(200);
  });

  it('LIB-20 token_inactive', async () => {
    await refused('/me', 'opaque_1', 'token_inactive');
  });

  it('LIB-20 introspection_unavailable', async () => {
    endpoint.answer = (response) => json(response, {}, 500);
    await refused('/me', 'opaque_2', 'introspection_unavailable');
  });

  it('a public route looks at no token', async () => {
    for (const credentials of [undefined, 'garbage', await token()]) {
      expect(await testApp.get('/public', credentials)).toMatchObject({ status: 200, body: { user: null } });
    }
  });

  it('ATK-9 challenges are of constants', () => {
    for (const { challenge, message } of Object.values(REFUSALS)) {
      expect(message).toMatch(/^[\x20\x21\x23-\x5B\x5D-\x7E]+$/);
      expect(challenge).toMatch(/^[a-z_ ]+$/);
    }
  });

  it('LIB-24 are all of the closed set', () => {
    expect([...seen, ...OF_POSSESSION, ...OF_REVOCATION].sort()).toEqual(Object.keys(REFUSALS).sort());
  });
});
