import { Controller, Get, Post } from '@nestjs/common';
import * as fc from 'fast-check';
import { OidcAuthException, OidcMultiAuthModule, Scopes, type RefusalCode } from 'nestjs-oidc-multi-auth';
import { request as httpRequest } from 'node:http';
import { REFUSALS } from '../../lib/core/refusal/refusal-code';
import { readBearer } from '../support/read-bearer';
import { useApps, useTestIssuer } from '../support/life-cycle';
import { ADAPTERS, type TestApp } from '../support/test-app';

const startApp = useApps();

// Many requests, or processes of their own: slow where the machine is busy.
jest.setTimeout(60_000);

@Controller()
class MinesController {
  @Get('me')
  me() {
    return 'me';
  }
  @Post('mines')
  add() {
    return 'added';
  }
  @Scopes('mines.read', 'mines.write')
  @Get('scopes')
  scopes() {
    return 'scopes';
  }
}

/**
 * The attributes of a challenge, read by the grammar (RFC 9110 section 11.6.1) with nothing left over: scheme, then
 * names with quoted strings, in which nothing is escaped.
 */
function attributesOf(challenge: string | null | undefined): [name: string, value: string][] {
  const [, list] = /^Bearer (\w+="[^"\\]*"(?:, \w+="[^"\\]*")*)$/.exec(challenge ?? '') ?? [];
  if (list === undefined) {
    throw new Error(`not a challenge: ${challenge}`);
  }
  return [...list.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
}

/** Expects a challenge in which each attribute stands once and holds what it may (RFC 6750 section 3). */
function expectWellFormed(challenge: string | null | undefined): void {
  const attributes = attributesOf(challenge);
  const names = attributes.map(([name]) => name);
  expect(names).toEqual([...new Set(names)]);
  for (const [name, value] of attributes) {
    expect(['realm', 'error', 'error_description', 'scope']).toContain(name);
    expect(value).toMatch(
      name === 'scope' ? /^[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*$/ : /^[\x20-\x7E]+$/,
    );
    expect(value).not.toMatch(/["\\]/);
  }
}

it('R6750-08 R6750-09 R6750-11 ATK-9 the challenge of every code is well formed', () => {
  const codes = (Object.keys(REFUSALS) as RefusalCode[]).filter((code) => REFUSALS[code].challenge !== 'none');
  for (const code of codes) {
    for (const requiredScopes of [
      undefined,
      ['a'],
      ['mines.read', 'https://example.org/x?y#z', "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"],
    ]) {
      expectWellFormed(new OidcAuthException(code, { requiredScopes, realm: "the mines' API (v0)" }).challenge);
    }
  }
  expect(codes.length).toBeGreaterThan(15);
});

describe.each(ADAPTERS)('on %s', (adapter) => {
  const issuer = useTestIssuer();
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      adapter,
      imports: [
        OidcMultiAuthModule.forRoot({
          clients: [{ name: 'a', audience: 'a', issuer: issuer.issuer }],
          globalGuards: true,
        }),
      ],
      controllers: [MinesController],
    });
  });

  /** Sends a request with a body, by any method, and gives status and challenge. */
  const send = (method: string, path: string, headers: Record<string, string>, body: string) =>
    new Promise<[status: number | undefined, challenge: string | undefined]>((resolve, reject) => {
      const length = String(Buffer.byteLength(body));
      httpRequest(app.url + path, { method, headers: { ...headers, 'content-length': length } }, (response) => {
        response.resume().on('end', () => resolve([response.statusCode, response.headers['www-authenticate']]));
      })
        .on('error', reject)
        .end(body);
    });

  it('R6750-01 the scheme is read in any case, before any number of spaces', async () => {
    const token = await issuer.tokenFor('a');
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
      for (const spaces of [' ', '    ']) {
        expect((await app.get('/me', { authorization: scheme + spaces + token })).status).toBe(200);
      }
    }
  });

  it('R6750-04 FAPI-01 a token in a body is not looked at, whatever its form and the method', async () => {
    const token = await issuer.tokenFor('a');
    const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
    const multipart = { 'content-type': 'multipart/form-data; boundary=b' };
    const part = `--b\r\nContent-Disposition: form-data; name="access_token"\r\n\r\n${token}\r\n--b--\r\n`;
    const withoutToken = [401, 'Bearer realm="api"'];
    expect(await send('POST', '/mines', urlencoded, `access_token=${token}`)).toEqual(withoutToken);
    expect(await send('GET', '/me', urlencoded, `access_token=${token}`)).toEqual(withoutToken);
    expect(await send('POST', '/mines', { 'content-type': 'application/json' }, `{"access_token":"${token}"}`)).toEqual(
      withoutToken,
    );
    // Fastify itself refuses what it cannot parse.
    expect([401, 415]).toContain((await send('POST', '/mines', multipart, part))[0]);
    // And it is not what decides beside a header: neither for nor against.
    const authorization = `Bearer ${token}`;
    expect((await send('POST', '/mines', { ...urlencoded, authorization }, 'access_token=x'))[0]).toBe(201);
    expect(
      (await send('POST', '/mines', { ...urlencoded, authorization: 'Bearer x' }, `access_token=${token}`))[0],
    ).toBe(401);
  });

  it('R6750-09 R6750-11 ATK-9 whatever a token says, the challenge is one of the constants', async () => {
    const constants = new Set(
      (Object.keys(REFUSALS) as RefusalCode[]).map((code) => new OidcAuthException(code).challenge),
    );
    const hostile = fc.oneof(
      fc.constantFrom(
        '"',
        '\\',
        'a", error="insufficient_scope',
        'x\r\nSet-Cookie: a=b',
        '\u0000',
        'é',
        '日本',
        '\u2028',
      ),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    const member = fc.constantFrom('iss', 'aud', 'sub', 'azp', 'scope', 'kid', 'typ', 'alg', 'nbf');
    const codes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(member, hostile, async (name, value) => {
        const inHeader = ['kid', 'typ', 'alg'].includes(name);
        const claims = { iss: issuer.issuer, aud: 'a', exp: 9_999_999_999, ...(inHeader ? {} : { [name]: value }) };
        const token = await issuer.sign(claims, { header: inHeader ? { [name]: value } : {} });
        const { status, headers, body } = await app.get('/scopes', token);
        expect([401, 403]).toContain(status);
        const challenge = headers.get('www-authenticate');
        expectWellFormed(challenge);
        expect(headers.get('set-cookie')).toBeNull();
        codes.add(body.code);
        expect(constants.has(challenge?.replace(', scope="mines.read mines.write"', '') ?? '')).toBe(true);
      }),
      { numRuns: 150, seed: 11 },
    );
    expect(codes.size).toBeGreaterThan(5);
  });
});

it('ATK-1 a header of any size is read in linear time', () => {
  const many = 1_000_000;
  const began = performance.now();
  for (const value of [
    `Bearer${' '.repeat(many)}`,
    `Bearer ${' '.repeat(many)}é`,
    `Bearer ${'a'.repeat(many)} b`,
    `Bearer ${'a'.repeat(many)}é`,
    `Bearer ${'='.repeat(many)}`,
    `Bearer a${'='.repeat(many)}b`,
    `Bearer ${'a='.repeat(many / 2)}`,
    'B'.repeat(many),
    'Bearer '.repeat(many / 7),
  ]) {
    expect(readBearer({ headers: { authorization: value } }).kind).not.toBe('bearer');
  }
  // In quadratic time each of them would take many minutes.
  expect(performance.now() - began).toBeLessThan(10_000);
});
