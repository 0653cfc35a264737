/** An issuer on loopback, its keys, and tokens like those of an SSO: about 1.9 kB with RS256. */
import { constants, generateKeyPair, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

/** How tokens of each algorithm are signed, and how `crypto.verify` verifies them, keys aside. */
export const ALGORITHMS = {
  RS256: { type: 'rsa', options: { modulusLength: 2048 }, hash: 'sha256', extra: undefined },
  PS256: {
    type: 'rsa',
    options: { modulusLength: 2048 },
    hash: 'sha256',
    extra: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  ES256: { type: 'ec', options: { namedCurve: 'P-256' }, hash: 'sha256', extra: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { type: 'ed25519', options: {}, hash: null, extra: undefined },
};

export const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
export const audienceOf = (client) => `mines-digital-services-client-${client}`;

export class World {
  fetches = { discovery: 0, keys: 0, introspection: 0 };
  #keys = new Map();
  #opaque = new Map();

  static async start(port = 0) {
    const world = new World();
    for (const [algorithm, { type, options }] of Object.entries(ALGORITHMS)) {
      const pair = await promisify(generateKeyPair)(type, options);
      const kid = randomUUID();
      world.#keys.set(algorithm, { ...pair, kid });
      world.jwks.keys.push({ ...pair.publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' });
    }
    world.server = createServer((request, response) => void world.#answer(request, response));
    await new Promise((resolve) => world.server.listen(port, '127.0.0.1', resolve));
    world.origin = `http://127.0.0.1:${world.server.address().port}`;
    return world;
  }

  jwks = { keys: [] };

  /** The issuer of a number: each is a realm of its own, with keys like all others'. */
  issuer(number = 0) {
    return `${this.origin}/realms/${number}`;
  }

  publicKey(algorithm) {
    return this.#keys.get(algorithm).publicKey;
  }

  claims(more = {}) {
    const now = Math.floor(Date.now() / 1000);
    const person = 'a1b2c3d4e5f60718293a4b5c6d7e8f90@idir';
    return {
      exp: now + 7200,
      iat: now - 10,
      auth_time: now - 10,
      jti: randomUUID(),
      iss: this.issuer(),
      aud: audienceOf(0),
      sub: person,
      typ: 'Bearer',
      azp: audienceOf(0),
      nonce: randomUUID(),
      session_state: randomUUID(),
      sid: randomUUID(),
      scope: 'openid idir email profile azureidir',
      idir_user_guid: 'A1B2C3D4E5F60718293A4B5C6D7E8F90',
      identity_provider: 'idir',
      idir_username: 'JDOE',
      email_verified: false,
      name: 'Doe, Jane ENV:EX',
      preferred_username: person,
      display_name: 'Doe, Jane ENV:EX',
      given_name: 'Jane',
      family_name: 'Doe',
      email: 'jane.doe@gov.example',
      client_roles: ['core_view_all', 'core_edit_mines', 'core_edit_permits', 'core_admin', 'core_edit_reports'],
      user_principal_name: 'jane.doe@gov.example',
      'allowed-origins': ['https://minesdigitalservices.example', 'https://minespace.example'],
      ...more,
    };
  }

  token(algorithm, more) {
    return this.sign(algorithm, this.claims(more));
  }

  sign(algorithm, claims) {
    const { privateKey, kid } = this.#keys.get(algorithm);
    const { hash, extra } = ALGORITHMS[algorithm];
    const input = `${encode({ alg: algorithm, typ: 'JWT', kid })}.${encode(claims)}`;
    return `${input}.${sign(hash, Buffer.from(input), { key: privateKey, ...extra }).toString('base64url')}`;
  }

  /** The same with a signature that is none, as long as a good one. */
  forged(algorithm, more) {
    const token = this.token(algorithm, more);
    const signature = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url');
    return `${token.slice(0, token.lastIndexOf('.'))}.${Buffer.alloc(signature.length, 1).toString('base64url')}`;
  }

  /** An opaque token, about which introspection answers with these claims. */
  opaque(more) {
    const token = `opaque_${randomUUID()}`;
    this.#opaque.set(token, { active: true, ...this.claims(more) });
    return token;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** What introspection answers (RFC 7662). */
  async #introspect(request) {
    const chunks = await request.toArray();
    this.fetches.introspection += 1;
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    return this.#opaque.get(form.get('token')) ?? { active: false };
  }

  /** Discovery, keys and introspection, where OpenID Connect has the one and Keycloak the other. */
  async #answer(request, response) {
    const { url } = request;
    const [, realm] = /^\/realms\/(\d+)\//.exec(url) ?? [];
    const answers = {
      '.well-known/openid-configuration': () => {
        this.fetches.discovery += 1;
        const issuer = this.issuer(realm);
        const place = `${issuer}/protocol/openid-connect`;
        return { issuer, jwks_uri: `${place}/certs`, introspection_endpoint: `${place}/token/introspect` };
      },
      'protocol/openid-connect/certs': () => {
        this.fetches.keys += 1;
        return this.jwks;
      },
      'protocol/openid-connect/token/introspect': () => this.#introspect(request),
    };
    const answer = realm && answers[url.slice(`/realms/${realm}/`.length)];
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ? await answer() : {}));
  }
}
