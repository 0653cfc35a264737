import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fragments } from '../explanation/explain-with';
import { runCli } from './run-cli';
import { useTestIssuer } from '../support/life-cycle';

/** Each call is a process of its own, on a machine that may be busy. */
jest.setTimeout(60_000);

const issuer = useTestIssuer();
let directory: string;
let config: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'explain-'));
  const clients = ['web', 'bcmi'].map((name) => ({ name, audience: `mds-${name}`, issuer: issuer.issuer }));
  config = write(
    'auth.json',
    JSON.stringify({ $schema: './options.schema.json', clients, defaults: { preset: 'gold-sso' }, globalGuards: true }),
  );
});
afterAll(async () => {
  rmSync(directory, { recursive: true });
});

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const explain = (args: readonly string[], input?: string) => runCli(['explain', '--config', config, ...args], input);

describe('nestjs-oidc-multi-auth explain', () => {
  it('accepts a good token from standard input, and exits with 0', async () => {
    const { code, stdout, stderr } = await explain(['-'], `${await issuer.tokenFor('mds-web', { roles: ['view'] })}\n`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^✓ accepted as a token of client "web"\n {2}subject "test-user"\n {2}roles {3}"view"\n/);
    expect(stdout).toMatch(/^ {2}✓ signature valid$/m);
    expect(stdout).toMatch(/^ {2}"bcmi" {2}✓ {7}✗ {9}✓ {6}aud "mds-bcmi" at http:/m);
  });

  it('refuses another, says where it stopped and what to do, and exits with 1', async () => {
    const { code, stdout, stderr } = await explain([await issuer.tokenFor('account')]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^✗ refused: 401 unknown_audience\n/);
    expect(stdout).toMatch(/^ {2}✗ client .*aud "account".*\n +expected: issuer, audience and authorized party/m);
    expect(stdout).toMatch(/^ {2}· not reached: retired, algorithm, .*, validate$/m);
    expect(stdout).toMatch(/^What to do\n {2}audience_account: /m);
  });

  it('takes the token from a file, as from standard input, without white space around it', async () => {
    const file = write('token.txt', `\n${await issuer.tokenFor('mds-web')}\n\n`);
    expect(await explain([file])).toMatchObject({ code: 0 });
  });

  it('takes a header that was copied whole for what it is', async () => {
    const { code, stdout } = await explain(['Bearer', await issuer.tokenFor('mds-web')]);
    expect([code, stdout]).toEqual([1, expect.stringContaining('bearer_prefix')]);
  });

  it('asks for what a route asks', async () => {
    const token = await issuer.tokenFor('mds-web', { roles: ['view'], scopes: ['read'] });
    const cases = [
      [['--client', 'web,bcmi', '--role', 'view, edit', '--all-roles', 'view', '--scope', 'read'], undefined],
      [['--client', 'bcmi'], 'client_not_allowed'],
      [['--role', 'edit,delete'], 'missing_a_valid_role'],
      [['--all-roles', 'view,edit'], 'missing_required_roles'],
      [['--scope', 'read,write'], 'missing_scope'],
    ] as const;
    for (const [args, code] of cases) {
      const { stdout } = await explain([...args, '--json', '-'], token);
      expect(JSON.parse(stdout).code).toBe(code);
    }
  });

  it('LIB-25 prints JSON alone, and never the token or its signature', async () => {
    const good = await issuer.tokenFor('mds-web');
    const tokens = [good, `Bearer ${good}.${good}`, good.replace(/\.[^.]*$/, `.${'B'.repeat(342)}`)];
    for (const token of tokens) {
      for (const args of [['--json', '-'], ['-']]) {
        const { code, stdout, stderr } = await explain(args, token);
        expect([code, stderr]).toEqual([token === good ? 0 : 1, '']);
        expect(fragments(token).filter((fragment) => stdout.includes(fragment))).toEqual([]);
        expect(args.length === 1 || typeof JSON.parse(stdout).accepted === 'boolean').toBe(true);
      }
    }
  });

  it('has no colours where nobody sees them', async () => {
    const { stdout } = await explain(['-'], await issuer.tokenFor('mds-web'));
    expect(stdout).not.toContain('\u001b');
  });

  it('says that a provider cannot be reached, and ends', async () => {
    const nowhere = { name: 'web', audience: 'mds-web', issuer: issuer.issuer, jwksUri: 'http://127.0.0.1:1/certs' };
    const file = write('nowhere.json', JSON.stringify({ clients: [nowhere] }));
    const { code, stdout } = await runCli(['explain', '--config', file, '-'], await issuer.tokenFor('mds-web'));
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/503 keys_unavailable[\s\S]*issuer_unreachable: .*127\.0\.0\.1:1/),
    ]);
  });

  it.each([
    ['auth.mjs', (options: string) => `export default ${options};`],
    ['named.mjs', (options: string) => `export const other = 1; export const options = ${options};`],
    ['parts.mjs', (options: string) => `export const { clients, defaults } = ${options};`],
    ['auth.cjs', (options: string) => `module.exports = ${options};`],
    ['factory.cjs', (options: string) => `module.exports = async () => (${options});`],
  ])('takes options from %s', async (name, moduleOf) => {
    const options = { clients: [{ name: 'web', audience: 'mds-web', issuer: issuer.issuer }], defaults: {} };
    const file = write(name, moduleOf(JSON.stringify(options)));
    const { code, stderr } = await runCli(['explain', '--config', file, '-'], await issuer.tokenFor('mds-web'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('tells every fault of the configuration, and exits with 2', async () => {
    const file = write('faults.json', JSON.stringify({ clients: [{ name: '', audience: 'x' }], realm: 7 }));
    const { code, stdout, stderr } = await runCli(['explain', '--config', file, '-'], 'x.y.z');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^nestjs-oidc-multi-auth: \d faults in the configuration:\n/);
    expect(stderr).toMatch(/realm: /);
    expect(stderr).toMatch(/name: /);
    expect(stderr).not.toContain(' at ');
  });

  it.each([
    [[], 'give one token'],
    [['one', 'two'], 'give one token'],
    [['Bearer', 'one', 'two'], 'give one token'],
    [['nowhere.txt'], 'there is no such file'],
    [['--client', 'wed', 'x'], 'there is no client "wed"; the nearest is "web"'],
    [['--role', ' ,', 'x'], 'roles is empty'],
    [['--colour', 'x'], "'--colour'"],
  ])('says what would be right: %j', async (args, message) => {
    const { code, stdout, stderr } = await explain(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('npx nestjs-oidc-multi-auth explain --config <file>');
  });

  it('wants a configuration, and says in its help how a token is given', async () => {
    expect(await runCli(['explain', '-'], 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('give --config'),
    });
    const { code, stdout } = await runCli(['explain', '--help']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('stays in the history of the shell')]);
  });
});
