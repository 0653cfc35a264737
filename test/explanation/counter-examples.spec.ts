import { generateKeyPairSync } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { OidcClientOptions, OidcMultiAuthOptions, OidcProofOfPossession } from '../../lib/configuration/options';
import type { RevocationStore } from '../../lib/core/revocation/revocation-store';
import { ASKS_NOTHING, readAsked, type AskedAccess } from '../../lib/explanation/asked-access';
import { explainToken } from '../../lib/explanation/explain-token';
import type { Explanation, ExplanationHintCode, ExplainOptions } from '../../lib/explanation/explanation';
import type { OidcRuntime } from '../../lib/nest/runtime/oidc-runtime';
import { serve, stopServers } from '../doctor/providers';
import { runtimeOf } from './explain-with';
import { useTestIssuer } from '../support/life-cycle';

const SSO = 'https://sso.example/auth/realms/mines';
const TENANT = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const OTHER_TENANT = '9f9e9d9c-4b5a-6978-8796-a5b4c3d2e1f0';
const ENTRA_V1 = `https://sts.windows.net/${TENANT}/`;
const ENTRA_V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const NOW = Math.floor(Date.now() / 1000);
const PROOFS = { origins: ['https://api.example'] };
const BOUND = { cnf: { jkt: 'x' } };
const WITH_PROOF = { request: { method: 'GET', url: '/mines', proof: 'garbage' } };
const ROLE = { roles: ['edit'] };

/** A token and the configuration that it comes to. Nothing is fetched unless the clients say so. */
interface Given {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  /** Makes the text of the signed token. */
  readonly text?: (token: string) => string;
  readonly client?: Partial<OidcClientOptions>;
  readonly clients?: () => Promise<readonly OidcClientOptions[]>;
  readonly revocation?: OidcMultiAuthOptions['revocation'];
  readonly asked?: ExplainOptions;
  readonly proofOfPossession?: OidcProofOfPossession;
  readonly openness?: AskedAccess['openness'];
  /** What happens before the token is explained. */
  readonly before?: (runtime: OidcRuntime) => Promise<unknown>;
}

/** A hint, a case in which it appears, and one close to that in which it must not. */
interface Example {
  readonly fits: Given;
  readonly but: string;
  readonly not: Given;
}

const issuer = useTestIssuer();
afterEach(stopServers);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const withPadding = (token: string) =>
  token
    .split('.')
    .map((part) => part.padEnd(Math.ceil((part.length + 1) / 4) * 4, '='))
    .join('.');
const keyOf = (kid: string | undefined) => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
  ...(kid !== undefined && { kid }),
});

function clientOf({ clients: _clients, client = {} }: Given): OidcClientOptions {
  const hasKeys = ['secret', 'jwksUri', 'publicKey'].some((name) => Object.hasOwn(client, name));
  return {
    name: 'bcmi',
    audience: 'mds-bcmi-4587',
    issuer: SSO,
    roles: 'client_roles',
    ...(!hasKeys && { jwks: issuer.jwks }),
    ...client,
  };
}

async function explain(given: Given): Promise<Explanation> {
  const clients = (await given.clients?.()) ?? [clientOf(given)];
  const { proofOfPossession, revocation } = given;
  const runtime = runtimeOf({
    clients,
    ...(proofOfPossession && { proofOfPossession }),
    ...(revocation && { revocation }),
  });
  const [{ issuer: iss = SSO }] = clients as [OidcClientOptions];
  const claims = { iss, aud: 'mds-bcmi-4587', azp: 'spa', sub: 'u', iat: NOW, exp: NOW + 600, ...given.claims };
  try {
    const signed = await issuer.sign(claims, { header: given.header ?? {} });
    await given.before?.(runtime);
    const asked = given.asked === undefined ? ASKS_NOTHING : readAsked(given.asked, runtime.configuration.clients);
    return await explainToken(
      runtime.current,
      given.text?.(signed) ?? signed,
      given.openness === undefined ? asked : { ...asked, openness: given.openness, route: 'GET /mines' },
    );
  } finally {
    runtime.current.issuers.close();
  }
}

const codesFor = async (given: Given) => (await explain(given)).hints.map(({ code }) => code);

const json =
  (status: number, body: unknown): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** One client whose issuer is a server on this machine. */
const served =
  (listener: RequestListener, rest: (origin: string) => Partial<OidcClientOptions> = () => ({})) =>
  async (): Promise<readonly OidcClientOptions[]> => {
    const origin = await serve(listener);
    return [{ name: 'bcmi', audience: 'mds-bcmi-4587', issuer: origin, roles: 'client_roles', ...rest(origin) }];
  };

/** Clients of a document below a path, which names other issuers. */
const withDocument = (names: Record<string, string>) => async (): Promise<readonly OidcClientOptions[]> => {
  const origin = await serve((request, response) =>
    json(request.url?.startsWith('/policy/.well-known') ? 200 : 404, { jwks_uri: `${SSO}/certs`, ...names })(
      request,
      response,
    ),
  );
  const at = `${origin}/policy`;
  return [{ name: 'bcmi', audience: 'x', discoveryUrl: `${at}/.well-known/openid-configuration` }];
};

/** An issuer that publishes one key set after the other. */
function publishing(sets: readonly (readonly object[])[]): () => Promise<readonly OidcClientOptions[]> {
  return async () => {
    const rest = [...sets];
    const origin = await serve((request, response) => {
      const keys = rest.length > 1 ? rest.shift() : rest[0];
      json(200, { keys })(request, response);
    });
    return [{ name: 'bcmi', audience: 'mds-bcmi-4587', issuer: SSO, jwksUri: `${origin}/certs` }];
  };
}

/** An issuer that answers so about every opaque token. */
const introspecting = (status: number, answer: object) => async (): Promise<readonly OidcClientOptions[]> => {
  const endpoint = await serve(json(status, answer));
  const introspection = { clientId: 'api', clientSecret: 'secret', endpoint };
  return [clientOf({ client: { introspection } })];
};

const several =
  (...rest: Partial<OidcClientOptions>[]) =>
  async () =>
    rest.map((client, index) => clientOf({ client: { name: `client-${index}`, ...client } }));

/** Options as somebody writes them whose compiler is not asked. */
const untyped = (options: object) => options as Partial<OidcClientOptions>;

const entra = { client: { issuer: ENTRA_V2, preset: 'entra-v2' } } as const;
const ofEntra = (tenant: string) => ({ iss: `https://sts.windows.net/${tenant}/`, tid: tenant, ver: '1.0' });
const unknownKey = { header: { kid: 'nobody-has-it' } };
const removed = (token: string) => token.replace(/\.[^.]*$/, '.SIGNATURE_REMOVED_BY_GOOGLE');
const otherSignature = (token: string) => token.replace(/\.[^.]*$/, `.${'A'.repeat(342)}`);

const revoke = (value: string) => async (runtime: OidcRuntime) => {
  const { issuer: iss = SSO } = clientOf({});
  await runtime.revocations?.revoke([{ kind: 'token', issuer: iss, value, origin: 'application' }]);
};

const UNREACHABLE: RevocationStore = {
  append: () => Promise.reject(new Error('down')),
  read: () => Promise.reject(new Error('down')),
};

const EXAMPLES: Readonly<Record<ExplanationHintCode, Example>> = {
  bearer_prefix: {
    fits: { text: (token) => `Bearer ${token}` },
    but: 'another scheme',
    not: { text: (token) => `JWT ${token}` },
  },
  wrong_scheme: {
    fits: { text: (token) => `Authorization: "Bearer: ${token}"` },
    but: 'the right scheme',
    not: { text: (token) => `Authorization: bearer ${token}` },
  },
  scheme_missing: {
    fits: { text: (token) => `Authorization: ${token}` },
    but: 'a token without the name of the header',
    not: { text: (token) => `${token}x` },
  },
  surrounding_characters: {
    fits: { text: (token) => `"${token}"` },
    but: 'a scheme alone',
    not: { text: (token) => `Bearer ${token}` },
  },
  truncated_token: {
    fits: { text: (token) => token.slice(0, token.lastIndexOf('.')) },
    but: 'a signature that Google removed',
    not: { text: removed },
  },
  padded_token: {
    fits: { text: withPadding },
    but: 'characters of another alphabet',
    not: { text: (token) => `${token.slice(0, -2)}+/` },
  },
  opaque_token: {
    fits: { text: () => 'VjY2NGM5MTktOTM4My00' },
    but: 'a JWT with padding',
    not: { text: withPadding },
  },
  google_access_token: {
    fits: { text: () => 'ya29.a0AfH6SMBx' },
    but: 'another opaque token',
    not: { text: () => 'gho_16C7e42F292c6912E7710c838347Ae178B4a' },
  },
  encrypted_token: {
    fits: { text: () => `${encode({ alg: 'dir', enc: 'A256GCM' })}.AAAA.AAAA.AAAA.AAAA` },
    but: 'five parts of two tokens',
    not: { text: () => `${encode({ alg: 'RS256' })}.AAAA.AAAA.AAAA.AAAA` },
  },
  unsigned_token: {
    fits: { text: () => `${encode({ alg: 'none' })}.${encode({})}.` },
    but: 'a signature that was cut off',
    not: { text: (token) => token.slice(0, token.lastIndexOf('.') + 1) },
  },
  oversized_token: {
    fits: { text: (token) => token.padEnd(17_000, 'A') },
    but: 'a malformed token of the usual size',
    not: { text: (token) => `${token}.x` },
  },
  unsupported_header: {
    fits: { header: { crit: ['x'] } },
    but: 'a content type that changes nothing',
    not: { text: () => `${encode({ alg: 'RS256', cty: 'example' })}.${encode([])}.AAAA` },
  },
  unreadable_token: {
    fits: { text: (token) => `${token}.${token}` },
    but: 'a token with padding',
    not: { text: withPadding },
  },
  issuer_missing: { fits: { claims: { iss: undefined } }, but: 'an unknown issuer', not: { claims: { iss: 'x' } } },
  issuer_final_slash: {
    fits: { claims: { iss: `${SSO}/` } },
    but: 'another realm with a final slash',
    not: { claims: { iss: `${SSO}2/` } },
  },
  issuer_case: {
    fits: { claims: { iss: SSO.replace('mines', 'Mines') } },
    but: 'another realm',
    not: { claims: { iss: SSO.replace('mines', 'Miners') } },
  },
  issuer_scheme: {
    fits: { claims: { iss: SSO.replace('https', 'http') } },
    but: 'another realm over http',
    not: { claims: { iss: `${SSO.replace('https', 'http')}2` } },
  },
  issuer_in_document: {
    fits: {
      clients: withDocument({ issuer: 'http://127.0.0.1/tenant/v2.0/', access_token_issuer: 'urn:adfs:tokens' }),
      claims: { iss: 'urn:adfs:tokens' },
      before: (runtime) => runtime.current.issuers.warmUp(),
    },
    but: 'a document that names other issuers',
    not: {
      clients: withDocument({ issuer: 'http://127.0.0.1/tenant/v2.0/' }),
      claims: { iss: 'urn:adfs:tokens' },
      before: (runtime) => runtime.current.issuers.warmUp(),
    },
  },
  issuer_discovery_host: {
    fits: {
      clients: async () => [
        {
          name: 'x',
          audience: 'x',
          issuer: SSO,
          discoveryUrl: 'http://localhost:1/a/.well-known/openid-configuration',
        },
      ],
      claims: { iss: 'http://localhost:1/realms/mines' },
    },
    but: 'a host that nothing names',
    not: {
      clients: async () => [
        {
          name: 'x',
          audience: 'x',
          issuer: SSO,
          discoveryUrl: 'http://localhost:1/a/.well-known/openid-configuration',
        },
      ],
      claims: { iss: 'http://localhost:2/realms/mines' },
    },
  },
  issuer_environment: {
    fits: { claims: { iss: SSO.replace('sso', 'sso-dev') } },
    but: 'a final slash',
    not: { claims: { iss: `${SSO}/` } },
  },
  issuer_unreachable: {
    fits: { client: { issuer: 'http://127.0.0.1:1', jwksUri: 'http://127.0.0.1:1/certs' } },
    but: 'a demand for credentials',
    not: { clients: served(json(401, {})) },
  },
  issuer_credentials: {
    fits: {
      clients: served((request, response) =>
        json(request.url === '/.well-known/openid-configuration' ? 403 : 404, {})(request, response),
      ),
    },
    but: 'a document that is nowhere',
    not: { clients: served(json(404, {})) },
  },
  document_issuer: {
    fits: {
      clients: served(json(200, { issuer: 'https://internal.example', jwks_uri: `${SSO}/certs` })),
    },
    but: 'a document that is not there',
    not: { clients: served(json(404, {})) },
  },
  entra_v1_token: {
    fits: { ...entra, claims: ofEntra(TENANT) },
    but: 'a token of another tenant',
    not: { ...entra, claims: ofEntra(OTHER_TENANT) },
  },
  entra_v2_token: {
    fits: {
      client: { issuer: ENTRA_V1, preset: 'entra-v1' },
      claims: { iss: ENTRA_V2, tid: TENANT, ver: '2.0' },
    },
    but: 'a token of Azure AD B2C, whose issuer has a final slash',
    not: {
      client: { issuer: ENTRA_V1, preset: 'entra-v1' },
      claims: { iss: `${ENTRA_V2}/`, tid: TENANT, ver: '2.0' },
    },
  },
  audience_account: {
    fits: { claims: { aud: 'account' } },
    but: 'an issuer that is no Keycloak',
    not: { client: { issuer: 'https://idp.example' }, claims: { aud: 'account' } },
  },
  audience_final_slash: {
    fits: { client: { audience: 'https://api.example/mines' }, claims: { aud: 'https://api.example/mines/' } },
    but: 'another path',
    not: { client: { audience: 'https://api.example/mines' }, claims: { aud: 'https://api.example/miners/' } },
  },
  audience_scheme: {
    fits: { client: { audience: 'api://mines' }, claims: { aud: 'https://mines/' } },
    but: 'another host',
    not: { client: { audience: 'api://mines' }, claims: { aud: 'https://miners' } },
  },
  audience_case: {
    fits: { claims: { aud: 'MDS-bcmi-4587' } },
    but: 'another number',
    not: { claims: { aud: 'MDS-bcmi-4588' } },
  },
  audience_environment: {
    fits: { client: { audience: 'mds-prod' }, claims: { aud: 'mds-dev' } },
    but: 'a final slash',
    not: { client: { audience: 'https://api.example' }, claims: { aud: 'https://api.example/' } },
  },
  audience_part: {
    fits: { claims: { aud: 'mds-bcmi' } },
    but: 'a final slash',
    not: { client: { audience: 'https://api.example' }, claims: { aud: 'https://api.example/' } },
  },
  audience_in_party: {
    fits: { claims: { aud: 'x', azp: 'mds-bcmi-4587' } },
    but: 'another party',
    not: { claims: { aud: 'x', azp: 'spa' } },
  },
  audience_elsewhere: {
    fits: {
      clients: several({}, { issuer: 'https://partner.example', audience: 'partner' }),
      claims: { aud: 'partner' },
    },
    but: 'an audience of no client',
    not: { clients: several({}, { issuer: 'https://partner.example', audience: 'partner' }), claims: { aud: 'nris' } },
  },
  audience_missing: {
    fits: { claims: { aud: undefined } },
    but: 'the ID token of Cognito, which has aud and no client_id',
    not: { client: { audienceClaim: 'client_id' }, claims: { token_use: 'id', azp: undefined } },
  },
  audience_claim_absent: {
    fits: { client: { audienceClaim: 'client_id' } },
    but: 'a client that reads aud',
    not: { claims: { aud: undefined } },
  },
  clerk_without_azp: {
    fits: { client: { audienceClaim: 'azp' }, claims: { azp: undefined, sid: 'sess_1' } },
    but: 'a token without a session',
    not: { client: { audienceClaim: 'azp' }, claims: { azp: undefined } },
  },
  party_not_listed: {
    fits: { client: { authorizedParties: ['web'] } },
    but: 'a party that is listed',
    not: { client: { authorizedParties: ['spa'] } },
  },
  several_clients: {
    fits: { clients: several({ audience: 'a' }, { audience: 'b' }), claims: { aud: ['a', 'b'] } },
    but: 'clients that the party tells apart',
    not: { clients: several({ audience: 'a' }, { audience: 'b' }), claims: { aud: ['a', 'b'], azp: 'a' } },
  },
  client_retired: {
    fits: { client: { deprecated: { since: '2020-01-01', sunset: '2021-01-01' } } },
    but: 'a client that is deprecated and not yet retired',
    not: { client: { deprecated: { since: '2020-01-01', sunset: '2999-01-01' } } },
  },
  symmetric_algorithm: {
    fits: { header: { alg: 'HS256' } },
    but: 'a client with a secret',
    not: { client: { secret: 'x'.repeat(64), algorithms: ['HS512'] }, header: { alg: 'HS256' } },
  },
  algorithm_not_listed: {
    fits: { header: { alg: 'ES256K' } },
    but: 'an algorithm that is listed',
    not: { header: { alg: 'RS512' } },
  },
  id_token: {
    fits: { claims: { aud: 'spa', typ: 'ID' } },
    but: 'clients that accept ID tokens',
    not: { client: { acceptIdTokens: true }, claims: { aud: 'spa', typ: 'ID' } },
  },
  refresh_token: {
    fits: { claims: { typ: 'Refresh' } },
    but: 'an access token of another audience',
    not: { claims: { typ: 'Bearer', aud: 'x' } },
  },
  graph_token: {
    fits: { ...entra, claims: { ...ofEntra(TENANT), aud: 'https://graph.microsoft.com/' } },
    but: 'a v1.0 token for this API',
    not: { ...entra, claims: ofEntra(TENANT) },
  },
  other_token: {
    fits: { claims: { events: {} } },
    but: 'an ID token',
    not: { claims: { typ: 'ID' } },
  },
  milliseconds: {
    fits: { claims: { iat: Date.now() } },
    but: 'a time far in the future',
    not: { claims: { nbf: 9e9, exp: 9.5e9 } },
  },
  expired: { fits: { claims: { exp: NOW - 9000 } }, but: 'a later beginning', not: { claims: { nbf: NOW + 9000 } } },
  not_active: { fits: { claims: { nbf: NOW + 9000 } }, but: 'milliseconds', not: { claims: { nbf: Date.now() } } },
  clock_skew: {
    fits: { claims: { exp: NOW - 200 } },
    but: 'a token that expired long ago',
    not: { claims: { exp: NOW - 9000 } },
  },
  sender_constrained: {
    fits: { claims: { cnf: { jkt: 'x' } } },
    but: 'a claim of the wrong type',
    not: { claims: { sub: 1 } },
  },
  proof_missing: {
    fits: { proofOfPossession: PROOFS, claims: BOUND },
    but: 'a proof that is garbage',
    not: { proofOfPossession: PROOFS, claims: BOUND, asked: WITH_PROOF },
  },
  proof_wrong: {
    fits: { proofOfPossession: PROOFS, claims: BOUND, asked: WITH_PROOF },
    but: 'a token that is not bound',
    not: { proofOfPossession: PROOFS, asked: WITH_PROOF },
  },
  token_unbound: {
    fits: { proofOfPossession: PROOFS, client: { requireSenderConstraint: true } },
    but: 'a bound token without a proof',
    not: { proofOfPossession: PROOFS, client: { requireSenderConstraint: true }, claims: BOUND },
  },
  claim_missing: { fits: { claims: { exp: 'x' } }, but: 'a claim that is refused', not: { claims: { cnf: {} } } },
  strictness_rule: {
    fits: { client: { strictness: { maxLifetime: 60 } } },
    but: "the client's own rule",
    not: { client: { strictness: { validate: () => false } } },
  },
  key_rotated: {
    fits: {
      ...unknownKey,
      clients: publishing([[keyOf('nobody-has-it')], [keyOf('new')]]),
      before: async (runtime) => {
        await runtime.current.issuers.warmUp();
        await runtime.current.verifier.decide(
          await issuer.sign({ iss: SSO, aud: 'mds-bcmi-4587', exp: 9e9 }, { header: { kid: 'other' } }),
        );
      },
    },
    but: 'an older token whose key was in no set that was seen',
    not: { ...unknownKey, clients: publishing([[keyOf('new')]]), claims: { iat: NOW - 900 } },
  },
  key_unknown: {
    fits: { ...unknownKey, clients: publishing([[keyOf('new')]]) },
    but: 'a set of keys without ids',
    not: { ...unknownKey, clients: publishing([[keyOf(undefined), keyOf(undefined)]]) },
  },
  key_set_without_ids: {
    fits: { ...unknownKey, clients: publishing([[keyOf(undefined), keyOf(undefined)]]) },
    but: 'a set of keys with ids',
    not: { ...unknownKey, clients: publishing([[keyOf('a'), keyOf('b')]]) },
  },
  key_for_other_algorithm: {
    fits: { client: { jwks: { keys: [{ ...keyOf('only-ps'), alg: 'PS256' }] } }, header: { kid: 'only-ps' } },
    but: 'an unknown key',
    not: { client: { jwks: { keys: [{ ...keyOf('only-ps'), alg: 'PS256' }] } }, header: { kid: 'other' } },
  },
  key_of_application: {
    fits: {
      ...unknownKey,
      clients: served(json(200, { keys: [keyOf('common')] }), (origin) => ({
        issuer: ENTRA_V2,
        jwksUri: `${origin}/keys`,
      })),
      claims: { tid: TENANT, ver: '2.0' },
    },
    but: 'a key set that is that of the application',
    not: {
      ...unknownKey,
      clients: served(json(200, { keys: [keyOf('common')] }), (origin) => ({
        issuer: ENTRA_V2,
        jwksUri: `${origin}/keys?appid=1`,
      })),
      claims: { tid: TENANT, ver: '2.0' },
    },
  },
  key_id_missing: {
    fits: {
      client: { jwks: { keys: ['a', 'b', 'c', 'd', 'e'].map(keyOf) } },
      header: { kid: undefined },
    },
    but: 'an unknown key',
    not: { client: { jwks: { keys: ['a', 'b', 'c', 'd', 'e'].map(keyOf) } }, ...unknownKey },
  },
  signature_removed: { fits: { text: removed }, but: 'another wrong signature', not: { text: otherSignature } },
  signature_altered: { fits: { text: otherSignature }, but: 'a removed signature', not: { text: removed } },
  own_rule: {
    fits: { client: { validate: () => false } },
    but: 'a rule that returns a promise',
    not: { client: untyped({ validate: async () => true }) },
  },
  promise_returned: {
    fits: { client: untyped({ roles: () => Promise.resolve(['edit']) }), asked: ROLE },
    but: 'a function that returns no role',
    not: { client: { roles: () => [] }, asked: ROLE },
  },
  function_threw: {
    fits: {
      client: {
        validate: () => {
          throw new Error('no department');
        },
      },
    },
    but: 'a rule that returns false',
    not: { client: { validate: () => false } },
  },
  open_route: { fits: { openness: 'public' }, but: 'a guarded route', not: { openness: 'guarded' } },
  client_not_allowed: {
    fits: { clients: several({ audience: 'a' }, {}), claims: { aud: 'a' }, asked: { clients: ['client-1'] } },
    but: 'a route for this client',
    not: { clients: several({ audience: 'a' }, {}), claims: { aud: 'a' }, asked: { clients: ['client-0'] } },
  },
  client_without_roles: {
    fits: { client: { roles: undefined }, asked: ROLE },
    but: 'a client that has roles somewhere',
    not: { asked: ROLE },
  },
  role_case: {
    fits: { claims: { client_roles: ['Edit'] }, asked: ROLE },
    but: 'a longer name',
    not: { claims: { client_roles: ['Editor'] }, asked: ROLE },
  },
  role_elsewhere: {
    fits: { claims: { groups: ['edit'] }, asked: ROLE },
    but: 'a list of objects',
    not: { claims: { groups: [{ name: 'edit' }] }, asked: ROLE },
  },
  roles_as_objects: {
    fits: { claims: { client_roles: [{ edit: { id: '1' } }] }, asked: ROLE },
    but: 'objects without the role',
    not: { claims: { client_roles: [{ name: 'view' }] }, asked: ROLE },
  },
  role_of_other_client: {
    fits: {
      clients: several({}, { audience: 'b' }),
      claims: { client_roles: ['edit'] },
      asked: { roles: [{ client: 'client-1', any: ['edit'] }] },
    },
    but: 'a role that the caller does not have',
    not: {
      clients: several({}, { audience: 'b' }),
      claims: { client_roles: ['view'] },
      asked: { roles: [{ client: 'client-1', any: ['edit'] }] },
    },
  },
  role_unmapped: {
    fits: { client: { roleMapping: { view: 'see' } }, claims: { client_roles: ['edit'] }, asked: ROLE },
    but: 'a role that is not in the token',
    not: { client: { roleMapping: { view: 'see' } }, claims: { client_roles: ['view'] }, asked: ROLE },
  },
  role_not_implied: {
    fits: { claims: { client_roles: ['view'] }, asked: ROLE },
    but: 'a function that returns a promise',
    not: { client: untyped({ roles: () => Promise.resolve(['edit']) }), asked: ROLE },
  },
  lightweight_token: {
    fits: { claims: { typ: 'Bearer', jti: 'onltac:1' }, asked: ROLE },
    but: 'a token of Keycloak with other roles',
    not: { claims: { typ: 'Bearer', realm_access: { roles: ['view'] } }, asked: ROLE },
  },
  groups_overage: {
    fits: { claims: { _claim_names: { groups: 'src1' } }, asked: ROLE },
    but: 'a token with its groups',
    not: { claims: { hasgroups: true, groups: ['view'] }, asked: ROLE },
  },
  scope_case: {
    fits: { claims: { scope: 'Read' }, asked: { scopes: ['read'] } },
    but: 'another scope',
    not: { claims: { scope: 'Reading' }, asked: { scopes: ['read'] } },
  },
  scope_elsewhere: {
    fits: { claims: { scope: 'openid', scp: ['read'] }, asked: { scopes: ['read'] } },
    but: 'a scope that is nowhere',
    not: { claims: { scope: 'openid', scp: ['write'] }, asked: { scopes: ['read'] } },
  },
  scope_absent: {
    fits: { claims: { scope: 'openid' }, asked: { scopes: ['read'] } },
    but: 'a scope in another claim',
    not: { claims: { permissions: ['read'] }, asked: { scopes: ['read'] } },
  },
  revoked: {
    fits: { revocation: {}, claims: { jti: 'j' }, before: revoke('j') },
    but: 'another token',
    not: { revocation: {}, claims: { jti: 'k' }, before: revoke('j') },
  },
  revocation_unknown: {
    fits: { revocation: { store: UNREACHABLE, whenUnavailable: 'refuse' } },
    but: 'a store without which tokens are accepted',
    not: { revocation: { store: UNREACHABLE } },
  },
  issuer_not_asked: {
    fits: { clients: introspecting(200, { active: false }), text: () => 'opaque' },
    but: 'a signed JWT of that issuer, about which nobody is asked',
    not: { clients: introspecting(200, { active: false }) },
  },
  token_inactive: {
    fits: { clients: introspecting(200, { active: false }), text: () => 'opaque', asked: { askIssuer: true } },
    but: 'an answer that the token is for another API',
    not: {
      clients: introspecting(200, { active: true, aud: 'other', exp: NOW + 600 }),
      text: () => 'opaque',
      asked: { askIssuer: true },
    },
  },
  introspection_failed: {
    fits: { clients: introspecting(500, {}), text: () => 'opaque', asked: { askIssuer: true } },
    but: 'an answer that the token is not active',
    not: { clients: introspecting(200, { active: false }), text: () => 'opaque', asked: { askIssuer: true } },
  },
  authentication_weak: {
    fits: { claims: { acr: 'pwd' }, asked: { authenticationContext: { acr: ['phr'] } } },
    but: 'a token without acr',
    not: { asked: { authenticationContext: { acr: ['phr'] } } },
  },
  authentication_old: {
    fits: { claims: { auth_time: NOW - 900 }, asked: { authenticationContext: { maxAge: 300 } } },
    but: 'an acr of another kind, and a recent authentication',
    not: { claims: { auth_time: NOW - 60 }, asked: { authenticationContext: { acr: ['phr'], maxAge: 300 } } },
  },
  authentication_unknown: {
    fits: { claims: { auth_time: String(NOW) }, asked: { authenticationContext: { maxAge: 300 } } },
    but: 'an authentication that was long ago',
    not: { claims: { auth_time: NOW - 900 }, asked: { authenticationContext: { maxAge: 300 } } },
  },
  audience_foreign: {
    fits: {
      client: { audience: 'app', audienceClaim: 'client_id' },
      claims: { client_id: 'app', aud: 'https://other' },
    },
    but: 'an aud that names nobody here, and another client_id',
    not: {
      client: { audience: 'app', audienceClaim: 'client_id' },
      claims: { client_id: 'web', aud: 'https://other' },
    },
  },
  enrich_refused: {
    fits: { client: { enrich: () => false }, asked: ROLE },
    but: 'a caller for whom nothing is added',
    not: { client: { enrich: () => undefined }, asked: ROLE },
  },
  enrich_failed: {
    fits: { client: { enrich: () => Promise.reject(new Error('no database')) }, asked: ROLE },
    but: 'a caller who is refused',
    not: { client: { enrich: () => false }, asked: ROLE },
  },
  no_known_cause: {
    fits: { claims: { iss: 'https://elsewhere.example/realms/x' } },
    but: 'an issuer that is nearly right',
    not: { claims: { iss: `${SSO}/` } },
  },
};

describe('EXP-1 a hint', () => {
  const rows = Object.entries(EXAMPLES).map(([code, example]) => [code, example.but, example] as const);

  it.each(rows)('%s appears where it fits, and not for %s', async (code, _but, { fits, not }) => {
    const { hints } = await explain(fits);
    expect(hints.map((one) => one.code)).toContain(code);
    expect(await codesFor(not)).not.toContain(code);
  });

  it.each(rows)('%s says what established it, and then what to do', async (code, _but, { fits }) => {
    const { hints } = await explain(fits);
    for (const { evidence, text } of hints.filter((one) => one.code === code)) {
      expect(evidence).not.toBe('');
      expect(text.startsWith(`${evidence}. `)).toBe(true);
      expect(text.length).toBeGreaterThan(evidence.length + 10);
    }
  });
});

describe('EXP-1 a hint must not appear', () => {
  const lightweight = { claims: { typ: 'Bearer' }, asked: ROLE };

  it.each<[ExplanationHintCode, string, Given]>([
    ['key_rotated', 'for keys without ids', EXAMPLES.key_set_without_ids.fits],
    ['key_rotated', 'for keys of an application', EXAMPLES.key_of_application.fits],
    ['key_rotated', 'for keys of the configuration', { ...unknownKey, claims: { iat: NOW - 900 } }],
    ['key_rotated', 'for a removed signature', { ...unknownKey, text: removed }],
    ['role_not_implied', 'for roles that are objects', { claims: { client_roles: [{ name: 'edit' }] }, asked: ROLE }],
    ['role_not_implied', 'for a list of maps', EXAMPLES.roles_as_objects.fits],
    ['role_not_implied', 'for a token without any role, by design', lightweight],
    ['role_not_implied', 'for groups that are left out', EXAMPLES.groups_overage.fits],
    ['role_elsewhere', 'for a token without any role, by design', lightweight],
    [
      'lightweight_token',
      'for a token of Keycloak whose roles are in another claim',
      { client: { roles: 'groups' }, claims: { typ: 'Bearer', groups: ['view'] }, asked: ROLE },
    ],
    ['symmetric_algorithm', 'for a refresh token', { claims: { typ: 'Refresh' }, header: { alg: 'HS512' } }],
    ['own_rule', 'for a rule that throws', EXAMPLES.function_threw.fits],
    ['truncated_token', 'for a removed signature', { text: removed }],
    ['audience_missing', 'for the ID token of Cognito', EXAMPLES.audience_missing.not],
    ['audience_claim_absent', 'for the ID token of Cognito', EXAMPLES.audience_missing.not],
    ['audience_claim_absent', 'for a session of Clerk', EXAMPLES.clerk_without_azp.fits],
    ['entra_v1_token', 'for a token of Microsoft Graph', EXAMPLES.graph_token.fits],
    ['clock_skew', 'for milliseconds', EXAMPLES.milliseconds.fits],
    ['issuer_unreachable', 'for a demand for credentials', EXAMPLES.issuer_credentials.fits],
    ['audience_in_party', 'for an ID token', { claims: { typ: 'ID', aud: 'x', azp: 'mds-bcmi-4587' } }],
  ])('%s, %s', async (code, _what, given) => {
    const codes = await codesFor(given);
    expect(codes).not.toContain(code);
    expect(codes).not.toEqual([]);
  });
});

describe('EXP-1 an explanation', () => {
  it('of a refused token always has a hint', async () => {
    for (const { fits, not } of Object.values(EXAMPLES)) {
      for (const given of [fits, not]) {
        const { accepted, hints } = await explain(given);
        expect(accepted || hints.length > 0).toBe(true);
      }
    }
  });

  it('lists several causes that fit', async () => {
    const given: Given = { claims: { groups: ['edit'], authorities: [{ name: 'edit' }] }, asked: ROLE };
    expect(await codesFor(given)).toEqual(['role_elsewhere', 'roles_as_objects']);
  });

  it('reads a document for an unknown issuer at the same host, where nothing else explains it', async () => {
    let origin = '';
    let requests = 0;
    origin = await serve((request, response) => {
      requests += 1;
      const found = request.url?.startsWith('/policy/.well-known/openid') ?? false;
      json(found ? 200 : 404, { issuer: `${origin}/tenant/v2.0/`, jwks_uri: `${origin}/keys` })(request, response);
    });
    const clients = async () => [
      { name: 'x', audience: 'x', discoveryUrl: `${origin}/policy/.well-known/openid-configuration` },
    ];
    const { hints } = await explain({ clients, claims: { iss: `${origin}/tenant/v2.0/` } });
    expect(hints).toEqual([expect.objectContaining({ code: 'issuer_in_document' })]);
    expect(hints[0]?.text).toContain(
      `Give the client issuer: "${origin}/tenant/v2.0/", with discoveryUrl: "${origin}/policy/.well-known/openid-configuration"`,
    );
    expect(requests).toBe(1);
    await explain({ clients, claims: { iss: 'https://elsewhere.example' } });
    expect(requests).toBe(1);
  });

  it('names discoveryIssuer where the document has another issuer for access tokens', async () => {
    const { fits } = EXAMPLES.issuer_in_document;
    const { hints } = await explain(fits);
    expect(hints[0]?.text).toMatch(
      /issuer: "urn:adfs:tokens", with discoveryUrl: "http.*" and discoveryIssuer: "http:\/\/127\.0\.0\.1\/tenant\/v2\.0\/"$/,
    );
  });

  it.each<[string, Given, RegExp]>([
    ['requestedAccessTokenVersion 2', EXAMPLES.entra_v1_token.fits, /requestedAccessTokenVersion to 2/],
    ['requestedAccessTokenVersion null', EXAMPLES.entra_v2_token.fits, /requestedAccessTokenVersion to null/],
    ['?appid=', EXAMPLES.key_of_application.fits, /openid-configuration\?appid=mds-bcmi-4587/],
    ['publicKey', EXAMPLES.key_set_without_ids.fits, /give the client the key as publicKey/i],
    ['roles', EXAMPLES.roles_as_objects.fits, /roles: \(claims\) => claims\["client_roles"\]\.flatMap/],
    ["audienceClaim: 'iss'", EXAMPLES.clerk_without_azp.fits, /audienceClaim: 'iss'/],
    ['the answer that tells most', EXAMPLES.issuer_credentials.fits, /openid-configuration answered 403/],
    [
      'discoveryIssuer',
      EXAMPLES.document_issuer.fits,
      /issuer: "(http:.*)", discoveryUrl: "\1\/\.well-known\/.*" and discoveryIssuer: "https:\/\/internal\.example"/,
    ],
    ['why enrich failed', EXAMPLES.enrich_failed.fits, /enrich of client .* failed: "no database"/],
    ['a message that was thrown', EXAMPLES.function_threw.fits, /threw "no department"/],
  ])('names the setting: %s', async (_name, given, expected) => {
    const { hints } = await explain(given);
    expect(hints.map(({ text }) => text).join('\n')).toMatch(expected);
  });

  it('tells of milliseconds whether the token is accepted or refused for them', async () => {
    for (const claims of [{ exp: Date.now() + 600_000 }, { iat: Date.now() }]) {
      expect(await codesFor({ claims })).toContain('milliseconds');
    }
  });

  it('tells of Microsoft Graph where a nonce in the header is all there is', async () => {
    const given: Given = {
      client: { issuer: ENTRA_V1, preset: 'entra-v1' },
      claims: { tid: TENANT, ver: '1.0', appid: 'spa' },
      header: { nonce: 'x' },
      text: otherSignature,
    };
    expect(await codesFor(given)).toEqual(['graph_token', 'signature_altered']);
  });

  it('says nothing of a secret that was given instead of a token', async () => {
    const { hints } = await explain({ text: () => 'correct horse battery staple' });
    expect(JSON.stringify(hints)).not.toMatch(/correct|horse/);
  });
});
