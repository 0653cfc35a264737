import { Controller, Get } from '@nestjs/common';
import * as fc from 'fast-check';
import { OidcMultiAuthModule, type OidcClientOptions } from 'nestjs-oidc-multi-auth';
import { selectClient } from '../../lib/core/client/select-client';
import { configurationOf, unverified } from '../support/clients';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { getRaw, type TestApp } from '../support/test-app';

const startApp = useApps();

@Controller()
class MeController {
  @Get('me')
  me() {
    return 'me';
  }
}

/** The name of the client that is selected, or the code of the refusal. */
function select(clients: readonly OidcClientOptions[], claims: Readonly<Record<string, unknown>>): string {
  const selection = selectClient(configurationOf(clients).clients, unverified(claims), ({ issuer }) => issuer);
  return selection.client === undefined ? selection.code : `client ${selection.client.name}`;
}

/** Whose a token is: it is nobody's for a new issuer's sake too, only the reason then names the audience. */
const forWhom = (decision: string): string => (/^unknown_(issuer|audience)$/.test(decision) ? 'nobody' : decision);

it('LIB-03 a client that is added changes nothing for tokens without its issuer or audience', () => {
  const issuer = fc.constantFrom('https://one.example', 'https://other.example');
  const audience = fc.constantFrom('a', 'b', 'c', 'd');
  const party = fc.constantFrom('a', 'b', 'p', 'q');
  const parties = fc.option(fc.uniqueArray(party, { minLength: 1 }), { nil: undefined });
  // Each pair of issuer and audience at most once: then the configuration has no fault, before and after.
  const pairs = fc.uniqueArray(fc.tuple(issuer, audience, parties), {
    minLength: 2,
    maxLength: 8,
    selector: ([iss, aud]) => `${iss} ${aud}`,
  });
  const token = fc.record(
    { iss: issuer, aud: fc.uniqueArray(audience, { minLength: 1 }), azp: party },
    { requiredKeys: ['iss', 'aud'] },
  );
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(pairs, fc.nat(), token, (configured, position, claims) => {
      const clients = configured.map(([iss, aud, authorizedParties], index): OidcClientOptions => ({
        name: `c${index}`,
        audience: aud,
        issuer: iss,
        ...(authorizedParties === undefined ? {} : { authorizedParties }),
      }));
      const [added, ...before] = clients;
      fc.pre(added !== undefined && !(claims.iss === added.issuer && claims.aud.some((aud) => aud === added.audience)));
      const after = before.toSpliced(position % (before.length + 1), 0, ...(added === undefined ? [] : [added]));
      const decision = select(before, claims);
      outcomes.add(decision.split(' ')[0] ?? '');
      expect(forWhom(select(after, claims))).toBe(forWhom(decision));
    }),
    { numRuns: 1000, seed: 3 },
  );
  // Every outcome of selection was among them.
  expect([...outcomes].sort()).toEqual([
    'ambiguous_client',
    'client',
    'invalid_claims',
    'unknown_audience',
    'unknown_issuer',
  ]);
});

describe('LIB-09 a token for nobody', () => {
  // The module object itself: what the library calls is looked up there at each call.
  const crypto: typeof import('node:crypto') = require('node:crypto');
  const issuer = useTestIssuer();
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [
            { name: 'a', audience: 'a', issuer: issuer.issuer },
            { name: 'hs', audience: 'hs', issuer: issuer.issuer, secret: 'a shared secret of at least 32 octets' },
          ],
          globalGuards: true,
        }),
      ],
      controllers: [MeController],
    });
  });
  afterEach(() => jest.restoreAllMocks());

  it('costs neither network nor cryptography', async () => {
    const good = await issuer.tokenFor('a');
    const forNobody = [
      await issuer.tokenFor('b'),
      await issuer.tokenFor('a', { claims: { iss: 'https://other.example' } }),
      await issuer.tokenFor('a', { claims: { aud: undefined } }),
      await issuer.tokenFor('a', { claims: { iss: undefined } }),
    ];
    // Not by fetch, which is counted.
    const call = (token: string) => getRaw(`${app.url}/me`, [['Authorization', `Bearer ${token}`]]);
    expect((await call(good)).status).toBe(200);

    const network = jest.spyOn(globalThis, 'fetch');
    // Without createHash, by which Express makes its ETag.
    const operations = (['createVerify', 'verify', 'createHmac', 'createPublicKey', 'createSecretKey'] as const).map(
      (name) => jest.spyOn(crypto, name),
    );
    for (const token of forNobody) {
      const { status, body } = await call(token);
      expect([status, JSON.parse(body).code]).toEqual([401, expect.stringMatching(/^unknown_(issuer|audience)$/)]);
    }
    expect(network).not.toHaveBeenCalled();
    operations.forEach((operation) => expect(operation).not.toHaveBeenCalled());

    // What counts does count: for a token that was not seen before.
    expect((await call(await issuer.tokenFor('a'))).status).toBe(200);
    expect(operations[0]).toHaveBeenCalledTimes(1);
  });
});

it('R8707-01 the URL of a resource is an audience, compared exactly', () => {
  const resource = 'https://api.example/mines';
  const clients: OidcClientOptions[] = [{ name: 'mines', audience: resource, issuer: 'https://one.example' }];
  const by = (aud: string) => select(clients, { iss: 'https://one.example', aud });
  expect(by(resource)).toBe('client mines');
  for (const aud of [
    `${resource}/`,
    `${resource}/1`,
    'https://api.example',
    'https://API.example/mines',
    'https://api.example:443/mines',
    'http://api.example/mines',
    'https://api.example/%6Dines',
    `${resource}#`,
  ]) {
    expect(by(aud)).toBe('unknown_audience');
  }
});
