import {
  OidcAuthService,
  OidcMultiAuthModule,
  type OidcClientOptions,
  type OidcClientStrictness,
} from 'nestjs-oidc-multi-auth';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { Test, type TestingModule } from '@nestjs/testing';
import { useTestIssuer } from '../../support/life-cycle';
import { MemoryLogger } from '../../support/test-app';

const issuer = useTestIssuer();

const modules: TestingModule[] = [];
afterEach(() => Promise.all(modules.splice(0).map((module) => module.close())));
async function serviceWith(
  strictness: OidcClientStrictness | undefined,
  client: Partial<OidcClientOptions> = {},
): Promise<OidcAuthService> {
  const clients = [{ name: 'a', audience: 'a', issuer: issuer.issuer, strictness, ...client }];
  const module = await Test.createTestingModule({ imports: [OidcMultiAuthModule.forRoot({ clients })] })
    .setLogger(new MemoryLogger())
    .compile();
  await module.init();
  modules.push(module);
  return module.get(OidcAuthService);
}

const now = () => Math.floor(Date.now() / 1000);
/** A token of the RFC 9068 profile, with changes. */
const sign = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
  issuer.sign(
    { iss: issuer.issuer, aud: 'a', sub: 's', client_id: 'c', jti: 'j', iat: now(), exp: now() + 300, ...claims },
    { header: { typ: 'at+jwt', ...header } },
  );

describe('a rule that a client adds', () => {
  it.each<[string, OidcClientStrictness, Record<string, unknown>, Record<string, unknown>, string]>([
    ['the type of access tokens', { accessTokenType: true }, {}, { typ: 'JWT' }, 'wrong_token_type'],
    ['the type of access tokens', { accessTokenType: true }, {}, { typ: undefined }, 'wrong_token_type'],
    ['the type, before times', { accessTokenType: true }, { exp: now() - 900 }, { typ: 'JWT' }, 'wrong_token_type'],
    ['one audience', { singleAudience: true }, { aud: ['a', 'other'] }, {}, 'invalid_claims'],
    ['a longest life', { maxLifetime: 300 }, { exp: now() + 900 }, {}, 'invalid_claims'],
    ['a longest life, where it is not known', { maxLifetime: 300 }, { iat: undefined }, {}, 'invalid_claims'],
    ['a rule of its own', { validate: ({ tenant }) => tenant === 'x' }, { tenant: 'y' }, {}, 'invalid_claims'],
    [
      'a rule that throws',
      {
        validate: () => {
          throw new Error('no');
        },
      },
      {},
      {},
      'invalid_claims',
    ],
    ['a rule that waits', { validate: (async () => true) as never }, {}, {}, 'invalid_claims'],
    ['R9068-01 R9068-11 the profile: the type', { profile: 'rfc9068' }, {}, { typ: 'JWT' }, 'wrong_token_type'],
    ['R9068-06 the profile: sub', { profile: 'rfc9068' }, { sub: undefined }, {}, 'invalid_claims'],
    ['R9068-06 the profile: client_id', { profile: 'rfc9068' }, { client_id: undefined }, {}, 'invalid_claims'],
    ['R9068-06 the profile: iat', { profile: 'rfc9068' }, { iat: undefined }, {}, 'invalid_claims'],
    ['R9068-06 the profile: jti', { profile: 'rfc9068' }, { jti: undefined }, {}, 'invalid_claims'],
    ['R9068-06 the profile: jti that is null', { profile: 'rfc9068' }, { jti: null }, {}, 'invalid_claims'],
    ['R9068-05 R9068-06 the profile: exp', { profile: 'rfc9068' }, { exp: undefined }, {}, 'invalid_claims'],
    ['R9068-02 the profile: iss', { profile: 'rfc9068' }, { iss: undefined }, {}, 'unknown_issuer'],
    ['R9068-03 the profile: aud', { profile: 'rfc9068' }, { aud: undefined }, {}, 'unknown_audience'],
  ])('refuses what breaks it: %s', async (_name, strictness, claims, header, code) => {
    const service = await serviceWith(strictness);
    expect(await service.decide(await sign(claims, header))).toMatchObject({ accepted: false, code });
    expect(await service.decide(await sign({ tenant: 'x' }))).toMatchObject(
      _name.includes('throws') || _name.includes('waits') ? { code: 'invalid_claims' } : { accepted: true },
    );
  });

  it('R9068-01 takes every spelling of the type', async () => {
    const service = await serviceWith({ profile: 'rfc9068', accessTokenType: true });
    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt']) {
      expect(await service.decide(await sign({}, { typ }))).toMatchObject({ accepted: true });
    }
    for (const typ of ['at+jwtx', 'xat+jwt', 'application/jwt', 'text/at+jwt']) {
      expect(await service.decide(await sign({}, { typ }))).toMatchObject({ code: 'wrong_token_type' });
    }
  });

  it('holds beside validate of the client', async () => {
    const service = await serviceWith({ validate: ({ x }) => x === 1 }, { validate: ({ y }) => y === 1 });
    expect(await service.decide(await sign({ x: 1, y: 1 }))).toMatchObject({ accepted: true });
    expect(await service.decide(await sign({ x: 1, y: 2 }))).toMatchObject({ code: 'invalid_claims' });
    expect(await service.decide(await sign({ x: 2, y: 1 }))).toMatchObject({ code: 'invalid_claims' });
  });
});

describe('a rule that is only reported', () => {
  const all: OidcClientStrictness = {
    mode: 'report',
    singleAudience: true,
    accessTokenType: true,
    profile: 'rfc9068',
    maxLifetime: 300,
    validate: () => false,
  };

  it('lets the token through, and names every rule that it breaks', async () => {
    const service = await serviceWith(all);
    const broken = await sign({ aud: ['a', 'b'], exp: now() + 900, jti: undefined }, { typ: 'JWT' });
    expect(await service.decide(broken)).toMatchObject({
      accepted: true,
      reported: ['rfc9068', 'accessTokenType', 'singleAudience', 'maxLifetime', 'validate'],
    });
    const good = await sign();
    expect(await service.decide(good)).toMatchObject({ accepted: true, reported: ['validate'] });
    expect(service.usage()['a']?.reported).toEqual({
      rfc9068: 1,
      accessTokenType: 1,
      singleAudience: 1,
      maxLifetime: 1,
      validate: 2,
    });
    const { reported } = {
      reported: undefined,
      ...(await (await serviceWith({ ...all, validate: undefined })).decide(good)),
    };
    expect(reported).toBeUndefined();
  });

  it('LIB-22 never lets through what fails anything else, whatever it is', async () => {
    const [reporting, plain] = [await serviceWith(all), await serviceWith(undefined)];
    const stranger = await TestIssuer.start();
    const forged = await stranger.sign({ iss: issuer.issuer, aud: 'a', exp: now() + 300 });
    await stranger.stop();
    const [header = '', claims = '', signature = ''] = (await sign()).split('.');
    const corpus = [
      await sign({ exp: now() - 900 }),
      await sign({ exp: undefined }),
      await sign({ exp: '2999' }),
      await sign({ nbf: now() + 900 }),
      await sign({ iat: now() + 900 }),
      await sign({ iss: `${issuer.issuer}/` }),
      await sign({ aud: 'b' }),
      await sign({ aud: undefined }),
      await sign({ sub: 1 }),
      await sign({ typ: 'ID' }),
      await sign({ cnf: {} }),
      await sign({}, { alg: 'RS384' }),
      await sign({}, { alg: 'none' }),
      await sign({}, { alg: 'HS256' }),
      await sign({}, { typ: 'logout+jwt' }),
      await sign({}, { crit: ['x'] }),
      await sign({}, { kid: 'another' }),
      forged,
      `${header}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
      `${header}.${claims}.`,
      'garbage',
    ];
    for (const token of corpus) {
      const [reported, decided] = [await reporting.decide(token), await plain.decide(token)];
      expect(decided.accepted).toBe(false);
      expect(reported).toEqual(decided);
    }
  });

  it('of everything else there is none: no such option', async () => {
    for (const field of ['signature', 'issuer', 'audience', 'exp', 'nbf', 'algorithms']) {
      const strictness = { mode: 'report', maxLifetime: 1, [field]: 'report' } as OidcClientStrictness;
      await expect(serviceWith(strictness)).rejects.toThrow(`strictness: ${field} is none of its options`);
    }
  });
});
