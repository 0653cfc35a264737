/** A Glewlwyd of one's own on loopback, with a database of its own, set up through its interface for administration. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Browser } from '../support/browser.mjs';
import { ServerProcess } from '../support/server-process.mjs';

/** The empty database, as the Debian package has it: with one administrator, whose password is `password`. */
export const SCHEMA = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';

export class GlewlwydServer {
  #folder;
  #port;
  #server;

  constructor(folder, port) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(folder, port) {
    const glewlwyd = new GlewlwydServer(folder, port);
    execFileSync('sqlite3', [`${folder}/glewlwyd.db`], { input: readFileSync(SCHEMA) });
    writeFileSync(`${folder}/glewlwyd.conf`, configuration(folder, port));
    await glewlwyd.run();
    return glewlwyd;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  async run() {
    this.#server = new ServerProcess({
      command: 'glewlwyd',
      args: [`--config-file=${this.#folder}/glewlwyd.conf`],
      log: `${this.#folder}/glewlwyd.log`,
    });
    await this.#server.answers(`${this.url}/config`);
  }

  stop() {
    return this.#server.stop();
  }

  /** A browser in which a user has logged in: its page sends JSON, not a form. */
  async logIn(username, password) {
    const browser = new Browser();
    await this.send(browser, 'POST', '/auth/', { username, password });
    return browser;
  }

  /** A request as the administrator. */
  async admin(method, path, body) {
    return this.send(await this.logIn('admin', 'password'), method, path, body);
  }

  async send(browser, method, path, body) {
    const response = await browser.send(`${this.url}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`Glewlwyd answered ${response.status} to ${method} ${path}: ${text.slice(0, 300)}`);
    }
    return text === '' ? undefined : JSON.parse(text);
  }
}

/** Every path it wants to know is named, also those that it does not use. */
const configuration = (folder, port) => `
port=${port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:${port}"
login_url="login.html"
api_prefix="api"
static_files_path="/usr/share/glewlwyd/webapp/"
static_files_mime_types = ( { extension = ".html"; mime_type = "text/html"; } );
log_mode="console"
log_level="INFO"
cookie_secure=0
session_key="GLEWLWYD2_SESSION_ID"
admin_session_authentication="cookie"
profile_session_authentication="cookie"
login_api_enabled=true
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
use_secure_connection=false
secure_connection_key_file="${folder}/none"
secure_connection_pem_file="${folder}/none"
secure_connection_ca_file="${folder}/none"
hash_algorithm="SHA512"
database = { type = "sqlite3"; path = "${folder}/glewlwyd.db"; };
`;
