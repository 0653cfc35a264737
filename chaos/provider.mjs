/** A provider over https on loopback that fails in every way a provider can. */
import { generateKeyPair, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:https';
import { promisify } from 'node:util';

const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');

async function createKey(kid = randomUUID()) {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } };
}

/** How a provider answers, beside well. */
export const OUTAGES = ['down', 'hang', '500', 'html', 'redirect', '10 MB', 'drip', 'type', 'empty'];

export class ChaosProvider {
  mode = 'up';
  fetches = 0;
  discoveries = 0;
  #drips = new Set();

  static async start(certificate) {
    const provider = new ChaosProvider();
    provider.key = await createKey();
    provider.published = [provider.key];
    provider.server = createServer({ ...certificate, keepAlive: false }, (request, response) => {
      response.setHeader('connection', 'close');
      provider.#answer(request, response);
    });
    await new Promise((resolve) => provider.server.listen(0, '127.0.0.1', resolve));
    provider.issuer = `https://127.0.0.1:${provider.server.address().port}/realms/chaos`;
    provider.jwksUri = `${provider.issuer}/certs`;
    return provider;
  }

  async rotate({ removeOld = false } = {}) {
    this.key = await createKey();
    this.published = [...(removeOld ? [] : this.published), this.key];
  }

  async replace() {
    this.key = await createKey(this.key.kid);
    this.published = [this.key];
  }

  /** A good token, by the key of now or another. */
  token(key = this.key) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: 'chaos', sub: 's', jti: randomUUID(), iat: now, exp: now + 600 };
    const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: key.kid })}.${encode(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), key.privateKey).toString('base64url')}`;
  }

  /** A token of a key that never was. */
  garbage() {
    const [, claims, signature] = this.token(this.key).split('.');
    return `${encode({ alg: 'RS256', typ: 'JWT', kid: randomUUID() })}.${claims}.${signature}`;
  }

  /** Many of those, made without signing each. */
  garbageOf(count) {
    const [, claims, signature] = this.token().split('.');
    return Array.from(
      { length: count },
      () => `${encode({ alg: 'RS256', typ: 'JWT', kid: randomUUID() })}.${claims}.${signature}`,
    );
  }

  stop() {
    this.#drips.forEach(clearInterval);
    this.server.closeAllConnections();
    this.server.close();
  }

  #answer({ url }, response) {
    const isKeys = url === '/realms/chaos/certs';
    if (isKeys) {
      this.fetches += 1;
    } else if (url.endsWith('/openid-configuration')) {
      this.discoveries += 1;
    }
    const document = isKeys
      ? { keys: this.mode === 'empty' ? [] : this.published.map(({ jwk }) => jwk) }
      : { issuer: this.issuer, jwks_uri: this.jwksUri };
    if (!isKeys && url !== '/realms/chaos/.well-known/openid-configuration') {
      response.writeHead(404).end();
      return;
    }
    const json = { 'content-type': 'application/json', 'cache-control': 'no-cache' };
    switch (this.mode) {
      case 'down':
        response.socket.destroy();
        return;
      case 'hang':
        return;
      case '500':
        response.writeHead(500, json).end('{"error":"server_error"}');
        return;
      case 'html':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Maintenance</title>');
        return;
      case 'redirect':
        response.writeHead(302, { location: `${this.issuer}/elsewhere` }).end();
        return;
      case '10 MB':
        response.writeHead(200, json).end(JSON.stringify({ ...document, padding: 'x'.repeat(10_000_000) }));
        return;
      case 'drip': {
        response.writeHead(200, json);
        const drip = setInterval(() => response.write(' '), 1000);
        this.#drips.add(drip);
        response.on('close', () => clearInterval(drip));
        return;
      }
      case 'type':
        response.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify(document));
        return;
      default:
        response.writeHead(200, json).end(JSON.stringify(document));
    }
  }
}
