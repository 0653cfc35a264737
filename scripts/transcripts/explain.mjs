/** The transcripts of `explain`: one for each possible cause. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { TestIssuer } from '../../dist/testing/index.js';

/** @type {TestIssuer} */
let issuer;

/** A tenant of Microsoft Entra ID, and the application id of Microsoft Graph. They are shown as they are. */
const TENANT = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const GRAPH = '00000003-0000-0000-c000-000000000000';
export const FIXED_IDS = new Set([TENANT, GRAPH]);
const ENTRA_V1 = `https://sts.windows.net/${TENANT}/`;
const ENTRA_V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;

const BOUND = { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' };
const PROOFS = { proofOfPossession: { origins: ['https://api.example'] } };
const DAY = 86_400;
const secondsFromNow = (seconds) => Math.floor(Date.now() / 1000) + seconds;
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const web = (rest) => ({ name: 'core-web', audience: 'mds-core-web', ...rest });
const bcmi = (rest) => ({ name: 'bcmi', audience: 'mds-bcmi-4587', ...rest });
const config = (clients = [web(), bcmi()], rest = {}) => ({
  clients,
  defaults: { preset: 'gold-sso', ...(clients.some((one) => one.discoveryUrl) ? {} : { issuer: issuer.issuer }) },
  ...rest,
});

/** The verdict, the step that failed, and what to do. */
function gist(output) {
  const lines = output.split('\n');
  const [verdict = ''] = lines;
  const failed = lines.findIndex((line) => line.startsWith('  ✗ '));
  const hints = lines.findIndex((line) => line === 'What to do' || line === 'Possible causes');
  return [
    verdict,
    '  ...',
    ...lines.slice(failed, failed + 2),
    '  ...',
    ...(hints === -1 ? [] : lines.slice(hints)),
  ].join('\n');
}

/** A case whose token is given by standard input. */
const of = (title, makeToken, options = () => config(), args = []) => ({
  title,
  abridge: gist,
  setup: async () => ({ config: options(), args: [...args, '-'], input: await makeToken() }),
});

/** A case with an issuer of its own, to which something happens. */
const withOwnIssuer = (title, makeToken) => ({
  title,
  abridge: gist,
  setup: async () => {
    const own = await TestIssuer.start();
    const input = await makeToken(own);
    const clients = [web({ issuer: own.issuer }), bcmi({ issuer: own.issuer })];
    return { config: { clients, defaults: { preset: 'gold-sso' } }, args: ['-'], input, end: () => own.stop() };
  },
});

/** A case whose provider is a server on this machine. `answer` gets the path and the origin. `claims` may be a text instead. */
const withServer = (title, answer, client, claims, args = []) => ({
  title,
  abridge: gist,
  setup: async () => {
    let origin = '';
    const server = createServer(({ url }, response) => {
      const [status, body] = answer(url, origin);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    origin = `http://127.0.0.1:${server.address().port}`;
    const times = { iat: secondsFromNow(0), exp: secondsFromNow(300) };
    return {
      config: { clients: [web({ ...(typeof claims === 'string' && { issuer: origin }), ...client(origin) })] },
      args: [...args, '-'],
      input:
        typeof claims === 'string' ? claims : await issuer.sign({ aud: 'mds-core-web', ...times, ...claims(origin) }),
      end: async () => server.closeAllConnections() ?? server.close(),
    };
  },
});

/** The options of one client that is given its own issuer, without a preset. */
const alone = (client) => () => ({ clients: [web(client)] });

const withPadding = (text) =>
  text
    .split('.')
    .map((part) => part.padEnd(Math.ceil((part.length + 1) / 4) * 4, '='))
    .join('.');

const namelessKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });

const token =
  (claims = {}, options = {}) =>
  () =>
    issuer.tokenFor('mds-core-web', { claims, ...options });
const signed = (claims, header) => () =>
  issuer.sign(
    { iss: issuer.issuer, aud: 'mds-core-web', iat: secondsFromNow(0), exp: secondsFromNow(300), ...claims },
    { header },
  );
const mangled = (mangle) => async () => mangle(await issuer.tokenFor('mds-core-web'));
const at = (place) => () => config([web(place)]);

export const explainPage = {
  file: 'docs/explain.md',
  command: 'explain',
  start: async () => {
    issuer = await TestIssuer.start();
  },
  stop: () => issuer.stop(),
  sections: [
    {
      title: 'Whole transcripts',
      cases: [
        {
          title: 'A token that is accepted',
          setup: async () => ({
            config: config(),
            args: ['--role', 'core_view_all', '-'],
            input: await issuer.tokenFor('mds-bcmi-4587', { roles: ['core_view_all'] }),
          }),
        },
        {
          title: 'A token without this API among its audiences',
          setup: async () => ({
            config: config(),
            args: ['-'],
            input: await issuer.tokenFor('account', { claims: { azp: 'mds-core-web' } }),
          }),
        },
      ],
    },
    {
      title: 'The text of the token',
      cases: [
        of(
          '`bearer_prefix`',
          mangled((text) => `Bearer ${text}`),
        ),
        of(
          '`wrong_scheme`',
          mangled((text) => `Authorization: JWT ${text}`),
        ),
        of(
          '`scheme_missing`',
          mangled((text) => `Authorization: ${text}`),
        ),
        of(
          '`surrounding_characters`',
          mangled((text) => `"${text}"`),
        ),
        of(
          '`truncated_token`',
          mangled((text) => text.slice(0, 300)),
        ),
        of(
          '`truncated_token`, only just',
          mangled((text) => `${text.slice(0, -20)}A`),
        ),
        of('`opaque_token`', () => 'VjY2NGM5MTktOTM4My00'),
        of('`google_access_token`', () => 'ya29.a0AfB_byDn0tAReAlT0k3n'),
        of('`padded_token`: `x-amzn-oidc-data` of AWS load balancers', mangled(withPadding)),
        of('`encrypted_token`', () => `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.AAAA.AAAA.AAAA.AAAA`),
        of('`unsigned_token`', () => `${encode({ alg: 'none' })}.${encode({ sub: 'x' })}.`),
        of(
          '`oversized_token`',
          mangled((text) => text.padEnd(20_000, 'A')),
        ),
        of('`unsupported_header`', signed({}, { crit: ['exp'] })),
        of(
          '`unreadable_token`',
          mangled((text) => `${text}.${text}`),
        ),
      ],
    },
    {
      title: 'The issuer',
      cases: [
        of('`issuer_final_slash`', token(), () => config([web({ issuer: `${issuer.issuer}/` })])),
        of(
          '`issuer_case`',
          signed({ iss: 'https://sso.example/auth/realms/Standard' }),
          at({ issuer: 'https://sso.example/auth/realms/standard' }),
        ),
        of(
          '`issuer_scheme`',
          signed({ iss: 'http://sso.example/auth/realms/standard' }),
          at({ issuer: 'https://sso.example/auth/realms/standard' }),
        ),
        of(
          '`issuer_environment`',
          signed({ iss: 'https://dev.sso.example/auth/realms/standard' }),
          at({ issuer: 'https://test.sso.example/auth/realms/standard' }),
        ),
        of(
          '`issuer_discovery_host`: internal and public host',
          signed({ iss: 'http://keycloak:8080/realms/standard' }),
          at({
            issuer: 'https://sso.example/realms/standard',
            discoveryUrl: 'http://keycloak:8080/realms/standard/.well-known/openid-configuration',
            allowInsecureHttp: true,
          }),
        ),
        withServer(
          '`issuer_in_document`',
          (url, origin) =>
            url.startsWith('/policy/')
              ? [200, { issuer: `${origin}/tenant/v2.0/`, jwks_uri: `${origin}/keys` }]
              : [404, {}],
          (origin) => ({ discoveryUrl: `${origin}/policy/.well-known/openid-configuration` }),
          (origin) => ({ iss: `${origin}/tenant/v2.0/` }),
        ),
        of(
          '`entra_v1_token`',
          signed({ iss: ENTRA_V1, tid: TENANT, ver: '1.0' }),
          alone({ issuer: ENTRA_V2, preset: 'entra-v2' }),
        ),
        of(
          '`entra_v2_token`',
          signed({ iss: ENTRA_V2, tid: TENANT, ver: '2.0' }),
          alone({ issuer: ENTRA_V1, preset: 'entra-v1' }),
        ),
        of('`issuer_missing`', signed({ iss: undefined })),
        withOwnIssuer('`issuer_unreachable`', async (own) => {
          const text = await own.tokenFor('mds-core-web');
          await own.fail('down');
          return text;
        }),
        withServer(
          '`issuer_credentials`',
          (url) => [url.includes('openid-configuration') ? 403 : 404, {}],
          (origin) => ({ issuer: origin }),
          (origin) => ({ iss: origin }),
        ),
        withServer(
          '`document_issuer`',
          () => [
            200,
            { issuer: 'https://keycloak.internal.example', jwks_uri: 'https://keycloak.internal.example/keys' },
          ],
          (origin) => ({ issuer: origin }),
          (origin) => ({ iss: origin }),
        ),
        of('`no_known_cause`', signed({ iss: 'https://elsewhere.example/realms/mines' })),
      ],
    },
    {
      title: 'The audience and the client',
      cases: [
        of("`audience_account`: Keycloak's default", token({ aud: 'account', azp: 'mds-web-spa' })),
        of('`audience_final_slash`', token({ aud: 'https://api.example/mines/', azp: 'x' }), () =>
          config([web({ audience: 'https://api.example/mines' })]),
        ),
        of('`audience_scheme`', token({ aud: 'api://mines', azp: 'x' }), () =>
          config([web({ audience: 'https://mines' })]),
        ),
        of('`audience_environment`', token({ aud: 'mds-core-web-dev', azp: 'mds-core-web-dev' })),
        of(
          '`audience_in_party`: no `aud` (Cognito, Keycloak without a mapper)',
          token({ aud: undefined, azp: undefined, client_id: 'mds-core-web' }),
        ),
        of('`audience_part`: the substring trap', token({ aud: 'mds-bcmi', azp: 'mds-bcmi' })),
        of('`audience_case`', token({ aud: 'MDS-core-web', azp: 'x' })),
        of('`audience_elsewhere`', token({ aud: 'mds-partner', azp: 'x' }), () =>
          config([
            web(),
            { name: 'partner', audience: 'mds-partner', issuer: 'https://idp.partner.example/realms/mines' },
          ]),
        ),
        of('`audience_missing`', token({ aud: [], azp: 'x' })),
        of('`audience_claim_absent`', token({ azp: 'x' }), () => config([web({ audienceClaim: 'client_id' })])),
        of('`clerk_without_azp`', token({ aud: undefined, azp: undefined, sid: 'sess_2mYd' }), () =>
          config([web({ audienceClaim: 'azp', audience: 'https://mines.example' })]),
        ),
        of('`party_not_listed`', token({ azp: 'nightly-batch' }), () =>
          config([web({ authorizedParties: ['mds-web-spa'] })]),
        ),
        of('`several_clients`', token({ aud: ['mds-core-web', 'mds-bcmi-4587'], azp: 'mds-web-spa' })),
        of('`client_retired`', token(), () =>
          config([web({ deprecated: { since: '2020-01-31', sunset: '2021-01-31' } })]),
        ),
      ],
    },
    {
      title: 'What the token is',
      cases: [
        of('`id_token`', token({ typ: 'ID', aud: 'mds-web-spa', azp: 'mds-web-spa' })),
        of('`id_token`, with the audience of the API', token({ typ: 'ID' })),
        of('`refresh_token`', token({ typ: 'Refresh' })),
        of(
          '`graph_token`',
          signed({ iss: ENTRA_V1, tid: TENANT, ver: '1.0', aud: GRAPH }, { nonce: 'x' }),
          alone({ issuer: ENTRA_V2, preset: 'entra-v2' }),
        ),
        of('`other_token`', signed({ events: {} }, { typ: 'logout+jwt' })),
        of('`symmetric_algorithm`: HS256 with public keys', signed({}, { alg: 'HS256' })),
        of('`algorithm_not_listed`', token(), () => config([web({ algorithms: ['ES256'] })])),
        of('`expired`', token({}, { expiresIn: -5400 - 1800 - 900 })),
        of('`clock_skew`: expired just now', token({}, { expiresIn: -210 })),
        of('`clock_skew`: issued in the future', () =>
          issuer.tokenFor('mds-core-web', { claims: { iat: secondsFromNow(210) } }),
        ),
        of('`not_active`', () =>
          issuer.tokenFor('mds-core-web', { claims: { nbf: secondsFromNow(3.5 * DAY) }, expiresIn: 9 * DAY }),
        ),
        of('`milliseconds`', () => issuer.tokenFor('mds-core-web', { claims: { nbf: 1_830_297_600_000 } })),
        of('`sender_constrained`', token({ cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } })),
        of('`proof_missing`', token({ cnf: BOUND }), () => config(undefined, PROOFS)),
        of('`proof_wrong`', token({ cnf: BOUND }), () => config(undefined, PROOFS), [
          '--url',
          'https://api.example/mines',
          '--proof',
          'eyJ0eXAiOiJkcG9wK2p3dCJ9',
        ]),
        of('`token_unbound`', token(), () => config([web({ requireSenderConstraint: true })], PROOFS)),
        of('`claim_missing`', token({ sub: undefined }), () => config([web({ requiredClaims: ['sub'] })])),
        of('`strictness_rule`', token({ aud: ['mds-core-web', 'account'] }), () =>
          config([web({ strictness: { singleAudience: true } })]),
        ),
        of(
          '`own_rule`',
          token(),
          () =>
            `export default { clients: [{ ...${JSON.stringify(web({ issuer: issuer.issuer }))}, validate: () => false }] };\n`,
        ),
        of(
          '`promise_returned`',
          token(),
          () =>
            `export default { clients: [{ ...${JSON.stringify(web({ issuer: issuer.issuer }))}, validate: async () => true }] };\n`,
        ),
        of(
          '`function_threw`',
          token(),
          () =>
            `export default { clients: [{ ...${JSON.stringify(web({ issuer: issuer.issuer }))}, roles: (claims) => claims.realm.roles }] };\n`,
          ['--role', 'core_view_all'],
        ),
        of(
          '`enrich_refused`',
          token(),
          () =>
            `export default { clients: [{ ...${JSON.stringify(web({ issuer: issuer.issuer }))}, enrich: async () => false }] };\n`,
        ),
        of(
          '`enrich_failed`',
          token(),
          () =>
            `export default { clients: [{ ...${JSON.stringify(web({ issuer: issuer.issuer }))}, enrich: async () => { throw new Error('no database'); } }] };\n`,
        ),
      ],
    },
    {
      title: 'The key and the signature',
      cases: [
        withOwnIssuer('`key_unknown`', async (own) => {
          const text = await own.tokenFor('mds-core-web');
          await own.rotateKeys({ removeOld: true });
          return text;
        }),
        withOwnIssuer('`key_id_missing`', async (own) => {
          for (let keys = 1; keys < 5; keys += 1) {
            await own.rotateKeys();
          }
          const claims = { iss: own.issuer, aud: 'mds-core-web', exp: secondsFromNow(300) };
          return own.sign(claims, { header: { kid: undefined } });
        }),
        of('`key_set_without_ids`', signed({}, { kid: 'key-2' }), () =>
          config([web({ jwks: { keys: [namelessKey(), namelessKey()] } })]),
        ),
        of('`key_for_other_algorithm`', signed({}), () =>
          config([web({ jwks: { keys: issuer.jwks.keys.map((key) => ({ ...key, alg: 'PS256' })) } })]),
        ),
        of(
          '`key_of_application`',
          signed({ iss: ENTRA_V2, tid: TENANT, ver: '2.0' }, { kid: 'key-of-the-application' }),
          () => ({ clients: [web({ issuer: ENTRA_V2, jwksUri: issuer.jwksUri })] }),
        ),
        of(
          '`signature_removed`',
          mangled((text) => text.replace(/\.[^.]*$/, '.SIGNATURE_REMOVED_BY_GOOGLE')),
        ),
        of('`signature_altered`', async () => {
          const [head, , signature] = (await issuer.tokenFor('mds-core-web')).split('.');
          const [, claims] = (await issuer.tokenFor('mds-core-web', { roles: ['core_admin'] })).split('.');
          return [head, claims, signature].join('.');
        }),
      ],
    },
    {
      title: 'What the route asks for',
      cases: [
        of('`client_not_allowed`', token(), undefined, ['--client', 'bcmi']),
        of(
          '`client_without_roles`',
          token({ client_roles: ['core_view_all'] }),
          () => ({ clients: [web({ issuer: issuer.issuer })] }),
          ['--role', 'core_view_all'],
        ),
        of('`role_case`', token({ client_roles: ['Core_View_All'] }), undefined, ['--role', 'core_view_all']),
        of('`role_elsewhere`', token({ realm_access: { roles: ['core_view_all'] } }), undefined, [
          '--role',
          'core_view_all',
        ]),
        of('`roles_as_objects`', token({ client_roles: [{ name: 'core_view_all', owner: 'mines' }] }), undefined, [
          '--role',
          'core_view_all',
        ]),
        of('`lightweight_token`', token({ client_roles: undefined, jti: 'onltac:8f0c' }), undefined, [
          '--role',
          'core_view_all',
        ]),
        of(
          '`groups_overage`',
          signed({ iss: ENTRA_V2, tid: TENANT, ver: '2.0', azp: 'x', _claim_names: { groups: 'src1' } }),
          () => ({ clients: [web({ issuer: ENTRA_V2, jwks: issuer.jwks, roles: 'groups' })] }),
          ['--role', 'core_view_all'],
        ),
        of(
          '`role_unmapped`',
          token({ client_roles: ['core_view_all'] }),
          () => config([web({ roleMapping: { view: 'core_view' } })]),
          ['--role', 'core_view_all'],
        ),
        of(
          '`role_not_implied`',
          token({ client_roles: ['core_guest'] }),
          () => config(undefined, { roleHierarchy: { core_admin: 'core_view_all' } }),
          ['--role', 'core_view_all'],
        ),
        of('`scope_elsewhere`', token({ scope: 'openid', scp: ['mines.read'] }), undefined, ['--scope', 'mines.read']),
        of('`scope_absent`', token({ scope: 'openid' }), undefined, ['--scope', 'mines.read']),
        of('`audience_foreign`', token({ client_id: 'app1', aud: 'https://other.example' }), () =>
          config([{ name: 'app', audience: 'app1', audienceClaim: 'client_id' }]),
        ),
        of('`scope_case`', token({ scope: 'Mines.Read' }), undefined, ['--scope', 'mines.read']),
        withServer(
          '`issuer_not_asked`',
          () => [200, { active: false }],
          (origin) => ({
            introspection: { clientId: 'mines-api', clientSecret: 'secret', endpoint: `${origin}/introspect` },
          }),
          'ory_at_1',
        ),
        withServer(
          '`token_inactive`',
          () => [200, { active: false }],
          (origin) => ({
            introspection: { clientId: 'mines-api', clientSecret: 'secret', endpoint: `${origin}/introspect` },
          }),
          'ory_at_1',
          ['--ask-issuer'],
        ),
        withServer(
          '`introspection_failed`',
          () => [500, {}],
          (origin) => ({
            introspection: { clientId: 'mines-api', clientSecret: 'secret', endpoint: `${origin}/introspect` },
          }),
          'ory_at_1',
          ['--ask-issuer'],
        ),
        of('`authentication_weak`', token({ acr: 'pwd' }), undefined, ['--acr', 'phr,phrh']),
        of(
          '`authentication_old`',
          () => issuer.tokenFor('mds-core-web', { claims: { acr: 'phr', auth_time: secondsFromNow(-7230) } }),
          undefined,
          ['--max-age', '300'],
        ),
        of('`authentication_unknown`', token({ acr: 'phr' }), undefined, ['--max-age', '300']),
      ],
    },
  ],
};
