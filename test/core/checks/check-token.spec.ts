import type { OidcClientOptions } from '../../../lib/configuration/options';
import { checkToken, conclude } from '../../../lib/core/checks/verification';
import { clientOf, SIGNER, unverified } from '../../support/clients';

const NOW = 1_800_000_000;
const GOOD = { iss: 'https://issuer.example', aud: 'a', exp: NOW + 300 };

const check = (
  claims: Readonly<Record<string, unknown>>,
  options: Partial<OidcClientOptions> = {},
  header: Readonly<Record<string, unknown>> = { alg: 'RS256' },
) => checkToken(unverified({ ...GOOD, ...claims }, header), clientOf(options), NOW)?.code;

describe('algorithm', () => {
  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'R7515-06 allows %s unless told otherwise',
    (alg) => {
      expect(check({}, {}, { alg })).toBeUndefined();
    },
  );

  it.each(['none', 'None', 'nOnE', 'NONE', 'rs256', 'RS256 ', 'HS256', 'ES256K', 'RSA-OAEP', '', 'constructor'])(
    'R7515-06 R7519-10 R8725-03 R8725-16 ATK-2 does not allow %j',
    (alg) => {
      expect(check({}, {}, { alg })).toBe('algorithm_not_allowed');
    },
  );

  it.each([undefined, null, 1, ['RS256'], { alg: 'RS256' }])('R7515-06 does not allow %j', (alg) => {
    expect(check({}, {}, { alg })).toBe('algorithm_not_allowed');
    expect(check({}, {}, {})).toBe('algorithm_not_allowed');
  });

  it('R8725-01 allows only what the client lists', () => {
    const options = { algorithms: ['RS256'] } as const;
    expect(check({}, options, { alg: 'RS256' })).toBeUndefined();
    expect(check({}, options, { alg: 'ES256' })).toBe('algorithm_not_allowed');
  });
});

describe('kind of token', () => {
  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+JWT'])(
    'R8725-14 accepts the header type %s',
    (typ) => {
      expect(check({}, {}, typ === undefined ? { alg: 'RS256' } : { alg: 'RS256', typ })).toBeUndefined();
    },
  );

  it.each([
    'logout+jwt',
    'dpop+jwt',
    'secevent+jwt',
    'token-introspection+jwt',
    'ID',
    'application/jwt',
    'at+jwt ',
    '',
    null,
    1,
    ['JWT'],
  ])('R8725-14 R8725-15 R9701-02 ATK-2 refuses the header type %j', (typ) => {
    expect(check({}, {}, { alg: 'RS256', typ })).toBe('wrong_token_type');
  });

  it.each([
    { typ: 'ID' },
    { typ: 'Serialized-ID' },
    { typ: 'Refresh' },
    { typ: 'Offline' },
    { typ: 'Logout' },
    { at_hash: 'x' },
    { c_hash: 'x' },
    { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
    { at_hash: null },
  ])('R8725-15 R9068-11 BCL-13 refuses %j among the claims', (claims) => {
    expect(check(claims)).toBe('wrong_token_type');
  });

  it.each([{ typ: 'Bearer' }, { nonce: 'n' }, { typ: 'JWT' }, {}])('accepts %j among the claims', (claims) => {
    expect(check(claims)).toBeUndefined();
  });

  it('acceptIdTokens lifts only the rule about ID tokens', () => {
    const options = { acceptIdTokens: true };
    expect(check({ typ: 'ID', at_hash: 'x', c_hash: 'x' }, options)).toBeUndefined();
    for (const claims of [{ typ: 'Refresh' }, { typ: 'Offline' }, { typ: 'Logout' }, { events: {} }]) {
      expect(check(claims, options)).toBe('wrong_token_type');
    }
    expect(check({}, options, { alg: 'RS256', typ: 'logout+jwt' })).toBe('wrong_token_type');
  });
});

describe('times', () => {
  it('R7519-05 R9068-05 refuses on and after the expiry, with the tolerance of the client', () => {
    expect(check({ exp: NOW - 29 })).toBeUndefined();
    expect(check({ exp: NOW - 30 })).toBe('token_expired');
    expect(check({ exp: NOW - 31 })).toBe('token_expired');
    expect(check({ exp: NOW }, { clockTolerance: 0 })).toBe('token_expired');
    expect(check({ exp: NOW + 0.5 }, { clockTolerance: 0 })).toBeUndefined();
    expect(check({ exp: NOW - 59 }, { clockTolerance: 60 })).toBeUndefined();
    expect(check({ exp: 0 })).toBe('token_expired');
    expect(check({ exp: -1 })).toBe('token_expired');
  });

  it.each([undefined, null, '1900000000', true, [NOW], {}, Number.NaN, Number.POSITIVE_INFINITY])(
    'ATK-6 R7519-05 refuses the expiry %p',
    (exp) => {
      expect(check({ exp })).toBe('invalid_claims');
    },
  );

  it('ATK-6 requires an expiry', () => {
    const { exp: _exp, ...claims } = GOOD;
    expect(checkToken(unverified(claims), clientOf(), NOW)?.code).toBe('invalid_claims');
  });

  it.each(['nbf', 'iat'])('R7519-06 refuses before %s, with the tolerance of the client', (name) => {
    expect(check({ [name]: NOW + 30 })).toBeUndefined();
    expect(check({ [name]: NOW + 31 })).toBe('token_not_active');
    expect(check({ [name]: NOW + 1 }, { clockTolerance: 0 })).toBe('token_not_active');
    expect(check({ [name]: NOW }, { clockTolerance: 0 })).toBeUndefined();
    expect(check({ [name]: 0 })).toBeUndefined();
  });

  it.each(['nbf', 'iat'])('LIB-11 ATK-6 refuses a %s that is no number', (name) => {
    for (const value of [null, '0', [], {}, true]) {
      expect(check({ [name]: value })).toBe('invalid_claims');
    }
  });
});

describe('other claims', () => {
  it.each(['sub', 'jti', 'azp', 'client_id'])('LIB-11 R8725-11 refuses a %s that is no string', (name) => {
    for (const value of [null, 1, [], {}, true]) {
      expect(check({ [name]: value })).toBe('invalid_claims');
    }
    expect(check({ [name]: 'x' })).toBeUndefined();
  });

  it('R8725-11 refuses an empty sub and does without one', () => {
    expect(check({ sub: '' })).toBe('invalid_claims');
    expect(check({})).toBeUndefined();
  });

  it('refuses an audience of the wrong type where another claim named it', () => {
    const options = { audienceClaim: 'client_id' };
    expect(check({ aud: 1 }, options)).toBe('invalid_claims');
    expect(check({ aud: ['a', 1] }, options)).toBe('invalid_claims');
  });

  it('R9449-19 R8705-08 refuses a token that is bound to its sender', () => {
    expect(check({ cnf: { jkt: 'x' } })).toBe('invalid_claims');
    expect(check({ cnf: {} })).toBe('invalid_claims');
    expect(check({ typ: 'DPoP' })).toBe('invalid_claims');
  });

  it('requires the claims that the client requires', () => {
    const options = { requiredClaims: ['sub', 'https://example.org/dept'] };
    expect(check({ sub: 'x', 'https://example.org/dept': '' }, options)).toBeUndefined();
    expect(check({ sub: 'x' }, options)).toBe('invalid_claims');
    expect(check({ sub: 'x', 'https://example.org/dept': null }, options)).toBe('invalid_claims');
    expect(check({}, { requiredClaims: ['toString'] })).toBe('invalid_claims');
  });

  describe('KEY-5 requires values', () => {
    const required = (requiredClaims: NonNullable<OidcClientOptions['requiredClaims']>, claims: object) =>
      check({ ...claims }, { requiredClaims });

    it.each([
      ['a string', { ref: 'refs/heads/main' }, { ref: 'refs/heads/main' }],
      ['a number', { level: 2 }, { level: 2 }],
      ['zero', { level: 0 }, { level: 0 }],
      ['true among values', { email_verified: [true] }, { email_verified: true }],
      ['false', { blocked: false }, { blocked: false }],
      ['one of several, of several types', { level: ['high', 3, true] }, { level: 3 }],
      ['any value', { ref: true, level: true }, { ref: '', level: 0 }],
      ['any value, also false, an object or an array', { a: true, b: true, c: true }, { a: false, b: {}, c: [] }],
      ['one member of an array', { groups: ['mines', 'roads'] }, { groups: ['x', 'roads'] }],
      ['a path', { 'project.id': '7' }, { project: { id: '7' } }],
      [
        'a path with a dot in a name',
        { 'kubernetes\\.io.namespace': 'batch' },
        { 'kubernetes.io': { namespace: 'batch' } },
      ],
      ['a URI, as one name', { 'https://example.org/dept': 'mines' }, { 'https://example.org/dept': 'mines' }],
    ] as const)('accepts %s', (_what, requiredClaims, claims) => {
      expect(required(requiredClaims, claims)).toBeUndefined();
    });

    it.each([
      ['another string', { ref: 'refs/heads/main' }, { ref: 'refs/heads/main2' }],
      ['another case', { ref: 'Main' }, { ref: 'main' }],
      ['a number for a string', { id: '7' }, { id: 7 }],
      ['a string for a number', { id: 7 }, { id: '7' }],
      ['a string for a boolean', { email_verified: [true] }, { email_verified: 'true' }],
      ['a number for a boolean', { email_verified: [true] }, { email_verified: 1 }],
      ['an absent claim', { ref: 'x' }, {}],
      ['an absent claim, where any value is accepted', { ref: true }, {}],
      ['null, where any value is accepted', { ref: true }, { ref: null }],
      ['null', { ref: 'null' }, { ref: null }],
      ['an object', { ref: '[object Object]' }, { ref: {} }],
      ['an empty array', { groups: 'mines' }, { groups: [] }],
      ['an array that has it in an array', { groups: 'mines' }, { groups: [['mines']] }],
      ['an array joined', { groups: 'a,b' }, { groups: ['a', 'b'] }],
      ['a path through a string', { 'project.length': 1 }, { project: 'x' }],
      ['a path through an array', { 'projects.0': 'x' }, { projects: ['x'] }],
      ['a path through null', { 'project.id': true }, { project: null }],
      ['an inherited property', { 'constructor.name': 'Object' }, {}],
      ['an inherited property of any value', { toString: true }, {}],
      ['the name with dots, for a path', { 'project.id': '7' }, { 'project.id': '7' }],
      ['one of two claims', { ref: 'main', event: 'push' }, { ref: 'main' }],
    ] as const)('refuses %s', (_what, requiredClaims, claims) => {
      expect(required(requiredClaims as never, claims)).toBe('invalid_claims');
    });

    it('by own properties, also of the name __proto__', () => {
      const requiredClaims = JSON.parse('{ "__proto__": "x" }');
      expect(required(requiredClaims, {})).toBe('invalid_claims');
      expect(
        checkToken(
          unverified(JSON.parse(JSON.stringify({ ...GOOD }).replace('{', '{"__proto__":"x",')), { alg: 'RS256' }),
          clientOf({ requiredClaims }),
          NOW,
        ),
      ).toBeUndefined();
    });

    it('and says which, what it wanted and what it found', () => {
      const client = clientOf({ requiredClaims: { 'project.id': ['7', '8'] } });
      expect(checkToken(unverified({ ...GOOD, project: { id: '9' } }, { alg: 'RS256' }), client, NOW)).toEqual({
        check: 'claims',
        code: 'invalid_claims',
        claim: 'project.id',
        option: 'requiredClaims',
        expected: ['7', '8'],
        actual: '9',
      });
    });
  });

  it('R7519-11 ignores claims it does not know', () => {
    expect(check({ anything: { at: ['all'] }, scope: 1, roles: null })).toBeUndefined();
  });
});

describe('R7519-01 the first failing step decides', () => {
  const faults = {
    algorithm_not_allowed: { header: { alg: 'none' }, claims: {} },
    wrong_token_type: { header: {}, claims: { typ: 'ID' } },
    token_expired: { header: {}, claims: { exp: 1 } },
    invalid_claims: { header: {}, claims: { sub: 1 } },
  } as const;
  const order = Object.entries(faults);

  it.each(
    order.flatMap(([first, one], index) => order.slice(index + 1).map(([later, two]) => [first, later, one, two])),
  )('%s before %s', (first, _later, one, two) => {
    const [earlier, later] = [one, two] as (typeof faults)[keyof typeof faults][];
    const header = { alg: 'RS256', ...later?.header, ...earlier?.header };
    expect(check({ ...later?.claims, ...earlier?.claims }, {}, header)).toBe(first);
  });
});

describe('conclusion', () => {
  const verdict = (validate: unknown, signatureIsValid = true) => {
    const client = clientOf({ validate: validate as OidcClientOptions['validate'] });
    const signer = signatureIsValid ? SIGNER : undefined;
    const concluded = conclude(unverified({ ...GOOD, dept: 'mines' }), client, signer, ['a']);
    return 'code' in concluded ? concluded.code : concluded;
  };

  it('LIB-08 refuses an invalid signature before it asks the client, who gets verified claims only', () => {
    const validate = jest.fn(() => true);
    expect(verdict(validate, false)).toBe('invalid_signature');
    expect(validate).not.toHaveBeenCalled();
  });

  it('accepts where the client says true of the claims', () => {
    expect(verdict((claims: Record<string, unknown>) => claims['dept'] === 'mines')).toMatchObject({ verified: true });
  });

  it.each([
    ['false', () => false],
    ['1', () => 1],
    ['a string', () => 'true'],
    ['an object', () => ({})],
    ['nothing', () => undefined],
    ['a promise of true', () => Promise.resolve(true)],
    ['a promise that is rejected', () => Promise.reject(new Error('no'))],
    [
      'a throw',
      () => {
        throw new Error('no');
      },
    ],
  ])('refuses where the client says %s', (_name, validate) => {
    expect(verdict(validate)).toBe('invalid_claims');
  });
});
