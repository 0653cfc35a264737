import type { Type } from '@nestjs/common';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Start from './configuration/start-example';
import { useTestIssuer } from '../support/life-cycle';

/** The examples, each a file of its own. */
const EXAMPLES = ['config-service', 'options-file', 'environment'] as const;

const started = process.cwd();
const environment = { ...process.env };
const issuer = useTestIssuer();
let folder: string;

beforeEach(() => {
  // Where the application would be started.
  folder = mkdtempSync(join(tmpdir(), 'configuration-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(started);
  rmSync(folder, { recursive: true });
  for (const name of Object.keys(process.env)) {
    if (!Object.hasOwn(environment, name)) {
      delete process.env[name];
    }
  }
});

const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);

/** Starts an example of the page anew, for importing it reads a configuration, and calls it with tokens for audiences. */
async function answersOf(example: (typeof EXAMPLES)[number], audiences: readonly string[]): Promise<unknown[]> {
  jest.resetModules();
  const { AppModule } = jest.requireActual<{ AppModule: Type }>(`./configuration/${example}.module`);
  const { startExample } = jest.requireActual<typeof Start>('./configuration/start-example');
  const app = await startExample(AppModule);
  try {
    const calls = audiences.map(async (audience) => {
      const { status, body } = await app.get('/mines', await issuer.tokenFor(audience, { roles: ['core_view_all'] }));
      return [status, body.code ?? body];
    });
    const { status, body } = await app.get('/mines');
    return [[status, body.code], ...(await Promise.all(calls))];
  } finally {
    await app.close();
  }
}

const NO_TOKEN = [401, 'authorization_header_missing'];
const FOREIGN = [401, 'unknown_audience'];

describe('the examples of docs/configuration.md', () => {
  it('are these files, in this order', () => {
    const page = readFileSync(join(__dirname, '../../docs/configuration.md'), 'utf8');
    const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
    const files = EXAMPLES.map((name) => readFileSync(join(__dirname, `configuration/${name}.module.ts`), 'utf8'));
    expect(blocks).toEqual(files);
  });

  describe('a ConfigService', () => {
    const env = (bcmi: string, timeout: string): string =>
      `CORE_WEB_AUDIENCE=core-4414\n${bcmi}\nSSO_ISSUER=${issuer.issuer}\nSSO_TIMEOUT=${timeout}\n`;

    it('gives the options', async () => {
      write('.env', env('BCMI_AUDIENCE=mds-bcmi-4587', '5'));
      expect(await answersOf('config-service', ['core-4414', 'mds-bcmi-4587', 'mds'])).toEqual([
        NO_TOKEN,
        [200, 'core-web'],
        [200, 'bcmi'],
        FOREIGN,
      ]);
    });

    it.each([
      ['without a variable', '', '3', 'BCMI_AUDIENCE'],
      ['with one that is no number', 'BCMI_AUDIENCE=mds-bcmi-4587', 'soon', 'fetchTimeout: is not a number of seconds'],
    ])('does not start %s, and says which', async (_what, bcmi, timeout, said) => {
      write('.env', env(bcmi, timeout));
      await expect(answersOf('config-service', [])).rejects.toThrow(said);
    });
  });

  describe('a JSON file', () => {
    const options = () => ({
      $schema: './node_modules/nestjs-oidc-multi-auth/dist/options.schema.json',
      clients: [{ name: 'bcmi', audience: 'mds-bcmi-4587' }],
      defaults: { issuer: issuer.issuer, preset: 'gold-sso' },
    });

    it('gives the options', async () => {
      write('auth.json', JSON.stringify(options()));
      expect(await answersOf('options-file', ['mds-bcmi-4587', 'mds'])).toEqual([NO_TOKEN, [200, 'bcmi'], FOREIGN]);
    });

    it('is checked by the schema, and by the module for what the schema does not say', async () => {
      write('auth.json', JSON.stringify({ ...options(), clients: [{ name: 'bcmi' }], realms: 'a' }));
      const refused = answersOf('options-file', []);
      await expect(refused).rejects.toThrow(/^auth\.json: .*must have required property 'audience'/);
      await expect(refused).rejects.toThrow(/options must NOT have additional properties/);
      write('auth.json', JSON.stringify({ ...options(), defaults: {} }));
      await expect(answersOf('options-file', [])).rejects.toThrow(/neither issuer nor discoveryUrl is given/);
    });
  });

  it('the environment, a .env file included, gives the options', async () => {
    process.env['JWT_OIDC_AUDIENCE_BCMI'] = 'mds-bcmi-4587';
    write(
      '.env',
      `JWT_OIDC_WELL_KNOWN_CONFIG=${issuer.issuer}/.well-known/openid-configuration\nJWT_OIDC_AUDIENCE=core-4414\n`,
    );
    expect(await answersOf('environment', ['core-4414', 'mds-bcmi-4587', 'mds'])).toEqual([
      NO_TOKEN,
      [200, 'default'],
      [200, 'bcmi'],
      FOREIGN,
    ]);
  });
});
