import { selectClient } from '../../../lib/core/client/select-client';
import type { OidcClientOptions } from '../../../lib/configuration/options';
import { configurationOf, unverified } from '../../support/clients';

const STANDARD = 'https://sso.example/auth/realms/standard';
const PARTNERS = 'https://sso.example/auth/realms/partners';

/** What is selected: the client's name, with a mark where the route is not for it; or the code of the refusal. */
function select(
  clients: readonly OidcClientOptions[],
  claims: Readonly<Record<string, unknown>>,
  allowed?: readonly string[],
): string {
  const selection = selectClient(
    configurationOf(clients).clients,
    unverified(claims),
    (issuer) => issuer.issuer,
    allowed && new Set(allowed),
  );
  return selection.client === undefined
    ? selection.code
    : selection.client.name + (selection.allowed ? '' : ' (not here)');
}

function permutations<T>(items: readonly T[]): T[][] {
  return items.length < 2
    ? [[...items]]
    : items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

describe('the claim that names the party', () => {
  const issuer = 'https://mines.okta.com/oauth2/default';
  const okta = { audience: 'api://default', issuer, authorizedPartyClaim: 'cid' };
  const clients: readonly OidcClientOptions[] = [
    { name: 'web', ...okta, authorizedParties: ['0oa1'] },
    { name: 'batch', ...okta, authorizedParties: ['0oa2'] },
  ];

  it.each([
    [{ cid: '0oa1' }, 'web'],
    [{ cid: '0oa2' }, 'batch'],
    [{ cid: '0oa2', azp: '0oa1', client_id: '0oa1' }, 'batch'],
    [{ azp: '0oa1' }, 'invalid_claims'],
    [{ cid: ['0oa1'] }, 'invalid_claims'],
    [{}, 'invalid_claims'],
  ])('%j', (claims, expected) => {
    for (const order of permutations(clients)) {
      expect(select(order, { iss: issuer, aud: 'api://default', ...claims })).toBe(expected);
    }
  });

  it('is that of each client where several are candidates', () => {
    const several: readonly OidcClientOptions[] = [
      { name: 'by-cid', ...okta, audience: ['a', 'x'] },
      { name: 'by-azp', audience: ['b', 'y'], issuer },
    ];
    for (const order of permutations(several)) {
      expect(select(order, { iss: issuer, aud: ['a', 'b'], cid: 'x', azp: 'z' })).toBe('by-cid');
      expect(select(order, { iss: issuer, aud: ['a', 'b'], cid: 'z', azp: 'y' })).toBe('by-azp');
      expect(select(order, { iss: issuer, aud: ['a', 'b'], cid: 'x', azp: 'y' })).toBe('ambiguous_client');
      expect(select(order, { iss: issuer, aud: ['a', 'b'], cid: 'y', azp: 'x' })).toBe('ambiguous_client');
    }
  });
});

describe('selecting the client of a token', () => {
  const clients: readonly OidcClientOptions[] = [
    { name: 'core-web', audience: 'mds-core-web', issuer: STANDARD },
    { name: 'bcmi', audience: 'mds-bcmi-4587', issuer: STANDARD },
    { name: 'databc', audience: ['mds-databc', 'mds-bcgw'], issuer: STANDARD },
    { name: 'partner', audience: 'mds-core-web', issuer: PARTNERS },
  ];

  it('takes the one whose issuer and audience the token names', () => {
    expect(select(clients, { iss: STANDARD, aud: 'mds-bcmi-4587' })).toBe('bcmi');
    expect(select(clients, { iss: STANDARD, aud: ['account', 'mds-bcgw'] })).toBe('databc');
    expect(select(clients, { iss: PARTNERS, aud: 'mds-core-web' })).toBe('partner');
    expect(select(clients, { iss: STANDARD, aud: 'mds-core-web' })).toBe('core-web');
  });

  it.each([
    ['a longer audience', 'mds-bcmi-4587-evil'],
    ['a shorter audience', 'mds-bcmi-458'],
    ['the end of an audience', 'bcmi-4587'],
    ['an audience in other case', 'MDS-BCMI-4587'],
    ['an audience with a space', 'mds-bcmi-4587 '],
    ['audiences joined in one string', 'mds-bcmi-4587 mds-core-web'],
    ['a nested array', [['mds-bcmi-4587']]],
    ['an array that is not all strings', ['mds-bcmi-4587', 1]],
    ['an object', { 'mds-bcmi-4587': true }],
    ['a number', 4587],
    ['null', null],
    ['an empty array', []],
    ['an empty string', ''],
    ['an inherited name', '__proto__'],
  ])('LIB-01 R7519-04 R8725-12 ATK-3 does not know %s', (_name, aud) => {
    expect(select(clients, { iss: STANDARD, aud })).toBe('unknown_audience');
  });

  it('LIB-11 R8725-12 does not know a token without an audience', () => {
    expect(select(clients, { iss: STANDARD })).toBe('unknown_audience');
  });

  it.each([
    ['a final slash', `${STANDARD}/`],
    ['no scheme', STANDARD.slice('https://'.length)],
    ['another scheme', STANDARD.replace('https', 'http')],
    ['an upper-case host', STANDARD.replace('sso', 'SSO')],
    ['the default port', STANDARD.replace('example', 'example:443')],
    ['a longer path', `${STANDARD}-evil`],
    ['an array', [STANDARD]],
    ['an object', { iss: STANDARD }],
    ['null', null],
    ['an inherited name', 'constructor'],
  ])('LIB-01 R7519-08 R8414-04 ATK-3 does not know an issuer with %s', (_name, iss) => {
    expect(select(clients, { iss, aud: 'mds-bcmi-4587' })).toBe('unknown_issuer');
  });

  it('LIB-11 does not know a token without an issuer', () => {
    expect(select(clients, { aud: 'mds-bcmi-4587' })).toBe('unknown_issuer');
  });

  it('does not know an audience of the other issuer', () => {
    expect(select(clients, { iss: PARTNERS, aud: 'mds-bcmi-4587' })).toBe('unknown_audience');
  });

  describe('where several clients fit', () => {
    const both = { iss: STANDARD, aud: ['mds-core-web', 'mds-bcmi-4587'] };

    it('LIB-06 is ambiguous without a party that tells them apart', () => {
      expect(select(clients, both)).toBe('ambiguous_client');
      expect(select(clients, { ...both, azp: 'somebody' })).toBe('ambiguous_client');
      expect(select(clients, { ...both, azp: 1, client_id: 'mds-bcmi-4587' })).toBe('ambiguous_client');
    });

    it('LIB-06 takes the one whose audience is the party', () => {
      expect(select(clients, { ...both, azp: 'mds-bcmi-4587' })).toBe('bcmi');
      expect(select(clients, { ...both, client_id: 'mds-core-web' })).toBe('core-web');
      expect(select(clients, { ...both, azp: 'mds-bcmi-4587', client_id: 'mds-core-web' })).toBe('bcmi');
    });

    it('LIB-06 puts the one that names the party before the one whose audience it is', () => {
      const named: OidcClientOptions[] = [
        { name: 'gateway', audience: 'mds-core-web', issuer: STANDARD, authorizedParties: ['mds-bcmi-4587'] },
        { name: 'bcmi', audience: 'mds-bcmi-4587', issuer: STANDARD },
      ];
      expect(select(named, { ...both, azp: 'mds-bcmi-4587' })).toBe('gateway');
      expect(select(named, both)).toBe('bcmi');
    });

    it('LIB-06 is ambiguous where two of the first group fit', () => {
      const named: OidcClientOptions[] = [
        { name: 'one', audience: 'a', issuer: STANDARD, authorizedParties: ['p'] },
        { name: 'two', audience: 'b', issuer: STANDARD, authorizedParties: ['p'] },
        { name: 'three', audience: 'c', issuer: STANDARD },
      ];
      expect(select(named, { iss: STANDARD, aud: ['a', 'b', 'c'], azp: 'p' })).toBe('ambiguous_client');
      expect(select(named, { iss: STANDARD, aud: ['a', 'b', 'c'], azp: 'q' })).toBe('three');
    });
  });

  describe('where clients have authorized parties', () => {
    const shared: OidcClientOptions[] = [
      { name: 'web', audience: 'api', issuer: STANDARD, authorizedParties: ['web-1', 'web-2'] },
      { name: 'batch', audience: 'api', issuer: STANDARD, authorizedParties: ['batch-1'] },
    ];

    it('LIB-04 tells clients of one audience apart', () => {
      expect(select(shared, { iss: STANDARD, aud: 'api', azp: 'web-2' })).toBe('web');
      expect(select(shared, { iss: STANDARD, aud: 'api', client_id: 'batch-1' })).toBe('batch');
    });

    it.each([{}, { azp: 'other' }, { azp: 1 }, { azp: '' }, { azp: null, client_id: 'web-1' }])(
      "refuses the claims of a party that is nobody's: %j",
      (party) => {
        expect(select(shared, { iss: STANDARD, aud: 'api', ...party })).toBe('invalid_claims');
      },
    );

    it('costs no more where a token says over and over an audience that many clients share', () => {
      const sharing = (count: number) =>
        configurationOf(
          Array.from({ length: count }, (_, index) => ({
            name: `client-${index}`,
            audience: 'api',
            issuer: STANDARD,
            authorizedParties: [`party-${index}`],
          })),
        ).clients;
      const token = unverified({ iss: STANDARD, aud: Array.from({ length: 3_000 }, () => 'api'), azp: 'nobody' });
      const fastest = (index: ReturnType<typeof sharing>): number => {
        const times = Array.from({ length: 50 }, () => {
          const start = process.hrtime.bigint();
          const selection = selectClient(index, token, (issuer) => issuer.issuer);
          const elapsed = Number(process.hrtime.bigint() - start);
          expect(selection).toMatchObject({ code: 'invalid_claims' });
          return elapsed;
        });
        return Math.min(...times);
      };
      // 200 look-ups for each of 3,000 audiences would be some fifty times as many as one.
      expect(fastest(sharing(200)) / fastest(sharing(1))).toBeLessThan(8);
    });

    it('ATK-3 never chooses by the party alone', () => {
      expect(select(shared, { iss: STANDARD, aud: 'other', azp: 'web-1' })).toBe('unknown_audience');
    });
  });

  describe('where the route is for some clients', () => {
    const both = { iss: STANDARD, aud: ['mds-core-web', 'mds-bcmi-4587'] };

    it('takes a candidate that is allowed', () => {
      expect(select(clients, both, ['bcmi'])).toBe('bcmi');
      expect(select(clients, { ...both, azp: 'mds-core-web' }, ['bcmi'])).toBe('bcmi');
    });

    it('goes on without the restriction where none is, and remembers', () => {
      expect(select(clients, { iss: STANDARD, aud: 'mds-databc' }, ['bcmi'])).toBe('databc (not here)');
      expect(select(clients, both, ['databc'])).toBe('ambiguous_client');
    });

    it('is still ambiguous where several allowed ones fit', () => {
      expect(select(clients, both, ['bcmi', 'core-web'])).toBe('ambiguous_client');
    });
  });

  it('finds the audience in another claim where the issuer has none', () => {
    const cognito: OidcClientOptions[] = [
      { name: 'app', audience: '1h57', issuer: STANDARD, audienceClaim: 'client_id' },
      { name: 'api', audience: 'api', issuer: STANDARD },
    ];
    expect(select(cognito, { iss: STANDARD, client_id: '1h57' })).toBe('app');
    expect(select(cognito, { iss: STANDARD, aud: '1h57' })).toBe('unknown_audience');
    expect(select(cognito, { iss: STANDARD, aud: 'api', client_id: 'api' })).toBe('api');
    expect(select(cognito, { iss: STANDARD, client_id: ['1h57', 'x'] })).toBe('app');
  });

  it('LIB-02 LIB-06 decides alike in every order of the configuration', () => {
    const configured: OidcClientOptions[] = [
      { name: 'one', audience: ['a', 'b'], issuer: STANDARD },
      { name: 'two', audience: 'c', issuer: STANDARD, authorizedParties: ['a', 'p'] },
      { name: 'three', audience: 'c', issuer: STANDARD, authorizedParties: ['q'] },
      { name: 'four', audience: 'a', issuer: PARTNERS },
    ];
    const tokens = [STANDARD, PARTNERS].flatMap((iss) =>
      ['a', 'b', 'c', ['a', 'c'], ['c', 'b', 'x'], 'x'].flatMap((aud) =>
        [undefined, 'a', 'c', 'p', 'q', 'x'].map((azp) => (azp === undefined ? { iss, aud } : { iss, aud, azp })),
      ),
    );
    const expected = tokens.map((claims) => select(configured, claims));
    expect(new Set(expected).size).toBeGreaterThan(5);
    for (const order of permutations(configured)) {
      expect(tokens.map((claims) => select(order, claims))).toEqual(expected);
    }
  });

  it('LIB-03 decides alike when a client is added that the token does not name', () => {
    const before = select(clients, { iss: STANDARD, aud: ['mds-core-web', 'mds-bcmi-4587'], azp: 'mds-core-web' });
    const added: OidcClientOptions = {
      name: 'new',
      audience: 'other',
      issuer: STANDARD,
      authorizedParties: ['mds-core-web'],
    };
    expect(
      select([added, ...clients], { iss: STANDARD, aud: ['mds-core-web', 'mds-bcmi-4587'], azp: 'mds-core-web' }),
    ).toBe(before);
  });
});

describe('AUD-1 an audience in another claim does not hide aud', () => {
  const cognito = { name: 'cognito', audience: ['app1', 'app1-old'], audienceClaim: 'client_id', issuer: STANDARD };
  const both: readonly OidcClientOptions[] = [cognito, { name: 'api', audience: 'https://api', issuer: STANDARD }];

  it.each([
    [{ client_id: 'app1' }, 'cognito'],
    [{ client_id: 'app1', aud: 'app1' }, 'cognito'],
    [{ client_id: 'app1', aud: 'app1-old' }, 'cognito'],
    [{ client_id: 'app1', aud: ['https://other-api', 'app1'] }, 'cognito'],
    [{ client_id: 'app1', aud: 'https://other-api' }, 'unknown_audience'],
    [{ client_id: 'app1', aud: ['https://other-api'] }, 'unknown_audience'],
    [{ client_id: 'app1', aud: [] }, 'unknown_audience'],
    [{ client_id: 'app1', aud: '' }, 'unknown_audience'],
    [{ client_id: 'app1', aud: null }, 'unknown_audience'],
    [{ client_id: 'app1', aud: ['app1', 1] }, 'unknown_audience'],
    [{ client_id: 'app1', aud: 'https://api' }, 'api'],
    [{ client_id: 'other', aud: 'https://api' }, 'api'],
  ])('%j is for %s', (claims, expected) => {
    for (const order of permutations(both)) {
      expect(select(order, { iss: STANDARD, ...claims })).toBe(expected);
    }
  });

  it('unless the client says that aud means nothing there', () => {
    const claims = { iss: STANDARD, client_id: 'app1', aud: 'https://other-api' };
    expect(select([{ ...cognito, ignoreAudience: true }], claims)).toBe('cognito');
    expect(select([{ ...cognito, ignoreAudience: false }], claims)).toBe('unknown_audience');
  });
});
