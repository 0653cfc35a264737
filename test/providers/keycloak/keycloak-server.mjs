/** A Keycloak of one's own on loopback, with the realms of this folder. */
import { readFileSync } from 'node:fs';
import { ServerProcess, freePort } from '../support/server-process.mjs';
import { keycloakHome } from './keycloak-distribution.mjs';

const REALMS = ['standard', 'partners'];

export class KeycloakServer {
  #server;
  #folder;
  #port;

  constructor(folder, port) {
    this.#folder = folder;
    this.#port = port;
  }

  /** Starts it with an empty database in that folder, at that port or any that is free, and makes the realms. */
  static async start(folder, port = 0) {
    const keycloak = new KeycloakServer(folder, port || (await freePort()));
    await keycloak.run();
    for (const realm of REALMS) {
      await keycloak.admin(
        'POST',
        '',
        JSON.parse(readFileSync(new URL(`${realm}-realm.json`, import.meta.url), 'utf8')),
      );
    }
    return keycloak;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}/auth`;
  }

  issuer(realm) {
    return `${this.url}/realms/${realm}`;
  }

  discoveryUrl(realm) {
    return `${this.issuer(realm)}/.well-known/openid-configuration`;
  }

  /** Starts the server, also again, with what is in its database. */
  async run() {
    this.#server = new ServerProcess({
      command: `${await keycloakHome()}/bin/kc.sh`,
      args: [
        'start',
        '--optimized',
        '--http-enabled=true',
        '--hostname-strict=false',
        '--http-host=127.0.0.1',
        `--http-port=${this.#port}`,
        `--db-url=jdbc:h2:file:${this.#folder}/keycloak;NON_KEYWORDS=VALUE`,
      ],
      env: {
        ...process.env,
        KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
        KC_BOOTSTRAP_ADMIN_PASSWORD: 'admin',
        // Starting sooner is worth more here than running faster.
        JAVA_OPTS_APPEND: '-Xmx512m -XX:TieredStopAtLevel=1',
      },
      log: `${this.#folder}/keycloak.log`,
    });
    await this.#server.answers(this.discoveryUrl('master'));
  }

  stop() {
    return this.#server.stop();
  }

  /** A request to the administration of realms. */
  async admin(method, path, representation) {
    const body = representation === undefined ? {} : { body: JSON.stringify(representation) };
    const response = await fetch(`${this.url}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#adminToken()}`, 'content-type': 'application/json' },
      ...body,
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`Keycloak's administration answered ${response.status}: ${text.slice(0, 300)}`);
    }
    return text === '' ? undefined : JSON.parse(text);
  }

  async #adminToken() {
    const response = await fetch(`${this.issuer('master')}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: 'admin-cli',
        username: 'admin',
        password: 'admin',
      }),
      signal: AbortSignal.timeout(30_000),
    });
    return (await response.json()).access_token;
  }
}
