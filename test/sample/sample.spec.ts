import { once } from 'node:events';
import type { OpenAPIObject } from '@nestjs/swagger';
import { TestIssuer } from 'nestjs-oidc-multi-auth/testing';
import { faultsOf } from '../openapi/faults-of';
import { Sample } from '../support/sample';
import { get } from '../support/test-app';

describe('the sample on its own provider', () => {
  let sample: Sample;
  beforeAll(async () => {
    sample = await Sample.start();
  }, 60_000);
  afterAll(() => sample.process.kill('SIGKILL'));

  it('prints tokens that look like those of Gold SSO', () => {
    const [header, claims] = (sample.tokens.get('BCMI') ?? '')
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
    expect(claims).toMatchObject({
      iss: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/auth\/realms\/standard$/),
      aud: 'mds-bcmi-4587',
      azp: 'mds-bcmi-4587',
      typ: 'Bearer',
      client_roles: ['core_view_all'],
    });
    expect(claims.exp - claims.iat).toBe(300);
  });

  it('prints requests that answer as they say', async () => {
    expect(sample.requests.length).toBeGreaterThanOrEqual(20);
    for (const { line, method, token, url, promised } of sample.requests) {
      const [expected] = /^\d+(?: \w+)?/.exec(promised) ?? [];
      expect([line, await sample.call(new URL(url).pathname, token, method)]).toEqual([line, expected]);
    }
  });

  it.each<[string | undefined, string, string, string]>([
    ['CORE_WEB', 'GET', '/mines', '200'],
    ['CORE_WEB', 'GET', '/mines/1', '200'],
    ['CORE_WEB', 'PUT', '/mines/1', '200'],
    ['CORE_WEB', 'POST', '/mines/1/close', '403 missing_required_roles'],
    ['CORE_WEB', 'GET', '/bcmi/mines', '403 client_not_allowed'],
    ['CORE_WEB', 'GET', '/partner/mines/1/status', '403 client_not_allowed'],
    ['BCMI', 'GET', '/mines', '200'],
    ['BCMI', 'GET', '/bcmi/mines', '200'],
    ['BCMI', 'PUT', '/mines/1', '403 missing_a_valid_role'],
    ['DATABC', 'GET', '/mines', '200'],
    ['DATABC', 'PUT', '/mines/1', '403 missing_a_valid_role'],
    ['DATABC', 'GET', '/bcmi/mines', '403 client_not_allowed'],
    ['DOCMAN_CELERY', 'PUT', '/mines/1', '200'],
    ['DOCMAN_CELERY', 'POST', '/mines/2/close', '200'],
    ['DOCMAN_CELERY', 'GET', '/mines', '403 missing_a_valid_role'],
    ['DOCMAN_CELERY', 'GET', '/mines/1', '200'],
    ['PARTNER', 'GET', '/partner/mines/1/status', '200'],
    ['PARTNER', 'GET', '/mines', '403 missing_a_valid_role'],
    ['EVIL', 'GET', '/mines', '401 unknown_audience'],
    ['FOREIGN', 'GET', '/mines', '401 unknown_audience'],
    ['EXPIRED', 'GET', '/mines', '401 token_expired'],
    ['ID_TOKEN', 'GET', '/mines', '401 wrong_token_type'],
    ['TAMPERED', 'GET', '/mines', '401 invalid_signature'],
    [undefined, 'GET', '/mines', '401 authorization_header_missing'],
    [undefined, 'GET', '/mine-types', '200'],
  ])('%s %s %s: %s', async (token, method, path, expected) => {
    expect(await sample.call(path, token, method)).toBe(expected);
  });

  it('says who calls', async () => {
    expect((await get(`${sample.url}/me`, sample.tokens.get('PARTNER'))).body).toMatchObject({
      client: 'partner',
      issuer: expect.stringMatching(/\/auth\/realms\/partners$/),
      roles: ['mine_status_view'],
    });
  });

  it('accepts tokens of new keys at once when the provider rotates them, and the old ones still', async () => {
    const keyId = (token: string): string =>
      JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
    const before = await sample.freshToken();
    expect(await sample.rotateKeys()).toBe(200);
    const after = await sample.freshToken();
    expect(keyId(after)).not.toBe(keyId(before));
    expect([await sample.call('/mines', after), await sample.call('/mines', before)]).toEqual(['200', '200']);
  });

  it('serves an OpenAPI document, which names the client that people use and no other', async () => {
    const document: OpenAPIObject = (await get(`${sample.url}/docs-json`)).body;
    expect(faultsOf(document)).toEqual([]);
    expect(Object.keys(document.components?.securitySchemes ?? {})).toEqual(['core-web', 'bearer']);
    expect(document.paths['/mines']?.get?.security).toEqual([{ 'core-web': [] }, { bearer: [] }]);
    expect(document.paths['/bcmi/mines']?.get?.security).toEqual([{ bearer: [] }]);
    expect(document.paths['/mine-types']?.get?.security).toEqual([]);
    expect(JSON.stringify(document)).not.toMatch(/mds-|4587|databc|docman|partners/);
  });

  it('stops everything on Ctrl-C', async () => {
    const exited = once(sample.process, 'exit');
    sample.process.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    await expect(fetch(sample.url)).rejects.toThrow();
  });
});

describe('the sample on a provider that the environment names', () => {
  it('starts none of its own, and takes the clients from there', async () => {
    const issuer = await TestIssuer.start();
    const sample = await Sample.start(
      { JWT_OIDC_WELL_KNOWN_CONFIG: issuer.discoveryUrl, JWT_OIDC_AUDIENCE_BCMI: 'mds-bcmi-4587' },
      'The mines API is at',
    );
    const token = await issuer.tokenFor('mds-bcmi-4587', { roles: ['core_view_all'] });
    expect(await sample.call('/bcmi/mines', token)).toBe('200');
    expect(await sample.call('/bcmi/mines', await issuer.tokenFor('mds-databc-4588'))).toBe('401 unknown_audience');
    expect(sample.output).not.toContain('rotate-keys');
    sample.process.kill('SIGINT');
    await once(sample.process, 'exit');
    await issuer.stop();
  });
});
