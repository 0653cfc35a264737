import type { OidcClientOptions, OidcMultiAuthOptions } from '../../lib/configuration/options';
import type { ExplanationHintCode, ExplainOptions } from '../../lib/explanation/explanation';
import type { TestTokenOptions } from 'nestjs-oidc-multi-auth/testing';
import { explainWith, runtimeOf, textOf } from './explain-with';
import { explainToken } from '../../lib/explanation/explain-token';
import { useFreshTestIssuer, useTestIssuer } from '../support/life-cycle';

const SSO = 'https://sso.example/auth/realms/standard';

const issuer = useTestIssuer();

/** Codes and texts of the hints that a token gets. */
async function hintsFor(
  client: Partial<OidcClientOptions>,
  token: string | TestTokenOptions,
  asked: ExplainOptions = {},
  rest: Partial<OidcMultiAuthOptions> = {},
) {
  const bcmi: OidcClientOptions = {
    name: 'bcmi',
    audience: 'mds-bcmi-4587',
    ...(client.discoveryUrl === undefined && { issuer: issuer.issuer }),
    preset: 'gold-sso',
    ...client,
  };
  const text = typeof token === 'string' ? token : await issuer.tokenFor('mds-bcmi-4587', token);
  const explanation = await explainWith({ clients: [bcmi], ...rest }, text, asked);
  return {
    codes: explanation.hints.map(({ code }) => code),
    text: explanation.hints.map((hint) => hint.text).join('\n'),
  };
}

describe('the text of a token', () => {
  const cases: [string, (token: string) => string, ExplanationHintCode[]][] = [
    ['the scheme before it', (token) => `Bearer ${token}`, ['bearer_prefix']],
    ['a whole header', (token) => `authorization: bearer ${token}`, ['bearer_prefix']],
    ['quotes', (token) => `"${token}"`, ['surrounding_characters']],
    ['a line break', (token) => `${token}\n`, ['surrounding_characters']],
    ['scheme and quotes', (token) => `"Bearer ${token}"`, ['bearer_prefix', 'surrounding_characters']],
    ['line breaks inside', (token) => token.replace(/.{64}/g, '$&\n'), ['surrounding_characters']],
    ['an ellipsis', (token) => `${token.slice(0, 40)}...`, ['truncated_token']],
    ['the header alone', (token) => token.slice(0, token.indexOf('.')), ['truncated_token']],
    ['no signature', (token) => token.slice(0, token.lastIndexOf('.')), ['truncated_token']],
    ['an empty signature', (token) => token.slice(0, token.lastIndexOf('.') + 1), ['truncated_token']],
    ['half an octet too little', (token) => token.slice(0, -1), ['truncated_token']],
    ['an opaque token', () => 'VjY2NGM5MTktOTM4My00', ['opaque_token']],
    ['another format', () => 'v4.public.eyJzdWIiOiJ4In0', ['opaque_token']],
    ['two tokens', (token) => `${token}.${token}`, ['unreadable_token']],
    ['nothing', () => '', ['unreadable_token']],
    ['padding', (token) => `${token}=`, ['padded_token']],
    ['too long', (token) => token + 'A'.repeat(17_000), ['oversized_token']],
    ['quotes around nonsense', () => "'nonsense'", ['surrounding_characters', 'opaque_token']],
  ];

  it.each(cases)('%s', async (_name, mangle, expected) => {
    const { codes } = await hintsFor({}, mangle(await issuer.tokenFor('mds-bcmi-4587')));
    expect(codes).toEqual(expected);
  });

  const encode = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

  it('an encrypted token', async () => {
    const jwe = [encode({ alg: 'RSA-OAEP', enc: 'A256GCM' }), 'AAAA', 'AAAA', 'AAAA', 'AAAA'].join('.');
    expect((await hintsFor({}, jwe)).codes).toEqual(['encrypted_token']);
  });

  it('a token without signature, by design', async () => {
    expect((await hintsFor({}, `${encode({ alg: 'none' })}.${encode({})}.`)).codes).toEqual(['unsigned_token']);
  });

  it.each([[{ crit: ['x'] }], [{ b64: false }], [{ cty: 'JWT' }], [{ kid: 1 }]])('the header %j', async (header) => {
    const { codes, text } = await hintsFor({}, `${encode({ alg: 'RS256', ...header })}.${encode({})}.AAAA`);
    expect([codes, text]).toEqual([['unsupported_header'], expect.stringContaining('leave it out')]);
  });

  it('claims that readers disagree about', async () => {
    const { codes } = await hintsFor({}, `${encode({ alg: 'RS256' })}.${encode('{"a":1,"a":2}')}.AAAA`);
    expect(codes).toEqual(['unreadable_token']);
  });
});

describe('the issuer', () => {
  const at = (iss: unknown): TestTokenOptions => ({ claims: { iss } });

  it.each<[string, Partial<OidcClientOptions>, unknown, ExplanationHintCode[]]>([
    ['a final slash too many', { issuer: SSO }, `${SSO}/`, ['issuer_final_slash']],
    ['a final slash too few', { issuer: `${SSO}/`, preset: undefined }, SSO, ['issuer_final_slash']],
    ['the case of its path', { issuer: SSO }, SSO.replace('standard', 'Standard'), ['issuer_case']],
    ['the case of its host', { issuer: SSO }, SSO.replace('sso', 'SSO'), ['issuer_case']],
    ['http and https', { issuer: SSO }, SSO.replace('https', 'http'), ['issuer_scheme']],
    [
      'another environment',
      { issuer: 'https://loginproxy.gov.bc.ca/auth/realms/standard' },
      'https://dev.loginproxy.gov.bc.ca/auth/realms/standard',
      ['issuer_environment'],
    ],
    [
      'another environment in the host',
      { issuer: 'https://sso-test.example/realms/r' },
      'https://sso-dev.example/realms/r',
      ['issuer_environment'],
    ],
    [
      'the host inside the network',
      {
        issuer: SSO,
        discoveryUrl: 'http://keycloak:8080/auth/realms/standard/.well-known/openid-configuration',
        allowInsecureHttp: true,
      },
      'http://keycloak:8080/auth/realms/standard',
      ['issuer_discovery_host'],
    ],
    [
      'what the document calls itself',
      {
        issuer: SSO,
        discoveryUrl: 'https://sso-direct.example/x/.well-known/openid-configuration',
        discoveryIssuer: 'https://kc.internal.example/x',
      },
      'https://kc.internal.example/x',
      ['issuer_discovery_host'],
    ],
    ['none', { issuer: SSO }, undefined, ['issuer_missing']],
    ['no string', { issuer: SSO }, [SSO], ['issuer_missing']],
    ['another one altogether', { issuer: SSO }, 'https://elsewhere.example/realms/x', ['no_known_cause']],
    [
      'another realm',
      { issuer: SSO, jwksUri: `${SSO}/certs` },
      SSO.replace('standard', 'partners'),
      ['no_known_cause'],
    ],
  ])('%s', async (_name, client, iss, expected) => {
    const { codes } = await hintsFor(client, at(iss));
    expect(codes).toEqual(expected);
  });

  it('is compared with what the discovery document says, where only that can tell', async () => {
    const client = { discoveryUrl: issuer.discoveryUrl };
    expect(await hintsFor(client, {})).toEqual({ codes: [], text: '' });
    const { codes, text } = await hintsFor(client, at(`${issuer.issuer}/`));
    expect([codes, text]).toEqual([['issuer_final_slash'], expect.stringContaining(`issuer is "${issuer.issuer}"`)]);
  });

  it('of two clients is told once', async () => {
    const clients = ['a', 'b'].map((name) => ({ name, audience: name, issuer: SSO }));
    const { codes } = await hintsFor({}, { claims: { iss: `${SSO}/` } }, {}, { clients });
    expect(codes).toEqual(['issuer_final_slash']);
  });
});

describe('the audience', () => {
  it.each<[string, Partial<OidcClientOptions>, Record<string, unknown>, ExplanationHintCode[]]>([
    ["Keycloak's own", {}, { aud: 'account', azp: 'x' }, ['audience_account']],
    [
      "Keycloak's own, of the right party",
      {},
      { aud: ['account'], azp: 'mds-bcmi-4587' },
      ['audience_account', 'audience_in_party'],
    ],
    [
      'of another environment',
      { audience: 'mds-bcmi-prod' },
      { aud: 'mds-bcmi-dev', azp: 'x' },
      ['audience_environment'],
    ],
    [
      'of an environment without a name',
      { audience: 'mds-bcmi' },
      { aud: 'mds-bcmi-test', azp: 'x' },
      ['audience_environment'],
    ],
    ['a part of it', {}, { aud: 'mds-bcmi', azp: 'x' }, ['audience_part']],
    ['more than it', {}, { aud: 'mds-bcmi-4587-evil', azp: 'x' }, ['audience_part']],
    ['several in one string', {}, { aud: 'openid mds-bcmi-4587', azp: 'x' }, ['audience_part']],
    ['in another case', {}, { aud: 'MDS-bcmi-4587', azp: 'x' }, ['audience_case']],
    ['under azp', {}, { aud: undefined, azp: 'mds-bcmi-4587' }, ['audience_in_party', 'audience_missing']],
    [
      'under client_id, as of Cognito',
      {},
      { aud: undefined, azp: undefined, client_id: 'mds-bcmi-4587' },
      ['audience_in_party', 'audience_missing'],
    ],
    ['none', {}, { aud: [], azp: 'x' }, ['audience_missing']],
    ['no string', {}, { aud: 1, azp: 'x' }, ['audience_missing']],
    ['another one altogether', {}, { aud: 'nris', azp: 'x' }, ['no_known_cause']],
    ['of an ID token, which is for the application', {}, { aud: 'spa', azp: 'x', typ: 'ID' }, ['id_token']],
    ['of a refresh token, which is for the provider', {}, { aud: 'x', azp: 'x', typ: 'Refresh' }, ['refresh_token']],
  ])('%s', async (_name, client, claims, expected) => {
    const { codes } = await hintsFor(client, { claims });
    expect(codes).toEqual(expected);
  });

  it('says how a client takes tokens without aud', async () => {
    const { text } = await hintsFor({}, { claims: { aud: undefined, azp: undefined, client_id: 'mds-bcmi-4587' } });
    expect(text).toContain("audienceClaim: 'client_id'");
  });

  it('is told for a few clients, where it is a part of the audiences of many', async () => {
    const clients = Array.from({ length: 500 }, (_, index) => `mds-${index}`).map((name) => ({
      name,
      audience: name,
      issuer: issuer.issuer,
    }));
    const aud = ['mds', ...Array.from({ length: 400 }, (_, index) => `x-${index}`)];
    const started = performance.now();
    const { codes } = await hintsFor({}, { claims: { aud, azp: 'x' } }, {}, { clients });
    expect(codes).toEqual(Array.from({ length: 12 }, () => 'audience_part'));
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('of a client at another issuer', async () => {
    const clients = [
      { name: 'nris', audience: 'nris', issuer: issuer.issuer },
      { name: 'there', audience: 'mds-there', issuer: SSO },
    ];
    const { codes, text } = await hintsFor({}, { claims: { aud: 'mds-there' } }, {}, { clients });
    expect([codes, text]).toEqual([['audience_elsewhere'], expect.stringContaining('"there"')]);
  });
});

describe('the client', () => {
  it('party that is not listed', async () => {
    const { codes, text } = await hintsFor({ authorizedParties: ['web', 'mobile'] }, { claims: { azp: 'batch' } });
    expect([codes, text]).toEqual([['party_not_listed'], expect.stringMatching(/"batch".*"web" or "mobile"/)]);
  });

  it('several of them', async () => {
    const clients = ['a', 'b'].map((name) => ({ name, audience: name, issuer: issuer.issuer }));
    const { codes, text } = await hintsFor({}, { claims: { aud: ['a', 'b'] } }, {}, { clients });
    expect([codes, text]).toEqual([['several_clients'], expect.stringContaining('"a" and "b"')]);
  });

  it('retired', async () => {
    const { codes, text } = await hintsFor({ deprecated: { since: '2020-01-01', sunset: '2021-01-01' } }, {});
    expect([codes, text]).toEqual([['client_retired'], expect.stringContaining('2021-01-01T00:00:00Z')]);
  });

  it('not of this route', async () => {
    const clients = ['a', 'b'].map((name) => ({ name, audience: `mds-${name}`, issuer: issuer.issuer }));
    const { codes, text } = await hintsFor({}, { claims: { aud: 'mds-a' } }, { clients: ['b'] }, { clients });
    expect([codes, text]).toEqual([['client_not_allowed'], expect.stringMatching(/for "b" only.*add "a" to @Clients/)]);
  });
});

describe('what the token is', () => {
  const signed = async (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
    issuer.sign({ iss: issuer.issuer, aud: 'mds-bcmi-4587', exp: 9e9, ...claims }, { header });

  it.each<[string, Record<string, unknown>, Record<string, unknown>, ExplanationHintCode[]]>([
    ['an ID token of Keycloak', { typ: 'ID' }, {}, ['id_token']],
    ['an ID token by its hash', { at_hash: 'x' }, {}, ['id_token']],
    ['a refresh token', { typ: 'Refresh' }, {}, ['refresh_token']],
    ['an offline token', { typ: 'Offline' }, {}, ['refresh_token']],
    ['a refresh token signed with a secret', { typ: 'Refresh' }, { alg: 'HS512' }, ['refresh_token']],
    ['a logout token', { events: {} }, {}, ['other_token']],
    ['a logout token by its header', {}, { typ: 'logout+jwt' }, ['other_token']],
    ['a header typ of the wrong type', {}, { typ: 1 }, ['other_token']],
    ['HS256 with public keys', {}, { alg: 'HS256' }, ['symmetric_algorithm']],
    ['none', {}, { alg: 'none' }, ['unsigned_token']],
    ['an algorithm that there is not', {}, { alg: 'ES256K' }, ['algorithm_not_listed']],
    ['bound to its sender', { cnf: { jkt: 'x' } }, {}, ['sender_constrained']],
    ['bound to its sender, by typ', { typ: 'DPoP' }, {}, ['sender_constrained']],
    ['a claim of the wrong type', { sub: 1 }, {}, ['claim_missing']],
    ['no expiry', { exp: undefined }, {}, ['claim_missing']],
  ])('%s', async (_name, claims, header, expected) => {
    expect((await hintsFor({}, await signed(claims, header))).codes).toEqual(expected);
  });

  it('an ID token, where these are accepted, is no reason', async () => {
    const { codes } = await hintsFor({ acceptIdTokens: true }, await signed({ typ: 'ID', events: {} }));
    expect(codes).toEqual(['other_token']);
  });

  it.each<[string, Partial<OidcClientOptions>, Record<string, unknown>, ExplanationHintCode, string]>([
    [
      'of another value',
      {},
      { typ: 'X' },
      'other_token',
      'typ is "X", and access tokens for client "bcmi" have "Bearer"',
    ],
    ['that is not there', { preset: 'authentik' }, {}, 'other_token', 'uid is absent, and access tokens'],
    ['of an ID token of Cognito', { accessTokenClaims: { token_use: 'access' } }, { token_use: 'id' }, 'id_token', ''],
    [
      'that is refused',
      { refusedClaims: { sts: ['pending', 'ended'] } },
      { sts: 'pending' },
      'own_rule',
      'sts is "pending", and client "bcmi" refuses tokens with that (refusedClaims)',
    ],
  ])('a claim %s', async (_what, client, claims, code, expected) => {
    const { codes, text } = await hintsFor(client, await signed(claims));
    expect([codes, text]).toEqual([[code], expect.stringContaining(expected)]);
  });

  it('a claim that the client requires', async () => {
    const { codes, text } = await hintsFor({ requiredClaims: ['email'] }, await signed({}));
    expect([codes, text]).toEqual([['claim_missing'], expect.stringContaining('email is missing')]);
  });

  it.each<[string, Partial<OidcClientOptions>, RegExp]>([
    ['the type', { strictness: { accessTokenType: true } }, /header typ of at\+jwt/],
    [
      'a single audience',
      { strictness: { singleAudience: true } },
      /breaks strictness\.singleAudience of client "bcmi"/,
    ],
    ['a rule that only reports', { strictness: { mode: 'report', singleAudience: true } }, /would be refused/],
  ])('a strictness rule: %s', async (_name, client, expected) => {
    const { codes, text } = await hintsFor(client, await signed({ aud: ['mds-bcmi-4587', 'more'] }));
    expect([codes, text]).toEqual([['strictness_rule'], expect.stringMatching(expected)]);
  });

  it("the client's own rule, which is asked once, and only of a token that is good", async () => {
    const validate = jest.fn(() => true);
    await hintsFor({ validate }, await signed({ exp: 1 }));
    expect(validate).not.toHaveBeenCalled();
    await hintsFor({ validate, strictness: { singleAudience: true } }, await signed({}));
    expect(validate).toHaveBeenCalledTimes(1);
    expect((await hintsFor({ validate: () => false }, await signed({}))).codes).toEqual(['own_rule']);
  });
});

describe('the times', () => {
  const NOW = Math.floor(Date.now() / 1000);

  it.each<[string, Record<string, unknown>, ExplanationHintCode[], RegExp]>([
    ['long expired', { exp: NOW - 3 * 3600 }, ['expired'], /it expired 3 h ago/],
    [
      'expired just now',
      { exp: NOW - 200 },
      ['expired', 'clock_skew'],
      /expired no more than a few minutes ago \(3 min\)/,
    ],
    [
      'issued in the future',
      { iat: NOW + 3700, exp: NOW + 9000 },
      ['not_active', 'clock_skew'],
      /iat is 6\d min in the future/,
    ],
    ['not yet active, and soon', { nbf: NOW + 200, exp: NOW + 900 }, ['not_active', 'clock_skew'], /nbf is 3 min/],
    ['not yet active, on purpose', { nbf: NOW + 3 * 86_400 + 60, exp: 9e9 }, ['not_active'], /nbf is 3 days/],
  ])('%s', async (_name, claims, expected, words) => {
    const { codes, text } = await hintsFor({}, { claims });
    expect([codes, text]).toEqual([expected, expect.stringMatching(words)]);
  });

  it('are compared with the tolerance of the client', async () => {
    expect((await hintsFor({ clockTolerance: 0 }, { claims: { exp: NOW - 301 - 200 } })).codes).toEqual(['expired']);
    expect((await hintsFor({ clockTolerance: 300 }, { claims: { exp: NOW - 301 - 200 } })).codes).toEqual([
      'expired',
      'clock_skew',
    ]);
  });
});

describe('the key and the signature', () => {
  const own = useFreshTestIssuer();
  const options = (): OidcMultiAuthOptions => ({ clients: [{ name: 'bcmi', audience: 'bcmi', issuer: own.issuer }] });

  it('a key that the set does not have, of an older token', async () => {
    const token = await own.tokenFor('bcmi');
    const [before] = own.jwks.keys;
    await own.rotateKeys({ removeOld: true });
    const [after] = own.jwks.keys;
    const explanation = await explainWith(options(), token);
    const text = textOf(explanation, 'key_unknown');
    expect(explanation.hints).toHaveLength(1);
    expect(text).toContain(`has ${JSON.stringify(Reflect.get(after ?? {}, 'kid'))} (RS256)`);
    expect(text).toContain(`and not ${JSON.stringify(Reflect.get(before ?? {}, 'kid'))}`);
    expect(text).toContain('may have rotated its keys since: then a fresh token is good');
  });

  it('a key that was rotated away while the application ran', async () => {
    const runtime = runtimeOf(options());
    const token = await own.tokenFor('bcmi');
    await runtime.current.verifier.decide(token);
    await own.rotateKeys({ removeOld: true });
    await runtime.current.verifier.decide(await own.tokenFor('bcmi'));
    const explanation = await explainToken(runtime.current, token);
    runtime.current.issuers.close();
    expect(explanation.hints).toHaveLength(1);
    expect(textOf(explanation, 'key_rotated')).toContain('which was in an earlier set');
  });

  it('a key that the set does not have yet', async () => {
    const runtime = runtimeOf(options());
    await runtime.current.verifier.decide(await own.tokenFor('bcmi'));
    const token = await own.sign(
      { iss: own.issuer, aud: 'bcmi', exp: 9e9, iat: Date.now() / 1000 + 20 },
      { header: { kid: 'new' } },
    );
    const text = textOf(await explainToken(runtime.current, token), 'key_unknown');
    runtime.current.issuers.close();
    expect(text).toContain('The token is younger than that set');
  });

  it('a key for another algorithm', async () => {
    await own.sign({}, { algorithm: 'ES256' });
    const [rsa] = own.jwks.keys;
    const token = await own.sign(
      { iss: own.issuer, aud: 'bcmi', exp: 9e9 },
      { algorithm: 'ES256', header: { kid: Reflect.get(rsa ?? {}, 'kid') } },
    );
    expect(textOf(await explainWith(options(), token), 'key_for_other_algorithm')).toContain('is not for ES256');
  });

  it('no key id, and several keys', async () => {
    for (let keys = 1; keys < 5; keys += 1) {
      await own.rotateKeys();
    }
    const token = await own.sign({ iss: own.issuer, aud: 'bcmi', exp: 9e9 }, { header: { kid: undefined } });
    expect(textOf(await explainWith(options(), token), 'key_id_missing')).toContain(
      '5 keys of the issuer are for RS256: up to 4 are tried',
    );
  });

  it('a provider that cannot be reached, whether its issuer is known or not', async () => {
    const token = await own.tokenFor('bcmi');
    await own.fail('down');
    for (const client of [{ issuer: own.issuer }, { discoveryUrl: own.discoveryUrl }]) {
      const explanation = await explainWith({ clients: [{ name: 'bcmi', audience: 'bcmi', ...client }] }, token);
      expect(explanation).toMatchObject({ code: 'keys_unavailable', status: 503 });
      expect(textOf(explanation, 'issuer_unreachable')).toContain('ECONNREFUSED');
    }
  });

  it('a token that was changed', async () => {
    const [head = '', , signature = ''] = (await own.tokenFor('bcmi')).split('.');
    const [, claims = ''] = (await own.tokenFor('bcmi', { roles: ['admin'] })).split('.');
    const explanation = await explainWith(options(), [head, claims, signature].join('.'));
    expect(explanation.hints.map(({ code }) => code)).toEqual(['signature_altered']);
  });

  it('a token whose end is missing', async () => {
    const token = (await own.tokenFor('bcmi')).slice(0, -4 * 4 - 2);
    const cut = `${token.slice(0, -1)}A`;
    expect(textOf(await explainWith(options(), cut), 'truncated_token')).toMatch(
      /has 2\d\d bytes, and those of that key have 256/,
    );
  });

  it('another secret', async () => {
    const client = { name: 'hs', audience: 'hs', secret: 'one-very-shared-secret-of-enough-octets' };
    const token = await own.tokenFor({ ...client, secret: 'two-very-shared-secret-of-enough-octets' });
    const explanation = await explainWith({ clients: [{ ...client, issuer: own.issuer }] }, token);
    expect(explanation.hints.map(({ code }) => code)).toEqual(['signature_altered']);
    expect(JSON.stringify(explanation)).not.toContain('shared-secret');
  });
});

describe('what a route asks for', () => {
  it.each<[string, Partial<OidcClientOptions>, Record<string, unknown>, ExplainOptions, ExplanationHintCode[], RegExp]>(
    [
      [
        'a role of the realm',
        {},
        { realm_access: { roles: ['edit'] } },
        { roles: ['edit'] },
        ['role_elsewhere'],
        /at "realm_access\.roles"/,
      ],
      [
        'a role of another audience',
        { preset: 'keycloak' },
        { resource_access: { other: { roles: ['edit'] } } },
        { roles: ['edit'] },
        ['role_elsewhere'],
        /at "resource_access\.other\.roles"/,
      ],
      [
        'a role under a name with dots',
        {},
        { 'https://example.org/roles': ['edit'] },
        { roles: ['edit'] },
        ['role_elsewhere'],
        /at \[\["https:\/\/example\.org\/roles"\]\]/,
      ],
      [
        'a role in a string',
        {},
        { permissions: 'view, edit' },
        { roles: ['edit'] },
        ['role_elsewhere'],
        /at "permissions"/,
      ],
      [
        'a role in another case',
        {},
        { client_roles: ['Edit'] },
        { roles: ['edit'] },
        ['role_case'],
        /has "Edit".*wants "edit"/,
      ],
      [
        'a role that the mapping does not list',
        { roleMapping: { view: 'core_view' } },
        { client_roles: ['edit'] },
        { roles: ['edit'] },
        ['role_unmapped'],
        /keepUnmappedRoles/,
      ],
      [
        'a role that is nowhere',
        {},
        { client_roles: ['view'] },
        { allRoles: ['view', 'edit'] },
        ['role_not_implied'],
        /"edit" was not found in the token, and no other role implies it/,
      ],
      [
        'each of several',
        {},
        { client_roles: [] },
        { roles: ['a', 'b'] },
        ['role_not_implied', 'role_not_implied'],
        /"a"[\s\S]*"b"/,
      ],
      [
        'any role, of a client that reads none',
        { preset: undefined },
        { client_roles: ['edit'] },
        { roles: ['edit'] },
        ['client_without_roles'],
        /Give it preset or roles/,
      ],
      [
        'a scope under scp',
        {},
        { scope: 'openid', scp: ['read'] },
        { scopes: ['read'] },
        ['scope_elsewhere'],
        /at "scp"/,
      ],
      ['a scope in another case', {}, { scope: 'Read' }, { scopes: ['read'] }, ['scope_case'], /only the case/],
      ['a scope that is nowhere', {}, { scope: 'openid' }, { scopes: ['read'] }, ['scope_absent'], /was not found/],
    ],
  )('%s', async (_name, client, claims, asked, expected, words) => {
    const { codes, text } = await hintsFor(client, { claims }, asked);
    expect([codes, text]).toEqual([expected, expect.stringMatching(words)]);
  });

  it('a role that others would imply', async () => {
    const rest = { roleHierarchy: { admin: 'edit', edit: 'view' } };
    const { codes, text } = await hintsFor({}, { roles: [] }, { roles: ['view'] }, rest);
    expect([codes, text]).toEqual([
      ['role_not_implied'],
      expect.stringContaining('neither was what implies it ("admin" and "edit")'),
    ]);
  });

  it("a role of another client's tokens", async () => {
    const clients = ['a', 'b'].map((name) => ({
      name,
      audience: name,
      issuer: issuer.issuer,
      preset: 'gold-sso' as const,
    }));
    const token = await issuer.tokenFor('a', { roles: ['view'] });
    const { codes, text } = await hintsFor({}, token, { roles: [{ client: 'b', any: ['view'] }] }, { clients });
    expect([codes, text]).toEqual([['role_of_other_client'], expect.stringContaining('client "b" only')]);
  });
});
