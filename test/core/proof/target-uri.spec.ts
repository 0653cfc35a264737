import { normalizeUri, proofOriginOf, targetUris, type ProofOrigin } from '../../../lib/core/proof/target-uri';

const originsOf = (isStripped: boolean, ...urls: string[]): ProofOrigin[] =>
  urls.map((url) => proofOriginOf(url, isStripped)).filter((origin): origin is ProofOrigin => origin !== undefined);

it.each([
  ['HTTPS://API.Example', 'https://api.example/'],
  ['https://api.example:443/a', 'https://api.example/a'],
  ['http://api.example:80', 'http://api.example/'],
  ['https://api.example:80/', 'https://api.example:80/'],
  ['https://api.example:/a?b#c', 'https://api.example/a'],
  ['https://api.example?x=/y', 'https://api.example/'],
  ['https://%61pi.example/%7euser/%2f%C3%a9', 'https://api.example/~user/%2F%C3%A9'],
  ['https://api.example/a/./b/../c/..', 'https://api.example/a/'],
  ['https://api.example/%2e%2E/a', 'https://api.example/a'],
  ['https://api.example/..', 'https://api.example/'],
  ['https://api.example//a//', 'https://api.example//a//'],
  ['https://[2001:DB8::1]:8443/a', 'https://[2001:db8::1]:8443/a'],
  ['https://api.example/a|b', 'https://api.example/a|b'],
])('R9449-10 normalizes %s', (uri, normal) => {
  expect(normalizeUri(uri)).toBe(normal);
});

it.each([
  '',
  'mines',
  '/mines',
  'ftp://api.example/',
  'https:api.example/',
  'https:/api.example/',
  'https:///api.example/',
  'https:\\\\api.example\\mines',
  'https://api.example\\mines',
  'https://api.example/a\\b',
  'https://api.example/a b',
  'https://api.example/a\tb',
  '\thttps://api.example/',
  'https://api.example/\u0000',
  'https://api.example/é',
  'https://api.éxample/',
  'https://api.example/%',
  'https://api.example/%g0',
  'https://me@api.example/',
  'https://api.example:x/',
  'https://[::1/',
  'https://api.example/"',
])('R9449-09 is no URI of http: %j', (uri) => {
  expect(normalizeUri(uri)).toBeUndefined();
});

it.each<[string, ProofOrigin[], string | undefined, string[]]>([
  ['one origin', originsOf(true, 'https://api.example'), '/mines?x=1', ['https://api.example/mines']],
  [
    'a prefix that a gateway removes',
    originsOf(true, 'https://api.example/v1/'),
    '/v1/mines',
    ['https://api.example/v1/v1/mines'],
  ],
  [
    'several origins',
    originsOf(true, 'https://a.example', 'https://b.example/v1'),
    '/mines',
    ['https://a.example/mines', 'https://b.example/v1/mines'],
  ],
  ['a resource', originsOf(false, 'https://api.example'), '/mines', ['https://api.example/mines']],
  ['below a resource', originsOf(false, 'https://api.example/mines'), '/mines/1', ['https://api.example/mines/1']],
  [
    'beside a resource',
    originsOf(false, 'https://api.example/mines'),
    '/minesweeper',
    ['https://api.example/mines/minesweeper'],
  ],
  [
    'below one of two resources: only there',
    originsOf(false, 'https://api.example/mines', 'https://api.example/admin'),
    '/mines/1',
    ['https://api.example/mines/1'],
  ],
  ['an absolute target', originsOf(true, 'https://api.example'), 'https://evil.example/mines', []],
  ['no target', originsOf(true, 'https://api.example'), undefined, []],
  ['an asterisk', originsOf(true, 'https://api.example'), '*', []],
])('R9449-27 knows where a request was sent to: %s', (_what, origins, target, uris) => {
  expect(targetUris(origins, target)).toEqual(uris);
});
