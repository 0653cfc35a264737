import type { OidcClientOptions, PresetName, VerifiedClaims } from '../../../lib';
import { OidcConfigurationError } from '../../../lib/configuration/configuration-error';
import { resolveConfiguration } from '../../../lib/configuration/resolve-configuration';
import type { Decision } from '../../../lib/core/decision/decision';
import { PRESETS } from '../../../lib/configuration/presets/presets';
import { createSigningKey, signJwt, type SigningKey } from '../../../lib/testing/signing-key';
import { runtimeOf } from '../../explanation/explain-with';
import { SAMPLES, type Sample, type SampleToken } from './samples';
import { useTestIssuer } from '../../support/life-cycle';

const NAMES = Object.keys(PRESETS) as PresetName[];
const EACH = NAMES.map((preset): [PresetName, Sample] => [preset, SAMPLES[preset]]);

let key: SigningKey;
beforeAll(async () => {
  key = await createSigningKey('RS256', 'provider-key');
});

/** A provider's token, signed by the test's key. */
function signed(issuer: string, { header, claims }: SampleToken): string {
  const now = Math.floor(Date.now() / 1000);
  return signJwt(
    { alg: 'RS256', typ: 'JWT', kid: key.keyId, ...header },
    { iss: issuer, iat: now, exp: now + 300, ...claims },
    'RS256',
    key.privateKey,
  );
}

/** The client of a sample with its preset, and with the test's key for the provider's. */
const clientOf = (preset: PresetName, { client }: Sample): OidcClientOptions => {
  const { jwksUri: _where, discoveryUrl: _document, ...rest } = client;
  return { name: 'api', preset, ...rest, jwks: { keys: [key.jwk] } };
};

const decide = (client: OidcClientOptions, token: SampleToken): Promise<Decision> => decideAmong([client], token);

/** What is decided on a token of the issuer of the first client. */
async function decideAmong(clients: readonly OidcClientOptions[], token: SampleToken): Promise<Decision> {
  const runtime = runtimeOf({ clients });
  try {
    return await runtime.current.verifier.decide(signed(clients[0]?.issuer ?? '', token));
  } finally {
    runtime.current.issuers.close();
  }
}

function faultsOf(client: object): string[] {
  try {
    resolveConfiguration({ clients: [client] });
  } catch (error) {
    if (error instanceof OidcConfigurationError) {
      return error.faults.map(({ field, problem, remedy }) => `${field}: ${problem}; ${remedy}`);
    }
    throw error;
  }
  return [];
}

describe.each(EACH)('the preset %s', (preset, sample) => {
  it('reads an access token of the provider', async () => {
    const decision = await decide(clientOf(preset, sample), sample.accessToken);
    expect(decision).toMatchObject({
      accepted: true,
      principal: {
        client: 'api',
        issuer: sample.client.issuer,
        subject: sample.accessToken.claims['sub'],
        roles: sample.roles,
        scopes: sample.scopes,
      },
    });
  });

  it('takes no ID token and no refresh token for one, unless APIs are called with ID tokens', async () => {
    for (const token of [sample.idToken, sample.refreshToken ?? []].flat()) {
      const decision = await decide(clientOf(preset, sample), token);
      expect(decision.accepted ? 'accepted' : decision.code).toBe(token.becomes);
    }
    expect(sample.refreshToken?.becomes).not.toBe('accepted');
  });

  it("loses to the client's own settings", async () => {
    const client = { ...clientOf(preset, sample), roles: ['own_roles'], scopes: ['own_scopes'] };
    const { header, claims } = sample.accessToken;
    const decision = await decide(client, { header, claims: { ...claims, own_roles: ['a'], own_scopes: 'b c' } });
    expect(decision).toMatchObject({ accepted: true, principal: { roles: ['a'], scopes: ['b', 'c'] } });
  });

  it('refuses tokens of another audience, and of no audience', async () => {
    const { claims, header } = sample.accessToken;
    const claim = PRESETS[preset].settings.audienceClaim ?? 'aud';
    for (const audience of ['another', undefined]) {
      const decision = await decide(clientOf(preset, sample), { header, claims: { ...claims, [claim]: audience } });
      const code = claim === 'iss' ? expect.stringMatching(/^unknown_issuer$|^invalid_claims$/) : 'unknown_audience';
      expect(decision).toMatchObject({ accepted: false, code });
    }
  });

  it('has no fault with the issuers of the provider', () => {
    const { audienceClaim } = PRESETS[preset].settings;
    for (const issuer of [sample.client.issuer, ...(sample.otherIssuers ?? [])]) {
      const { discoveryUrl: _elsewhere, ...client } = { jwksUri: 'https://keys.example/jwks', ...sample.client };
      const audience = audienceClaim === 'iss' ? issuer : client.audience;
      expect(faultsOf({ name: 'api', preset, ...client, issuer, audience })).toEqual([]);
    }
  });

  it('reports an issuer of another form when the application starts, with the right one', () => {
    for (const [issuer, remedy] of sample.wrongIssuers) {
      expect(faultsOf({ name: 'api', preset, ...sample.client, issuer })).toEqual([
        expect.stringMatching(/^issuer: "[^"]+" is not of .+ \(preset "[^"]+"\); /),
      ]);
      expect(faultsOf({ name: 'api', preset, ...sample.client, issuer })[0]).toContain(remedy);
    }
    const { issuerForms, hostedForms } = PRESETS[preset];
    expect(sample.wrongIssuers.length > 0).toBe((issuerForms ?? hostedForms) !== undefined);
  });
});

it('there is a sample for every preset', () => {
  expect(Object.keys(SAMPLES).toSorted()).toEqual(NAMES.toSorted());
});

describe('tokenFor a client with a preset', () => {
  const issuer = useTestIssuer();

  it.each(EACH)('%s: is accepted, with the roles and scopes it is to have', async (preset, { client }) => {
    const { jwksUri: _where, ...rest } = client;
    // The issuer of a test has not the provider's form, and need not have.
    const audience = PRESETS[preset].settings.audienceClaim === 'iss' ? issuer.issuer : rest.audience;
    const { discoveryUrl: _document, ...kept } = rest;
    const moved: Omit<OidcClientOptions, 'enrich'> = { name: 'api', preset, ...kept, audience, issuer: issuer.issuer };
    const runtime = runtimeOf({ clients: [moved] });
    const hasRoles = PRESETS[preset].settings.roles !== undefined;
    const options = { ...(hasRoles && { roles: ['admin', 'a b'] }), scopes: ['read', 'write'] };
    const roles = hasRoles ? ['admin', 'a b'] : [];
    expect(await runtime.current.verifier.decide(await issuer.tokenFor(moved, options))).toMatchObject({
      accepted: true,
      principal: { client: 'api', roles, scopes: ['read', 'write'] },
    });
    expect(await runtime.current.verifier.decide(await issuer.tokenFor(moved))).toMatchObject({
      accepted: true,
      principal: { roles: [], scopes: [] },
    });
    if (!hasRoles) {
      await expect(issuer.tokenFor(moved, { roles: ['admin'] })).rejects.toThrow('this client reads roles');
    }
    runtime.current.issuers.close();
  });
});

describe('what only one provider has', () => {
  const becomes = async (preset: PresetName, claims: object, client: Partial<OidcClientOptions> = {}) => {
    const sample = SAMPLES[preset];
    const decision = await decide(
      { ...clientOf(preset, sample), ...client },
      { ...sample.accessToken, claims: { ...sample.accessToken.claims, ...claims } },
    );
    return decision.accepted ? decision.principal.roles : decision.code;
  };

  it.each<[PresetName, object, string]>([
    ['gold-sso', { typ: 'JWT' }, 'wrong_token_type'],
    ['gold-sso', { typ: ['Bearer'] }, 'wrong_token_type'],
    ['gold-sso', { typ: 'Refresh' }, 'wrong_token_type'],
    ['keycloak', { typ: 'RegistrationAccessToken' }, 'wrong_token_type'],
    // It is an access token, and bound to its sender.
    ['keycloak', { typ: 'DPoP', cnf: { jkt: 'x' } }, 'invalid_claims'],
    ['cognito', { token_use: 'id' }, 'wrong_token_type'],
    ['cognito', { token_use: ['access'] }, 'wrong_token_type'],
    ['cognito', { token_use: undefined, aud: '1example23456789' }, 'wrong_token_type'],
    ['entra-v2', { ver: '1.0' }, 'wrong_token_type'],
    ['entra-v1', { ver: '2.0' }, 'wrong_token_type'],
    ['entra-v1', { appid: 'another application' }, 'invalid_claims'],
    ['okta', { cid: '0oa2' }, 'invalid_claims'],
    ['okta', { cid: '0oa2', azp: '0oa1', client_id: '0oa1' }, 'invalid_claims'],
    ['authentik', { uid: null }, 'wrong_token_type'],
    ['clerk', { sts: 'pending' }, 'invalid_claims'],
    // An M2M token.
    ['clerk', { azp: undefined, sid: undefined, sub: 'mch_1', aud: ['mch_2'], scopes: 'x' }, 'unknown_audience'],
    ['cloudflare-access', { type: 'org' }, 'wrong_token_type'],
    ['adfs', { appid: 'another application' }, 'invalid_claims'],
    ['azure-ad-b2c', { scp: undefined }, 'wrong_token_type'],
    ['azure-ad-b2c', { azp: undefined }, 'wrong_token_type'],
    ['fusionauth', { at_hash: 'x' }, 'wrong_token_type'],
    ['oracle-iam', { tok_type: ['AT'] }, 'wrong_token_type'],
    ['descope', { drn: undefined }, 'wrong_token_type'],
    ['rauthy', { typ: undefined }, 'wrong_token_type'],
    // Bound to its sender.
    ['rauthy', { cnf: { jkt: 'x' } }, 'invalid_claims'],
    ['workos', { sid: undefined }, 'wrong_token_type'],
    ['kinde', { aud: [] }, 'unknown_audience'],
    ['supabase', { aud: 'anon' }, 'unknown_audience'],
    ['ory-hydra', { aud: [] }, 'unknown_audience'],
  ])('%s: with %j it is %s', async (preset, claims, code) => {
    expect(await becomes(preset, claims)).toBe(code);
  });

  it('gold-sso: a stand-in for it need not say typ, unless the client asks for it', async () => {
    expect(await becomes('gold-sso', { typ: undefined })).toEqual(['core_view_all', 'core_edit_mines']);
    const strict = { accessTokenClaims: { typ: 'Bearer' } };
    expect(await becomes('gold-sso', { typ: undefined }, strict)).toBe('wrong_token_type');
    expect(await becomes('gold-sso', {}, strict)).toEqual(['core_view_all', 'core_edit_mines']);
  });

  it('clerk: a session status that is not said is none that is pending', async () => {
    expect(await becomes('clerk', { sts: undefined })).toEqual(['admin']);
  });

  it('clerk: session tokens of native applications, which have no azp, by a client of their own', async () => {
    const { accessToken, client } = SAMPLES.clerk;
    const native = {
      ...clientOf('clerk', SAMPLES.clerk),
      name: 'native',
      audienceClaim: 'iss',
      audience: client.issuer,
    };
    const validate = (claims: VerifiedClaims) => claims['azp'] === undefined;
    const clients = [clientOf('clerk', SAMPLES.clerk), { ...native, validate }];
    const without = { claims: { ...accessToken.claims, azp: undefined } };
    const foreign = { claims: { ...accessToken.claims, azp: 'https://evil.example' } };
    expect(await decideAmong(clients, accessToken)).toMatchObject({ accepted: true, principal: { client: 'api' } });
    expect(await decideAmong(clients, without)).toMatchObject({ accepted: true, principal: { client: 'native' } });
    expect(await decideAmong(clients, foreign)).toMatchObject({ code: 'invalid_claims' });
  });

  it('clerk: OAuth and M2M tokens, by clients of their own', async () => {
    const base = { ...clientOf('clerk', SAMPLES.clerk), audienceClaim: 'aud' };
    const oauth = {
      ...base,
      audience: 'https://api.mines.example',
      accessTokenClaims: { client_id: true },
      strictness: { accessTokenType: true },
    } as const;
    const claims = { aud: 'https://api.mines.example', client_id: 'client_1', sub: 'user_1', scope: 'mines.read' };
    const header = { typ: 'at+jwt' };
    expect(await decide(oauth, { header, claims })).toMatchObject({
      accepted: true,
      principal: { scopes: ['mines.read'] },
    });
    expect(await decide(oauth, { claims })).toMatchObject({ code: 'wrong_token_type' });
    const machine = { ...base, audience: 'mch_2', accessTokenClaims: { jti: true }, scopes: 'scopes' } as const;
    const token = { claims: { sub: 'mch_1', aud: ['mch_2'], jti: 'mt_1', scopes: 'mch_2' } };
    expect(await decide(machine, token)).toMatchObject({ accepted: true, principal: { subject: 'mch_1' } });
  });

  it('fusionauth: tokens of entities, which have no application, by a client without the preset', async () => {
    const entity = { ...clientOf('fusionauth', SAMPLES.fusionauth), audience: 'entity-1', roles: 'permissions' };
    const claims = { aud: 'entity-1', sub: 'entity-2', permissions: ['read'], scope: 'target-entity:entity-1:read' };
    expect(await decide(entity, { claims })).toMatchObject({ code: 'wrong_token_type' });
    const { preset: _preset, ...plain } = entity;
    expect(await decide(plain, { claims })).toMatchObject({ accepted: true, principal: { roles: ['read'] } });
  });

  it('adfs: the string that it writes for auth_time, and a token without kid', async () => {
    const { accessToken } = SAMPLES.adfs;
    const token = { header: { kid: undefined, x5t: 'l_OZUmitFFug' }, claims: accessToken.claims };
    expect(await decide(clientOf('adfs', SAMPLES.adfs), token)).toMatchObject({ accepted: true });
  });

  it.each<[PresetName, readonly string[]]>([
    ['descope', ['https://api.descope.com/v1/apps/P2abcdef', 'P2abcdef']],
    ['workos', ['https://api.workos.com/user_management/client_01ABC']],
  ])('%s: an issuer that is the audience, too', async (preset, audience) => {
    const client = { ...clientOf(preset, SAMPLES[preset]), audience };
    expect(await decide(client, SAMPLES[preset].accessToken)).toMatchObject({ accepted: true });
  });

  it('auth0: tokens of RFC 9068, which have their party elsewhere', async () => {
    const { client, accessToken } = SAMPLES.auth0;
    const claims = { ...accessToken.claims, azp: undefined, client_id: 'app', jti: 'j' };
    const token = { header: { typ: 'at+jwt' }, claims };
    const options = { ...clientOf('auth0', SAMPLES.auth0), ...client, authorizedParties: ['app'] };
    expect(await decide(options, token)).toMatchObject({ accepted: true });
  });

  it('google: the other form of its issuer, by a client of its own', () => {
    const google = { audience: 'x', preset: 'google', discoveryUrl: 'https://accounts.google.com/x', name: 'old' };
    const discoveryIssuer = 'https://accounts.google.com';
    expect(faultsOf({ ...google, issuer: 'accounts.google.com', discoveryIssuer })).toEqual([]);
  });

  it('zitadel: no roles of the project that asked for the token', async () => {
    const own = { 'urn:zitadel:iam:org:project:69234237810729019:roles': undefined };
    expect(await becomes('zitadel', own)).toEqual([]);
  });

  it('supabase: nothing that users may write themselves', async () => {
    expect(await becomes('supabase', { role: 'anon', user_metadata: { role: 'service_role' } })).toEqual(['anon']);
  });

  it('who accepts ID tokens is asked for no marks of access tokens', async () => {
    const { idToken } = SAMPLES['gold-sso'];
    const accepting = { ...clientOf('gold-sso', SAMPLES['gold-sso']), acceptIdTokens: true };
    expect(await decide(accepting, idToken)).toMatchObject({ accepted: true });
    expect(await decide(accepting, { claims: { ...idToken.claims, typ: 'Refresh' } })).toMatchObject({
      code: 'wrong_token_type',
    });
    const { accessToken } = SAMPLES.dex;
    const strict = { ...clientOf('dex', SAMPLES.dex), acceptIdTokens: false };
    expect(await decide(strict, accessToken)).toMatchObject({ code: 'wrong_token_type' });
  });
});

describe('the form of an issuer', () => {
  const auth0 = { name: 'a', audience: 'a', preset: 'auth0' as const };

  it.each(['http://localhost:3000', 'http://127.0.0.1:9229/pool', 'http://[::1]/x'])('may be any on %s', (issuer) => {
    expect(faultsOf({ ...auth0, issuer })).toEqual([]);
  });

  it('is told from a discovery URL alone, too', () => {
    const at = (url: string): string => `${url}/.well-known/openid-configuration`;
    expect(faultsOf({ ...auth0, discoveryUrl: at('https://mines.auth0.com') })).toEqual([]);
    expect(faultsOf({ ...auth0, discoveryUrl: at('https://mines.auth0.com/x') })).toEqual([
      expect.stringContaining(
        'discoveryUrl: "https://mines.auth0.com/x/.well-known/openid-configuration" leads to no issuer of Auth0',
      ),
    ]);
  });

  it('is told to belong to another preset, if it is on hosts of that provider alone', () => {
    expect(faultsOf({ ...auth0, issuer: 'https://cognito-idp.ca-central-1.amazonaws.com/ca-central-1_x' })).toEqual([
      expect.stringContaining('is not of Auth0 (preset "auth0"); use preset "cognito": this is an issuer of Amazon'),
    ]);
    const b2c = 'https://mines.b2clogin.com/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/v2.0/.well-known/openid-configuration';
    expect(faultsOf({ name: 'a', audience: 'a', preset: 'entra-v2', discoveryUrl: b2c })).toEqual([
      expect.stringMatching(/^discoveryUrl: .* use preset "azure-ad-b2c"/),
    ]);
  });

  it('of Azure AD B2C cannot be told from the discovery URL of a policy', () => {
    const discoveryUrl =
      'https://mines.b2clogin.com/mines.onmicrosoft.com/b2c_1_signin/v2.0/.well-known/openid-configuration';
    expect(faultsOf({ name: 'a', audience: 'a', preset: 'azure-ad-b2c', discoveryUrl })).toEqual([
      expect.stringContaining('leads to no issuer of Azure AD B2C (preset "azure-ad-b2c"); give the exact "iss"'),
    ]);
  });

  it('does not depend on the scheme', () => {
    const keycloak = { ...auth0, preset: 'keycloak', allowInsecureHttp: true };
    expect(faultsOf({ ...keycloak, issuer: 'http://keycloak:8080/sso/of/mines/realms/mines' })).toEqual([]);
    expect(faultsOf({ ...keycloak, issuer: 'http://keycloak:8080/realms//' })).toHaveLength(1);
  });

  it('is a fault beside all others', () => {
    const faults = faultsOf({ ...auth0, issuer: 'https://mines.auth0.com', clockTolerance: -1 });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(['clockTolerance', 'issuer']);
  });
});
