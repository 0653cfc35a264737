import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FINDINGS, type Finding, type FindingCode } from '../../lib/doctor/finding';
import { TestIssuer } from '../../lib/testing/test-issuer';
import { runCli } from '../cli/run-cli';
import { selfSigned } from '../support/self-signed';
import { clientAt, ec, examineClients, rsa, serve, startProvider, stopServers, type ProviderParts } from './providers';

/** What is examined, and what is said of it. */
interface Case {
  readonly name: string;
  readonly findings: () => Promise<readonly Finding[]>;
  readonly message: RegExp;
  /** Absent where there is nothing to do. */
  readonly remedy?: RegExp;
}

const inlineKeys = { jwks: { keys: [{ ...ec(), kid: 'k1' }] } };
const DAY = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();

/** The findings about one client of one provider. */
const ofProvider =
  (parts: ProviderParts, options: object = {}) =>
  async () =>
    (await examineClients([clientAt(await startProvider(parts), options)])).findings;

/** The findings about one client of an issuer whose key set is as good as any. */
const ofClient =
  (options: object, isProduction = false) =>
  async () =>
    (
      await examineClients(
        [clientAt('https://sso.example/realms/mines', { ...inlineKeys, ...options })],
        undefined,
        isProduction,
      )
    ).findings;

/** The findings about a document that a server answers with. */
const ofAnswer = (listener: Parameters<typeof serve>[0]) => async () =>
  (await examineClients([clientAt(await serve(listener))], { fetchTimeout: 2 })).findings;

const SHARED = { ...ec(), kid: 'shared' };
let issuer: TestIssuer | undefined;

/** The findings about a test issuer that somebody has prepared. */
const ofTestIssuer = (prepare: (issuer: TestIssuer) => unknown, options: object) => async () => {
  issuer = await TestIssuer.start();
  await prepare(issuer);
  return (await examineClients([clientAt(issuer.issuer)], options)).findings;
};

/** One for each code: the compiler sees that none is forgotten. */
const CASES: Readonly<Record<FindingCode, Case>> = {
  discovery_found: {
    name: 'tells which URL answered',
    findings: ofProvider({}),
    message: /^its discovery document is at http:.*\/realms\/mines\/\.well-known\/openid-configuration$/,
  },
  key_set_usable: {
    name: 'tells what the keys verify',
    findings: ofProvider({}),
    message: /openid-connect\/certs has 1 usable key, for ES256$/,
  },
  unreachable: {
    name: 'LIB-31 a provider that refuses connections',
    findings: ofTestIssuer((provider) => provider.fail('down'), {}),
    message: /failed: ECONNREFUSED$/,
    remedy: /^check the address/,
  },
  certificate_invalid: {
    name: 'R8414-03 a certificate that nobody vouches for, with its code',
    findings: async () => ofProvider({ tls: selfSigned(90) })(),
    message: /failed: DEPTH_ZERO_SELF_SIGNED_CERT: its certificate is not accepted$/,
    remedy: /NODE_EXTRA_CA_CERTS/,
  },
  timeout: {
    name: 'LIB-28 a provider that hangs',
    findings: ofTestIssuer((provider) => provider.fail('hang', {}), { fetchTimeout: 0.3 }),
    message: /did not answer within 300 ms$/,
    remedy: /fetchTimeout/,
  },
  redirected: {
    name: 'LIB-28 a redirect, with its target but not its query',
    findings: ofAnswer((_request, response) =>
      response.writeHead(302, { location: 'https://login.example/start?state=not-to-be-told' }).end(),
    ),
    message: /answered 302, and redirects are not followed; it points to "https:\/\/login\.example\/start"$/,
    remedy: /^give the URL where the document is itself$/,
  },
  not_found: {
    name: 'a document that is nowhere, with every place it was looked for',
    findings: ofAnswer((_request, response) => response.writeHead(404).end()),
    message:
      /^there is no discovery document: .*openid-configuration answered 404; .*oauth-authorization-server answered 404$/,
    remedy: /discoveryUrl, or jwksUri$/,
  },
  credentials_required: {
    name: 'EXP-1 a document that wants credentials, whatever the other places answer',
    findings: ofAnswer((request, response) =>
      response.writeHead(request.url?.includes('openid-configuration') ? 403 : 404).end(),
    ),
    message:
      /^http:.*openid-configuration answered 403: it wants credentials or permission; http:.*oauth-authorization-server answered 404$/,
    remedy: /^let this machine read it without.*fetchHeaders/,
  },
  http_error: {
    name: 'a provider that answers 500',
    findings: ofAnswer((_request, response) => response.writeHead(500).end()),
    message: /answered 500$/,
    remedy: /^look for the reason there/,
  },
  headers_unavailable: {
    name: 'a function for credentials that fails',
    findings: ofProvider(
      {},
      {
        fetchHeaders: () => {
          throw new Error('not-to-be-told');
        },
      },
    ),
    message: /^the headers for .* cannot be had: fetchHeaders failed$/,
    remedy: /^mend the function fetchHeaders/,
  },
  wrong_content_type: {
    name: 'LIB-28 a page for people',
    findings: ofAnswer((_request, response) => response.setHeader('content-type', 'text/html').end('<p>Hello')),
    message: /content type "text\/html", not JSON$/,
    remedy: /^check that the URL is that of the document/,
  },
  too_large: {
    name: 'LIB-28 an answer of 10 MB',
    findings: ofAnswer((_request, response) =>
      response.setHeader('content-type', 'application/json').end(Buffer.alloc(10_000_000, ' ')),
    ),
    message: /answered with more than 524288 bytes$/,
    remedy: /^check that the URL/,
  },
  not_json: {
    name: 'LIB-28 garbage',
    findings: ofTestIssuer((provider) => provider.fail('garbage'), {}),
    message: /did not answer with JSON$/,
    remedy: /^check that the URL/,
  },
  url_not_allowed: {
    name: 'a key set over http elsewhere',
    findings: ofProvider({ document: () => ({ jwks_uri: 'http://sso.example/certs' }) }),
    message: /^http:\/\/sso\.example\/certs is http to another host than localhost$/,
    remedy: /^use https; .*allowInsecureHttp/,
  },
  no_jwks_uri: {
    name: 'a document without jwks_uri',
    findings: ofProvider({ document: () => ({ jwks_uri: undefined }) }),
    message: /has no URL for its jwks_uri: absent$/,
    remedy: /give issuer and jwksUri$/,
  },
  no_key_set: {
    name: 'JSON that is no key set',
    findings: ofProvider({ keySet: (_request, response) => response.end('{"jwks":[]}') }),
    message: /did not answer with a JWK set$/,
    remedy: /RFC 7517/,
  },
  certificate_expiring: {
    name: 'a certificate that expires soon',
    findings: () => throughCommand(10),
    message: /^its certificate expires on \d{4}-\d\d-\d\d, in (?:9|10) days$/,
    remedy: /^have it renewed/,
  },
  not_https: {
    name: 'R8414-03 an issuer over http',
    findings: ofClient({ issuer: 'http://sso.example/realms/mines', allowInsecureHttp: true }),
    message: /^http:\/\/sso\.example is not https: /,
    remedy: /^reach it over https$/,
  },
  slow: {
    name: 'a provider that takes half of the time there is',
    findings: ofTestIssuer((provider) => provider.fail('slow', { delay: 800 }), { fetchTimeout: 3 }),
    message: /^document and key set took \d{4} ms, of 3000 ms that they may take together$/,
    remedy: /fetchTimeout$/,
  },
  key_set_content_type: {
    name: 'LIB-31 a key set that is sent as text',
    findings: async () => {
      const origin = await serve((_request, response) =>
        response.setHeader('content-type', 'text/plain').end(JSON.stringify({ keys: [SHARED] })),
      );
      const client = { ...clientAt('https://sso.example'), jwksUri: `${origin}/certs` };
      return (await examineClients([client], {})).findings;
    },
    message: /has the content type "text\/plain", and is read because its content is a key set$/,
    remedy: /^nothing has to change here/,
  },
  clock_skew: {
    name: 'LIB-31 a clock that is ahead of what the client tolerates',
    findings: ofTestIssuer((provider) => (provider.clockSkew = 90), {}),
    message:
      /its clock is (?:89|90|91) s ahead of this machine's, more than clockTolerance of "bcmi": .*token_not_active$/,
    remedy: /NTP/,
  },
  issuer_slash: {
    name: 'LIB-31 R8414-01 an issuer that differs by the final slash',
    findings: ofProvider({ document: (own) => ({ issuer: `${own}/` }) }),
    message: /says its issuer is "(.*)\/", not "\1": they differ by the final slash$/,
    remedy:
      /^if tokens say "(.*\/realms\/mines\/)" in "iss", give issuer: "\1" and discoveryUrl: "http.*openid-configuration"$/,
  },
  issuer_host: {
    name: 'LIB-31 R8414-01 an issuer that calls itself by another host',
    findings: ofProvider({ document: () => ({ issuer: 'https://sso.example/realms/mines' }) }),
    message: /: the same path under another scheme, host or port$/,
    remedy: /discoveryUrl: .*add discoveryIssuer: "https:\/\/sso\.example\/realms\/mines"$/,
  },
  wrong_issuer: {
    name: 'R8414-01 the document of another issuer',
    findings: ofProvider({ document: (own) => ({ issuer: `${own}-other` }) }),
    message: /says its issuer is ".*mines-other", not ".*mines"$/,
    remedy: /^if tokens say "(.*mines-other)" in "iss", give issuer: "\1" and discoveryUrl: ".*"; else /,
  },
  access_token_issuer: {
    name: 'EXP-1 a document that names another issuer for access tokens',
    findings: ofProvider({ document: () => ({ access_token_issuer: 'http://sso.example/adfs/services/trust' }) }),
    message:
      /says that access tokens have iss "http:\/\/sso\.example\/adfs\/services\/trust".*, and issuer is ".*\/realms\/mines"$/,
    remedy:
      /^if clients send access tokens, give issuer: "http:\/\/sso.*trust", discoveryUrl: "http.*" and discoveryIssuer: "http.*mines"$/,
  },
  no_usable_key: {
    name: 'a key set without any usable key',
    findings: ofProvider({ keys: [{ ...ec(), use: 'enc' }] }),
    message: /certs has no key that may verify signatures, of 1$/,
    remedy: /publish a key for signatures/,
  },
  weak_key: {
    name: 'R8725-04 an RSA key of 1024 bits',
    findings: ofProvider({
      keys: [
        { ...rsa(1024), kid: 'small' },
        { ...ec(), kid: 'k1' },
      ],
    }),
    message: /^a key is ignored: "small" \(RSA of 1024 bits, less than 2048\)$/,
    remedy: /2048 bits or more/,
  },
  private_key_published: {
    name: 'keys published with what signs, which is not repeated',
    findings: ofProvider({
      keys: [
        { ...ec(), kid: 'k1', d: 'not-to-be-told' },
        { kty: 'oct', k: 'not-to-be-told' },
      ],
    }),
    message: /^2 keys are ignored: "k1" \(published with its private part\), without kid \(a secret for all to read/,
    remedy: /replaced at once/,
  },
  example_key: {
    name: 'a key out of an RFC',
    findings: ofProvider({
      keys: [
        {
          kty: 'EC',
          crv: 'P-256',
          x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
          y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
          kid: 'k1',
        },
      ],
    }),
    message: /^key "k1" is that of RFC 7515 appendix A\.3: .*anybody can sign with it$/,
    remedy: /a key of its own$/,
  },
  key_not_for_signatures: {
    name: 'keys for encryption, which are as they should be',
    findings: ofProvider({
      keys: [
        { ...ec(), kid: 'k1' },
        { ...rsa(2048), kid: 'k2', use: 'enc' },
        { ...rsa(2048), kid: 'k3', alg: 'RSA-OAEP' },
        { ...rsa(2048), kid: 'k4', key_ops: ['encrypt'] },
      ],
    }),
    message: /^3 keys are ignored: "k2" \(its use is "enc"\), "k3" \(.*"RSA-OAEP".*\), "k4" \(its key_ops .*\)$/,
  },
  key_type_unsupported: {
    name: 'keys of types without an algorithm',
    findings: ofProvider({
      keys: [
        { ...ec(), kid: 'k1' },
        { ...ec('secp256k1'), kid: 'k2' },
        { kty: 'AKP', kid: 'k3' },
      ],
    }),
    message: /^2 keys are ignored: "k2" \(.*secp256k1\), "k3" \(.*kty "AKP" with alg not a string\)$/,
    remedy: /tokens signed with it are refused/,
  },
  key_algorithm_mismatch: {
    name: 'a key that says another algorithm than its type fits',
    findings: ofProvider({
      keys: [
        { ...ec(), kid: 'k1' },
        { ...ec(), kid: 'k2', alg: 'ES384' },
      ],
    }),
    message: /^a key is ignored: "k2" \(its alg is "ES384", and its type fits ES256\)$/,
    remedy: /publish the algorithm that it signs with$/,
  },
  malformed_key: {
    name: 'members that are no keys',
    findings: ofProvider({
      keys: [{ ...ec(), kid: 'k1' }, null, { kid: 'k2' }, { ...ec(), kid: 3 }, { kty: 'RSA', kid: 'k4' }],
    }),
    message:
      /^4 keys are ignored: without kid \(not a JSON object\), "k2" \(it has no kty\), 3 \(its kid.*\), "k4" \(its n/,
    remedy: /RFC 7517/,
  },
  duplicate_key_id: {
    name: 'two keys of one type under one id',
    findings: ofProvider({
      keys: [
        { ...ec(), kid: 'k1' },
        { ...ec(), kid: 'k1' },
        { ...rsa(2048), kid: 'k1' },
      ],
    }),
    message: /^several keys for one algorithm share a kid: "k1"; each is tried$/,
    remedy: /an id of its own/,
  },
  key_without_id: {
    name: 'keys without an id',
    findings: ofProvider({ keys: [ec(), { ...ec(), kid: 'k1' }] }),
    message: /^1 of 2 keys has no kid: tokens with a kid get unknown_key, and so do tokens without one/,
    remedy: /give each key an id/,
  },
  shared_key: {
    name: 'LIB-35 one key at two issuers',
    findings: async () => {
      const [one, other] = [
        await startProvider({ keys: [SHARED] }),
        await startProvider({ keys: [ec(), { ...SHARED, kid: 'x' }] }),
      ];
      return (await examineClients([clientAt(one), clientAt(other, { name: 'partner' })])).findings;
    },
    message:
      /^it publishes the key with thumbprint "[\w-]{43}", as has issuer http.*: each can sign tokens of the other$/,
    remedy: /keys of its own/,
  },
  shared_key_set: {
    name: 'LIB-35 one key set at two issuers',
    findings: async () => {
      const one = await startProvider({ keys: [SHARED] });
      const jwksUri = `${one}/protocol/openid-connect/certs`;
      const clients = [clientAt(one), clientAt('https://partner.example', { name: 'partner', jwksUri })];
      return (await examineClients(clients)).findings;
    },
    message: /^it has its key set at http.*certs, as has issuer https:\/\/partner\.example: each can sign/,
    remedy: /correct the one that is wrong$/,
  },
  client_ready: {
    name: 'a client that nothing is wrong with',
    findings: ofProvider({}),
    message: /^there are keys for what it accepts: ES256$/,
  },
  no_key_for_client: {
    name: 'a client that accepts what no key fits',
    findings: ofProvider({}, { algorithms: ['RS256', 'PS256'] }),
    message: /^it accepts RS256, PS256, and the keys verify ES256: none of its tokens is good$/,
    remedy: /^let it accept what its issuer signs with/,
  },
  account_audience: {
    name: "LIB-31 Keycloak's account as audience",
    findings: ofClient({ audience: ['account', 'mds-bcmi-4587'] }),
    message: /tokens of any application are accepted$/,
    remedy: /audience mapper .*authorizedParties/,
  },
  id_tokens_accepted: {
    name: 'LIB-31 ID tokens of a provider that has access tokens',
    findings: ofProvider({}, { acceptIdTokens: true }),
    message: /^it accepts ID tokens/,
    remedy: /^leave out acceptIdTokens/,
  },
  roles_unread: {
    name: 'a client whose roles nobody reads',
    findings: ofClient({ roles: undefined }),
    message: /its principals have none$/,
    remedy: /^give preset or roles/,
  },
  client_deprecated: {
    name: 'a client that is to go some time',
    findings: ofClient({ deprecated: { since: '2026-01-01', sunset: inDays(31.5) } }),
    message: /^it is deprecated since 2026-01-01, and it ends on \d{4}-\d\d-\d\d$/,
  },
  sunset_near: {
    name: 'a client that is to go soon',
    findings: ofClient({ deprecated: { since: '2026-01-01', sunset: inDays(29.5) } }),
    message: /^its tokens will be refused from \d{4}-\d\d-\d\d on, in 30 days$/,
    remedy: /"mds-bcmi-4587"/,
  },
  sunset_past: {
    name: 'a client that is gone',
    findings: ofClient({ deprecated: { since: '2026-01-01', sunset: '2026-02-01' } }),
    message: /^its tokens are refused since 2026-02-01 \(client_retired\)$/,
    remedy: /^remove it/,
  },
  environments_mixed: {
    name: 'LIB-31 issuers of two environments',
    findings: async () => {
      const at = (host: string, name: string) => clientAt(`https://${host}/realms/mines`, { ...inlineKeys, name });
      return (await examineClients([at('dev.sso.example', 'web'), at('test.sso.example', 'batch')])).findings;
    },
    message: /development \(issuer https:\/\/dev\.sso.*\); test \(issuer https:\/\/test\.sso/,
    remedy: /its own configuration/,
  },
  local_issuer_in_production: {
    name: 'LIB-31 an issuer on this machine in production',
    findings: ofClient({ issuer: 'http://localhost:8080/realms/mines' }, true),
    message: /^its host is this machine, and NODE_ENV is "production"$/,
    remedy: /give that URL as discoveryUrl$/,
  },
  test_environment_in_production: {
    name: 'LIB-31 an audience for tests in production',
    findings: ofClient({ audience: 'mds-bcmi-4587-test' }, true),
    message: /^audience "mds-bcmi-4587-test" of client "bcmi" looks like one for development or tests/,
    remedy: /^configure the one for production/,
  },
  proof_origin: {
    name: 'origins of proofs that the metadata does not name',
    findings: async () =>
      (
        await examineClients([clientAt('https://sso.example/realms/mines', inlineKeys)], {
          proofOfPossession: { origins: ['https://api.example', 'https://internal.example/v1'] },
          resourceMetadata: { resource: 'https://api.example/mines' },
        })
      ).findings,
    message: /^proofs are for "https:\/\/internal.example\/v1", and resourceMetadata names no resource there/,
    remedy: /^give proofOfPossession.origins/,
  },
  proof_clock: {
    name: 'a clock that most issuers disagree with, where proofs are judged by it',
    findings: ofTestIssuer((own) => (own.clockSkew = 20), { proofOfPossession: { origins: ['https://api.example'] } }),
    message:
      /^by the Date of most issuers' answers this machine's clock is (?:19|2[01]) s behind: proofs may be 10 s ahead/,
    remedy: /^synchronize the clock/,
  },
  introspection_ready: {
    name: 'an endpoint that accepts the credentials',
    findings: ofIntrospection(),
    message: /^its introspection endpoint accepts client "api" by client_secret_basic/,
  },
  introspection_failed: {
    name: 'an endpoint that fails',
    findings: ofIntrospection((own) => own.introspection.fail('error')),
    message: /^it cannot be asked about tokens: .* answered 500$/,
    remedy: /^check introspection.endpoint/,
  },
  introspection_denied: {
    name: 'an endpoint that refuses the credentials',
    findings: ofIntrospection((own) => own.introspection.fail('unauthorized')),
    message:
      /^its introspection endpoint refuses client "api", which authenticates by client_secret_basic: .* answered 401/,
    remedy: /^check clientId/,
  },
  introspection_untrustworthy: {
    name: 'an endpoint that does not say of a made-up token that it is not active',
    findings: ofIntrospection((own) => own.introspection.fail('active-string')),
    message: /^its introspection endpoint does not say that a made-up token is not active/,
    remedy: /^check introspection.endpoint: this one accepts any token/,
  },
  introspection_client: {
    name: 'introspection as a client to which tokens are issued',
    findings: ofIntrospection(() => undefined, ['api']),
    message: /^introspection asks as client "api", to which tokens are issued too .* Keycloak may answer active: false/,
    remedy: /^give introspection a client of the API alone/,
  },
  configuration_warning: {
    name: 'what the application warns about at start',
    findings: ofClient({ clockTolerance: 120 }),
    message: /accepts tokens for 120 s after they expired/,
    remedy: /^change the option/,
  },
};

/** The findings about an issuer that is asked about tokens. */
function ofIntrospection(
  prepare: (own: TestIssuer) => void = () => undefined,
  authorizedParties: readonly string[] = ['web'],
): () => Promise<readonly Finding[]> {
  return async () => {
    const own = await TestIssuer.start();
    try {
      prepare(own);
      const introspection = { clientId: 'api', clientSecret: 'not-to-be-told' };
      const client = { name: 'bcmi', audience: 'bcmi', issuer: own.issuer, authorizedParties, introspection };
      return (await examineClients([client])).findings;
    } finally {
      await own.stop();
    }
  };
}

/** In a process that trusts the certificate: Node.js reads that when it starts. */
async function throughCommand(days: number): Promise<readonly Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  try {
    const tls = selfSigned(days);
    writeFileSync(join(folder, 'ca.pem'), tls.cert);
    writeFileSync(join(folder, 'options.json'), JSON.stringify({ clients: [clientAt(await startProvider({ tls }))] }));
    const { stdout } = await runCli(['doctor', '--json', '--config', join(folder, 'options.json')], '', {
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    });
    return JSON.parse(stdout).findings;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

afterEach(async () => {
  stopServers();
  await issuer?.stop();
  issuer = undefined;
});

// One of the cases starts a process.
jest.setTimeout(30_000);

describe('LIB-31 the doctor finds', () => {
  const cases = Object.entries(CASES).map(([code, one]) => [`${code}: ${one.name}`, code, one] as const);

  it.each(cases)('%s', async (_title, code, { findings, message, remedy }) => {
    const all = await findings();
    const found = all.filter((one) => one.code === code);
    expect(found.map((one) => one.message)).toEqual([expect.stringMatching(message)]);
    expect(found[0]?.severity).toBe(FINDINGS[code as FindingCode]);
    expect(found[0]?.remedy ?? '').toMatch(remedy ?? /^$/);
    expect(JSON.stringify(all)).not.toContain('not-to-be-told');
    expect(found[0]?.client ?? found[0]?.issuer ?? code).toMatch(
      /^(?:bcmi|https?:.*|environments_mixed|test_environment_in_production|configuration_warning|proof_origin|proof_clock)$/,
    );
  });

  it('every code with what to do about it: docs/doctor.md has a row for each', () => {
    const page = readFileSync(join(__dirname, '../../docs/doctor.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` +\| (ok|warning|problem) +\|/gm)].map(([, code, severity]) => [
      code,
      severity,
    ]);
    expect(Object.fromEntries(rows)).toEqual(FINDINGS);
    expect(rows).toHaveLength(Object.keys(FINDINGS).length);
  });
});
