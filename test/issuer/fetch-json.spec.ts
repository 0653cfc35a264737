import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchJson, MAX_RESPONSE_BYTES } from '../../lib/issuer/fetch-json';

describe('LIB-28 fetching a document', () => {
  let server: Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function answering(listener: RequestListener): Promise<string> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  }

  const fetchFrom = (url: string, timeout = 5_000) =>
    fetchJson(url, {
      deadline: { milliseconds: timeout, signal: AbortSignal.timeout(timeout) },
      allowInsecureHttp: false,
      signal: new AbortController().signal,
    });

  it.each(['application/json', 'application/jwk-set+json', 'application/json; charset=utf-8', 'Application/JSON'])(
    'accepts %s',
    async (type) => {
      const url = await answering((_request, response) => response.setHeader('content-type', type).end('{"keys":[]}'));
      expect(await fetchFrom(url)).toEqual({ document: { keys: [] }, maxAge: undefined });
    },
  );

  it.each<[string, RequestListener, RegExp]>([
    ['500', (_q, r) => r.writeHead(500).end('{}'), /answered 500$/],
    ['404', (_q, r) => r.writeHead(404).end('{}'), /answered 404$/],
    [
      'a redirect',
      (_q, r) => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      /answered 302, and redirects are not followed/,
    ],
    [
      'HTML',
      (_q, r) => r.setHeader('content-type', 'text/html').end('<!doctype html>'),
      /content type "text\/html", not JSON/,
    ],
    ['no content type', (_q, r) => r.end('{}'), /content type "", not JSON/],
    [
      'no JSON',
      (_q, r) => r.setHeader('content-type', 'application/json').end('<!doctype html>'),
      /did not answer with JSON$/,
    ],
    [
      'an array',
      (_q, r) => r.setHeader('content-type', 'application/json').end('[]'),
      /did not answer with a JSON object/,
    ],
    [
      'octets that are not UTF-8',
      (_q, r) => r.setHeader('content-type', 'application/json').end(Buffer.from([0x22, 0xe9, 0x22])),
      /did not answer with JSON$/,
    ],
    [
      '10 MB',
      (_q, r) => r.setHeader('content-type', 'application/json').end(Buffer.alloc(10_000_000, ' ')),
      new RegExp(`more than ${MAX_RESPONSE_BYTES} bytes`),
    ],
    ['nothing, ever', () => undefined, /did not answer within 300 ms/],
    [
      'headers and then a byte a while',
      (_q, r) => {
        r.setHeader('content-type', 'application/json').write('{');
        const dripping = setInterval(() => r.write(' '), 50);
        r.on('close', () => clearInterval(dripping));
      },
      /did not answer within 300 ms/,
    ],
  ])('ATK-4 refuses %s', async (_name, listener, message) => {
    const started = performance.now();
    const timeout = message.source.includes('300 ms') ? 300 : 5_000;
    await expect(fetchFrom(await answering(listener), timeout)).rejects.toThrow(message);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it.each<[string, number | undefined]>([
    ['max-age=300', 300],
    ['public, Max-Age=60, must-revalidate', 60],
    ['max-age="120"', 120],
    ['no-cache', undefined],
    ['max-age=300, no-cache', undefined],
    ['no-store, max-age=300', undefined],
    ['s-maxage=300', undefined],
    ['max-age=soon', undefined],
  ])('reads how long an answer is fresh from %j', async (cacheControl, maxAge) => {
    const url = await answering((_request, response) =>
      response.setHeader('content-type', 'application/json').setHeader('cache-control', cacheControl).end('{}'),
    );
    expect((await fetchFrom(url)).maxAge).toBe(maxAge);
  });

  it('says that a connection was refused', async () => {
    const url = await answering(() => undefined);
    server.close();
    await expect(fetchFrom(url)).rejects.toThrow(/failed: ECONNREFUSED/);
  });

  it('R8414-03 does not ask over http elsewhere than on this machine', async () => {
    await answering(() => undefined);
    await expect(fetchFrom('http://sso.example/jwks')).rejects.toThrow('is http to another host than localhost');
    await expect(fetchFrom('file:///etc/passwd')).rejects.toThrow('is not an https URL');
  });
});
