import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const MAIN = join(__dirname, '../../.sample/main.js');

/** The sample as a newcomer starts it, and what it printed. */
export class Sample {
  private constructor(
    readonly process: ChildProcess,
    readonly output: string,
  ) {}

  /** @param until what it has printed when it is ready. */
  static async start(env: Record<string, string> = {}, until = 'Ctrl-C stops everything.'): Promise<Sample> {
    if (!existsSync(MAIN)) {
      throw new Error('the sample is not built: run "npm run build:sample" first, or "npm test", which does');
    }
    const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('JWT_OIDC_'));
    const child = spawn(process.execPath, [MAIN], {
      env: { ...Object.fromEntries(environment), PORT: '0', PROVIDER_PORT: '0', NO_COLOR: '1', ...env },
    });
    let output = '';
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes(until)) {
          resolve();
        }
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => reject(new Error(`the sample ended with ${code}: ${output}`)));
    });
    return new Sample(child, output);
  }

  get url(): string {
    return /The mines API is at (\S+)/.exec(this.output)?.[1] ?? '';
  }

  get tokens(): ReadonlyMap<string, string> {
    return new Map([...this.output.matchAll(/^([A-Z_]+)=(\S+)$/gm)].map(([, name = '', token = '']) => [name, token]));
  }

  /** The ready-to-paste requests: method, token, URL, and what is promised to come back. */
  get requests(): { line: string; method: string; token: string | undefined; url: string; promised: string }[] {
    return [
      ...this.output.matchAll(/^curl -i(?: -X (\w+))?(?: -H "Authorization: Bearer \$(\w+)")? (\S+) {3}# (.*)$/gm),
    ].map(([line, method = 'GET', token, url = '', promised = '']) => ({ line, method, token, url, promised }));
  }

  /** The status of an answer, and its code if it has one. */
  async call(path: string, token: string | undefined, method = 'GET'): Promise<string> {
    const headers = new Headers();
    if (token !== undefined) {
      headers.set('authorization', `Bearer ${this.tokens.get(token) ?? token}`);
    }
    const response = await fetch(this.url + path, { method, headers });
    const { code } = (await response.json()) as { code?: string };
    return code === undefined ? String(response.status) : `${response.status} ${code}`;
  }

  async freshToken(): Promise<string> {
    const [, user = '', url = ''] =
      /^curl -s -u (\S+) -d grant_type=client_credentials (\S+)$/m.exec(this.output) ?? [];
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  async rotateKeys(): Promise<number> {
    const [, url = ''] = /^curl -X POST (\S+\/rotate-keys)$/m.exec(this.output) ?? [];
    return (await fetch(url, { method: 'POST' })).status;
  }
}
