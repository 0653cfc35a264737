import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './run-cli';
import { useTestIssuer } from '../support/life-cycle';

// Each test starts processes.
jest.setTimeout(30_000);

describe('nestjs-oidc-multi-auth doctor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  const issuer = useTestIssuer();
  afterEach(() => issuer.fail(undefined));
  afterAll(async () => {
    rmSync(folder, { recursive: true });
  });

  const well = () => ({ name: 'bcmi', audience: 'mds-bcmi-4587', issuer: issuer.issuer, preset: 'gold-sso' });
  const doubtful = () => ({ ...well(), preset: undefined });

  function fileOf(clients: readonly object[], options: object = {}): string {
    const file = join(folder, 'options.json');
    writeFileSync(file, JSON.stringify({ clients, ...options }));
    return file;
  }
  const doctor = (clients: readonly object[], args: readonly string[] = [], variables = {}) =>
    runCli(['doctor', '--config', fileOf(clients), ...args], '', variables);

  it('LIB-31 prints tables, what it found, and the sum, without colours where no terminal is', async () => {
    const { code, stdout, stderr } = await doctor([well(), { ...doubtful(), name: 'web', audience: 'web' }]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ +issuer +document +key set +keys +clock +certificate\n/);
    expect(stdout).toMatch(/^ok +http\S+ +\d+ ms +\d+ ms +1 +[+-]?\d+ s +-$/m);
    expect(stdout).toMatch(/^warning +web +web +http\S+ +RS256$/m);
    expect(stdout).toMatch(/^warning +roles_unread +client web\n +nothing says.*\n +-> give preset or roles/m);
    expect(stdout).toMatch(/\n\n0 problems, 1 warning\n$/);
    expect(stdout).not.toContain('\u001b');
  });

  it('LIB-31 prints JSON alone', async () => {
    const { code, stdout, stderr } = await doctor([well()], ['--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout);
    expect(Object.keys(report)).toEqual(['status', 'problems', 'warnings', 'issuers', 'clients', 'findings']);
    expect(report).toMatchObject({
      status: 'ok',
      issuers: [
        { issuer: issuer.issuer, discoveryUrl: issuer.discoveryUrl, discoveryMilliseconds: expect.any(Number) },
      ],
      clients: [{ name: 'bcmi', verifiable: ['RS256'] }],
      findings: expect.arrayContaining([expect.objectContaining({ code: 'client_ready', client: 'bcmi' })]),
    });
  });

  it('exits with 0 for warnings, and with 1 for them with --strict', async () => {
    expect(await doctor([doubtful()])).toMatchObject({ code: 0 });
    expect(await doctor([doubtful()], ['--strict'])).toMatchObject({ code: 1 });
    expect(await doctor([well()], ['--strict'])).toMatchObject({ code: 0 });
  });

  it('exits with 1 for a problem, by itself, however the issuer fails', async () => {
    await issuer.fail('hang');
    const file = fileOf([well()], { fetchTimeout: 0.3 });
    const { code, stdout } = await runCli(['doctor', '--json', '--config', file]);
    expect([code, JSON.parse(stdout).problems]).toEqual([1, 1]);
    await issuer.fail('error');
    expect(await doctor([well()])).toMatchObject({ code: 1, stdout: expect.stringContaining('http_error') });
  });

  it('LIB-31 knows production by NODE_ENV', async () => {
    const { code, stdout } = await doctor([well()], [], { NODE_ENV: 'production' });
    expect([code, stdout]).toEqual([1, expect.stringContaining('local_issuer_in_production')]);
  });

  it('exits with 2 for a configuration with faults, and prints them all', async () => {
    const wrong = [
      { ...well(), audience: '' },
      { name: 'web', audience: 'web' },
    ];
    const text = await doctor(wrong);
    expect(text).toMatchObject({ code: 2, stdout: '' });
    expect(text.stderr).toMatch(
      /^nestjs-oidc-multi-auth: 2 faults in the configuration:\n {2}- client "bcmi": audience/,
    );
    expect(text.stderr).toMatch(/\n {2}- client "web": .*\n$/);
    const json = await doctor(wrong, ['--json']);
    expect(json).toMatchObject({ code: 2, stderr: text.stderr });
    expect(JSON.parse(json.stdout).faults).toMatchObject([{ client: '"bcmi"' }, { client: '"web"' }]);
  });

  it('takes a module that exports the options, or a function that returns them', async () => {
    const file = join(folder, 'options.mjs');
    const clients = JSON.stringify([well()]);
    writeFileSync(file, `export const strict = { clients: ${clients} };\nexport const lax = async () => strict;\n`);
    expect(await runCli(['doctor', '--config', file, '--export', 'lax'])).toMatchObject({ code: 0 });
    expect(await runCli(['doctor', '--config', file])).toMatchObject({ code: 2, stdout: '' });
  });

  it.each([
    [[], 'give --config'],
    [['options.json'], 'give the configuration by --config'],
    [['--config', 'nowhere.json'], 'nowhere.json cannot be read'],
    [['--cofnig', 'options.json'], "'--cofnig'"],
  ])('says what would be right: %j', async (args, message) => {
    const { code, stdout, stderr } = await runCli(['doctor', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('npx nestjs-oidc-multi-auth doctor --config <file>');
  });
});
