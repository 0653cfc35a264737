import type { IncomingMessage } from 'node:http';
import { formatReport } from '../../lib/doctor/format-report';
import { TestIssuer } from '../../lib/testing/test-issuer';
import { clientAt, ec, examineClients, rsa, serve, startProvider, stopServers } from './providers';

const plain = (_style: string, text: string): string => text;

describe('LIB-31 an examination', () => {
  const issuers: TestIssuer[] = [];
  const startIssuer = async (): Promise<TestIssuer> => {
    const issuer = await TestIssuer.start();
    issuers.push(issuer);
    return issuer;
  };
  afterEach(async () => {
    stopServers();
    await Promise.all(issuers.splice(0).map((issuer) => issuer.stop()));
  });

  const codesOf = async (...args: Parameters<typeof examineClients>): Promise<string[]> =>
    (await examineClients(...args)).findings.filter(({ severity }) => severity !== 'ok').map(({ code }) => code);

  it('says of what is well that it is, with numbers', async () => {
    const { issuer, discoveryUrl, jwksUri, jwks } = await startIssuer();
    const report = await examineClients([clientAt(issuer), clientAt(issuer, { name: 'web', audience: 'web' })]);
    expect(report).toMatchObject({ status: 'ok', problems: 0, warnings: 0 });
    const [key] = jwks.keys as { kid: string }[];
    expect(report.issuers).toEqual([
      {
        issuer,
        status: 'ok',
        clients: ['bcmi', 'web'],
        discoveryUrl,
        discoveryMilliseconds: expect.any(Number),
        jwksUri,
        keySetMilliseconds: expect.any(Number),
        clockOffset: expect.any(Number),
        certificateExpires: undefined,
        keys: [
          {
            keyId: key?.kid,
            type: 'RSA 2048',
            thumbprint: expect.stringMatching(/^[\w-]{43}$/),
            algorithms: ['RS256'],
          },
        ],
      },
    ]);
    expect(Math.abs(report.issuers[0]?.clockOffset ?? NaN)).toBeLessThanOrEqual(1);
    expect(report.clients).toMatchObject([
      { name: 'bcmi', issuer, status: 'ok', audiences: ['mds-bcmi-4587'], verifiable: ['RS256'] },
      { name: 'web', issuer, status: 'ok', audiences: ['web'], verifiable: ['RS256'] },
    ]);
    expect(report.findings.map(({ code }) => code)).toEqual([
      'discovery_found',
      'key_set_usable',
      'client_ready',
      'client_ready',
    ]);
  });

  it('asks by GET, without credentials, each URL once, and follows nothing', async () => {
    const requests: IncomingMessage[] = [];
    const target = await serve((request, response) => {
      requests.push(request);
      response.end();
    });
    let origin = '';
    origin = await serve((request, response) => {
      requests.push(request);
      if (request.url === '/.well-known/openid-configuration') {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ issuer: origin, jwks_uri: `${origin}/certs` }));
      } else {
        response.writeHead(302, { location: target }).end();
      }
    });
    expect(await codesOf([clientAt(origin)])).toEqual(['redirected']);
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /.well-known/openid-configuration',
      'GET /certs',
    ]);
    for (const { headers } of requests) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('cookie');
    }
  });

  it('LIB-19 waits for an issuer that hangs no longer than its time, and for others not at all', async () => {
    const hanging = await serve(() => undefined);
    const { issuer } = await startIssuer();
    const clients = Array.from({ length: 20 }, (_, index) =>
      clientAt(`${hanging}/${index}`, { name: `hanging-${index}` }),
    );
    const started = performance.now();
    const report = await examineClients([...clients, clientAt(issuer)], { fetchTimeout: 0.4 });
    // Eight at a time: three rounds.
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(report.findings.filter(({ code }) => code === 'timeout')).toHaveLength(20);
    expect(report.clients.find(({ name }) => name === 'bcmi')).toMatchObject({ status: 'ok', verifiable: ['RS256'] });
  });

  it('takes the failure of an issuer without required clients for a warning', async () => {
    const issuer = await startIssuer();
    await issuer.fail('error');
    const optional = clientAt(issuer.issuer, { required: false });
    expect(await examineClients([optional])).toMatchObject({ problems: 0, warnings: 1, status: 'warning' });
    const required = clientAt(issuer.issuer, { name: 'web', audience: 'web' });
    expect(await examineClients([optional, required])).toMatchObject({ problems: 1, warnings: 0, status: 'problem' });
  });

  it('calls a client as unwell as its issuer is', async () => {
    const issuer = await startIssuer();
    await issuer.fail('down');
    const { clients } = await examineClients([clientAt(issuer.issuer)]);
    expect(clients).toEqual([expect.objectContaining({ status: 'problem', verifiable: undefined })]);
  });

  it('counts what a cache adds to the date of an answer', async () => {
    const date = new Date(Date.now() - 100_000).toUTCString();
    const withAge = (age: string | undefined) =>
      startProvider({
        keySet: (_request, response) => {
          response.setHeader('date', date);
          if (age !== undefined) {
            response.setHeader('age', age);
          }
          response.end(JSON.stringify({ keys: [{ ...ec(), kid: 'k1' }] }));
        },
      });
    const offsetAt = async (issuer: string): Promise<number | undefined> => {
      const jwksUri = `${issuer}/protocol/openid-connect/certs`;
      const { issuers: reports } = await examineClients([clientAt(issuer, { jwksUri })]);
      return reports[0]?.clockOffset;
    };
    expect(Math.abs(((await offsetAt(await withAge(undefined))) ?? 0) + 100)).toBeLessThanOrEqual(1);
    expect(Math.abs((await offsetAt(await withAge('100'))) ?? 100)).toBeLessThanOrEqual(1);
  });

  it('tells of a clock that is behind, and to whom it matters', async () => {
    const issuer = await startIssuer();
    issuer.clockSkew = -60;
    const patient = clientAt(issuer.issuer, { name: 'web', audience: 'web', clockTolerance: 62 });
    const { findings } = await examineClients([clientAt(issuer.issuer), patient]);
    expect(findings.find(({ code }) => code === 'clock_skew')?.message).toMatch(
      /its clock is (?:59|60|61) s behind this machine's, more than clockTolerance of "bcmi": its tokens may expire early$/,
    );
  });

  it('points to jwksUriOrigin where the document was found under another host than the key set is', async () => {
    const issuer = await startProvider({ document: () => ({ jwks_uri: 'http://127.0.0.1:9/certs' }) });
    const { findings } = await examineClients([clientAt(issuer)]);
    expect(findings.find(({ code }) => code === 'unreachable')?.remedy).toContain('say so by jwksUriOrigin');
  });

  it('tells where a relative redirect points', async () => {
    const origin = await serve((_request, response) => response.writeHead(301, { location: '/login?next=x' }).end());
    const { findings } = await examineClients([clientAt(origin)]);
    expect(findings.find(({ code }) => code === 'redirected')?.message).toContain(`it points to "${origin}/login"`);
  });

  it('LIB-28 survives what nests deeper than any stack', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const nested = await startProvider({
      keySet: (_request, response) =>
        response.end(
          `{"keys":[${['use', 'kid', 'alg', 'kty'].map((name) => `{"kty":"RSA","${name}":${name === 'use' ? deep : '[[]]'}}`).join()}` +
            `,${JSON.stringify({ ...ec(), kid: 'k1' })}]}`,
        ),
    });
    const report = await examineClients([clientAt(nested)]);
    expect(report.issuers[0]?.keys.map(({ ignored }) => ignored)).toEqual([
      'its use is not a string',
      'its kid is not a string',
      'its n is not a string',
      'no algorithm here has keys of kty not a string',
      undefined,
    ]);
    const document = await serve((_request, response) =>
      response.setHeader('content-type', 'application/json').end(`{"issuer":${deep}}`),
    );
    expect((await examineClients([clientAt(document)])).findings[0]).toMatchObject({
      code: 'wrong_issuer',
      message: expect.stringContaining('says its issuer is an array, not'),
    });
  });

  it('knows a template of many tenants', async () => {
    const issuer = await startProvider({ document: () => ({ issuer: 'https://login.example/{tenantid}/v2.0' }) });
    const { findings } = await examineClients([clientAt(issuer)]);
    expect(findings.find(({ code }) => code === 'wrong_issuer')?.remedy).toContain('of the one tenant');
  });

  it('says which of several places of the document answered', async () => {
    let origin = '';
    origin = await serve((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/.well-known/oauth-authorization-server/as') {
        response.end(JSON.stringify({ issuer: `${origin}/as`, jwks_uri: `${origin}/certs` }));
      } else {
        response.writeHead(request.url === '/certs' ? 200 : 404);
        response.end(JSON.stringify({ keys: [{ ...ec(), kid: 'k1' }] }));
      }
    });
    const { issuers: reports, status } = await examineClients([clientAt(`${origin}/as`)]);
    expect(status).toBe('ok');
    expect(reports[0]?.discoveryUrl).toBe(`${origin}/.well-known/oauth-authorization-server/as`);
  });

  describe('leaves alone', () => {
    const at = 'https://sso.example/realms/mines';
    const jwks = { keys: [{ ...ec(), kid: 'k1' }] };

    it('the audience "account" where authorizedParties says whose tokens are meant', async () => {
      expect(await codesOf([clientAt(at, { audience: 'account', authorizedParties: ['web'], jwks })])).toEqual([]);
    });

    it('EXP-1 the audience "account" of a provider that is no Keycloak', async () => {
      expect(await codesOf([clientAt('https://idp.example', { audience: 'account', jwks })])).toEqual([]);
    });

    it('EXP-1 a document whose access_token_issuer is the configured issuer', async () => {
      const origin = await serve((request, response) => {
        response.setHeader('content-type', 'application/json');
        const document = {
          issuer: 'https://adfs.example/adfs',
          access_token_issuer: 'urn:adfs',
          jwks_uri: `${origin}/keys`,
        };
        response.end(JSON.stringify(request.url === '/keys' ? jwks : document));
      });
      const client = clientAt('urn:adfs', {
        discoveryUrl: `${origin}/.well-known/openid-configuration`,
        discoveryIssuer: 'https://adfs.example/adfs',
      });
      expect(await codesOf([client])).toEqual([]);
    });

    it('ID tokens of a provider whose access tokens they are', async () => {
      expect(await codesOf([clientAt(at, { acceptIdTokens: true, jwks })])).toEqual([]);
    });

    it('keys as PEM text, which have no ids', async () => {
      const publicKey = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8A
iTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZaVtszggXIw==
-----END PUBLIC KEY-----`;
      expect(await codesOf([clientAt(at, { publicKey })])).toEqual([]);
    });

    it('keys of different types under one id', async () => {
      const issuer = await startProvider({
        keys: [
          { ...ec(), kid: 'k1' },
          { ...rsa(2048), kid: 'k1' },
        ],
      });
      expect(await codesOf([clientAt(issuer)])).toEqual([]);
    });

    it('a client with a secret, of which it says nothing', async () => {
      const secret = 'a secret that is long enough for HS256, and not to be told';
      const report = await examineClients([clientAt(at, { secret })]);
      expect(report.clients).toMatchObject([{ status: 'ok', verifiable: ['HS256'] }]);
      expect(JSON.stringify(report) + formatReport(report, plain)).not.toContain('not to be told');
    });
  });
});

describe('LIB-31 environments', () => {
  const jwks = { keys: [{ ...ec(), kid: 'k1' }] };
  const codesFor = async (names: readonly (readonly [issuer: string, audience: string])[], isProduction = false) => {
    const clients = names.map(([issuer, audience], index) =>
      clientAt(issuer, { name: `client-${index}`, audience, jwks: { keys: [{ ...ec(), kid: `k${index}` }] } }),
    );
    const { findings } = await examineClients(clients, undefined, isProduction);
    return findings.filter(({ severity }) => severity !== 'ok').map(({ code }) => code);
  };

  it.each<[string, [string, string][]]>([
    [
      'one marked host and its unmarked twin',
      [
        ['https://dev.sso.example/a', 'x'],
        ['https://sso.example/a', 'y'],
      ],
    ],
    [
      'marks at the end of a label',
      [
        ['https://sso-dev.example/a', 'x'],
        ['https://sso-prod.example/a', 'y'],
      ],
    ],
    [
      'marks in the realm',
      [
        ['https://sso.example/realms/mines-dev', 'x'],
        ['https://sso.example/realms/mines-test', 'y'],
      ],
    ],
    [
      'marked audiences',
      [
        ['https://sso.example', 'mines-dev'],
        ['https://other.example', 'core-test'],
      ],
    ],
    [
      'a marked audience and its unmarked twin',
      [
        ['https://sso.example', 'mines'],
        ['https://other.example', 'mines-uat'],
      ],
    ],
    ['a marked issuer with an audience marked otherwise', [['https://dev.sso.example', 'mines-prod']]],
    [
      'this machine and another',
      [
        ['http://localhost:8080', 'x'],
        ['https://sso.example', 'y'],
      ],
    ],
  ])('are mixed: %s', async (_name, names) => {
    expect(await codesFor(names)).toEqual(['environments_mixed']);
  });

  it.each<[string, [string, string][]]>([
    [
      'one environment throughout',
      [
        ['https://dev.sso.example', 'mines-dev'],
        ['https://sso-dev.other.example', 'core-dev'],
      ],
    ],
    [
      'a partner that marks nothing',
      [
        ['https://dev.sso.example', 'mines-dev'],
        ['https://partner.example', 'mines-api'],
      ],
    ],
    [
      'a registry that is called dev',
      [
        ['https://clerk.accounts.dev', 'x'],
        ['https://test.sso.example', 'y'],
      ],
    ],
    [
      'words that only contain a mark',
      [
        ['https://latest.device.example', 'protest'],
        ['https://sso.example', 'contest-prod'],
      ],
    ],
    ['development against this machine', [['http://localhost:8080', 'mines-dev']]],
    [
      'nothing marked',
      [
        ['https://sso.example', 'mines'],
        ['https://partner.example', 'core'],
      ],
    ],
  ])('are not mixed: %s', async (_name, names) => {
    expect(await codesFor(names)).toEqual([]);
  });

  it('say in production whose kid is one for tests', async () => {
    const keys = [
      { ...ec(), kid: 'test-key-1' },
      { ...ec(), kid: 'CognitoLocal' },
      { ...ec(), kid: 'greatest' },
    ];
    const client = clientAt('https://sso.example', { jwks: { keys } });
    const { findings } = await examineClients([client], undefined, true);
    expect(
      findings.filter(({ code }) => code === 'test_environment_in_production').map(({ message }) => message),
    ).toEqual([expect.stringMatching(/^the kid "test-key-1", "CognitoLocal" of issuer https:\/\/sso\.example looks/)]);
    expect((await examineClients([client])).status).toBe('ok');
  });

  it('let production reach its issuer through this machine', async () => {
    const issuer = await TestIssuer.start();
    const public_ = 'https://sso.example/auth/realms/standard';
    const client = clientAt(public_, { discoveryUrl: issuer.discoveryUrl, discoveryIssuer: issuer.issuer });
    expect((await examineClients([client], undefined, true)).status).toBe('ok');
    await issuer.stop();
  });

  it('are no matter in production where nothing says otherwise', async () => {
    expect(await codesFor([['https://sso.example', 'mines']], true)).toEqual([]);
    expect((await examineClients([clientAt('https://sso.example', { jwks })], undefined, true)).problems).toBe(0);
  });
});

describe('the report as text', () => {
  afterEach(stopServers);

  it('has a line for each issuer and client, then what was found, the worst first', async () => {
    const issuer = await startProvider({
      keys: [
        { ...ec(), kid: 'k1' },
        { ...rsa(1024), kid: 'small' },
      ],
    });
    const report = await examineClients([clientAt(issuer, { roles: undefined })]);
    const lines = formatReport(report, plain).split('\n');
    expect(lines[0]).toMatch(/^ +issuer +document +key set +keys +clock +certificate$/);
    expect(lines[1]).toMatch(/^problem +http\S+ +\d+ ms +\d+ ms +1 \(1 ignored\) +[+-]?\d+ s +-$/);
    expect(lines[4]).toMatch(/^problem +bcmi +mds-bcmi-4587 +http\S+ +ES256$/);
    const severities = lines
      .slice(6)
      .map((line) => line.split(' ')[0])
      .filter((word) => word !== '');
    expect(severities).toEqual(['problem', 'warning', 'ok', 'ok', 'ok', '1']);
    expect(lines.at(-2)).toBe('1 problem, 1 warning');
  });

  it('marks severities, and aligns columns whatever the marks', async () => {
    const report = await examineClients([clientAt(await startProvider())]);
    const marked = formatReport(report, (style, text) => `<${style}>${text}</${style}>`);
    expect(marked).toContain('<green>ok     </green>  <bold>discovery_found</bold>');
    expect(marked.replaceAll(/<\/?\w+>/g, '')).toBe(formatReport(report, plain));
  });

  it('lets nothing through that a terminal acts on', async () => {
    const escape = '\u001b[31m\u009b\u202e';
    const issuer = await startProvider({
      keys: [{ ...ec(), kid: `k1${escape}`, use: `enc${escape}` }, { ...ec(), kid: `k2${escape}` }, ec()],
    });
    const wrong = await startProvider({ document: (own) => ({ issuer: own + escape }) });
    const clients = [clientAt(issuer), clientAt(wrong, { name: 'web', audience: 'b\u202e' })];
    const text = formatReport(await examineClients(clients), plain);
    expect(text).toContain('\\u{9b}');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
