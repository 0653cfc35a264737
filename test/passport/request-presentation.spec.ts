import { once } from 'node:events';
import { createServer, get, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createHash, X509Certificate } from 'node:crypto';
import type { OidcRequest } from '../../lib/core/token/oidc-request';
import type { Presentation } from '../../lib/core/token/presentation';
import { isPresentation, TokenSources } from '../../lib/passport/token-sources';
import { selfSigned } from '../support/self-signed';

/** What a source finds in a request. */
function present(request: OidcRequest, sources: ConstructorParameters<typeof TokenSources>[0] = {}): Presentation {
  const presented = new TokenSources(sources).read(request);
  if (!isPresentation(presented)) {
    throw new Error(presented.kind);
  }
  return presented;
}

const bearer = { authorization: 'Bearer a' };

describe('the presentation of a token', () => {
  it.each([
    ['header', { headers: bearer }],
    ['cookie', { headers: { cookie: 'token=a' } }],
    ['query', { headers: {}, url: '/mines?access_token=a' }],
    [
      'body',
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        method: 'POST',
        body: { access_token: 'a' },
      },
    ],
    ['custom', { headers: { 'x-token': 'a' } }],
  ])('says that the token was in the %s', (source, request) => {
    const custom = ({ headers }: OidcRequest) => headers?.['x-token'] as string | undefined;
    expect(present(request, { cookie: 'token', query: true, body: true, custom })).toMatchObject({
      scheme: 'Bearer',
      token: 'a',
      source,
    });
  });

  it('has method, target and headers of the request, also below a router of Express', () => {
    const rawHeaders = ['Authorization', 'Bearer a', 'DPoP', 'x'];
    const request = { headers: bearer, rawHeaders, method: 'PUT', url: '/1?x=2', originalUrl: '/mines/1?x=2' };
    const { method, url, headers, certificate } = present(request);
    expect({ method, url, headers, certificate }).toEqual({
      method: 'PUT',
      url: '/mines/1?x=2',
      headers: { headers: bearer, rawHeaders },
      certificate: undefined,
    });
    expect(present({ headers: bearer, url: '/mines?x' }).url).toBe('/mines?x');
  });
});

describe('the certificate of a presentation', () => {
  let server: Server;
  const found: (Buffer | undefined)[] = [];
  const { key, cert } = selfSigned();
  beforeAll(async () => {
    server = createServer({ key, cert, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      // On Fastify, the connection is that of the raw request.
      const onFastify: OidcRequest = { headers: request.headers, raw: request };
      found.push(present(request).certificate, present(onFastify).certificate);
      response.end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => server.close());

  async function call(certificate: { key: string; cert: string } | undefined): Promise<void> {
    const { port } = server.address() as AddressInfo;
    const request = get({
      host: '127.0.0.1',
      port,
      headers: bearer,
      agent: false,
      rejectUnauthorized: false,
      ...certificate,
    });
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    response.resume();
    await once(response, 'end');
  }

  it('is that of the TLS connection, as DER', async () => {
    found.length = 0;
    const own = selfSigned();
    await call(own);
    const expected = createHash('sha256').update(new X509Certificate(own.cert).raw).digest('hex');
    expect(found.map((der) => der && createHash('sha256').update(der).digest('hex'))).toEqual([expected, expected]);
  });

  it('is absent where the caller has none', async () => {
    found.length = 0;
    await call(undefined);
    expect(found).toEqual([undefined, undefined]);
  });
});
