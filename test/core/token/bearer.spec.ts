import { readBearer } from '../../support/read-bearer';

const read = (authorization: string) => readBearer({ headers: { authorization } });

describe('reading the Authorization header', () => {
  it.each(['Bearer abc', 'bearer abc', 'BEARER abc', 'Bearer   abc'])('R6750-01 finds the token of %j', (value) => {
    expect(read(value)).toEqual({ kind: 'bearer', token: 'abc' });
  });

  it('R6750-01 accepts every character of b64token, and padding', () => {
    expect(read('Bearer aZ09-._~+/==')).toEqual({ kind: 'bearer', token: 'aZ09-._~+/==' });
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer é',
    'Bearer a=b',
    'Bearer\tabc',
    'Bearer a, Bearer b',
    'Bearer "abc"',
    ' Bearer abc',
    'é',
  ])('R6750-02 ATK-1 finds %j malformed', (value) => {
    expect(read(value)).toEqual({ kind: 'malformed' });
  });

  it.each(['Basic dXNlcjpwYXNz', 'DPoP abc', 'Bearers abc', ''])('finds no credentials in %j', (value) => {
    expect(read(value)).toEqual({ kind: 'none' });
  });

  it('finds no credentials without the header', () => {
    expect(readBearer({ headers: {} })).toEqual({ kind: 'none' });
    expect(readBearer({})).toEqual({ kind: 'none' });
  });

  it.each([
    ['two bearer tokens', ['Authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer b']],
    ['another scheme and a bearer token', ['Authorization', 'Basic a', 'Host', 'x', 'authorization', 'Bearer b']],
  ])('R6750-03 ATK-1 finds %s on two header lines malformed', (_name, rawHeaders) => {
    expect(readBearer({ headers: { authorization: 'Bearer a' }, rawHeaders })).toEqual({ kind: 'malformed' });
  });

  it('ATK-1 is not mistaken by values that look like header names', () => {
    const rawHeaders = ['X-Name', 'authorization', 'authorization', 'Bearer a'];
    expect(readBearer({ headers: { authorization: 'Bearer a' }, rawHeaders })).toEqual({ kind: 'bearer', token: 'a' });
  });

  it('finds a header that is no string malformed', () => {
    expect(readBearer({ headers: { authorization: ['Bearer a', 'Bearer b'] } })).toEqual({ kind: 'malformed' });
  });
});
