import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

// Many requests, or processes of their own: slow where the machine is busy.
jest.setTimeout(60_000);

const SCRIPTS = join(__dirname, '../../scripts');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'release-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string, isCommand = false): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  if (isCommand) {
    chmodSync(file, 0o755);
  }
}

/** Runs a script of the repository in a package of the test's, with commands of the test's before those of the machine. */
function run(script: string, args: readonly string[] = [], env: Record<string, string> = {}) {
  cpSync(join(SCRIPTS, script), join(root, 'scripts', script));
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts', script), ...args], {
    encoding: 'utf8',
    env: { PATH: `${join(root, 'bin')}${delimiter}${process.env['PATH']}`, HOME: root, ...env },
  });
  return { status, stdout, stderr };
}

describe('npm run release', () => {
  const TAKEN = 'taken: the checks have run';
  const OIDC = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://ci.example/token' };

  /** A package that can be released, and a git that says what is not committed. */
  function prepare({ changes = '', changelog = '## 1.2.3\n\n- something\n', repository = true } = {}): void {
    const scripts = { build: "node -e \"fs.writeFileSync('index.js', 'built')\"" };
    const manifest = { name: 'some-package', version: '1.2.3', files: ['index.js'], scripts };
    write('package.json', JSON.stringify({ ...manifest, ...(repository ? { repository: 'some/where' } : {}) }));
    write('CHANGELOG.md', `# Changelog\n\n${changelog}\n## 1.2.2\n`);
    write('.ci/run', `#!/bin/sh\necho "${TAKEN}"\n`, true);
    write('changes', changes);
    write('bin/git', `#!/bin/sh\n[ "$*" = "status --porcelain" ] && cat "${join(root, 'changes')}"\n`, true);
  }

  it('checks and packs, says what is in the tarball and its hash, and publishes nothing', () => {
    prepare();
    const { status, stdout, stderr } = run('release.mjs');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(TAKEN);
    const tarball = readFileSync(join(root, 'some-package-1.2.3.tgz'));
    expect(stdout).toMatch(/^ +5 {2}index\.js$/m);
    expect(stdout).toContain(`sha512: ${createHash('sha512').update(tarball).digest('hex')}`);
    expect(stdout).toContain(`integrity: sha512-${createHash('sha512').update(tarball).digest('base64')}`);
    expect(stdout).toContain('nothing was published');
  });

  it.each<[string, Parameters<typeof prepare>[0], string]>([
    [
      'what is not committed',
      { changes: ' M lib/index.ts\n?? new.ts\n' },
      'the working tree is not clean:\n     M lib/index.ts\n    ?? new.ts',
    ],
    ['a changelog without the version', { changelog: '## 1.2.30\n' }, 'CHANGELOG.md has no entry "## 1.2.3"'],
    ['a version that is called unreleased', { changelog: '## 1.2.3 (unreleased)\n' }, 'says that 1.2.3 is unreleased'],
  ])('refuses %s, before anything runs', (_what, state, message) => {
    prepare(state);
    const { status, stdout, stderr } = run('release.mjs');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('some-package@1.2.3 cannot be released');
    expect(stderr).toContain(message);
    expect(existsSync(join(root, 'some-package-1.2.3.tgz'))).toBe(false);
  });

  it('tells all that is in its way at once', () => {
    prepare({ changes: '?? new.ts\n', changelog: '', repository: false });
    const { stderr } = run('release.mjs', ['--publish']);
    expect(stderr.match(/^ {2}- /gm)).toHaveLength(4);
  });

  it('refuses what a check has changed, and what does not pass the checks', () => {
    prepare();
    write('.ci/run', `#!/bin/sh\necho " M docs/page.md" > "${join(root, 'changes')}"\n`, true);
    expect(run('release.mjs')).toMatchObject({ status: 1, stderr: expect.stringContaining('not clean') });
    prepare();
    write('.ci/run', '#!/bin/sh\nexit 3\n', true);
    expect(run('release.mjs')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('.ci/run failed; nothing was published'),
    });
    expect(existsSync(join(root, 'some-package-1.2.3.tgz'))).toBe(false);
  });

  it('publishes where it is told to and CI vouches for it, with provenance, and nowhere else', () => {
    prepare();
    // An npm that packs as ever, and writes down what it is told to publish.
    const real = spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim();
    const published = join(root, 'published');
    write(
      'bin/npm',
      `#!/bin/sh\n[ "$1" = publish ] && echo "$*" >> "${published}" && exit\nexec "${real}" "$@"\n`,
      true,
    );
    expect(run('release.mjs', ['--publish'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('publishing needs a CI with OIDC'),
    });
    expect(run('release.mjs', [], OIDC).status).toBe(0);
    expect(existsSync(published)).toBe(false);
    expect(run('release.mjs', ['--publish'], OIDC)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('some-package@1.2.3 is published'),
    });
    expect(readFileSync(published, 'utf8')).toBe(
      'publish some-package-1.2.3.tgz --provenance --access public --ignore-scripts\n',
    );
  });

  it('does not know other arguments', () => {
    prepare();
    expect(run('release.mjs', ['--publsih']).status).toBe(1);
    expect(run('release.mjs', ['--skip-checks']).status).toBe(1);
  });
});

describe('npm run check:audit', () => {
  /** The script, with an npm that answers this. */
  const auditOf = (answer: string) => {
    write('answer', answer);
    write(
      'bin/npm',
      `#!/bin/sh\n[ "$*" = "audit --omit=dev --json" ] && cat "${join(root, 'answer')}"\nexit 1\n`,
      true,
    );
    return run('audit.mjs');
  };

  it('passes where nothing is known, and fails where something is, and says what', () => {
    expect(auditOf('{"auditReportVersion":2,"vulnerabilities":{}}')).toMatchObject({ status: 0, stderr: '' });
    const via = [{ title: 'Forgery', url: 'https://advisories.example/1' }, 'jws'];
    const vulnerabilities = { jws: { name: 'jws', severity: 'high', range: '<4', via } };
    expect(auditOf(JSON.stringify({ auditReportVersion: 2, vulnerabilities }))).toMatchObject({
      status: 1,
      stderr: 'jws <4: high: Forgery (https://advisories.example/1); by jws\n',
    });
  });

  it.each([404, 405, 501])('says so and goes on where the registry has no audits (%i)', (statusCode) => {
    expect(auditOf(JSON.stringify({ message: 'not here', statusCode }))).toMatchObject({
      status: 0,
      stdout: `npm audit: not done, for this registry has no audits (it answered ${statusCode})\n`,
    });
  });

  it.each(['{"message":"network down"}', '{"statusCode":500,"message":"broken"}', '', 'null', '<html>'])(
    'fails where it was not told: %j',
    (answer) => {
      expect(auditOf(answer)).toMatchObject({ status: 1, stderr: expect.stringContaining('npm audit: failed') });
    },
  );
});
