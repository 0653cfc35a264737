import { parseToken } from '../../../lib/core/token/unverified-token';

const MAX = 16_384;
const base64url = (octets: string | Buffer): string => Buffer.from(octets).toString('base64url');
const token = (header: string | Buffer, claims: string | Buffer, signature = 'c2ln'): string =>
  `${base64url(header)}.${base64url(claims)}.${signature}`;

const HEADER = '{"alg":"RS256","kid":"k1"}';
const CLAIMS = '{"iss":"https://a","aud":["x","y"],"nested":{"a":[{"b":1},{"b":2}]}}';

describe('ATK-2 parsing a token', () => {
  it('reads header, claims, signing input and signature of a well-formed token', () => {
    const parsed = parseToken(token(HEADER, CLAIMS), MAX);
    expect(parsed).toMatchObject({
      verified: false,
      unverifiedHeader: { alg: 'RS256', kid: 'k1' },
      unverifiedClaims: { iss: 'https://a', aud: ['x', 'y'] },
      unverifiedClaimsText: CLAIMS,
      keyId: 'k1',
    });
    expect(parsed?.signingInput).toBe(`${base64url(HEADER)}.${base64url(CLAIMS)}`);
    expect(parsed?.signature.toString()).toBe('sig');
  });

  it('LIB-27 refuses a token longer than the bound and accepts one as long as the bound', () => {
    const good = token(HEADER, CLAIMS);
    expect(parseToken(good, good.length)).toBeDefined();
    expect(parseToken(good, good.length - 1)).toBeUndefined();
  });

  describe('R7515-03 ATK-1 refuses what has not exactly three parts', () => {
    const [header, claims] = [base64url(HEADER), base64url(CLAIMS)];
    it.each([
      '',
      '.',
      '..',
      header,
      `${header}.${claims}`,
      `${header}.${claims}.`,
      `.${claims}.c2ln`,
      `${header}..c2ln`,
      `${header}.${claims}.c2ln.`,
      `${header}.${claims}.c2ln.c2ln`,
      `${header}.${claims}.c2ln.c2ln.c2ln`,
      `{"payload":"${claims}","signatures":[]}`,
    ])('%#', (text) => {
      expect(parseToken(text, MAX)).toBeUndefined();
    });
  });

  describe('R7515-01 R8725-16 refuses characters that are not base64url, in every part', () => {
    const parts = [base64url(HEADER), base64url(CLAIMS), 'c2ln'];
    const spoiled = ['=', '==', '\n', ' ', '+', '/', '!', 'é', '\0'].flatMap((character) =>
      [0, 1, 2].map((index) => [
        JSON.stringify(character),
        parts.map((part, at) => (at === index ? `${part}${character}` : part)).join('.'),
      ]),
    );
    it.each(spoiled)('%s in %s', (_character, text) => {
      expect(parseToken(text, MAX)).toBeUndefined();
    });
  });

  it('R7515-02 refuses a second spelling of one token, whose unused trailing bits are not zero', () => {
    // 'c2k' spells two octets and leaves two bits over; 'c2l' spells the same two octets with one of those bits set.
    expect(Buffer.from('c2l', 'base64url')).toEqual(Buffer.from('c2k', 'base64url'));
    expect(parseToken(token(HEADER, CLAIMS, 'c2k'), MAX)).toBeDefined();
    expect(parseToken(token(HEADER, CLAIMS, 'c2l'), MAX)).toBeUndefined();
  });

  it.each([
    ['an array', '[]'],
    ['a string', '"x"'],
    ['null', 'null'],
    ['a number', '1'],
    ['not JSON', '{'],
    ['two objects', '{}{}'],
    ['a byte order mark', Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
    ['octets that are not UTF-8', Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d])],
    ['an overlong encoding', Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])],
    ['a surrogate as UTF-8', Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
  ])('R7515-04 R7519-02 R8725-09 refuses %s as header and as claims', (_name, part) => {
    expect(parseToken(token(part, CLAIMS), MAX)).toBeUndefined();
    expect(parseToken(token(HEADER, part), MAX)).toBeUndefined();
  });

  describe('R7515-05 R7519-03 refuses names said twice', () => {
    it.each([
      '{"alg":"RS256","alg":"none"}',
      '{"alg":"RS256","a":1,"a":1}',
      '{"alg":"RS256","x":{"b":1,"b":2}}',
      '{"alg":"RS256","x":[[{"b":1},{"b":1,"c":{"d":1,"d":1}}]]}',
      '{"alg" \n:"RS256", "alg"\t:1}',
      '{"alg":"RS256","\\u0061lg":1}',
      '{"alg":"RS256","__proto__":1,"__proto__":2}',
      '{"alg":"RS256","":1,"":2}',
    ])('%s', (json) => {
      expect(parseToken(token(json, CLAIMS), MAX)).toBeUndefined();
      expect(parseToken(token(HEADER, json), MAX)).toBeUndefined();
    });

    it.each([
      '{"a":"b","b":"a"}',
      '{"a":{"a":{"a":1}},"b":{"a":1}}',
      '{"a":"\\"a\\":1,","b":"x\\\\"}',
      '{"a":["a:","a",":"],"c":":"}',
      '{"__proto__":{"a":1},"constructor":1,"toString":2}',
      '{ "a" : "b" , "c" : [ ] }',
      '{}',
    ])('and accepts %s', (json) => {
      expect(parseToken(token(HEADER, json), MAX)?.unverifiedClaimsText).toBe(json);
    });
  });

  it('R7519-11 keeps a claim named __proto__ a claim', () => {
    const parsed = parseToken(token(HEADER, '{"__proto__":{"iss":"x"}}'), MAX);
    expect(Object.getPrototypeOf(parsed?.unverifiedClaims)).toBe(Object.prototype);
    expect(parsed?.unverifiedClaims['iss']).toBeUndefined();
  });

  it('is not overflowed by nesting as deep as the bound allows', () => {
    const deep = `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`;
    expect(parseToken(token(HEADER, deep), MAX)?.unverifiedClaimsText).toBe(deep);
  });

  it.each([
    ['R7515-07 crit', '"crit":["exp"],"exp":1'],
    ['R7515-08 an empty crit', '"crit":[]'],
    ['R7515-08 a crit that is no array', '"crit":"b64"'],
    ['R7515-08 a null crit', '"crit":null'],
    ['R7515-08 a crit of numbers', '"crit":[1]'],
    ['R7515-08 a crit that names one twice', '"crit":["x","x"],"x":1'],
    ['R7515-08 a crit that names a registered header', '"crit":["alg"]'],
    ['R7515-08 a crit that names an absent member', '"crit":["x"]'],
    ['R7515-13 b64 false', '"crit":["b64"],"b64":false'],
    ['R7515-13 b64 true', '"b64":true'],
    ['R7519-12 a nested token', '"cty":"JWT"'],
    ['R7519-12 a nested token in lower case', '"cty":"jwt"'],
    ['R7519-12 a nested token as a media type', '"cty":"application/jwt"'],
    ['a content type that is no string', '"cty":1'],
    ['R7515-10 a kid that is a number', '"kid":1'],
    ['R7515-10 a kid that is an object', '"kid":{}'],
    ['R7515-10 a kid that is null', '"kid":null'],
  ])('refuses %s', (_name, member) => {
    expect(parseToken(token(`{"alg":"RS256",${member}}`, CLAIMS), MAX)).toBeUndefined();
  });

  it.each(['../../etc/passwd', "' OR 1=1 --", '', '__proto__', 'constructor', 'k'.repeat(10_000)])(
    'R7515-10 R8725-13 takes any string for a kid (%#)',
    (kid) => {
      expect(parseToken(token(JSON.stringify({ alg: 'RS256', kid }), CLAIMS), 20_000)?.keyId).toBe(kid);
    },
  );

  it('R7515-11 reads no key out of a header', () => {
    const header = '{"alg":"RS256","jku":"https://evil","jwk":{"kty":"RSA"},"x5u":"https://evil","x5c":["MII"]}';
    expect(parseToken(token(header, CLAIMS), MAX)?.keyId).toBeUndefined();
  });

  it('reads claims of any length alike, whatever was read before', () => {
    const claims = (fill: string) => `{"iss":"https://a","fill":"${fill}"}`;
    for (const fill of [
      'é\u{1F600}\uFFFD',
      'x'.repeat(12_200),
      'x'.repeat(40_000),
      `${'é'.repeat(20_000)}\uFFFD`,
      'y',
    ]) {
      expect(parseToken(token(HEADER, claims(fill)), 1_000_000)?.unverifiedClaimsText).toBe(claims(fill));
      const octets = Buffer.from(claims(fill));
      octets[octets.length - 3] = 0xff;
      expect(parseToken(token(HEADER, octets), 1_000_000)).toBeUndefined();
      expect(
        parseToken(`${token(HEADER, '').slice(0, -5)}${base64url(claims(fill))}=.c2ln`, 1_000_000),
      ).toBeUndefined();
    }
  });

  it('reads each header as its own, however many there are', () => {
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < 200; index += 1) {
        const [kid, other] = [`k${index}`, `k${index}", "kid":"k`];
        expect(parseToken(token(`{"alg":"RS256","kid":"${kid}"}`, CLAIMS), MAX)?.unverifiedHeader['kid']).toBe(kid);
        expect(parseToken(token(`{"alg":"RS256","kid":"${other}"}`, CLAIMS), MAX)).toBeUndefined();
      }
    }
    expect(parseToken(`${base64url(HEADER)}=.${base64url(CLAIMS)}.c2ln`, MAX)).toBeUndefined();
  });

  it.each([
    ['colons in strings', '{"a":"::: : :","b":"\\":","c d":"e : f"}', true],
    ['nothing but colons in strings', `{"a":"${' :'.repeat(500)}"}`, true],
    ['a name twice among colons', `{"a":"${' :'.repeat(500)}","b":1,"b":2}`, false],
    ['a name twice, far from its colon', '{"a" : 1, "a"\n\t:2}', false],
    ['a name twice, once in escapes', '{"a":1,"\\u0061":2}', false],
    ['a name twice beside a string that looks like one less', '{"a":1,"a":2,"b":":"}', false],
  ])('counts names with %s', (_name, claims, isGood) => {
    expect(parseToken(token(HEADER, claims), MAX) !== undefined).toBe(isGood);
  });
});
